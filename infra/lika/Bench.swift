import ArgumentParser
import Contracts
import Foundation
import Kafka
import Logging
import Postgres
import Registry
import ServiceKit

/// Measures one hop through a service against what the same rows cost without it, in the same run.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Benchmarks: hop, latency, fanout, import, midnight and storms.",
        discussion: "Needs LIKA_POSTGRES_ADMIN and LIKA_BROKERS of servers of its own; `infra/bench` starts them with a release build.",
        subcommands: [Hop.self, Latency.self, Fanout.self, Importing.self, Midnight.self, Storms.self])

    /// Where a bench runs: a schema of its own, dropped afterwards.
    static func withSchema<T: Sendable>(_ name: String, _ body: (PostgresSettings) async throws -> T) async throws -> T {
        let conninfo = try Surroundings.value("LIKA_POSTGRES_ADMIN", "the administrator of a database for benches")
        let owner = Database(PostgresSettings(conninfo, connections: 1))
        let schema = "bench_\(name)_\(BenchRun.tag)"
        try await owner.transaction { try $0.run(script: "CREATE SCHEMA \(schema)") }
        let settings = PostgresSettings(conninfo, connections: 4, session: ["search_path": schema])
        let migrator = Database(settings)
        _ = try await Migrator(migrator, Kernel.migrations + [BenchRun.migration]).migrate()
        await migrator.close()
        let result: Result<T, any Error>
        do { result = .success(try await body(settings)) } catch { result = .failure(error) }
        try await owner.transaction { try $0.run(script: "DROP SCHEMA \(schema) CASCADE") }
        await owner.close()
        return try result.get()
    }

    /// Megabytes that a process of the suite holds now, where it runs on this machine.
    static func memory(of process: String) -> Int {
        do {
            let status = try proc(process, "status")
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) / 1024
        } catch { return 0 }
    }

    /// What Linux says of a process of the suite.
    private static func proc(_ process: String, _ file: String) throws -> String {
        let state = try Surroundings.value("LIKA_STATE", "the folder with the pid files of the suite")
        let pid = try String(contentsOfFile: "\(state)/run/\(process).pid", encoding: .utf8).prefix { $0.isNumber }
        return try String(contentsOfFile: "/proc/\(pid)/\(file)", encoding: .utf8)
    }

    /// Seconds of processor time that a process of the suite has used.
    static func processorSeconds(of process: String) throws -> Double {
        let fields = try proc(process, "stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Seconds of processor time that all of PostgreSQL's processes, as they are now, have used.
    static func processorSeconds(of database: Database) async throws -> Double {
        let ticks = try await database.transaction { sql in
            try sql.first(
                """
                SELECT sum(stat[12]::bigint + stat[13]::bigint)::bigint AS ticks
                FROM pg_stat_activity, string_to_array(regexp_replace(pg_read_file('/proc/' || pid || '/stat', 0, 1000, true), '^.*\\) ', ''), ' ') AS stat
                """)?["ticks", as: Int.self] ?? 0
        }
        return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The service under test, in this process, with everything that a service has.
    static func runtime(_ settings: PostgresSettings, schema: String, ports: (http: Int, health: Int), parts: Parts) async throws -> Runtime {
        var environment = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("LIKA_KAFKA_") || $0.key == "LIKA_BROKERS" }
        environment["LIKA_POSTGRES"] = try Surroundings.value("LIKA_POSTGRES_ADMIN", "the administrator of a database for benches")
        environment["LIKA_POSTGRES_SCHEMA"] = schema
        environment["LIKA_HTTP_PORT"] = "\(ports.http)"
        environment["LIKA_HEALTH_PORT"] = "\(ports.health)"
        var all = Settings(environment)
        let common = CommonSettings(&all, service: "bench", environment: environment)
        return try await Runtime(
            name: "bench", common: common, migrations: Kernel.migrations + [BenchRun.migration], parts: parts, access: .trusted,
            logger: Logger(label: "bench") { label in
                var handler = StreamLogHandler.standardError(label: label)
                handler.logLevel = .warning
                return handler
            })
    }
}

extension Bench {
    struct Hop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Events per second through one service's ordinary handler path, and of the same rows by plain SQL.")

        @Option(help: "Events.") var events = 100_000
        @Option(help: "Households they are spread over.") var households = 20_000
        @Option(help: "Rows of a batch of the plain SQL.") var batch = 500
        @Option(help: "The first of two free ports.") var port = 28_301

        func run() async throws {
            let households = (0..<households).map { _ in HouseholdID(UUID()) }
            let kafka = try Surroundings.kafka()
            try await Admin(kafka).createTopics([BenchMoved.channels[0], BenchNoted.channels[0]].map { NewTopic($0.name, partitions: $0.partitions) })
            let limit = try await Bench.withSchema("limit") { try await plain(households, $0) }
            let rate = try await Bench.withSchema("hop") { try await hop(households, $0, kafka) }
            print("bench: hop events_per_s=\(Int(rate)) limit_per_s=\(Int(limit)) ratio=\(String(format: "%.2f", rate / limit))")
        }

        private func open(_ households: [HouseholdID], _ database: Database) async throws {
            try await database.transaction { sql in
                try sql.execute(
                    "INSERT INTO accounts (id, moves, balance, note, version) SELECT id, 0, 0, '', 0 FROM unnest(\(households)) AS h (id)")
            }
            try await database.transaction { try $0.execute("ANALYZE accounts") }
        }

        // MARK: The service

        private func hop(_ households: [HouseholdID], _ settings: PostgresSettings, _ kafka: KafkaSettings) async throws -> Double {
            let database = Database(settings)
            try await open(households, database)
            try await fill(households, kafka)
            let runtime = try await Bench.runtime(settings, schema: settings.session["search_path"] ?? "", ports: (port, port + 1), parts: BenchRun.parts)
            let total = events
            return try await withThrowingTaskGroup(of: Double?.self, returning: Double.self) { group in
                group.addTask {
                    try await runtime.run()
                    return nil
                }
                group.addTask {
                    // From the first acknowledgement to the last: joining the group is not part of a hop.
                    let began = try await Self.wait(until: database) { arrived, _ in arrived > 0 }
                    let ended = try await Self.wait(until: database) { arrived, pending in arrived >= total && pending == 0 }
                    let events = total - began.arrived
                    let (own, servers) = (ended.cpu.own - began.cpu.own, ended.cpu.servers - began.cpu.servers)
                    print(String(format: "bench: hop cpu_us_per_event application=%.1f postgres=%.1f", own * 1e6 / Double(events), servers * 1e6 / Double(events)))
                    return Double(events) / ((ended.at - began.at) / .seconds(1))
                }
                var rate = 0.0
                while let result = try await group.next() {
                    if let result {
                        rate = result
                        await runtime.stop()
                    }
                }
                await database.close()
                return rate
            }
        }

        private static func wait(
            until database: Database, _ reached: @Sendable (_ arrived: Int, _ pending: Int) -> Bool
        ) async throws -> (at: ContinuousClock.Instant, arrived: Int, cpu: (own: Double, servers: Double)) {
            while true {
                // The topic is new and each event makes the account tell one: the offsets count them, and are cheap to read.
                let (arrived, pending) = try await database.transaction { sql in
                    let row = try sql.first("SELECT (SELECT coalesce(sum(last_offset + 1), 0)::bigint FROM log_heads) AS arrived, (SELECT count(*) FROM outbox_pending) AS pending")
                    return (try row?["arrived", as: Int.self] ?? 0, try row?["pending", as: Int.self] ?? 0)
                }
                if reached(arrived, pending) { return (.now, arrived, try await cpu(database)) }
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        /// Seconds of processor time that this process and all of PostgreSQL's, as they are now, have used.
        private static func cpu(_ database: Database) async throws -> (own: Double, servers: Double) {
            var used = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
            return (Double(used.tv_sec) + Double(used.tv_nsec) / 1e9, try await Bench.processorSeconds(of: database))
        }

        /// Writes the input topic before the service starts.
        private func fill(_ households: [HouseholdID], _ kafka: KafkaSettings) async throws {
            let producer = try Producer(kafka)
            var numbers: [HouseholdID: Int] = [:]
            var sent = 0
            while sent < events {
                var records: [OutgoingRecord] = []
                for number in sent..<min(events, sent + 5_000) {
                    let household = households[number % households.count]
                    let sequence = (numbers[household] ?? 0) + 1
                    numbers[household] = sequence
                    records.append(try Rehearsed.record(BenchRun.move(of: household, number), sequence: sequence))
                }
                if sent == 0 { print("bench: hop event_bytes=\(records[0].value?.count ?? 0) partitions=6 events=\(events) households=\(households.count)") }
                for delivery in await producer.send(records) { if let error = delivery.error { throw error } }
                sent += records.count
            }
            await producer.close()
        }

        // MARK: The limit

        /// The same rows by the plain fastest SQL: one connection, `unnest` batches from memory, nothing read, nothing decided.
        private func plain(_ households: [HouseholdID], _ settings: PostgresSettings) async throws -> Double {
            let database = Database(settings)
            try await open(households, database)
            let batches = try stride(from: 0, to: events, by: batch).map { start in
                try (start..<min(events, start + batch)).map { number in
                    let move = BenchRun.move(of: households[number % households.count], number)
                    let decision = BenchAccount(id: move.household, moves: 0, balance: .zero, note: "").moving(move)
                    return PlainRow(move: move, account: decision.state, told: try JSON.encode(decision.events.compactMap { $0 as? BenchNoted }[0]))
                }
            }
            let began = ContinuousClock.now
            for rows in batches { try await database.transaction { try PlainRow.write(rows, in: $0) } }
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            await database.close()
            return Double(events) / seconds
        }
    }
}

/// The rows that one event leaves behind.
private struct PlainRow: Sendable {
    let move: BenchMoved
    let account: BenchAccount
    let told: [UInt8]

    static func write(_ rows: [PlainRow], in sql: Transaction) throws {
        let topic = BenchMoved.channels[0].name
        let out = BenchNoted.channels[0].name
        try sql.execute(
            """
            INSERT INTO inbox (consumer, topic, subject, sequence, id)
            SELECT \(BenchRun.parts.reactions.group), \(topic), unnest(\(rows.map(\.move.household))), unnest(\(rows.map { Int($0.move.amount.fen) })),
                unnest(\(rows.map(\.move.move)))
            """)
        try sql.execute(
            """
            INSERT INTO accounts (id, moves, balance, note, version)
            SELECT * FROM unnest(\(rows.map(\.account.id)), \(rows.map(\.account.moves)), \(rows.map(\.account.balance)), \(rows.map(\.account.note)), \(rows.map { _ in 1 }))
            ON CONFLICT (id) DO UPDATE SET moves = excluded.moves, balance = excluded.balance, note = excluded.note, version = excluded.version
            """)
        let batch = UUID()
        try sql.execute(
            """
            INSERT INTO outbox (id, topic, key, subject, sequence, type, told_at, traceparent, data)
            SELECT unnest(\(rows.map { _ in UUID() })), \(out), unnest(\(rows.map(\.move.household))), unnest(\(rows.map(\.move.household))),
                unnest(\(rows.map { Int($0.move.amount.fen) })), \(BenchNoted.name), unnest(\(rows.map(\.move.at))),
                unnest(\(rows.map { _ in "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" })),
                unnest(\(rows.map { String(decoding: $0.told, as: UTF8.self) }))
            """)
        try sql.execute("INSERT INTO outbox_pending (batch, events, claimed_until) VALUES (\(batch), \(rows.count), clock_timestamp())")
        try sql.execute("DELETE FROM outbox_pending WHERE batch = \(batch)")
    }
}
