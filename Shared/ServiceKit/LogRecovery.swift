import Contracts
import Foundation
import Kafka
import Logging
import Postgres

/// Notices that the log lacks what it had acknowledged, and has the outbox tell that again.
///
/// A cluster may be replaced or emptied, and a broker that went away may come back without the last of what it had, other
/// records in its place; offsets tell nothing of that. So after the start and after every loss of contact the log is read
/// and compared with the outbox, event by event:
///
///     acknowledged before the reading began − found by reading = lost, to be told again
///
/// Whatever was acknowledged before a loss of contact is compared after it, so nothing is trusted that could have been
/// lost. In between, ends that are lower than they were raise the same suspicion: a topic may be made anew without a word.
actor LogRecovery {
    private let database: Database
    private let settings: KafkaSettings
    private let topics: [Topic]
    private let logger: Logger
    private var suspicions = 1
    /// The count of suspicions and lost connections up to which all is compared.
    private var comparedAt = 0
    private var lastLook = ContinuousClock.now
    private var admin: Admin?

    private static let interval = Duration.seconds(30)

    /// - Parameter topics: All in which the service tells.
    init(database: Database, settings: KafkaSettings, topics: [Topic], logger: Logger) {
        (self.database, self.settings, self.topics, self.logger) = (database, settings, topics, logger)
    }

    /// What the broker says does not fit to what it said before.
    func suspect() { suspicions += 1 }

    /// True when something has to be told again.
    func run(losses: Int) async throws -> Bool {
        guard comparedAt != suspicions + losses || ContinuousClock.now - lastLook > Self.interval else { return false }
        lastLook = .now
        do {
            if try await makeMissingTopics() { suspect() }
            if comparedAt == suspicions + losses {
                if try await endsWhereItDid() { return false }
                suspect()
                try await database.transaction { try Outbox.forgetHeads(in: $0) }
            }
            let (began, doubts) = (ContinuousClock.now, suspicions + losses)
            let (batches, lost) = try await tellWhatIsLost()
            comparedAt = doubts
            if lost > 0 {
                logger.notice(
                    "the log has lost what it acknowledged; it is told again",
                    metadata: ["events": "\(lost)", "transactions": "\(batches)", "compared_in": "\(ContinuousClock.now - began)"])
            }
            return batches > 0
        } catch let error as KafkaError {
            logger.warning("the log cannot be compared with the outbox", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// True when there were any: then the cluster is not the one that acknowledged.
    private func makeMissingTopics() async throws -> Bool {
        let admin = try admin ?? Admin(settings)
        self.admin = admin
        let known = try await admin.topics()
        let missing = topics.filter { known[$0.name] == nil }
        try await admin.createTopics(missing.map { NewTopic($0.name, partitions: $0.partitions) })
        return !missing.isEmpty
    }

    private func endsWhereItDid() async throws -> Bool {
        let heads = try await database.transaction { try Outbox.heads(in: $0) }
        let ends = try await Consumer.ends(of: Set(heads.map { TopicPartition($0.topic, $0.partition) }), settings)
        return heads.allSatisfy { head in ends[TopicPartition(head.topic, head.partition)].map { $0 > Int64(head.offset) } ?? false }
    }

    private func tellWhatIsLost() async throws -> (batches: Int, events: Int) {
        var lost = try await database.transaction { try Outbox.acknowledged(in: $0) }
        if lost.isEmpty { return (0, 0) }
        let partitions = topics.flatMap { topic in (0..<topic.partitions).map { TopicPartition(topic.name, $0) } }
        var log = try await LogReader(Set(partitions), settings)
        while let records = try await log.next() {
            for record in records { if let id = record.headers["ce_id"].flatMap({ UUID(uuidString: $0) }) { lost.remove(id) } }
        }
        let batches = Set(lost.map(IDSequence.batch(of:))).sorted()
        let marked = try await database.transaction { sql in
            if !batches.isEmpty { try Outbox.forgetHeads(in: sql) }
            return try Outbox.republish(batches, in: sql)
        }
        return (marked, lost.count)
    }
}
