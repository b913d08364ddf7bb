import Contracts
import Foundation
import Kafka
import Logging
import Postgres
import Registry
import ServiceLifecycle

/// Carries what was committed from the outbox to the log. The only holder of a producer.
///
///     commit ──offer──▶ relay ──▶ log          at once, from memory, in the order of the offers
///     outbox ──claim──▶ relay ──▶ log          what nobody got acknowledged: after a crash, or while the broker was away
///
/// Any number of relays share one outbox: a batch belongs to one of them until its lease ends. A batch is struck off once
/// every record of it is acknowledged, so it may be sent twice and is never lost; consumers know what they have seen.
package actor Relay: Service {
    private let database: Database
    private let producer: Producer
    private let recovery: LogRecovery
    private let source: String
    private let logger: Logger
    private var offered: [Batch] = []
    private var offeredRecords = 0
    private var waiter: CheckedContinuation<Void, Never>?
    /// While older batches wait in the outbox, new ones queue up behind them there instead of overtaking.
    private(set) var isCatchingUp = false
    /// Batches that were turned away here and hold a lease of which nobody makes use.
    private var turnedAway: [UUID] = []
    private var isStopping = false
    /// Batches whose records are with the broker, or on their way.
    private var inFlight: Set<UUID> = []
    /// The last offset acknowledged to this relay: what is sent afterwards comes behind it, as long as the log is the same.
    private var lastOffsets: [TopicPartition: Int] = [:]

    /// Beyond this what is offered waits in the outbox, not in memory.
    private static let roomInMemory = 20_000

    init(database: Database, producer: Producer, recovery: LogRecovery, service: String, logger: Logger) {
        (self.database, self.producer, self.recovery, self.logger) = (database, producer, recovery, logger)
        source = Topic.Publisher.service(service).source
    }

    func offer(_ batch: Batch) {
        if batch.told.isEmpty || Mutant.cursorRelay.isActive { return }
        if isCatchingUp || offeredRecords >= Self.roomInMemory { return turnedAway.append(batch.id) }
        offered.append(batch)
        offeredRecords += batch.told.count
        wake()
    }

    private func wake() {
        waiter?.resume()
        waiter = nil
    }

    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.sendOffered() }
            group.addTask { try await self.sendForgotten() }
            for work in [self.keepLeases, self.watchLog] {
                // A graceful stop ends the sleep by cancelling it.
                group.addTask { do { try await work() } catch is CancellationError {} }
            }
            group.addTask {
                // Being cancelled ends it as well.
                do { try await gracefulShutdown() } catch {}
                await self.stop()
            }
            try await group.waitForAll()
        }
        _ = await producer.flush(timeout: .seconds(10))
    }

    private func stop() {
        isStopping = true
        wake()
    }

    // MARK: From memory

    private func sendOffered() async throws {
        while true {
            if offered.isEmpty {
                if isStopping { return }
                await withCheckedContinuation { waiter = $0 }
                continue
            }
            let batches = offered
            offered.removeAll(keepingCapacity: true)
            offeredRecords = 0
            await send(batches)
        }
    }

    // MARK: From the outbox

    private func sendForgotten() async throws {
        var pause = Backoff(first: .milliseconds(200), longest: .seconds(1))
        var cursor = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        while !isStopping {
            do {
                let batches = Mutant.cursorRelay.isActive ? try await claimAfter(&cursor) : try await claim()
                // With the end of the queue in hand, new ones need not go through it any more.
                isCatchingUp = batches.reduce(0) { $0 + $1.told.count } >= Outbox.claimedAtOnce
                Metrics.shared.set("lika_relay_catching_up", isCatchingUp ? 1 : 0)
                if !batches.isEmpty {
                    await send(batches)
                    pause.reset()
                } else if turnedAway.isEmpty {
                    try await pauseUnlessStopping(&pause)
                }
            } catch where !(error is CancellationError) {
                logger.warning("relay cannot read the outbox", metadata: ["error": "\(Verdict.code(of: error))"])
                try await pauseUnlessStopping(&pause)
            }
        }
    }

    /// The oldest batches that nobody holds; what was turned away here lately is among them.
    private func claim() async throws -> [Batch] {
        let free = turnedAway
        turnedAway = []
        return try await database.transaction { sql in
            try Outbox.release(free, in: sql)
            return try Outbox.claim(in: sql)
        }
    }

    private func pauseUnlessStopping(_ pause: inout Backoff) async throws {
        if !isStopping { try await pause.wait() }
    }

    /// The seeded bug: reads past what has not committed yet, and never comes back to it.
    private func claimAfter(_ cursor: inout UUID) async throws -> [Batch] {
        let after = cursor
        let told = try await database.transaction { try $0.query("SELECT * FROM outbox WHERE id > \(after) ORDER BY id LIMIT 500").map(Told.init(row:)) }
        if let last = told.last { cursor = last.id }
        return Dictionary(grouping: told) { IDSequence.batch(of: $0.id) }.map { Batch(id: $0.key, told: $0.value) }
    }

    // MARK: Sending

    /// Sends batches in order until every record is acknowledged, and strikes a batch off as soon as it has arrived whole.
    /// What fails is sent again, alone; the leases are kept meanwhile. Ends early when the service stops: then the leases
    /// end too and another relay goes on.
    private func send(_ batches: [Batch]) async {
        /// How many records of each batch have not arrived; nothing once it is struck off.
        var open: [Int?] = batches.map(\.told.count)
        /// The records to send, and for each the place of its batch.
        let waiting = Outbox.inOrder(batches)
        var records = waiting.map { $0.told.record(source: source) }
        var owners = waiting.map(\.batch)
        inFlight.formUnion(batches.map(\.id))
        defer { inFlight.subtract(batches.map(\.id)) }
        func rest() -> [UUID] { batches.indices.filter { open[$0] != nil }.map { batches[$0].id } }
        var pause = Backoff(first: .milliseconds(100), longest: .seconds(2))
        while true {
            let before = lastOffsets
            let deliveries = await producer.send(records)
            Failpoint.relayAfterProduceBeforeAck.hit()
            var heads: [TopicPartition: Int] = [:]
            var failed: [Int] = []
            var failure: KafkaError?
            for (sent, delivery) in deliveries.enumerated() {
                switch delivery {
                case .stored(let partition, let offset):
                    let place = TopicPartition(records[sent].topic, partition)
                    heads[place] = max(heads[place] ?? 0, Int(offset))
                    open[owners[sent]]? -= 1
                case .failed(let error):
                    failed.append(sent)
                    failure = error
                }
            }
            if heads.contains(where: { before[$0.key] ?? -1 >= $0.value }) {
                lastOffsets = [:]
                await recovery.suspect()
            }
            lastOffsets.merge(heads, uniquingKeysWith: max)
            Failpoint.relayAfterAckBeforeMark.hit()
            Metrics.shared.add("lika_events_relayed_total", Double(records.count - failed.count))
            let arrived = batches.indices.filter { open[$0] == 0 }
            await settle(arrived.map { batches[$0].id }, heads.map { LogHead(topic: $0.key.topic, partition: $0.key.partition, offset: $0.value) })
            for place in arrived { open[place] = nil }
            guard let failure else { return }
            isCatchingUp = true
            logger.warning("the broker did not acknowledge; it is tried again", metadata: ["records": "\(failed.count)", "error": "\(failure)"])
            if isStopping { return await giveBack(rest()) }
            // What cannot be sent at all comes again when its lease ends, so that the outbox's age tells of it.
            guard failure.isRetryable else { return }
            (records, owners) = (failed.map { records[$0] }, failed.map { owners[$0] })
            do { try await pause.wait() } catch { return await giveBack(rest()) }
        }
    }

    /// If this fails the batches are sent once more when their lease ends; nothing is lost.
    private func settle(_ arrived: [UUID], _ heads: [LogHead]) async {
        if arrived.isEmpty { return }
        do { try await database.transaction { try Outbox.settle(arrived, heads: heads, in: $0) } } catch {
            logger.warning("relay cannot strike off what arrived", metadata: ["error": "\(Verdict.code(of: error))"])
        }
    }

    /// Nobody needs to wait for the lease of what this relay will not send.
    private func giveBack(_ batches: [UUID]) async {
        do { try await database.transaction { try Outbox.release(batches, in: $0) } } catch {
            logger.warning("batches wait for the end of their lease", metadata: ["error": "\(Verdict.code(of: error))"])
        }
    }

    /// A slow broker must not make others send the same again: what is being sent stays ours for as long as it takes.
    private func keepLeases() async throws {
        while !isStopping {
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(Outbox.lease / 3)) }
            let batches = inFlight + offered.map(\.id)
            if batches.isEmpty { continue }
            do { try await database.transaction { try Outbox.renew(batches, in: $0) } } catch {
                logger.warning("leases not renewed", metadata: ["error": "\(Verdict.code(of: error))"])
            }
        }
    }

    /// What the log has lost goes back into the outbox's queue, and what is new behind it.
    private func watchLog() async throws {
        while !isStopping {
            do {
                if try await cancelWhenGracefulShutdown({ try await self.recovery.run(losses: self.producer.losses) }) { isCatchingUp = true }
            } catch where !(error is CancellationError) {
                logger.warning("the log cannot be compared with the outbox", metadata: ["error": "\(Verdict.code(of: error))"])
            }
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(500)) }
        }
    }
}
