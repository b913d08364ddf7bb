import Contracts
import Foundation
import Kafka
import Logging
import Postgres
import ServiceLifecycle

/// Kafka in: takes what is there, brings it into effect in one transaction, and only then commits the offsets.
///
///     poll ─▶ read ─▶ one transaction (inbox, effects, outbox) ─▶ commit offsets
///       └── the next batch is polled and read while PostgreSQL works on this one
///
/// A batch that fails is split until the culprit is alone; it is tried a few times and then parked with its reason.
/// While the database is away nothing is given up: the batch waits.
package struct Consumption: Service {
    let inbox: Inbox
    let store: Store
    let consumer: Consumer
    let state: ConsumptionState
    let logger: Logger

    private static let largestBatch = 500
    private static let attempts = 3
    /// How often the parked messages are looked through for those that wait for nothing any more.
    private static let lookInterval = Duration.seconds(5)

    package func run() async throws {
        let topics = inbox.reactions.topics.keys.sorted()
        if topics.isEmpty { return try await gracefulShutdown() }
        try await consumer.subscribe(topics)
        // What was read ahead, or waits for the database, is not committed and comes again.
        do { try await consume() } catch is Stopping {}
        try await consumer.close()
    }

    private func consume() async throws {
        var batch: [Incoming] = []
        var nextLook = ContinuousClock.now
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            async let next = poll()
            if !batch.isEmpty { try await take(batch) }
            if ContinuousClock.now > nextLook {
                try await replay()
                nextLook = .now + Self.lookInterval
            }
            switch await next {
            case .records(let records): batch = records
            case .revoked, .assigned: batch = []
            }
        }
    }

    private struct Stopping: Error {}

    private enum Next: Sendable {
        case records([Incoming])
        case assigned
        case revoked
    }

    private func poll() async -> Next {
        var pause = Backoff()
        while true {
            do {
                switch try await consumer.poll(max: Self.largestBatch, wait: .milliseconds(100)) {
                case .records(let records):
                    if let lag = try await lagIfDue() { report(lag) }
                    return .records(records.map(inbox.read))
                case .assigned(let partitions):
                    await state.hold(partitions.count)
                    logger.info("partitions assigned", metadata: ["group": "\(inbox.reactions.group)", "count": "\(partitions.count)"])
                    return .assigned
                case .revoked(let partitions, let lost):
                    await state.hold(nil)
                    // Whoever holds them now tells how far behind it is.
                    report(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }))
                    logger.info("partitions taken back", metadata: ["group": "\(inbox.reactions.group)", "count": "\(partitions.count)", "lost": "\(lost)"])
                    return .revoked
                }
            } catch {
                logger.warning("polling failed", metadata: ["error": "\(error)"])
                do { try await pause.wait() } catch { return .records([]) }
            }
        }
    }

    // MARK: Taking a batch into effect

    private func take(_ batch: [Incoming]) async throws {
        if Mutant.offsetBeforeCommit.isActive { try commit(batch) }
        try await apply(batch)
        Failpoint.inboxAfterCommitBeforeOffset.hit()
        if !Mutant.offsetBeforeCommit.isActive { try commit(batch) }
    }

    func apply(_ batch: [Incoming], following: Bool = true) async throws {
        var attempt = 0
        var pause = Backoff()
        while true {
            attempt += 1
            do {
                let outcome = try await store.work { work in
                    let outcome = try inbox.apply(batch, following: following, in: work)
                    Failpoint.inboxAfterEffectBeforeCommit.hit()
                    return outcome
                }
                report(outcome)
                return outcome.waiting.isEmpty ? () : try await apply(outcome.waiting.map(inbox.read))
            } catch {
                let verdict = Verdict(error)
                let isParking = batch[0].failure != nil
                if verdict == .again || isParking {
                    logger.warning("batch waits", metadata: ["error": "\(Verdict.code(of: error))"])
                    if Task.isShuttingDownGracefully { throw Stopping() }
                    try await pause.wait()
                } else if batch.count > 1 {
                    try await apply(Array(batch[..<(batch.count / 2)]), following: following)
                    return try await apply(Array(batch[(batch.count / 2)...]), following: following)
                } else if following {
                    // It may be innocent, and the culprit one that waited for it.
                    return try await apply(batch, following: false)
                } else if verdict == .failed, attempt < Self.attempts {
                    try await pause.wait()
                } else {
                    let (origin, code) = (batch[0].record, Verdict.code(of: error))
                    logger.error(
                        "message parked",
                        metadata: ["topic": "\(origin.topic)", "partition": "\(origin.partition)", "offset": "\(origin.offset)", "reason": "\(code)"])
                    return try await apply([batch[0].failing(code, attempts: attempt)])
                }
            }
        }
    }

    private func commit(_ batch: [Incoming]) throws {
        var next: [TopicPartition: Int64] = [:]
        for incoming in batch { next[incoming.record.source] = incoming.record.offset + 1 }
        // A commit that is refused is made again with the next batch, or its records come again.
        do { try consumer.commitSoon(next) } catch { logger.warning("offsets not committed", metadata: ["error": "\(error)"]) }
    }

    // MARK: Replaying what was parked

    /// Tries again what an operator released with `lika parked replay`, and what waits for nothing any more. Each of them
    /// takes effect or is parked for another reason, so this ends.
    func replay() async throws {
        let group = inbox.reactions.group
        var parked: [Parked]
        repeat {
            do { parked = try await store.database.transaction { try Parked.ready(consumer: group, limit: Self.largestBatch, in: $0) } } catch {
                return logger.warning("parked messages not read", metadata: ["error": "\(Verdict.code(of: error))"])
            }
            if !parked.isEmpty { try await apply(parked.map { inbox.read($0.record) }) }
        } while parked.count == Self.largestBatch
    }

    // MARK: Figures

    private func lagIfDue() async throws -> [TopicPartition: Int64]? {
        try await state.isReportDue() ? consumer.lag() : nil
    }

    private func report(_ lag: [TopicPartition: Int64]) {
        for (place, records) in lag where records >= 0 {
            Metrics.shared.set(
                "kafka_consumergroup_lag", Double(records),
                ["consumergroup": inbox.reactions.group, "topic": place.topic, "partition": "\(place.partition)"])
        }
    }

    private func report(_ outcome: Inbox.Outcome) {
        for (type, count) in outcome.applied {
            Metrics.shared.add("lika_events_processed_total", Double(count), ["type": type, "outcome": "applied"])
        }
        if outcome.duplicates > 0 { Metrics.shared.add("lika_inbox_duplicates_total", Double(outcome.duplicates)) }
        if outcome.early > 0 { Metrics.shared.add("lika_inbox_early_total", Double(outcome.early)) }
        for parked in outcome.parked {
            Metrics.shared.add("lika_messages_parked_total", 1, ["topic": parked.topic, "reason": parked.reason])
        }
    }
}

/// How a consumption stands, for `/readyz`.
actor ConsumptionState {
    private(set) var partitions: Int?
    private var lastReport = ContinuousClock.now

    func hold(_ partitions: Int?) { self.partitions = partitions }

    func isReportDue() -> Bool {
        guard ContinuousClock.now - lastReport > .seconds(1) else { return false }
        lastReport = .now
        return true
    }
}

