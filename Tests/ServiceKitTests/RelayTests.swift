import Contracts
import Dispatch
import Foundation
import Kafka
import Postgres
import Registry
@testable import ServiceKit
import Synchronization
import TestKit
import Testing

/// What was committed reaches the log, and nothing else does.
@Suite struct RelayTests {
    @Test func `what is committed is sent at once, from memory, and struck off`() async throws {
        try await Wire.with { wire in
            try await wire.relaying { store in
                let account = AccountID(UUID())
                for _ in 1...3 { try await store.work { try add(1, to: account, of: account.rawValue, in: $0) } }
                let records = try await wire.read(3) { $0.account == account }
                #expect(records.map(\.sequence) == [1, 2, 3])
                _ = try await eventually { try await wire.bench.count("outbox_pending") == 0 ? true : nil }
                expect(try await wire.bench.count("outbox"), 3)
                expect(try await wire.bench.count("log_heads"), 1)
            }
        }
    }

    @Test func `a record is a CloudEvent in binary mode`() async throws {
        try await Wire.with { wire in
            try await wire.relaying { store in
                let account = AccountID(UUID())
                try await store.work(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") {
                    try add(7, to: account, of: account.rawValue, in: $0)
                }
                let record = try #require(try await wire.read(1) { $0.account == account }.first).record
                let event = try #require(try await wire.bench.told().first)
                #expect(record.headers["ce_specversion"] == "1.0")
                #expect(record.headers["ce_id"] == event.id.lowercased)
                #expect(record.headers["ce_source"] == "/lika/ledger")
                #expect(record.headers["ce_type"] == "lika.test.amount.added.v1")
                #expect(record.headers["ce_time"].flatMap { Instant($0) } == event.at)
                #expect(record.headers["ce_subject"] == "\(account)")
                #expect(record.headers["ce_sequence"] == "0000000001")
                #expect(record.headers["content-type"] == "application/json")
                #expect(record.headers["traceparent"]?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true)
                #expect(record.key == Array("\(account)".utf8))
                #expect(record.value == event.data)
            }
        }
    }

    @Test func `a record names the published schema of its value, by which a reader finds it`() throws {
        let moved = CaseMoved(case: CaseID(UUID()), household: HouseholdID(UUID()), kind: .new, status: .surveyed, movedAt: Instant(milliseconds: 0))
        #expect(try Rehearsed.record(moved, sequence: 1).headers["ce_dataschema"] == "urn:lika:schema:lika.review.case.moved.v1")
        // What is not published has no schema to name.
        #expect(try Rehearsed.record(Asker().event(1), sequence: 1).headers["ce_dataschema"] == nil)
    }

