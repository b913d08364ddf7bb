import ArgumentParser
import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit

extension Bench {
    /// Very many windows of which a tenth end at the same local midnight, closed by the schedulers that run beside this.
    struct Midnight: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Windows that end at one midnight: closed and told per second, how late, and what a million waiting ones cost.",
            discussion: """
                First `--fill` with no scheduler running; then start any number of them with a LIKA_REHEARSAL of speed 1 that comes to \
                \(Filling.midnight) in a minute, and run it again with that setting. `infra/bench` does so.
                """)

        @Flag(help: "Only write the windows that wait.") var fill = false
        @Option(help: "Windows that end at that midnight.") var due = 100_000
        @Option(help: "All windows that wait.") var pending = 1_000_000
        @Option(help: "The schedulers' processes, of which the pid files tell.") var schedulers = "review,review-2"

        func run() async throws {
            let database = try Surroundings.adminDatabase(schema: "review")
            let filling = Filling(due: due, pending: pending)
            if fill { try await filling.write(to: database) } else { try await measure(filling, database) }
            await database.close()
        }

        private func measure(_ filling: Filling, _ database: Database) async throws {
            let clock = try PlanClock(Surroundings.value("LIKA_REHEARSAL", "the schedulers' clock, which comes to \(Filling.midnight)"))
            let lead = clock.delay(until: Filling.midnight)
            guard lead > .seconds(20) else { throw ValidationError("midnight is over or too near") }
            try await Task.sleep(for: .seconds(5))
            try await idle(database)
            try await Task.sleep(for: clock.delay(until: Filling.midnight))
            // The moment itself, by the real clock.
            let midnight = Date().timeIntervalSince1970 - (clock.now - Filling.midnight) / clock.speed
            let published = try await Waiting.until("\(due) windows to close", atMost: 300, every: .milliseconds(50)) {
                let left = try await filling.left(in: database)
                return left == (0, 0) ? .there(Date().timeIntervalSince1970 - midnight) : .notYet("\(left.windows) open, \(left.batches) batches not told")
            }
            let lateness = try await filling.lateness(since: midnight, in: database)
            let limit = try await filling.bareUpdate(in: database)
            func text(_ number: Double) -> String { String(format: "%.1f", number) }
            let p99 = lateness[min(lateness.count - 1, lateness.count * 99 / 100)]
            print("bench: midnight closed_seconds=\(text(lateness[lateness.count - 1])) limit_seconds=\(text(limit)) pending=\(pending) schedulers=\(processes.count)")
            print(
                "bench: midnight due=\(due) seconds=\(text(published)) rows_per_s=\(Int(Double(due) / published)) "
                    + "limit_rows_per_s=\(Int(Double(due) / limit)) ratio=\(String(format: "%.2f", limit / published)) late_p99_ms=\(Int(p99 * 1000))")
        }

        private var processes: [String] { schedulers.split(separator: ",").map(String.init) }

        /// What the schedulers and all of PostgreSQL use while everything waits, in percent of one processor.
        private func idle(_ database: Database) async throws {
            func used() async throws -> (schedulers: Double, servers: Double) {
                (try processes.reduce(0) { try $0 + Bench.processorSeconds(of: $1) }, try await Bench.processorSeconds(of: database))
            }
            let (began, before) = (ContinuousClock.now, try await used())
            try await Task.sleep(for: .seconds(10))
            let after = try await used()
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            let own = (after.schedulers - before.schedulers) / seconds * 100 / Double(processes.count)
            print(
                "bench: timer idle_cpu_percent=\(String(format: "%.2f", own)) postgres_cpu_percent="
                    + "\(String(format: "%.2f", (after.servers - before.servers) / seconds * 100)) pending=\(pending) schedulers=\(processes.count)")
        }
    }
}

/// Windows of the community's level, each with a case on its list and two places where it hangs.
private struct Filling {
    let due: Int
    let pending: Int

    /// The end of 2018-10-21 in China.
    static let midnight = LocalDate("2018-10-22")?.start ?? Instant(milliseconds: 0)

