import Foundation
import Kafka
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// The clock in: once each, never early, soon after.
@Suite struct TimerTests {
    private let timers = Timers().on("ring", batch: 7) { subjects, work in
        try work.execute("INSERT INTO fired (timer, subject, at) SELECT 'ring', s, lika_now() FROM unnest(\(subjects)) AS s")
    }

    @Test func `each fires exactly once with several loops at work, and none is early`() async throws {
        try await Bench.with(connections: 8) { bench in
            let subjects = (0..<200).map { _ in UUID() }
            try await running(timers, count: 4, on: bench) {
                try await bench.store.work { work in
                    for (index, subject) in subjects.enumerated() { try work.schedule("ring", subject, at: try work.now + Double(index % 10) / 10) }
                }
                try await bench.database.transaction { try $0.execute("CREATE TABLE set_for AS SELECT subject, due FROM timers") }
                _ = try await eventually { try await bench.count("fired") == 200 ? true : nil }
            }
            expect(try await bench.count("timers"), 0)
            expect(try await bench.count("fired JOIN set_for USING (subject) WHERE at < due"), 0)
            expect(try await bench.count("(SELECT DISTINCT subject FROM fired) AS f"), 200)
        }
    }

    @Test func `a loop that sleeps is woken by an earlier appointment, of whatever instance`() async throws {
        try await Bench.with { bench in
            try await running(timers, count: 1, on: bench) {
                try await bench.store.work { work in try work.schedule("ring", UUID(), at: try work.now + 3600) }
                let subject = UUID()
                try await bench.store.work { work in try work.schedule("ring", subject, at: try work.now + 0.1) }
                let late: Double? = try await eventually {
                    try await bench.database.transaction { sql in
                        try sql.first("SELECT extract(epoch FROM clock_timestamp() - at)::float8 AS late FROM fired WHERE subject = \(subject)")?["late"]
                    }
                }
                #expect(late != nil)
            }
            expect(try await bench.count("timers"), 1)
        }
    }

    @Test func `setting it again replaces the time, taking it back removes it`() async throws {
        try await Bench.with { bench in
            let (kept, gone) = (UUID(), UUID())
            try await bench.store.work { work in
                for subject in [kept, gone] { try work.schedule("ring", subject, at: try work.now + -5) }
                try work.schedule("ring", kept, at: try work.now + 3600)
                try work.unschedule("ring", gone)
            }
            let handler = try #require(timers.handlers["ring"])
            let fired = try await TimerLoop.fireOnce("ring", handler, bench.store)
            #expect(fired.count == 0)
            #expect(try #require(fired.next) > 3590)
            expect(try await bench.count("timers"), 1)
        }
    }

    @Test func `a handler may set its own timer again`() async throws {
        let again = Timers().on("again") { subjects, work in
            for subject in subjects { try work.schedule("again", subject, at: try work.now + 60) }
        }
        try await Bench.with { bench in
            try await bench.store.work { work in try work.schedule("again", UUID(), at: try work.now) }
            let handler = try #require(again.handlers["again"])
            let first = try await TimerLoop.fireOnce("again", handler, bench.store)
            let second = try await TimerLoop.fireOnce("again", handler, bench.store)
            #expect((first.count, second.count) == (1, 0))
            expect(try await bench.count("timers"), 1)
        }
    }

    @Test func `a subject whose handler fails stays due and holds up no other`() async throws {
        let broken = UUID()
        let timers = Timers()
            .on("a", batch: 100) { subjects, work in
                if subjects.contains(broken) { throw Amount.Broken() }
                try work.execute("INSERT INTO fired (timer, subject, at) SELECT 'a', s, lika_now() FROM unnest(\(subjects)) AS s")
            }
            .on("b") { subjects, work in
                try work.execute("INSERT INTO fired (timer, subject, at) SELECT 'b', s, lika_now() FROM unnest(\(subjects)) AS s")
            }
        try await Bench.with { bench in
            try await bench.store.work { work in
                for subject in [UUID(), broken, UUID(), UUID()] { try work.schedule("a", subject, at: try work.now) }
                try work.schedule("b", UUID(), at: try work.now)
            }
            try await running(timers, count: 2, on: bench) { _ = try await eventually { try await bench.count("fired") == 4 ? true : nil } }
            let left: [UUID] = try await bench.database.transaction { try $0.query("SELECT subject FROM timers").map { try $0["subject"] } }
            #expect(left == [broken])
        }
    }

