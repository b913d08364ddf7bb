import Contracts
import Foundation
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// The unit of work: load, decide, keep, and everything written once at the end.
@Suite struct WorkTests {
    @Test func `an aggregate is loaded once, decides many times and is written once`() async throws {
        try await Bench.with { bench in
            let id = AccountID(UUID())
            try await bench.store.work { try add(1, to: id, of: UUID(), in: $0) }
            let balance = try await bench.store.work { work in
                for amount in 1...5 { try work.decide(Ledger.self, id) { try $0.adding(amount) } }
                return try work.get(Ledger.self, id).balance
            }
            #expect(balance == 16)
            expect(try await bench.calls(), ["load 1", "insert 1", "load 1", "update 1"])
        }
    }

    @Test func `events are numbered through by aggregate, over decisions and transactions`() async throws {
        try await Bench.with { bench in
            let (a, b) = (AccountID(UUID()), AccountID(UUID()))
            try await bench.store.work { work in
                for id in [a, b] { try add(1, to: id, of: UUID(), in: work) }
                for _ in 1...2 { try work.decide(Ledger.self, a) { try $0.adding(1) } }
            }
            try await bench.store.work { work in for id in [b, a, b] { try work.decide(Ledger.self, id) { try $0.adding(1) } } }
            let told = try await bench.told()
            #expect(told.filter { $0.subject == a.rawValue }.map(\.sequence) == [1, 2, 3, 4])
            #expect(told.filter { $0.subject == b.rawValue }.map(\.sequence) == [1, 2, 3])
            let version = try await bench.store.work { try $0.version(Ledger.self, a) }
            #expect(version == 4)
        }
    }

    @Test func `what an aggregate made in this work decides goes into its one insert`() async throws {
        try await Bench.with { bench in
            let id = AccountID(UUID())
            try await bench.store.work { work in
                try add(1, to: id, of: UUID(), in: work)
                try work.decide(Ledger.self, id) { try $0.adding(2) }
            }
            expect(try await bench.calls(), ["load 1", "insert 1"])
            expect(try await bench.balance(id), 3)
        }
    }

    @Test func `a decision that changes nothing writes nothing`() async throws {
        try await Bench.with { bench in
            let id = AccountID(UUID())
            try await bench.store.work { try add(1, to: id, of: UUID(), in: $0) }
            try await bench.store.work { work in _ = try work.decide(Ledger.self, id) { try $0.adding(0) } }
            expect(try await bench.calls(), ["load 1", "insert 1", "load 1"])
            expect(try await bench.count("outbox"), 1)
        }
    }

    @Test func `a query sees what was kept before it, and what is kept after it is written too`() async throws {
        try await Bench.with { bench in
            let id = AccountID(UUID())
            let sums = try await bench.store.work { work in
                try add(5, to: id, of: UUID(), in: work)
                let first: Int? = try work.first("SELECT sum(balance)::bigint AS sum FROM ledgers")?["sum"]
                try work.decide(Ledger.self, id) { try $0.adding(2) }
                let second: Int? = try work.first("SELECT sum(balance)::bigint AS sum FROM ledgers")?["sum"]
                try work.decide(Ledger.self, id) { try $0.adding(1) }
                return [first, second]
            }
            #expect(sums == [5, 7])
            expect(try await bench.balance(id), 8)
            expect(try await bench.told().map(\.sequence), [1, 2, 3])
        }
    }

    @Test func `many are fetched in one query, and the missing ones are known to be missing`() async throws {
        try await Bench.with { bench in
            let ids = (0..<10).map { _ in AccountID(UUID()) }
            try await bench.store.work { work in for id in ids.prefix(5) { try add(1, to: id, of: UUID(), in: work) } }
            let found = try await bench.store.work { work in
                try work.prefetch(Ledger.self, ids + ids)
                return try ids.filter { try work.find(Ledger.self, $0) != nil }
            }
            #expect(found == Array(ids.prefix(5)))
            expect(try await bench.calls().suffix(1), ["load 10"])
        }
    }

