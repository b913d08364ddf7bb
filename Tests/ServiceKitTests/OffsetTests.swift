import Contracts
import Dispatch
import Foundation
import Kafka
@testable import ServiceKit
import TestKit
import Testing

private struct NotStored: Error {}

/// A group's place in the log moves on only after the effect is committed.
@Suite struct OffsetTests {
    @Test func `while the effect of a message is under way its offset is not committed, so that a crash loses nothing`() async throws {
        #expect(try await isCommittedBeforeItsEffect() == false)
    }

    @Test func `an offset committed before the effect is seen`() async throws {
        let isCommitted = try await Mutant.$trial.withValue(.offsetBeforeCommit) { try await isCommittedBeforeItsEffect() }
        #expect(isCommitted)
    }

    /// Holds up the effect of one message, asks the broker meanwhile, and then lets it happen.
    private func isCommittedBeforeItsEffect() async throws -> Bool {
        let asker = Asker()
        let (begun, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let reactions = Reactions(service: "ledger", purpose: "held-\(UUID())").on(AmountAsked.self) { event, _ in
            guard event.account == asker.account else { return }
            begun.signal()
            go.wait()
        }
        var isCommitted = false
        try await Wire.with { wire in
            var kafka = wire.kafka
            kafka.sessionTimeout = .seconds(6)
            let consumer = try Consumer(kafka, group: reactions.group, logger: .silent)
            let consumption = Consumption(
                inbox: Inbox(reactions: reactions), store: wire.bench.store, consumer: consumer, state: ConsumptionState(), logger: .silent)
            let producer = try Producer(kafka, logger: .silent)
            let delivery = try #require(await producer.send([try Rehearsed.record(asker.event(1), sequence: 1)]).first)
            guard case .stored(let partition, let offset) = delivery else { throw NotStored() }
            await producer.close()
            let place = TopicPartition(Topic.asked.name, partition)
            /// Others write to the topic at the same time, and what is theirs is committed without holding up.
            func isBehind() async throws -> Bool { try await consumer.committed([place])[place] ?? 0 > offset }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await consumption.run() }
                await begun.signalled()
                // The same connection as a commit's, so this comes after one that was sent before.
                isCommitted = try await isBehind()
                go.signal()
                _ = try await eventually { try await isBehind() ? true : nil }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        return isCommitted
    }
}

extension DispatchSemaphore {
    /// Waits on a thread of its own, so that no task's thread stands still.
    func signalled() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                self.wait()
                continuation.resume()
            }
        }
    }
}
