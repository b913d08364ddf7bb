import Foundation
import Logging
import Postgres
import Registry
import ServiceLifecycle

/// Clock in: what a service does when something is due.
///
///     Timers().on("window.close", batch: 500) { windows, work in … }
///
/// A due row is taken by a row lock inside the transaction that handles and deletes it: by any number of instances exactly
/// once, and the lock of a process that was stopped ends with its session. Only PostgreSQL's clock decides what is due.
package struct Timers: Sendable {
    private(set) var handlers: [String: Handler] = [:]

    struct Handler: Sendable {
        let batch: Int
        let handle: @Sendable ([UUID], Work) throws -> Void
    }

    package init() {}

    package func on(_ timer: String, batch: Int = 500, _ handle: @escaping @Sendable ([UUID], Work) throws -> Void) -> Timers {
        var copy = self
        copy.handlers[timer] = Handler(batch: batch, handle: handle)
        return copy
    }
}

/// Runs the timers: sleeps until the next is due, and wakes when an instance sets one.
package struct TimerLoop: Service {
    let timers: Timers
    let store: Store
    let listener: Listener
    let clock: PlanClock
    let gate: ClockGate
    let consumption: Consumption
    let schema: String
    let logger: Logger

    /// The longest sleep, in case a notification was missed.
    private static let longestSleep = Duration.seconds(2)

    package func run() async throws {
        var pause = Backoff()
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            do {
                var next: Instant?
                for (name, handler) in timers.handlers.sorted(by: { $0.key < $1.key }) {
                    if let due = try await fire(name, handler) { next = min(next ?? due, due) }
                }
                pause.reset()
                let sleep = min(Self.longestSleep, next.map(clock.delay(until:)) ?? Self.longestSleep)
                if sleep > .zero { _ = try await listener.next(within: sleep) }
                try await consumption.replay()
            } catch {
                logger.warning("timers wait", metadata: ["error": "\(Verdict.code(of: error))"])
                try await pause.wait()
            }
        }
        await listener.close()
    }

    static func timersChannel(_ schema: String) -> String { "lika_timers_\(schema)" }
    static func parkedChannel(_ schema: String) -> String { "lika_parked_\(schema)" }

    /// Handles everything due, and tells when the next will be.
    private func fire(_ name: String, _ handler: Timers.Handler) async throws -> Instant? {
        while true {
            guard await gate.allows(try await databaseTime()) else { return nil }
            let (count, next) = try await Self.fireOnce(name, handler, store)
            if count == 0 { return next }
            Metrics.shared.add("lika_timers_fired_total", Double(count), ["timer": name])
        }
    }

    /// One batch of what is due; when nothing is, the time of the next.
    static func fireOnce(_ name: String, _ handler: Timers.Handler, _ store: Store) async throws -> (count: Int, next: Instant?) {
        try await store.work { work in
            let due: [UUID] = try work.sql.query(
                """
                SELECT subject FROM timers WHERE timer = \(name) AND due <= lika_now()
                ORDER BY due LIMIT \(handler.batch) FOR UPDATE SKIP LOCKED
                """
            ).map { try $0["subject"] }
            if due.isEmpty {
                let next = try work.sql.first("SELECT min(due) AS due FROM timers WHERE timer = \(name)")
                return (0, try next?["due", as: Instant?.self])
            }
            Failpoint.schedulerAfterLease.hit()
            try work.sql.execute("DELETE FROM timers WHERE timer = \(name) AND subject = ANY(\(due))")
            try handler.handle(due, work)
            Failpoint.schedulerAfterCloseBeforeCommit.hit()
            return (due.count, nil)
        }
    }

    private func databaseTime() async throws -> Instant {
        try await store.database.transaction { sql in
            guard let row = try sql.first("SELECT clock_timestamp() AS now") else { throw UnexpectedValue(column: "now", expected: "a row") }
            return try row["now"]
        }
    }
}

/// Compares PostgreSQL's clock with the time that really passed. After a leap of more than two minutes nothing closes
/// until an operator resumes.
package actor ClockGate {
    private var last: (database: Instant, passed: ContinuousClock.Instant)?
    private(set) var isOpen = true
    private let logger: Logger

    private static let tolerance = 120.0

    init(logger: Logger) { self.logger = logger }

    func allows(_ now: Instant) -> Bool {
        let passed = ContinuousClock.now
        if let last {
            let leap = (now - last.database) - (passed - last.passed) / .seconds(1)
            if abs(leap) > Self.tolerance, isOpen {
                isOpen = false
                logger.critical("the database's clock leapt; nothing closes until an operator resumes", metadata: ["seconds": "\(Int(leap))"])
            }
        }
        last = (now, passed)
        Metrics.shared.set("lika_clock_gate_open", isOpen ? 1 : 0)
        return isOpen
    }

    func resume() {
        isOpen = true
        last = nil
    }
}
