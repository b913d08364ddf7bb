import Foundation
import Logging
import Synchronization

/// Sends records and tells what became of each.
///
/// ```
///   send ──▶ waiting ──▶ librdkafka's queue ──▶ broker
///              ▲ when full │                      │
///              └───────────┘    deliveries ◀──────┘  on the producer's own thread
/// ```
/// Records of one partition are written in the order of the calls, and of the array within a call, unless one of them
/// fails. Any number of calls may be outstanding. With the local queue full, calls wait their turn.
package final class Producer: Sendable {
    private let settings: KafkaSettings
    private let logger: Logger
    private let state: Mutex<Outbound>

    package init(_ settings: KafkaSettings, logger: Logger = Logger(label: "lika.kafka")) throws {
        self.settings = settings
        self.logger = logger
        state = Mutex(Outbound(client: try Client(.producer(settings)), patience: settings.messageTimeout))
        let thread = Thread { [weak self] in
            while let producer = self, producer.turn() {}
        }
        thread.name = "kafka-producer"
        thread.start()
    }

    /// Sends all records and waits until the fate of each is known, in the order given.
    ///
    /// It never waits for longer than about twice ``KafkaSettings/messageTimeout``. A failed record may have been
    /// written nevertheless, unless its error says `messageTooLarge`, `queueFull`, `refused` or `closed`. Cancelling
    /// the task does not call records back.
    package func send(_ records: [OutgoingRecord]) async -> [Delivery] {
        if records.isEmpty { return [] }
        return await withCheckedContinuation { continuation in
            finish(state.withLock { $0.accept(records, continuation) })
        }
    }

    /// Waits until everything sent so far is settled; false when that took too long.
    package func flush(timeout: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            finish(state.withLock { $0.watch(until: .now + timeout, continuation) })
        }
    }

    /// Takes no more records and waits until those sent before are settled.
    package func close() async {
        state.withLock { $0.closed = true }
        _ = await flush(timeout: .seconds(3600))
    }

    /// Whether any broker was reachable a second ago.
    package var isConnected: Bool { state.withLock { $0.reachability.isConnected } }

    /// How often the last connection to the cluster was lost so far.
    package var losses: Int { state.withLock { $0.reachability.losses } }

    /// One turn of the producer's thread; false ends it.
    private func turn() -> Bool {
        let client = state.withLock { $0.client }
        var finished: [Outbound.Finished] = []
        switch client.nextEvent(wait: 50) {
        case .delivered(let deliveries):
            finished = state.withLock { $0.settle(deliveries) }
        case .failed(let error, fatal: false) where error.reason != .unreachable:
            logger.error("kafka producer", metadata: ["error": "\(error)"])
        case .allBrokersDown:
            state.withLock { $0.reachability.lost(logger) }
        case .statistics(let json):
            state.withLock { $0.reachability.read(json, logger) }
        case .log(let level, let text):
            logger.log(librdkafka: level, text)
        case nil, .failed, .commitFailed:
            break
        }
        finished += state.withLock { $0.pump() }
        if client.isBroken { finished += replace() }
        finish(finished)
        return state.withLock { !$0.isDone }
    }

    /// An idempotent producer that has lost the thread of its sequence numbers sends nothing any more.
    private func replace() -> [Outbound.Finished] {
        do throws(KafkaError) {
            let fresh = try Client(.producer(settings))
            logger.warning("kafka producer replaced after a fatal error")
            return state.withLock { $0.replace(by: fresh) }
        } catch {
            logger.error("kafka producer cannot be replaced", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func finish(_ finished: [Outbound.Finished]) {
        for one in finished {
            switch one {
            case .send(let continuation, let deliveries): continuation.resume(returning: deliveries)
            case .flush(let continuation, let complete): continuation.resume(returning: complete)
            }
        }
    }

    /// For tests: what the broker does when it has forgotten this producer.
    func breakOff() { state.withLock { $0.client.breakOff() } }
}
