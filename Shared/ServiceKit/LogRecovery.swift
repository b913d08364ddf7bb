import Contracts
import Foundation
import Kafka
import Logging
import Postgres

/// Notices that the log has lost what it had acknowledged, and has the outbox told again.
///
/// The cluster was replaced or emptied when a topic is missing or ends before an offset that was acknowledged. Then every
/// event of that topic counts as not sent. And a broker that went away may come back without the last of what it
/// acknowledged, overwritten since: what was told shortly before counts as not sent either. Consumers know by their
/// inboxes what they have seen.
actor LogRecovery {
    private let database: Database
    private let settings: KafkaSettings
    private let topics: [Topic]
    private let logger: Logger
    private var mustLook = true
    private var lastLook = ContinuousClock.now
    /// Unix time at which the broker was missed first; none while it is there.
    private var lastContact: Double?
    /// How many seconds before that are told again.
    private static let tail = 60.0
    private var admin: Admin?

    /// An emptied broker may answer without ever failing a send; so it is asked now and then anyway.
    private static let interval = Duration.seconds(30)

    init(database: Database, settings: KafkaSettings, service: String, logger: Logger) {
        (self.database, self.settings, self.logger) = (database, settings, logger)
        topics = Topic.all.filter { $0.publisher == .service(service) }
    }

    /// The broker may not be the one it was.
    func suspect() { mustLook = true }

    /// The broker is out of reach.
    func lostContact() {
        mustLook = true
        if lastContact == nil { lastContact = Date().timeIntervalSince1970 }
    }

    /// True when something has to be told again.
    func run() async throws -> Bool {
        guard mustLook || ContinuousClock.now - lastLook > Self.interval else { return false }
        lastLook = .now
        do {
            let lost = try await lostTopics()
            let missed = lastContact
            let batches = try await database.transaction { sql in
                let tail = try missed.map { try Outbox.republish(sinceUnix: $0 - Self.tail, in: sql) } ?? 0
                return lost.isEmpty ? tail : tail + (try Outbox.republish(topics: lost, in: sql))
            }
            (mustLook, lastContact) = (false, nil)
            if !lost.isEmpty {
                logger.notice("the log has lost what it acknowledged; it is told again", metadata: ["topics": "\(lost)", "batches": "\(batches)"])
            } else if missed != nil {
                logger.info("the broker is back; the last minute is told again", metadata: ["batches": "\(batches)"])
            }
            return batches > 0
        } catch let error as KafkaError {
            logger.warning("the log cannot be compared with the outbox", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func lostTopics() async throws -> [String] {
        let admin = try admin ?? Admin(settings)
        self.admin = admin
        let known = try await admin.topics()
        let missing = topics.filter { known[$0.name] == nil }
        if !missing.isEmpty { try await admin.createTopics(missing.map { NewTopic($0.name, partitions: $0.partitions) }) }
        var lost = Set(missing.map(\.name))
        let heads = try await database.transaction { try Outbox.heads(in: $0) }
        let present = heads.filter { !lost.contains($0.topic) }
        let extents = try await Consumer.extents(of: Set(present.map { TopicPartition($0.topic, $0.partition) }), settings)
        for head in present where extents[TopicPartition(head.topic, head.partition)]?.upperBound ?? 0 <= Int64(head.offset) { lost.insert(head.topic) }
        let told = Set(heads.map(\.topic))
        return lost.filter(told.contains).sorted()
    }
}