    @Test func `a work that rolls back leaves no ghost in the log`() async throws {
        struct Stop: Error {}
        try await Wire.with { wire in
            try await wire.relaying { store in
                let (ghost, real) = (AccountID(UUID()), AccountID(UUID()))
                await #expect(throws: Stop.self) {
                    try await store.work { work in
                        try add(1, to: ghost, of: UUID(), in: work)
                        throw Stop()
                    }
                }
                try await store.work { try add(1, to: real, of: UUID(), in: $0) }
                let records = try await wire.read(1) { [ghost, real].contains($0.account) }
                #expect(records.map(\.event.account) == [real])
            }
        }
    }

    @Test func `a batch is its relay's until the lease ends, then any relay's`() async throws {
        try await Bench.with { bench in
            try await bench.store.work { try add(1, to: AccountID(UUID()), of: UUID(), in: $0) }
            let early = try await bench.database.transaction { try Outbox.claim(in: $0) }
            #expect(early.isEmpty)
            try await bench.expireLeases()
            let claimed = try await bench.database.transaction { try Outbox.claim(in: $0) }
            #expect(claimed.map(\.told.count) == [1])
            let again = try await bench.database.transaction { try Outbox.claim(in: $0) }
            #expect(again.isEmpty)
        }
    }

    @Test func `what a crash left in the outbox is sent by whoever finds it, in order`() async throws {
        try await Wire.with { wire in
            let account = AccountID(UUID())
            for _ in 1...20 { try await wire.bench.store.work { try add(1, to: account, of: account.rawValue, in: $0) } }
            try await wire.bench.expireLeases()
            try await wire.relaying { _ in
                let records = try await wire.read(20) { $0.account == account }
                #expect(records.map(\.sequence) == Array(1...20))
                _ = try await eventually { try await wire.bench.count("outbox_pending") == 0 ? true : nil }
            }
        }
    }

    @Test func `of two transactions at once the one that told first is sent first`() async throws {
        try await Wire.with { wire in
            let account = AccountID(UUID())
            let (begun, told) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            // Its identifiers are the older ones, its event is the later one.
            async let slow: Void = wire.bench.store.work { work in
                _ = work.newID()
                begun.signal()
                told.wait()
                try add(2, to: account, of: account.rawValue, in: work)
            }
            try await wire.bench.store.work { work in
                begun.wait()
                try add(1, to: account, of: account.rawValue, in: work)
            }
            told.signal()
            try await slow
            try await wire.bench.expireLeases()
            try await wire.relaying { _ in
                let records = try await wire.read(2) { $0.account == account }
                #expect(records.map(\.sequence) == [1, 2])
            }
        }
    }

    @Test func `two relays share one outbox and send each batch once`() async throws {
        try await Wire.with { wire in
            let household = UUID()
            let accounts = (0..<300).map { _ in AccountID(UUID()) }
            for account in accounts { try await wire.bench.store.work { try add(1, to: account, of: household, in: $0) } }
            try await wire.bench.expireLeases()
            try await wire.relaying { _ in
                try await wire.relaying { _ in
                    _ = try await wire.read(300) { $0.household == household }
                    _ = try await eventually { try await wire.bench.count("outbox_pending") == 0 ? true : nil }
                }
            }
            let all = try await wire.read(300) { $0.household == household }
            #expect(Set(all.map(\.event.account)) == Set(accounts))
            #expect(all.count == 300)
        }
    }

    @Test func `what commits late is not lost`() async throws {
        try await Wire.with { wire in
            try await wire.relaying { store in
                let (late, early) = try await commitLate(store, wire)
                let records = try await wire.read(2) { [late, early].contains($0.account) }
                #expect(Set(records.map(\.event.account)) == [early, late])
            }
        }
    }

    @Test func `a relay that reads past its last identifier loses what commits late`() async throws {
        try await Mutant.$trial.withValue(.cursorRelay) {
            try await Wire.with { wire in
                try await wire.relaying { store in
                    let (late, early) = try await commitLate(store, wire)
                    let after = AccountID(UUID())
                    try await store.work { try add(1, to: after, of: after.rawValue, in: $0) }
                    let records = try await wire.read(2) { [late, early, after].contains($0.account) }
                    #expect(Set(records.map(\.event.account)) == [early, after])
                }
            }
        }
    }

    /// One work that told first and commits only when another, later one has reached the log.
    private func commitLate(_ store: Store, _ wire: Wire) async throws -> (late: AccountID, early: AccountID) {
        let (late, early) = (AccountID(UUID()), AccountID(UUID()))
        let (begun, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try await store.work { work in
                    try add(1, to: late, of: late.rawValue, in: work)
                    begun.signal()
                    go.wait()
                }
            }
            await begun.signalled()
            try await Task.sleep(for: .milliseconds(5))  // the next identifier is a later one
            try await store.work { try add(1, to: early, of: early.rawValue, in: $0) }
            _ = try await wire.read(1) { $0.account == early }
            go.signal()
            try await group.waitForAll()
        }
        return (late, early)
    }

    @Test func `while the broker is away everything waits in the outbox, and arrives when it is back`() async throws {
        try await Wire.with { wire in
            let account = AccountID(UUID())
            try await wire.relaying(isBrokerAway: true) { store in
                for _ in 1...30 { try await store.work { try add(1, to: account, of: account.rawValue, in: $0) } }
                _ = try await eventually { await store.relay?.isCatchingUp == true ? true : nil }
            }
            expect(try await wire.bench.count("outbox_pending"), 30)
            // A relay that stops gives back what it could not send.
            try await wire.bench.expireLeases()
            try await wire.relaying { store in
                for _ in 31...40 { try await store.work { try add(1, to: account, of: account.rawValue, in: $0) } }
                let records = try await wire.read(40) { $0.account == account }
                #expect(records.map(\.sequence).sorted() == Array(1...40))
                _ = try await eventually { try await wire.bench.count("outbox_pending") == 0 ? true : nil }
            }
        }
    }

    @Test func `a cancelled relay ends`() async throws {
        try await Wire.with { wire in
            let relay = try wire.makeRelay()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { do { try await relay.run() } catch is CancellationError {} }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test func `everything ever told can be marked as not sent`() async throws {
        try await Wire.with { wire in
            let account = AccountID(UUID())
            try await wire.relaying { store in
                for _ in 1...5 { try await store.work { try add(1, to: account, of: account.rawValue, in: $0) } }
                _ = try await eventually { try await wire.bench.count("outbox_pending") == 0 ? true : nil }
                let marked = try await wire.bench.database.transaction { try Outbox.republish(topics: [Topic.added.name], in: $0) }
                #expect(marked == 5)
                let records = try await wire.read(10) { $0.account == account }
                #expect(records.map(\.sequence) == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
                #expect(Set(records.map { $0.record.headers["ce_id"] }).count == 5)
            }
        }
    }
}

extension Bench {
    func expireLeases() async throws {
        try await database.transaction { try $0.execute("UPDATE outbox_pending SET claimed_until = clock_timestamp() - interval '1 second'") }
    }
}
