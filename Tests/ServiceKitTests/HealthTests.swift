import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kafka
import NIOCore
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// What an orchestrator asks.
@Suite struct HealthTests {
    @Test func `alive needs nothing, ready needs everything and names what is missing`() async throws {
        try await Bench.with { bench in
            let state = ConsumptionState()
            let health = try health(bench.database, Kernel.migrations + Ledger.migrations, state)
            try await ask(health) { get in
                let (alive, _) = try await get("/livez")
                #expect(alive == 200)
                var (status, text) = try await get("/readyz")
                #expect(status == 503)
                #expect(text.contains("ok database") && text.contains("ok schema") && text.contains("NOT consuming: partitions none yet"))
                await state.hold(3)
                (status, text) = try await eventually {
                    let answer = try await get("/readyz")
                    return answer.0 == 200 ? answer : nil
                }
                #expect(text.contains("ok broker") && text.contains("ok consuming: partitions 3") && text.contains("ok clock gate"))
                (status, text) = try await get("/metrics")
                #expect(status == 200)
                #expect(text.contains("# TYPE "))
            }
        }
    }

    @Test func `a schema that is behind is not ready, one that is ahead is`() async throws {
        try await Bench.with { bench in
            let state = ConsumptionState()
            await state.hold(1)
            let missing = Migration(name: "0009_future", script: "SELECT 1;")
            try await ask(try health(bench.database, Kernel.migrations + Ledger.migrations + [missing], state)) { get in
                let (status, text) = try await get("/readyz")
                #expect(status == 503)
                #expect(text.contains("NOT schema") && text.contains("0009_future"))
            }
            try await ask(try health(bench.database, Kernel.migrations, state)) { get in
                let (_, text) = try await get("/readyz")
                #expect(text.contains("ok schema: newer than this program by 0001_ledger"))
            }
        }
    }

    @Test func `without the database it lives and is not ready`() async throws {
        let nowhere = Database(PostgresSettings("host=127.0.0.1 port=1", connections: 1))
        try await ask(try health(nowhere, Kernel.migrations, ConsumptionState())) { get in
            let (alive, _) = try await get("/livez")
            #expect(alive == 200)
            let (status, text) = try await get("/readyz")
            #expect(status == 503)
            #expect(text.contains("NOT database: database-unavailable"))
        }
    }

    @Test func `a closed clock gate is not ready until it is resumed`() async throws {
        try await Bench.with { bench in
            let (state, gate) = (ConsumptionState(), ClockGate(logger: .silent))
            await state.hold(1)
            _ = await gate.allows(.init(milliseconds: 0), wall: .init(milliseconds: 0))
            _ = await gate.allows(.init(milliseconds: 1_000_000_000), wall: .init(milliseconds: 0))
            try await ask(try health(bench.database, Kernel.migrations + Ledger.migrations, state, gate)) { get in
                let closed = try await get("/readyz").1
                await gate.resume()
                let resumed = try await get("/readyz").1
                #expect(closed.contains("NOT clock gate") && resumed.contains("ok clock gate"))
            }
        }
    }

    @Test func `the gauges tell how much is unsent, since when, and how many households are held up`() async throws {
        try await Bench.with { bench in
            try await bench.store.work { try add(1, to: AccountID(UUID()), of: UUID(), in: $0) }
            try await bench.take([try Asker().asks(1, number: 7, offset: 0)])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Gauges(database: bench.database, logger: .silent).run() }
                _ = try await eventually {
                    let text = Metrics.shared.exposition()
                    return text.contains("lika_outbox_pending 1.0") && text.contains("lika_parked_keys 1.0") ? true : nil
                }
                let age = try #require(Metrics.shared.exposition().firstMatch(of: /lika_outbox_oldest_age_seconds ([0-9.]+)/)?.1)
                #expect(try #require(Double(age)) < 60)
                group.cancelAll()
            }
        }
    }

    private func health(_ database: Database, _ migrations: [Migration], _ state: ConsumptionState, _ gate: ClockGate? = nil) throws -> Health {
        Health(
            database: database, migrator: Migrator(database, migrations),
            producer: try Producer(KafkaSettings(brokers: try TestServers.brokers, clientID: "health"), logger: .silent), state: state,
            gate: gate ?? ClockGate(logger: .silent), readiness: Readiness(), consumes: true)
    }

    private func ask(_ health: Health, _ body: @escaping @Sendable ((String) async throws -> (Int, String)) async throws -> Void) async throws {
        try await Application(router: health.router, logger: .silent).test(.router) { client in
            try await body { path in
                try await client.execute(uri: path, method: .get) { ($0.status.code, String(buffer: $0.body)) }
            }
        }
    }
}
