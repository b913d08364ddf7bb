import Contracts
import Foundation
import Kafka
import Postgres
@testable import ServiceKit
import TestKit
import Testing

/// What cannot take effect is parked with its reason, and holds up nobody but its own household.
@Suite struct ParkingTests {
    @Test func `what cannot be read is parked with its reason while the others of its batch take effect`() async throws {
        try await Bench.with { bench in
            let (poisoned, healthy) = (Asker(), Asker())
            let good = try poisoned.asks(1, number: 1, offset: 0)
            let deep = Array((String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).utf8)
            let cases: [(Record, String)] = [
                (good.with(value: Array("not json".utf8)), "json.syntax"),
                (good.with(value: Array("{\"asker\":\"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8)), "json.invalid-utf8"),
                (good.with(value: nil), "no-value"),
                (good.with(value: []), "no-value"),
                (good.with(value: [UInt8](repeating: 0x20, count: 2 << 20)), "too-large"),
                (good.with(value: Array("{\"x\":".utf8) + deep + Array("}".utf8)), "json.too-deep"),
                (good.with(value: Array(#"{"amount":1,"amount":2}"#.utf8)), "json.duplicate-key"),
                (good.with(value: Array(#"{"asker":"\#(UUID())"}"#.utf8)), "json.missing"),
                (good.with(value: Array(String(decoding: good.value ?? [], as: UTF8.self).replacing(":1}", with: ":\"1\"}").utf8)), "json.wrong-type"),
                (good.with("ce_id", nil), "no-ce-id"),
                (good.with("ce_id", ""), "no-ce-id"),
                (good.with("ce_type", nil), "no-ce-type"),
                (good.with("ce_type", "lika.test.nothing.known.v1"), "unknown-type"),
                (good.with("ce_type", "lika.intake.case.proposed.v9"), "unknown-version"),
                (good.with("ce_type", CaseProposed.name), "wrong-topic"),
                (good.with("ce_subject", nil), "no-ce-subject"),
                (good.with("ce_subject", "nobody"), "no-ce-subject"),
                (good.with("ce_sequence", nil), "no-ce-sequence"),
                (good.with("ce_sequence", "0"), "no-ce-sequence"),
                (good.with("ce_sequence", "99999999999"), "no-ce-sequence"),
                (good.with("content-type", "application/cloudevents+json").with(value: Array("[]".utf8)), "not-json"),
            ]
            var batch: [Record] = []
            for (index, one) in cases.enumerated() {
                batch.append(one.0.moved(to: index))
                batch.append(try healthy.asks(1, number: index + 1, offset: 1000 + index))
            }
            try await bench.take(batch)
            expect(try await bench.balance(healthy.account), cases.count)
            expect(try await bench.balance(poisoned.account), nil)
            let reasons = try await bench.reasons()
            for (index, one) in cases.enumerated() { #expect(reasons[index] == one.1, "case \(index)") }
            #expect(reasons.count == cases.count)
        }
    }

    @Test func `what is parked keeps its exact bytes and headers`() async throws {
        try await Bench.with { bench in
            let a = Asker()
            let bytes: [UInt8] = [0, 1, 0xFF, 0x7B]
            var record = try a.asks(1, number: 1, offset: 5).with(value: bytes).with("jws", "a..b")
            var headers = record.headers
            headers.append("odd", [0x61, 0x00, 0xFF])
            record = Record(topic: record.topic, partition: 2, offset: 5, timestamp: nil, key: record.key, value: bytes, headers: headers)
            try await bench.take([record])
            let parked = try #require(try await bench.parked().first)
            #expect(parked.value == bytes)
            #expect(parked.headers["jws"] == "a..b")
            #expect(parked.headers["odd"] == "a\u{FFFD}\u{FFFD}")
            #expect((parked.partition, parked.offset, parked.key) == (2, 5, a.household))
        }
    }

    @Test func `a failing handler is tried three times, then parked alone; its household waits behind it, others do not`() async throws {
        try await Bench.with { bench in
            let household = UUID()
            let (culprit, sibling, other) = (Asker(household: household), Asker(household: household), Asker())
            try await bench.take([
                culprit.asks(1, number: 1, offset: 0), other.asks(1, number: 1, offset: 1), culprit.asks(Amount.broken, number: 2, offset: 2),
                sibling.asks(5, number: 1, offset: 3), culprit.asks(2, number: 3, offset: 4), other.asks(2, number: 2, offset: 5),
            ])
            expect(try await bench.balance(culprit.account), 1)
            expect(try await bench.balance(sibling.account), nil)
            expect(try await bench.balance(other.account), 3)
            expect(try await bench.reasons(), [2: "failed.Broken", 3: Parked.behind, 4: Parked.behind])
            expect(try await bench.parked().first?.attempts, 3)
            // Later batches as well.
            try await bench.take([sibling.asks(6, number: 2, offset: 6), other.asks(3, number: 3, offset: 7)])
            expect(try await bench.balance(other.account), 6)
            expect(try await bench.reasons()[6], Parked.behind)
        }
    }

    @Test func `a refusal is parked at once with its code`() async throws {
        try await Bench.with { bench in
            let a = Asker()
            try await bench.take([a.asks(1, number: 1, offset: 0), a.asks(-5, number: 2, offset: 1)])
            expect(try await bench.reasons(), [1: "ledger.overdrawn"])
            expect(try await bench.parked().first?.attempts, 1)
        }
    }

    @Test func `a statement that breaks a constraint is charged to its message, although it failed at the end of the batch`() async throws {
        try await Bench.with { bench in
            let (a, b, c) = (Asker(), Asker(), Asker())
            try await bench.take([a.asks(1, number: 1, offset: 0), b.asks(666, number: 1, offset: 1), c.asks(1, number: 1, offset: 2)])
            expect(try await bench.reasons(), [1: "sql.23514.ledgers_balance_check"])
            expect(try await bench.balance(a.account), 1)
            expect(try await bench.balance(c.account), 1)
        }
    }

    @Test func `one culprit among five hundred costs only itself`() async throws {
        try await Bench.with { bench in
            let askers = (0..<500).map { _ in Asker() }
            try await bench.take(askers.enumerated().map { try $1.asks($0 == 321 ? Amount.broken : 1, number: 1, offset: $0) })
            expect(try await bench.reasons(), [321: "failed.Broken"])
            expect(try await bench.count("ledgers"), 499)
        }
    }

    @Test func `an early message that fails in its turn is charged itself, not the one it waited for`() async throws {
        try await Bench.with { bench in
            let a = Asker()
            try await bench.take([a.asks(Amount.broken, number: 2, offset: 0), a.asks(3, number: 3, offset: 1)])
            try await bench.take([a.asks(1, number: 1, offset: 2)])
            expect(try await bench.balance(a.account), 1)
            let reasons = try await bench.reasons()
            #expect(reasons[0] == "failed.Broken")
            #expect(reasons.count == 2)
        }
    }

    @Test func `the reason of a failure survives its redelivery`() async throws {
        try await Bench.with { bench in
            let a = Asker()
            let log = [try a.asks(Amount.broken, number: 1, offset: 0), try a.asks(1, number: 2, offset: 1)]
            try await bench.take(log)
            try await bench.take(log)
            try await bench.take([log[0]])
            expect(try await bench.reasons(), [0: "failed.Broken", 1: Parked.behind])
        }
    }

    @Test func `released by an operator, a household takes effect in order once the cause is gone`() async throws {
        try await Bench.with { bench in
            let household = UUID()
            let (a, b) = (Asker(household: household), Asker(household: household))
            try await bench.database.transaction { try $0.execute("ALTER TABLE ledgers ADD CONSTRAINT cause CHECK (balance < 10)") }
            try await bench.take([
                a.asks(20, number: 1, offset: 0), a.asks(1, number: 2, offset: 1), b.asks(2, number: 1, offset: 2), a.asks(3, number: 4, offset: 3),
            ])
            expect(try await bench.reasons(), [0: "sql.23514.cause", 1: Parked.behind, 2: Parked.behind, 3: Parked.behind])

            // Too soon: it fails again, and the others stay behind it.
            try await release(household, bench)
            expect(try await bench.reasons(), [0: "sql.23514.cause", 1: Parked.behind, 2: Parked.behind, 3: Parked.behind])

            try await bench.database.transaction { try $0.execute("ALTER TABLE ledgers DROP CONSTRAINT cause") }
            try await release(household, bench)
            expect(try await bench.balance(a.account), 21)
            expect(try await bench.balance(b.account), 2)
            expect(try await bench.reasons(), [3: Parked.early])
            try await bench.take([a.asks(4, number: 3, offset: 4)])
            expect(try await bench.balance(a.account), 28)
            expect(try await bench.count("parked_messages"), 0)
        }
    }

    @Test func `what could not be read takes effect when a later version can, and its successors with it`() async throws {
        let a = Asker()
        try await Bench.with { bench in
            let before = Inbox(reactions: Reactions(service: "ledger", purpose: "amounts").on(Unrelated.self) { _, _ in })
            let log = [try a.asks(1, number: 1, offset: 0), try a.asks(2, number: 2, offset: 1)]
            try await bench.store.work { _ = try before.apply([before.read(log[0])], in: $0) }
            expect(try await bench.reasons(), [0: "unknown-type"])
            try await bench.take([log[1]])
            expect(try await bench.reasons(), [0: "unknown-type", 1: Parked.early])
            try await release(nil, bench)
            expect(try await bench.balance(a.account), 3)
            expect(try await bench.count("parked_messages"), 0)
        }
    }

    @Test func `a household with thousands of messages behind a failure does not slow the others down`() async throws {
        try await Bench.with { bench in
            let (hot, cold, other) = (Asker(), Asker(), Asker())
            /// Fifty batches of two messages: one of `beside`, and one of the household that is watched.
            func watch(_ beside: Asker, from first: Int, _ otherFirst: Int, offset: Int) async throws -> Duration {
                let began = ContinuousClock.now
                for number in 0..<50 {
                    try await bench.take([
                        beside.asks(1, number: first + number, offset: offset + first + number),
                        other.asks(1, number: otherFirst + number, offset: 20_000 + otherFirst + number),
                    ])
                }
                return ContinuousClock.now - began
            }
            let before = try await watch(cold, from: 1, 1, offset: 10_000)
            try await bench.take([hot.asks(Amount.broken, number: 1, offset: 0)])
            for start in stride(from: 1, to: 5_000, by: 500) {
                try await bench.take((start..<start + 500).map { try hot.asks(1, number: $0 + 1, offset: $0) })
            }
            let beside = try await watch(hot, from: 5_002, 51, offset: 6_000)
            let after = try await watch(cold, from: 51, 101, offset: 10_000)
            expect(try await bench.balance(other.account), 150)
            // Looking through thousands of parked messages each time would take tens of times as long. What else the machine has to do
            // changes while this runs.
            #expect(beside < max(before, after) * 5)
        }
    }

    /// As `lika parked replay` does.
    private func release(_ household: UUID?, _ bench: Bench) async throws {
        try await bench.database.transaction { sql in
            try sql.execute("UPDATE parked_messages SET reason = 'replay' WHERE reason <> 'early' AND (key = \(household) OR \(household) IS NULL)")
        }
        try await bench.consumption.replay()
    }
}

private struct Unrelated: Event {
    static let name = "lika.test.unrelated.v1"
    static let channels = [Topic.asked]
    var channel: Topic { .asked }
    var key: UUID { id }
    var subject: UUID { id }
    let id: UUID
}

extension Record {
    func moved(to offset: Int) -> Record {
        Record(topic: topic, partition: partition, offset: Int64(offset), timestamp: nil, key: key, value: value, headers: headers)
    }
}
