import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import Kafka
import Logging
import NIOCore
import Postgres
import Registry
import ServiceKit
import Synchronization

/// A service's parts on a real schema of their own, without a broker: events go in by hand, what it tells is read from
/// its outbox.
package struct TestService: Sendable {
    package let store: Store
    package let settings: PostgresSettings
    /// What every call says beside its own headers, such as who calls.
    package var headers: [String: String] = [:]
    private let bench: Workbench
    private let description: Description?

    /// What the service is held against, and which operations it has taken so far.
    private final class Description: Sendable {
        let openAPI: OpenAPI
        let taken = Mutex<Set<String>>([])

        init(_ openAPI: OpenAPI) { self.openAPI = openAPI }
    }

    package struct NotAsDescribed: Error, CustomStringConvertible {
        let failures: [String]
        package var description: String { "not as openapi.yaml says: \(failures.joined(separator: "; "))" }
    }

    /// - Parameters:
    ///   - now: Freezes nothing; starts the plan's clock there at real speed.
    ///   - access: How it learns who calls.
    ///   - openAPI: What every call that goes through here, and its answer, must be like.
    package static func with<T: Sendable>(
        _ migrations: [Migration], parts: Parts, now: Instant? = nil, access: Access = .trusted, limits: HTTPLimits = .none, describedBy openAPI: OpenAPI? = nil, _ body: (TestService) async throws -> T
    ) async throws -> T {
        let session = now.map { ["lika.rehearsal": "\($0)@\(Date().timeIntervalSince1970)x1"] } ?? [:]
        return try await withSchema(Kernel.migrations + migrations, session: session, asApp: true) { settings in
            let database = Database(settings)
            let store = Store(database)
            let result: Result<T, any Error>
            do {
                let bench = Workbench(store: store, parts: parts, access: access, limits: limits)
                result = .success(
                    try await body(TestService(store: store, settings: settings, bench: bench, description: openAPI.map(Description.init))))
            } catch { result = .failure(error) }
            await database.close()
            return try result.get()
        }
    }

    /// The same service on the same data, as it learns in another way who calls.
    package func learning(by access: Access, parts: Parts) -> TestService {
        TestService(store: store, settings: settings, bench: Workbench(store: store, parts: parts, access: access), description: nil)
    }

    /// Its routes, for a test that looks at a reply's headers.
    package var responder: RouterResponder<PeerContext> { bench.responder }

    package var routes: [(method: String, path: String)] { bench.routes }
    package var actFields: [String: String] { bench.actFields }
    /// Those of `openapi.yaml` that were called and not refused.
    package var takenOperations: Set<String> { description?.taken.withLock { $0 } ?? [] }

    /// Serves the routes at a real address, for a browser.
    package func serving<T: Sendable>(_ body: @escaping @Sendable (_ address: String) async throws -> T) async throws -> T {
        try await Application(responder: bench.responder, server: .door, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }).test(.live) { client in
            try await body("http://127.0.0.1:\(client.port ?? 0)")
        }
    }

    /// The same at a port that was chosen beforehand, because somebody else must know it.
    package func serving<T: Sendable>(on port: Int, _ body: @escaping @Sendable (_ address: String) async throws -> T) async throws -> T {
        let application = Application(
            responder: bench.responder, server: .door, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                try await application.run()
                return nil
            }
            group.addTask {
                try await eventually { canConnect(port) ? () : nil }
                return try await body("http://127.0.0.1:\(port)")
            }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw CancellationError()
        }
    }

    /// Delivers an event as the log would, numbered after those delivered before for its subject.
    package func deliver(_ events: any Event...) async throws {
        for event in events { try await bench.deliver(event, headers: [:]) }
    }

    /// Delivers exact bytes with headers of one's own, e.g. a department's signed result.
    package func deliver(raw value: [UInt8], topic: Topic, key: UUID, headers: [String: String]) async throws {
        try await bench.deliver(raw: value, topic: topic, key: key, headers: headers)
    }

    /// Everything told so far on a topic, decoded, oldest first.
    package func told<E: Event>(_ type: E.Type) async throws -> [E] {
        try await store.work { work in
            try work.query("SELECT data FROM outbox WHERE type = \(E.name) ORDER BY id").map {
                try JSON.decode(E.self, from: Array(try $0["data", as: String.self].utf8))
            }
        }
    }

    /// The tables of this schema in which a text occurs anywhere.
    package func keeping(_ text: String) async throws -> [String] {
        try await store.work { work in
            let tables: [String] = try work.query(
                "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1"
            ).map { try $0["name"] }
            return try tables.filter { table in
                try work.first("SELECT FROM \(unsafe: table) AS t WHERE strpos(t::text, \(text)) > 0 LIMIT 1") != nil
            }
        }
    }

    /// Runs statements as the owner of the schema, for what no service may do.
    package func asOwner(_ script: String) async throws {
        try await withOwner { owner, _ in try await owner.transaction { try $0.run(script: script) } }
    }

    /// Brings a schema further that began without some of its migrations.
    package func migrate(_ migrations: [Migration]) async throws {
        try await withOwner { owner, schema in
            _ = try await Migrator(owner, Kernel.migrations + migrations).migrate()
            try await owner.transaction { try $0.run(script: appRole(of: schema)) }
        }
    }

    /// The name of this test's own schema.
    package var schema: String {
        get async throws { try await store.work { try $0.query("SELECT current_schema()::text AS name")[0]["name"] } }
    }

    private func withOwner(_ body: (Database, _ schema: String) async throws -> Void) async throws {
        let schema = try await schema
        let owner = Database(PostgresSettings(try TestServers.postgres, connections: 1, session: ["search_path": schema]))
        let result: Result<Void, any Error>
        do { result = .success(try await body(owner, schema)) } catch { result = .failure(error) }
        await owner.close()
        try result.get()
    }

    /// Reasons of what is parked.
    package func parked() async throws -> [String] {
        try await store.work { try $0.query("SELECT reason FROM parked_messages ORDER BY parked_at").map { try $0["reason"] } }
    }

    /// Runs every timer that is due by the database's clock; how many rows there were.
    @discardableResult
    package func fireTimers() async throws -> Int { try await bench.fireTimers() }

    /// One turn of an errand: claim, perform, record. False when there was nothing to do.
    @discardableResult
    package func runErrands() async throws -> Bool { try await bench.runErrands() }

    package struct Answer: Sendable {
        package let status: Int
        package let body: [UInt8]
        package let headers: [String: String]
        package var text: String { String(decoding: body, as: UTF8.self) }
        package func json<T: Decodable>(_ type: T.Type) throws -> T { try JSON.decode(type, from: body) }
    }

    @discardableResult
    package func get(_ path: String) async throws -> Answer { try await call(.get, path, [], [:]) }

    @discardableResult
    package func post(
        _ path: String, _ body: some Encodable & Sendable, key: String = UUID().uuidString, headers: [String: String] = [:]
    ) async throws -> Answer {
        try await call(.post, path, JSON.encode(body), headers.merging(["Idempotency-Key": "\"\(key)\""]) { a, _ in a })
    }

    @discardableResult
    package func post(
        _ path: String, bytes: [UInt8], key: String = UUID().uuidString, headers: [String: String] = [:]
    ) async throws -> Answer {
        try await call(.post, path, bytes, headers.merging(["Idempotency-Key": "\"\(key)\""]) { a, _ in a })
    }

    @discardableResult
    package func call(_ method: HTTPRequest.Method, _ path: String, _ body: [UInt8], _ headers: [String: String]) async throws -> Answer {
        var fields = HTTPFields()
        for (name, value) in self.headers.merging(headers, uniquingKeysWith: { $1 }) { if let name = HTTPField.Name(name) { fields[name] = value } }
        let sent = fields
        let answer = try await Application(responder: bench.responder, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }).test(.router) { client in
            try await client.execute(uri: path, method: method, headers: sent, body: ByteBuffer(bytes: body)) { response in
                Answer(
                    status: response.status.code, body: Array(response.body.readableBytesView),
                    headers: Dictionary(response.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { $1 }))
            }
        }
        try check(.init(method: method.rawValue, address: path, headers: headers, body: body, answer: answer))
        return answer
    }

    private func check(_ exchange: OpenAPI.Exchange) throws {
        guard let description else { return }
        let failures = description.openAPI.failures(of: exchange)
        guard failures.isEmpty else { throw NotAsDescribed(failures: failures) }
        guard (200..<300).contains(exchange.answer.status), let operation = description.openAPI.operation(exchange.method, exchange.address) else { return }
        description.taken.withLock { _ = $0.insert(operation) }
    }
}
