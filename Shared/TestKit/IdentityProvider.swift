import Contracts
import Foundation
import Registry
import ServiceKit

/// A real OpenID Connect provider (canaille, infra/oidc/provider.py) on a port of its own, with people of its own.
package actor IdentityProvider {
    package struct Person: Sendable {
        let account: String
        let password: String
        let groups: [String]

        package init(_ account: String, password: String, groups: [String] = []) {
            (self.account, self.password, self.groups) = (account, password, groups)
        }
    }

    package nonisolated let port: Int
    package nonisolated var issuer: String { "http://127.0.0.1:\(port)" }
    package static let client = "lika"
    /// Of a provider that exists only in a test.
    package static let secret = "of-a-test"

    private let home: String
    private let people: [Person]
    private let folder: URL
    private var process: pid_t?

    /// - Parameter home: Where the service listens to which people are sent back.
    package static func with<T: Sendable>(home: String, people: [Person], _ body: (IdentityProvider) async throws -> T) async throws -> T {
        let provider = try IdentityProvider(home: home, people: people)
        let result: Result<T, any Error>
        do {
            try await provider.start()
            result = .success(try await body(provider))
        } catch { result = .failure(error) }
        await provider.stop()
        try await provider.forget()
        return try result.get()
    }

    private init(home: String, people: [Person]) throws {
        (self.home, self.people, port) = (home, people, try freePort())
        folder = FileManager.default.temporaryDirectory.appending(path: "provider-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Its key set with the private keys: an RSA key, one of P-256 and one of Ed25519.
    package func keys() throws -> [JSONValue] {
        struct KeySet: Decodable { let keys: [JSONValue] }
        return try JSON.decode(KeySet.self, from: Array(Data(contentsOf: keyFile))).keys
    }

    private var keyFile: URL { folder.appending(path: "keys.json") }
    private var log: String { folder.appending(path: "log").path }

    package func start() async throws {
        let venv = ProcessInfo.processInfo.environment["LIKA_HOME"] ?? ".lika"
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "infra/oidc/provider.py")
        process = try Command(URL(filePath: "\(venv)/venv/bin/python")).spawn(
            [script.path, "--port", "\(port)", "--keys", keyFile.path, "--client", Self.client, "--secret", Self.secret, "--back", "\(home)/sign-in/back"]
                + people.flatMap { ["--person", "\($0.account):\($0.password):\($0.groups.joined(separator: ","))"] },
            writingTo: log, ownGroup: true)
        try await eventually(within: .seconds(60)) {
            guard canConnect(port) else { return nil as Void? }
            return ()
        }
    }

    package func stop() {
        guard let process else { return }
        kill(-process, SIGTERM)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        self.process = nil
    }

    /// The next start makes new keys.
    package func changeKeys() throws { try FileManager.default.removeItem(at: keyFile) }

    private func forget() throws { try FileManager.default.removeItem(at: folder) }
}

/// A port at which nothing listens.
package func freePort() throws -> Int {
    let proxy = try Proxy(to: 9)
    defer { proxy.stop() }
    return proxy.port
}

package func canConnect(_ port: Int) -> Bool {
    let descriptor = RawHTTP.connect(port)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
}
