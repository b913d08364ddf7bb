import Contracts
import Foundation
import Kafka
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// Messages take effect once each and in order, whatever the log does to them.
@Suite struct InboxTests {
    @Test func `messages take effect in order and tell what they did`() async throws {
        try await Bench.with { bench in
            let a = Asker()
            try await bench.take([a.asks(1, number: 1, offset: 0), a.asks(2, number: 2, offset: 1), a.asks(-3, number: 3, offset: 2)])
            expect(try await bench.balance(a.account), 0)
            let told = try await bench.told()
            #expect(told.map(\.sequence) == [1, 2, 3])
            #expect(told.allSatisfy { $0.subject == a.account.rawValue && $0.key == a.household && $0.topic == Topic.added.name })
            expect(try await bench.count("inbox"), 3)
        }
    }

    @Test func `a whole batch costs one statement of each kind`() async throws {
        try await Bench.with { bench in
            let askers = (0..<50).map { _ in Asker() }
            try await bench.take(askers.enumerated().map { try $1.asks(5, number: 1, offset: $0) })
            try await bench.take(askers.enumerated().flatMap { [try $1.asks(1, number: 2, offset: 100 + 2 * $0), try $1.asks(1, number: 3, offset: 101 + 2 * $0)] })
            expect(try await bench.calls(), ["load 50", "insert 50", "load 50", "update 50"])
            expect(try await bench.balance(askers[7].account), 7)
        }
    }

    @Test func `a duplicate has no effect, in the same batch or later or from another place of the log`() async throws {
        try await Bench.with { bench in
            let a = Asker()
            let once = try a.asks(10, number: 1, offset: 0)
            try await bench.take([once, once])
            try await bench.take([once])
            try await bench.take([try a.asks(10, number: 1, offset: 77)])
            expect(try await bench.balance(a.account), 10)
            expect(try await bench.count("inbox"), 1)
            expect(try await bench.count("parked_messages"), 0)
        }
    }

    @Test func `the whole log replayed changes nothing`() async throws {
        try await Bench.with { bench in
            let askers = (0..<10).map { _ in Asker() }
            var log: [Record] = []
            for number in 1...20 { for asker in askers { log.append(try asker.asks(number, number: number, offset: log.count)) } }
            try await bench.take(log)
            let told = try await bench.told().map(\.id)
            try await bench.take(log)
            for record in log.shuffled() { try await bench.take([record]) }
            expect(try await bench.told().map(\.id), told)
            expect(try await bench.balance(askers[3].account), 210)
            expect(try await bench.count("parked_messages"), 0)
        }
    }

    @Test func `an early message is held and follows its predecessor`() async throws {
        try await Bench.with { bench in
            let a = Asker()
            try await bench.take([a.asks(3, number: 3, offset: 0), a.asks(2, number: 2, offset: 1)])
            expect(try await bench.reasons(), [0: Parked.early, 1: Parked.early])
            expect(try await bench.balance(a.account), nil)
            try await bench.take([a.asks(1, number: 1, offset: 2)])
            expect(try await bench.balance(a.account), 6)
            expect(try await bench.told().map(\.sequence), [1, 2, 3])
            expect(try await bench.count("parked_messages"), 0)
        }
    }

    @Test func `an early message that its predecessor overtakes in the same batch is not left parked`() async throws {
        try await Bench.with { bench in
            let a = Asker()
            try await bench.take([a.asks(2, number: 2, offset: 0), a.asks(1, number: 1, offset: 1), a.asks(3, number: 3, offset: 2)])
            expect(try await bench.balance(a.account), 6)
            expect(try await bench.count("parked_messages"), 0)
        }
    }

