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

    /// The longest sleep, in case a notification was missed or another instance died with what it had taken.
    private static let longestSleep = Duration.seconds(2)

    package func run() async throws {
        var pause = Backoff()
        var aside = Aside()
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            do {
                var sleep = Self.longestSleep
                for (name, handler) in timers.handlers.sorted(by: { $0.key < $1.key }) {
                    sleep = min(sleep, try await fire(name, handler, &aside))
                }
                pause.reset()
                if try await listener.next(within: sleep).contains(Self.parkedChannel(schema)) { try await consumption.replay() }
            } catch {
                logger.warning("timers wait", metadata: ["error": "\(Verdict.code(of: error))"])
                try await pause.wait()
            }
        }
        await listener.close()
    }

    static func timersChannel(_ schema: String) -> String { "lika_timers_\(schema)" }
    static func parkedChannel(_ schema: String) -> String { "lika_parked_\(schema)" }

    /// Handles everything due, and tells how long until the next will be.
    private func fire(_ name: String, _ handler: Timers.Handler, _ aside: inout Aside) async throws -> Duration {
        // However much is due, a service that is asked to stop stops.
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            let asked = ContinuousClock.now
            guard await gate.allows(try await databaseTime(), asked: asked, wall: PlanClock.real.now) else { return Self.longestSleep }
            let fired: Fired
            do { fired = try await Self.fireOnce(name, handler, without: aside.now(name), store) } catch where Verdict(error) != .again {
                try await fireSingly(name, handler, &aside)
                continue
            }
            Metrics.shared.set("lika_timers_failing", Double(aside.now(name).count), ["timer": name])
            if fired.count == 0 { return fired.next.map { .seconds($0 / clock.speed) } ?? Self.longestSleep }
            Metrics.shared.add("lika_timers_fired_total", Double(fired.count), ["timer": name])
        }
        return Self.longestSleep
    }

    /// One after the other, so that a subject whose handler fails holds up no other; it is tried again after a while.
    private func fireSingly(_ name: String, _ handler: Timers.Handler, _ aside: inout Aside) async throws {
        let without = aside.now(name)
        for subject in try await store.work({ try Self.due(name, limit: handler.batch, without: without, in: $0) }) where !Task.isShuttingDownGracefully {
            do { _ = try await Self.fireOnce(name, handler, only: [subject], store) } catch where Verdict(error) != .again {
                logger.error("timer failed", metadata: ["timer": "\(name)", "subject": "\(subject)", "error": "\(Verdict.code(of: error))"])
                aside.put(subject, name)
            }
        }
    }

    struct Fired {
        let count: Int
        /// Seconds of the plan until the next is due.
        let next: Double?
    }

    /// One batch of what is due; when nothing is, how long until the next.
    static func fireOnce(
        _ name: String, _ handler: Timers.Handler, only: [UUID] = [], without: [UUID] = [], _ store: Store
    ) async throws -> Fired {
        try await store.work { work in
            let due = try due(name, limit: handler.batch, only: only, without: without, in: work)
            if due.isEmpty {
                let next = try work.sql.first(
                    """
                    SELECT extract(epoch FROM min(due) - lika_now())::float8 AS seconds FROM timers
                    WHERE timer = \(name) AND due > lika_now()
                    """)
                return Fired(count: 0, next: try next?["seconds"])
            }
            Failpoint.schedulerAfterLease.hit()
            try work.sql.execute("DELETE FROM timers WHERE timer = \(name) AND subject = ANY(\(due))")
            try handler.handle(due, work)
            Failpoint.schedulerAfterCloseBeforeCommit.hit()
            return Fired(count: due.count, next: nil)
        }
    }

    /// What is due and no other instance has in hand, locked.
    private static func due(_ name: String, limit: Int, only: [UUID] = [], without: [UUID], in work: Work) throws -> [UUID] {
        try work.sql.query(
            """
            SELECT subject FROM timers
            WHERE timer = \(name) AND due <= lika_now() AND subject <> ALL(\(without)) AND (\(only.isEmpty) OR subject = ANY(\(only)))
            ORDER BY due LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """
        ).map { try $0["subject"] }
    }

    private func databaseTime() async throws -> Instant {
        try await store.database.transaction { sql in
            guard let row = try sql.first("SELECT clock_timestamp() AS now") else { throw UnexpectedValue(column: "now", expected: "a row") }
            return try row["now"]
        }
    }
}

/// Subjects whose handler failed lately.
private struct Aside {
    private var until: [String: [UUID: ContinuousClock.Instant]] = [:]

    mutating func put(_ subject: UUID, _ timer: String) { until[timer, default: [:]][subject] = .now + .seconds(30) }

    mutating func now(_ timer: String) -> [UUID] {
        until[timer] = until[timer]?.filter { $0.value > .now }
        return until[timer].map { Array($0.keys) } ?? []
    }
}

/// Compares PostgreSQL's clock with the time that really passed, and, as nobody knows how much passed while the service was
/// away, at first with the machine's clock. After a leap of more than two minutes nothing closes until an operator resumes.
package actor ClockGate {
    private var last: (database: Instant, asked: ContinuousClock.Instant, answered: ContinuousClock.Instant)?
    private(set) var isOpen = true
    private var isResumed = false
    private let logger: Logger

    private static let tolerance = 120.0

    init(logger: Logger) { self.logger = logger }

    /// - Parameters:
    ///   - asked: When the database was asked for `now`; however long the answer took is no leap.
    ///   - wall: What this machine's clock shows.
    func allows(_ now: Instant, asked: ContinuousClock.Instant = .now, wall: Instant) -> Bool {
        let answered = ContinuousClock.now
        if let last {
            let byDatabase = now - last.database
            let (least, most) = ((asked - last.answered) / .seconds(1), (answered - last.asked) / .seconds(1))
            shut(byDatabase > most ? byDatabase - most : min(0, byDatabase - least), "the database's clock leapt")
        } else if !isResumed {
            // An answer that was long under way is old, not wrong.
            shut(now > wall ? now - wall : min(0, now - wall + (answered - asked) / .seconds(1)), "the database's clock and this machine's disagree")
        }
        last = (now, asked, answered)
        Metrics.shared.set("lika_clock_gate_open", isOpen ? 1 : 0)
        return isOpen
    }

    private func shut(_ seconds: Double, _ cause: String) {
        guard abs(seconds) > Self.tolerance, isOpen else { return }
        isOpen = false
        logger.critical("\(cause); nothing closes until an operator resumes", metadata: ["seconds": "\(Int(seconds))"])
    }

    func resume() {
        isOpen = true
        isResumed = true
        last = nil
    }
}
