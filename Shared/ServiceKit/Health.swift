import Foundation
import HTTPTypes
import Hummingbird
import Kafka
import Logging
import NIOCore
import Postgres
import ServiceLifecycle

/// Turns the service unready as the first thing of a graceful stop, so that nobody is sent here any more.
actor Readiness: Service {
    private(set) var isStopping = false

    func run() async throws {
        try await gracefulShutdown()
        isStopping = true
    }
}

/// `/livez` depends on nothing; `/readyz` tells whether this instance can do its work and if not why; `/metrics`.
struct Health {
    let database: Database
    let migrator: Migrator
    let producer: Producer
    let state: ConsumptionState
    let gate: ClockGate
    let readiness: Readiness
    let consumes: Bool

    var router: Router<BasicRequestContext> {
        let router = Router()
        router.get("/livez") { _, _ in "ok\n" }
        router.get("/startupz") { _, _ in "ok\n" }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
                body: .init(byteBuffer: ByteBuffer(string: Metrics.shared.exposition())))
        }
        router.get("/readyz") { _, _ in
            let checks = await checks()
            let ready = checks.allSatisfy(\.passed)
            let text = checks.map { "\($0.passed ? "ok" : "NOT") \($0.name)\($0.detail.map { ": \($0)" } ?? "")\n" }.joined()
            return Response(
                status: ready ? .ok : .serviceUnavailable, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: text)))
        }
        router.post("/clock/resume") { _, _ in
            await gate.resume()
            return "the clock gate is open\n"
        }
        return router
    }

    private func checks() async -> [(name: String, passed: Bool, detail: String?)] {
        var checks: [(String, Bool, String?)] = []
        checks.append(("serving", await !readiness.isStopping, nil))
        do {
            try await migrator.check()
            checks.append(("database", true, nil))
            checks.append(("schema", true, nil))
        } catch SchemaProblem.ahead(let unknown) {
            // The next version is being rolled out: its migrations leave room for this one.
            checks.append(("database", true, nil))
            checks.append(("schema", true, "newer than this program by \(unknown.joined(separator: ", "))"))
        } catch let problem as SchemaProblem {
            checks.append(("database", true, nil))
            checks.append(("schema", false, "\(problem); run migrate with this version"))
        } catch {
            checks.append(("database", false, Verdict.code(of: error)))
        }
        checks.append(("broker", producer.isConnected, nil))
        if consumes { checks.append(("consuming", await state.partitions != nil, "partitions \(await state.partitions.map(String.init) ?? "none yet")")) }
        checks.append(("clock gate", await gate.isOpen, nil))
        return checks
    }
}

/// The figures that only the database knows, once a second.
struct Gauges: Service {
    let database: Database
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            do {
                try await database.transaction { sql in
                    guard
                        let row = try sql.first(
                            """
                            SELECT (SELECT coalesce(sum(events), 0)::bigint FROM outbox_pending) AS pending,
                                -- The first 48 bits of a batch are the milliseconds of its transaction.
                                coalesce((SELECT extract(epoch FROM clock_timestamp()) - ('x' || translate(left(batch::text, 13), '-', ''))::bit(48)::bigint / 1000.0
                                          FROM outbox_pending ORDER BY batch LIMIT 1), 0)::float8 AS age,
                                (SELECT count(DISTINCT key) FROM parked_messages) AS parked,
                                -- About how many: to count a million every second is work for half a processor.
                                (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'timers'::regclass) AS timers
                            """)
                    else { return }
                    Metrics.shared.set("lika_outbox_pending", Double(try row["pending", as: Int.self]))
                    Metrics.shared.set("lika_outbox_oldest_age_seconds", max(0, try row["age"]))
                    Metrics.shared.set("lika_parked_keys", Double(try row["parked", as: Int.self]))
                    Metrics.shared.set("lika_timers_pending", Double(try row["timers", as: Int.self]))
                }
            } catch { logger.debug("gauges not read", metadata: ["error": "\(Verdict.code(of: error))"]) }
            // Ends early when the service stops.
            do { try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) } } catch { return }
        }
    }
}