    /// Rows as review's own posting would have left them. The windows that end at midnight are spread among all.
    func write(to database: Database) async throws {
        let rest = pending / due
        try await database.transaction { sql in
            try sql.execute("SET LOCAL synchronous_commit = off")
            try sql.execute("CREATE TEMPORARY TABLE filling ON COMMIT DROP AS SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS c, n % \(rest) = 0 AS is_due FROM generate_series(1, \(pending)) AS n")
            let campaign = UUID()
            try sql.execute(
                """
                INSERT INTO campaigns (id, year, subdistrict, publicity_days, count_first_day, data_freeze_on, issued_at)
                VALUES (\(campaign), 2018, '530427001', 5, true, '2018-11-10', '2018-09-30T00:00:00Z')
                """)
            try sql.execute(
                """
                INSERT INTO windows (id, campaign, level, division, publicity_days, count_first_day, stage, cases, opens_on, closes_at, version)
                SELECT id, \(campaign), 'community', '530427001001', 5, true, 'running', 1, '2018-10-17',
                    \(Self.midnight) + CASE WHEN is_due THEN 0 ELSE 1 + n % 30 END * interval '1 day', 1 FROM filling
                """)
            try sql.execute(
                """
                INSERT INTO window_places (window_id, place, position, posted_at)
                SELECT id, place, position, '2018-10-17T01:00:00Z' FROM filling, (VALUES ('公示栏', 0), ('一组', 1)) AS p (place, position)
                """)
            try sql.execute("INSERT INTO timers (timer, subject, due) SELECT 'window.close', id, closes_at FROM windows WHERE campaign = \(campaign)")
            try sql.execute(
                """
                INSERT INTO households (id, campaign, population, head_name, member_count, said_at)
                SELECT c, \(campaign), 'registered', '甲某', 2, '2018-10-10T00:00:00Z' FROM filling WHERE is_due
                """)
            try sql.execute(
                """
                INSERT INTO cases (id, household, campaign, kind, division, proposed_at, status, internal_review, public_review,
                    initial_decision, community_window, open_tips, discrepancies, version)
                SELECT c, c, \(campaign), 'EXIT', '530427001001-01', '2018-10-10T00:00:00Z', 'community_publicity', c, c, c, id, '{}', '{}', 6
                FROM filling WHERE is_due
                """)
            try sql.execute(
                """
                INSERT INTO window_lines (window_id, position, case_id, kind, division, head_name, member_count)
                SELECT id, 1, c, 'EXIT', '530427001001-01', '甲某', 2 FROM filling WHERE is_due
                """)
        }
        for table in ["windows", "window_places", "window_lines", "timers", "cases", "households"] {
            try await database.transaction { try $0.execute("ANALYZE \(unsafe: table)") }
        }
    }

    /// What is not done yet.
    func left(in database: Database) async throws -> (windows: Int, batches: Int) {
        try await database.transaction { sql in
            let row = try sql.first(
                """
                SELECT (SELECT count(*) FROM timers WHERE timer = 'window.close' AND due <= \(Self.midnight)) AS windows,
                    (SELECT count(*) FROM outbox_pending) AS batches
                """)
            return (try row?["windows", as: Int.self] ?? 0, try row?["batches", as: Int.self] ?? 0)
        }
    }

    /// Seconds from midnight to the commit of each close, sorted.
    func lateness(since midnight: Double, in database: Database) async throws -> [Double] {
        let seconds = try await database.transaction { sql in
            try sql.query(
                """
                SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS at FROM windows
                WHERE closes_at = \(Self.midnight) AND stage = 'settled'
                """
            ).map { try $0["at", as: Double.self] - midnight }
        }
        guard seconds.count == due, let first = seconds.min(), first >= 0 else {
            throw ValidationError("\(seconds.count) of \(due) windows are settled, the first \(seconds.min() ?? 0) s after midnight")
        }
        return seconds.sorted()
    }

    /// The limit: the same rows of windows, cases and timers by one statement each, with nothing read, decided or told.
    func bareUpdate(in database: Database) async throws -> Double {
        try await database.transaction { sql in
            try sql.execute("INSERT INTO timers (timer, subject, due) SELECT 'bench', id, closes_at FROM windows WHERE closes_at = \(Self.midnight)")
            try sql.execute("CREATE TEMPORARY TABLE closing ON COMMIT PRESERVE ROWS AS SELECT id FROM windows WHERE closes_at = \(Self.midnight)")
            try sql.execute("ANALYZE closing")
        }
        let began = ContinuousClock.now
        try await database.transaction { sql in
            try sql.execute("DELETE FROM timers WHERE timer = 'bench'")
            try sql.execute("UPDATE windows w SET stage = 'expired', ended_at = lika_now(), late = false, version = version + 1 FROM closing WHERE w.id = closing.id")
            try sql.execute("UPDATE cases c SET community_ended_at = lika_now(), version = version + 1 FROM closing WHERE c.community_window = closing.id")
        }
        return (ContinuousClock.now - began) / .seconds(1)
    }
}
