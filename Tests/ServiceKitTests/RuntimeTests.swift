import AsyncHTTPClient
import Contracts
import Foundation
import Kafka
import NIOCore
import NIOHTTP1
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// The whole service in this process, on the real broker and PostgreSQL.
@Suite struct RuntimeTests {
    @Test func `a command goes from HTTP through outbox and log into the next service, and a stop loses nothing`() async throws {
        try await Wire.with { wire in
            let migrations = Kernel.migrations + Ledger.migrations
            let accounts = (0..<20).map { _ in AccountID(UUID()) }
            let next = Reactions(service: "next", purpose: "run-\(UUID())").on(AmountAdded.self) { event, work in
                try work.execute(
                    "INSERT INTO fired (timer, subject, at) SELECT 'seen', \(event.account), lika_now() WHERE \(accounts.contains(event.account))")
            }
            let timers = Timers().on("soon") { subjects, work in
                try work.execute("INSERT INTO fired (timer, subject, at) SELECT 'soon', s, lika_now() FROM unnest(\(subjects)) AS s")
            }
            let parts = Parts(reactions: next, timers: timers, permissions: .everybody) { api in
                ledgerRoutes(api)
                api.post("/v1/timers/:account") { call, work in
                    try work.schedule("soon", try call.id("account", AccountID.self).rawValue, at: try work.now + 0.05)
                    return .noContent
                }
            }
            let (common, port, health) = try common(wire)
            let runtime = try await Runtime(name: "ledger", common: common, migrations: migrations, parts: parts, access: .trusted, logger: .silent)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await runtime.run() }
                _ = try await eventually(within: .seconds(60)) { try await ready(health) }
                for account in accounts {
                    #expect(try await post("http://127.0.0.1:\(port)/v1/amounts", Order(account: account, amount: 3)) == 201)
                }
                let timed = accounts[0]
                #expect(try await post("http://127.0.0.1:\(port)/v1/timers/\(timed)", Order(account: timed, amount: 0)) == 204)
                _ = try await eventually(within: .seconds(60)) {
                    let (seen, rung) = (try await wire.bench.count("fired WHERE timer = 'seen'"), try await wire.bench.count("fired WHERE timer = 'soon'"))
                    if (seen, rung) == (20, 1) { return true }
                    throw Progress(
                        seen: seen, rung: rung, parked: try await wire.bench.count("parked_messages"), inbox: try await wire.bench.count("inbox"),
                        pending: try await wire.bench.count("outbox_pending"))
                }
                await runtime.stop()
                try await group.waitForAll()
            }
            expect(try await wire.bench.count("outbox_pending"), 0)
            expect(try await wire.bench.count("parked_messages"), 0)

            // Offsets were committed: the same group again has nothing to do twice.
            let consumer = try Consumer(wire.kafka, group: next.group, logger: .silent)
            let places = Set((0..<Topic.added.partitions).map { TopicPartition(Topic.added.name, $0) })
            let committed = try await consumer.committed(places).values.reduce(0, +)
            try await consumer.close()
            #expect(committed >= 20)
        }
    }

    @Test func `a service refuses a schema that is not migrated`() async throws {
        try await Wire.with { wire in
            let (common, _, _) = try common(wire)
            let future = Migration(name: "0002_future", script: "SELECT 1;")
            let runtime = try await Runtime(
                name: "ledger", common: common, migrations: Kernel.migrations + Ledger.migrations + [future],
                parts: Parts(reactions: ledgerReactions, permissions: .everybody, routes: ledgerRoutes), access: .trusted, logger: .silent)
            await #expect(throws: SchemaProblem.behind(missing: ["0002_future"])) { try await runtime.run() }
        }
    }

    @Test func `a port in use is named by its setting`() async throws {
        try await Wire.with { wire in
            let (common, port, _) = try common(wire)
            let taken = try Proxy(to: 1, at: port)
            let runtime = try await Runtime(
                name: "ledger", common: common, migrations: Kernel.migrations + Ledger.migrations,
                parts: Parts(reactions: ledgerReactions, permissions: .everybody, routes: ledgerRoutes), access: .trusted, logger: .silent)
            await #expect(throws: Setting.Problem("LIKA_HTTP_PORT", "names a port that is in use: \(port)")) { try await runtime.run() }
            taken.stop()
        }
    }

    private func common(_ wire: Wire) throws -> (CommonSettings, port: Int, health: Int) {
        let (port, health) = (try freePort(), try freePort())
        let environment = [
            "LIKA_ACCESS": "trusted", "LIKA_POSTGRES": wire.bench.settings.conninfo, "LIKA_POSTGRES_SCHEMA": try #require(wire.bench.settings.session["search_path"]),
            "LIKA_BROKERS": wire.kafka.brokers, "LIKA_HTTP_PORT": "\(port)", "LIKA_HEALTH_PORT": "\(health)", "LIKA_KAFKA_SESSION_TIMEOUT_MS": "6000",
        ]
        var settings = Settings(environment)
        let common = CommonSettings(&settings, service: "ledger", environment: environment)
        try settings.check()
        return (common, port, health)
    }

    /// What `/readyz` says while it says no: the test's message when it never says yes.
    private struct NotReady: Error { let checks: String }

    private func ready(_ health: Int) async throws -> Bool? {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: "http://127.0.0.1:\(health)/readyz"), timeout: .seconds(10))
        if response.status.code == 200 { return true }
        throw NotReady(checks: String(buffer: try await response.body.collect(upTo: 10_000)))
    }

    private struct Progress: Error { let seen, rung, parked, inbox, pending: Int }

    private func post(_ url: String, _ order: Order) async throws -> Int {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Idempotency-Key", value: "\"\(UUID())\"")
        request.body = .bytes(ByteBuffer(bytes: try JSON.encode(order)))
        return Int(try await HTTPClient.shared.execute(request, timeout: .seconds(10)).status.code)
    }
}

/// A port that nobody listens on at this moment.
func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0 }
    }
    guard bound else { throw POSIXError(.EADDRINUSE) }
    return Int(UInt16(bigEndian: address.sin_port))
}