    @Test(arguments: 1...8) func `any order of arrival ends in the same`(seed: Int) async throws {
        try await Bench.with { bench in
            let askers = (0..<4).map { _ in Asker() }
            var log: [Record] = []
            for asker in askers { for number in 1...12 { log.append(try asker.asks(number, number: number, offset: log.count)) } }
            var generator = Seeded(state: UInt64(seed))
            // Some twice, all shuffled, in batches of any size.
            var rest = (log + log.prefix(10)).shuffled(using: &generator)[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...9, using: &generator)
                try await bench.take(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            for asker in askers { expect(try await bench.balance(asker.account), 78) }
            let told = try await bench.told()
            for asker in askers { #expect(told.filter { $0.subject == asker.account.rawValue }.map(\.sequence) == Array(1...12)) }
            expect(try await bench.count("parked_messages"), 0)
        }
    }

    @Test func `a gap holds its subject alone, and closes when the missing one comes`() async throws {
        try await Bench.with { bench in
            let household = UUID()
            let (a, b) = (Asker(household: household), Asker(household: household))
            try await bench.take([a.asks(1, number: 1, offset: 0), a.asks(4, number: 3, offset: 1), b.asks(9, number: 1, offset: 2), a.asks(8, number: 4, offset: 3)])
            expect(try await bench.reasons(), [1: Parked.early, 3: Parked.early])
            expect(try await bench.balance(b.account), 9)
            try await bench.take([a.asks(2, number: 2, offset: 4)])
            expect(try await bench.balance(a.account), 15)
            expect(try await bench.count("parked_messages"), 0)
        }
    }

    @Test func `what waits although its predecessor has taken effect is found and follows`() async throws {
        try await Bench.with { bench in
            let a = Asker()
            // Two members of a group at a rebalance: each saw a log without the other's effect.
            try await bench.take([a.asks(2, number: 2, offset: 1)])
            let row = try #require(try await bench.parked().first)
            try await bench.take([a.asks(1, number: 1, offset: 0)])
            expect(try await bench.balance(a.account), 3)
            // The one that is known, parked by a transaction that came late; and one whose predecessor came unseen.
            try await bench.database.transaction { try Parked.insert([row], consumer: ledgerReactions.group, in: $0) }
            try await bench.consumption.replay()
            expect(try await bench.count("parked_messages"), 0)
            expect(try await bench.balance(a.account), 3)

            try await bench.take([a.asks(4, number: 4, offset: 3)])
            try await bench.database.transaction { try $0.execute("INSERT INTO inbox (consumer, topic, subject, sequence, id) SELECT consumer, topic, subject, 3, id FROM inbox LIMIT 1") }
            try await bench.consumption.replay()
            expect(try await bench.balance(a.account), 7)
            expect(try await bench.count("parked_messages"), 0)
        }
    }

    @Test func `a type of ours without a handler here is noted, so that its successors have their turn`() async throws {
        let moved = CaseMoved(
            case: CaseID(UUID()), household: HouseholdID(UUID()), kind: .new, status: .surveyed, movedAt: Instant(milliseconds: 0))
        let closed = CaseClosed.self
        let reactions = Reactions(service: "ledger", purpose: "cases").on(closed) { _, _ in }
        try await Bench.with(reactions: reactions) { bench in
            let record = try Told(moved, id: UUID(), sequence: 1, at: Instant(milliseconds: 0), traceparent: nil).record(source: "/lika/review").at(0, 0)
            try await bench.take([record])
            expect(try await bench.count("inbox"), 1)
            expect(try await bench.count("parked_messages"), 0)
        }
    }

    @Test func `a department's messages stand alone, whatever their order, and count once each`() async throws {
        try await Bench.with { bench in
            let account = AccountID(UUID())
            let (first, second) = (UUID().uuidString, "not-a-uuid-7")
            try await bench.take([try report(account, 5, id: first, offset: 0), try report(account, 6, id: second, offset: 1), try report(account, 5, id: first, offset: 2)])
            try await bench.take([try report(account, 6, id: second, offset: 9)])
            expect(try await bench.balance(account), 11)
        }
    }

    @Test func `a department's failing message holds up none of its others`() async throws {
        try await Bench.with { bench in
            let account = AccountID(UUID())
            try await bench.take([
                try report(account, 1, id: "a", offset: 0), try report(account, Amount.broken, id: "b", offset: 1), try report(account, 2, id: "c", offset: 2),
            ])
            expect(try await bench.balance(account), 3)
            expect(try await bench.reasons(), [1: "failed.Broken"])
        }
    }

    @Test func `a structured CloudEvent is as good as a binary one`() async throws {
        try await Bench.with { bench in
            let account = AccountID(UUID())
            let text = """
                {"specversion":"1.0","id":"x-1","source":"/departments/police","type":"lika.test.amount.reported.v1","subject":"\(account)",
                 "time":"2018-10-15T09:00:00Z","datacontenttype":"application/json","data":{"account":"\(account)","amount":42}}
                """
            var headers = Headers()
            headers.append("content-type", "application/cloudevents+json; charset=UTF-8")
            let record = Record(
                topic: Topic.reported.name, partition: 0, offset: 0, timestamp: nil, key: Array("\(account)".utf8), value: Array(text.utf8), headers: headers)
            try await bench.take([record])
            // The same event in the other mode is the same event.
            try await bench.take([try report(account, 42, id: "x-1", offset: 1)])
            expect(try await bench.balance(account), 42)
        }
    }

    @Test func `without an inbox key a duplicate has its effect twice`() async throws {
        try await Mutant.$trial.withValue(.noInboxKey) {
            try await Bench.with { bench in
                let a = Asker()
                let once = try a.asks(10, number: 1, offset: 0)
                try await bench.take([once])
                try await bench.take([once])
                expect(try await bench.balance(a.account), 20)
            }
        }
    }

    private func report(_ account: AccountID, _ amount: Int, id: String, offset: Int) throws -> Record {
        let event = AmountReported(account: account, amount: amount)
        return Record(
            topic: Topic.reported.name, partition: 0, offset: Int64(offset), timestamp: nil, key: Array("\(account)".utf8), value: try JSON.encode(event),
            headers: ["ce_id": id, "ce_source": "/departments/police", "ce_type": AmountReported.name, "content-type": "application/json"])
    }
}

/// Random numbers that are the same every time.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