    @Test func `what is not there is not found`() async throws {
        try await Bench.with { bench in
            await #expect(throws: NotFound.self) { try await bench.store.work { _ = try $0.get(Ledger.self, AccountID(UUID())) } }
            await #expect(throws: NotFound.self) {
                try await bench.store.work { _ = try $0.decide(Ledger.self, AccountID(UUID())) { try $0.adding(1) } }
            }
        }
    }

    @Test func `made twice is a conflict, since the events' numbers would be taken`() async throws {
        try await Bench.with { bench in
            let id = AccountID(UUID())
            await #expect(throws: Conflict.self) {
                try await bench.store.work { work in
                    for _ in 1...2 { try work.insert(Ledger(id: id, household: UUID(), balance: 0)) }
                }
            }
            expect(try await bench.count("ledgers"), 0)
        }
    }

    @Test func `an update that misses its row is a conflict and rolls back`() async throws {
        try await Bench.with { bench in
            let id = AccountID(UUID())
            try await bench.store.work { try add(1, to: id, of: UUID(), in: $0) }
            await #expect(throws: Conflict.self) {
                try await bench.store.work { work in
                    try work.decide(Ledger.self, id) { try $0.adding(1) }
                    try work.sql.execute("DELETE FROM ledgers")
                }
            }
            expect(try await bench.balance(id), 1)
            expect(try await bench.count("outbox"), 1)
        }
    }

    @Test func `a work that throws tells nothing, keeps nothing and sets no timer`() async throws {
        struct Stop: Error {}
        try await Bench.with { bench in
            await #expect(throws: Stop.self) {
                try await bench.store.work { work in
                    try add(1, to: AccountID(UUID()), of: UUID(), in: work)
                    try work.schedule("t", UUID(), at: try work.now)
                    throw Stop()
                }
            }
            for table in ["ledgers", "outbox", "outbox_pending", "timers"] { expect(try await bench.count(table), 0) }
        }
    }

    @Test func `concurrent decisions about one aggregate are made one after the other`() async throws {
        try await Bench.with { bench in
            let id = AccountID(UUID())
            try await bench.store.work { try add(1, to: id, of: UUID(), in: $0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 { group.addTask { _ = try await bench.store.work { work in _ = try work.decide(Ledger.self, id) { try $0.adding(1) } } } }
                try await group.waitForAll()
            }
            expect(try await bench.balance(id), 41)
            expect(try await bench.told().map(\.sequence).sorted(), Array(1...41))
        }
    }

    @Test func `one transaction is one range of identifiers`() async throws {
        try await Bench.with { bench in
            for _ in 0..<3 {
                try await bench.store.work { work in
                    _ = work.newID()
                    for _ in 0..<4 { try add(1, to: AccountID(work.newID()), of: UUID(), in: work) }
                }
            }
            let told = try await bench.told()
            let batches = Dictionary(grouping: told) { IDSequence.batch(of: $0.id) }
            #expect(batches.values.map(\.count) == [4, 4, 4])
            for (batch, events) in batches {
                for event in events { #expect(event.id > batch && event.id <= IDSequence.end(of: batch)) }
                // Version 7 and variant of RFC 9562.
                #expect(batch.uuid.6 >> 4 == 7 && batch.uuid.8 >> 6 == 2)
            }
            expect(try await bench.count("outbox_pending"), 3)
        }
    }

    @Test func `identifiers are in the order of their time`() {
        let early = IDSequence(unixMilliseconds: 1_700_000_000_000)
        let late = IDSequence(unixMilliseconds: 1_700_000_000_001)
        #expect(early.batch < late.batch)
        #expect(IDSequence.end(of: early.batch) < late.batch)
    }

    @Test func `a name makes the same identifier everywhere`() throws {
        // The example of RFC 9562, appendix A.4.
        let dns = try #require(UUID(uuidString: "6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
        #expect(UUID(named: "www.example.com", in: dns).lowercased == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    }

    @Test func `the trace goes on, and what is no trace starts one`() {
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        #expect(TraceContext(parent: trace).traceID == "0af7651916cd43dd8448eb211c80319c")
        let next = TraceContext(parent: trace).next()
        #expect(next.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") && next.hasSuffix("-01") && next.utf8.count == trace.utf8.count && next != trace)
        for odd in [nil, "", "00-530427199001011234xxxxxxxxxxxxxx-b7ad6b7169203331-01", "00-0AF7-b7-01", "\n"] {
            #expect(TraceContext(parent: odd).traceID.wholeMatch(of: /[0-9a-f]{32}/) != nil)
        }
    }

    @Test func `moments and days are the database's, in China`() async throws {
        let began = Date()
        try await Bench.with(session: ["lika.rehearsal": "2018-10-14T23:00:00+08:00@\(began.timeIntervalSince1970)x1"]) { bench in
            let (now, today) = try await bench.store.work { (try $0.now, try $0.today) }
            let passed = now - (try #require(Instant("2018-10-14T15:00:00Z")))
            // Whole milliseconds of the database against this process's clock.
            #expect((-0.01...Date().timeIntervalSince(began) + 0.01).contains(passed))
            #expect(today == LocalDate("2018-10-14"))
        }
    }
}