    @Test func `the rehearsal's clock makes days pass in moments`() async throws {
        let rehearsal = "2018-10-15T09:00:00+08:00@\(Date().timeIntervalSince1970)x86400"
        try await Bench.with(session: ["lika.rehearsal": rehearsal]) { bench in
            try await running(timers, count: 1, on: bench, clock: try PlanClock(rehearsal)) {
                try await bench.store.work { work in try work.schedule("ring", UUID(), at: try work.now + 86_400) }
                _ = try await eventually { try await bench.count("fired") == 1 ? true : nil }
            }
        }
    }

    private func running(
        _ timers: Timers, count: Int, on bench: Bench, clock: PlanClock = .real, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let schema = try #require(bench.settings.session["search_path"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                let loop = TimerLoop(
                    timers: timers, store: bench.store,
                    listener: Listener(bench.settings, channels: [TimerLoop.timersChannel(schema), TimerLoop.parkedChannel(schema)]), clock: clock,
                    gate: ClockGate(logger: .silent), consumption: bench.consumption, schema: schema, logger: .silent)
                group.addTask { do { try await loop.run() } catch is CancellationError {} }
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            group.cancelAll()
            try await group.waitForAll()
            try result.get()
        }
    }
}

/// Whether the database's clock can be believed.
@Suite struct ClockGateTests {
    private let start = Instant(milliseconds: 1_540_000_000_000)

    @Test func `a clock that goes with the time passes`() async {
        let gate = ClockGate(logger: .silent)
        for second in 0..<5 { #expect(await gate.allows(start + Double(second) * 20, wall: start)) }
    }

    @Test(arguments: [121.0, -121, 432_000, -172_800]) func `a leap closes the gate until an operator resumes`(leap: Double) async {
        let gate = ClockGate(logger: .silent)
        #expect(await gate.allows(start, wall: start))
        #expect(await !gate.allows(start + leap, wall: start))
        #expect(await !gate.allows(start + leap, wall: start))
        await gate.resume()
        #expect(await gate.allows(start + leap, wall: start))
        #expect(await gate.allows(start + leap + 1, wall: start))
    }

    @Test(arguments: [121.0, -121, 432_000]) func `a leap while the service was away closes the gate at the start`(leap: Double) async {
        let gate = ClockGate(logger: .silent)
        #expect(await !gate.allows(start + leap, wall: start))
        await gate.resume()
        #expect(await gate.allows(start + leap, wall: start))
    }

    @Test func `an answer that took long is no leap`() async {
        let gate = ClockGate(logger: .silent)
        #expect(await gate.allows(start, wall: start))
        // Asked ten minutes ago, answered then, and heard of only now: the process was stopped in between.
        #expect(await gate.allows(start + -600, asked: .now - .seconds(600), wall: start))
        #expect(await gate.allows(start + 1, wall: start))
        #expect(await ClockGate(logger: .silent).allows(start + -600, asked: .now - .seconds(600), wall: start))
    }

    @Test func `a closed gate lets no timer fire`() async throws {
        try await Bench.with { bench in
            let gate = ClockGate(logger: .silent)
            _ = await gate.allows(start, wall: start)  // years ago
            let timers = Timers().on("ring") { subjects, work in
                try work.execute("INSERT INTO fired (timer, subject, at) SELECT 'ring', s, lika_now() FROM unnest(\(subjects)) AS s")
            }
            try await bench.store.work { work in try work.schedule("ring", UUID(), at: try work.now) }
            let schema = try #require(bench.settings.session["search_path"])
            let loop = TimerLoop(
                timers: timers, store: bench.store, listener: Listener(bench.settings, channels: [TimerLoop.timersChannel(schema)]), clock: .real, gate: gate,
                consumption: bench.consumption, schema: schema, logger: .silent)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { do { try await loop.run() } catch is CancellationError {} }
                _ = try await eventually { await gate.isOpen ? nil : true }
                expect(try await bench.count("fired"), 0)
                await gate.resume()
                _ = try await eventually { try await bench.count("fired") == 1 ? true : nil }
                group.cancelAll()
            }
        }
    }
}
