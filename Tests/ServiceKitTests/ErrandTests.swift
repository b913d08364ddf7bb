import Foundation
import Postgres
@testable import ServiceKit
import TestKit
import Testing

/// Work that needs the network: claimed, performed, recorded.
@Suite struct ErrandTests {
    @Test func `it claims, performs and records, until there is nothing to do`() async throws {
        try await Bench.with { bench in
            let errand = jobs { $0 }
            try await add(2, bench)
            #expect(try await errand.runOnce(bench.store))
            expect(try await bench.count("jobs WHERE status = 'done'"), 2)
            #expect(try await !errand.runOnce(bench.store))
        }
    }

    @Test func `what fails between claim and record stays claimed`() async throws {
        try await Bench.with { bench in
            let errand = jobs { _ in throw Amount.Broken() }
            try await add(1, bench)
            await #expect(throws: Amount.Broken.self) { try await errand.runOnce(bench.store) }
            expect(try await bench.count("jobs WHERE status = 'claimed'"), 1)
        }
    }

    @Test func `a committed work wakes it at once`() async throws {
        try await Bench.with { bench in
            var errand = jobs { $0 }
            errand.store = bench.store
            let running = errand
            try await add(0, bench)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await running.run() }
                for round in 1...20 {
                    try await bench.store.work { work in
                        try work.execute("INSERT INTO jobs (id) VALUES (\(round))")
                        work.wake("jobs")
                    }
                    _ = try await eventually { try await bench.count("jobs WHERE status = 'done'") == round ? true : nil }
                }
                group.cancelAll()
            }
        }
    }

    @Test func `a bell rung before anyone waits is heard, a silent one lets go`() async {
        let bell = Bell()
        await bell.ring("a")
        let began = ContinuousClock.now
        await bell.wait(for: "a", atMost: .seconds(60))
        #expect(ContinuousClock.now - began < .seconds(30))
        await bell.wait(for: "a", atMost: .milliseconds(10))
        await bell.wait(for: "a", atMost: .zero)
    }

    @Test func `all who wait for a bell are woken, and being cancelled ends waiting`() async {
        let bell = Bell()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { await bell.wait(for: "a", atMost: .seconds(600)) } }
            for _ in 0..<20 { group.addTask { await bell.wait(for: "b", atMost: .seconds(600)) } }
            await bell.ring("a")
            group.cancelAll()
        }
    }

    @Test func `bells rung and given up in any order leave nobody waiting`() async {
        let bell = Bell()
        await withTaskGroup(of: Void.self) { group in
            for round in 0..<500 {
                group.addTask { await bell.wait(for: "x", atMost: .microseconds(round % 50)) }
                if round % 3 == 0 { group.addTask { await bell.ring("x") } }
            }
        }
    }

    private func jobs(_ perform: @escaping @Sendable ([Int]) async throws -> [Int]) -> Errand {
        Errand(
            "jobs",
            claim: { work in
                try work.query("UPDATE jobs SET status = 'claimed' WHERE id IN (SELECT id FROM jobs WHERE status = 'new' FOR UPDATE SKIP LOCKED) RETURNING id")
                    .map { try $0["id"] }
            },
            perform: perform,
            record: { ids, work in try work.execute("UPDATE jobs SET status = 'done' WHERE id = ANY(\(ids))") })
    }

    private func add(_ count: Int, _ bench: Bench) async throws {
        try await bench.database.transaction { sql in
            try sql.execute("CREATE TABLE jobs (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'new')")
            try sql.execute("INSERT INTO jobs SELECT n FROM generate_series(1, \(count)) AS n")
        }
    }
}
