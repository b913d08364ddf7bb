import Contracts
import Foundation
import Kafka
import Postgres

/// The suite's double-entry bookkeeping: what was told must be in the log and in the inbox of everyone who subscribes.
struct Books: Sendable {
    struct Line: Sendable {
        let topic: String
        let told: Int
        let pending: Int
        let inLog: Int
        /// Records beyond one per event: resent, or told again. The inboxes absorb them.
        let resent: Int
        let inboxes: [Inbox]
        /// Told and acknowledged, yet not in the log.
        let missingFromLog: Int
        /// In the log, yet told by nobody: from a transaction that was rolled back.
        let ghosts: Int
    }

    struct Inbox: Sendable {
        let consumer: String
        let applied: Int
        let parked: Int
        /// Told, yet neither applied nor parked.
        let missing: Int
        /// Applied under more than one number, or twice.
        let twice: Int
    }

    let lines: [Line]

    var lost: Int { lines.reduce(0) { $0 + $1.missingFromLog + $1.inboxes.reduce(0) { $0 + $1.missing } } }
    var duplicated: Int { lines.reduce(0) { $0 + $1.inboxes.reduce(0) { $0 + $1.twice } } }
    var ghosts: Int { lines.reduce(0) { $0 + $1.ghosts } }
    var pending: Int { lines.reduce(0) { $0 + $1.pending } }
    var parked: Int { lines.reduce(0) { $0 + $1.inboxes.reduce(0) { $0 + $1.parked } } }

    /// Reads the databases and the whole log, and again while something does not balance: what a service tells meanwhile, such as the
    /// checkpoint of its audit, is on its way and not lost. What is still not there after `patience` seconds is.
    static func read(_ database: Database, _ kafka: KafkaSettings, patience: Double = 10) async throws -> Books {
        let deadline = ContinuousClock.now + .seconds(patience)
        var books = try await readOnce(database, kafka)
        while books.lost + books.ghosts > 0, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(500))
            books = try await readOnce(database, kafka)
        }
        return books
    }

    private static func readOnce(_ database: Database, _ kafka: KafkaSettings) async throws -> Books {
        let log = try await LogReading.read(Topic.all.map(\.name), kafka)
        let told = try await database.transaction(Self.told)
        let pending = try await database.transaction(Self.pending)
        let applied = try await database.transaction(Self.applied)
        let parked = try await database.transaction(Self.parked)
        return Books(
            lines: Topic.all.map { topic in
                let told = told[topic.name] ?? []
                let inLog = log[topic.name] ?? LogReading.Contents()
                let isOurs = topic.publisher.isService
                let expected = isOurs ? told : inLog.ids
                let consumers = Set(applied.keys.filter { $0.topic == topic.name }.map(\.consumer)).union(
                    // A subscriber that has taken nothing yet has no name for its inbox; it lacks everything.
                    expected.isEmpty ? [] : subscribers(of: topic).filter { name in !applied.keys.contains { $0.topic == topic.name && $0.consumer.hasPrefix(name) } })
                let inboxes = consumers.sorted().map { consumer in
                    let ids = applied[Place(consumer: consumer, topic: topic.name)] ?? []
                    let held = parked[Place(consumer: consumer, topic: topic.name)] ?? []
                    return Inbox(
                        consumer: consumer, applied: ids.count, parked: held.count,
                        missing: expected.subtracting(ids).subtracting(held).count, twice: ids.count - Set(ids).count)
                }
                return Line(
                    topic: topic.name, told: isOurs ? told.count : inLog.ids.count, pending: pending[topic.name] ?? 0,
                    inLog: inLog.ids.count, resent: inLog.records - inLog.ids.count, inboxes: inboxes,
                    missingFromLog: isOurs ? max(0, told.subtracting(inLog.ids).count - (pending[topic.name] ?? 0)) : 0,
                    ghosts: isOurs ? inLog.ids.subtracting(told).count : 0)
            })
    }

    private static func subscribers(of topic: Topic) -> [String] {
        Subscription.all.filter { $0.topics.contains(topic) }.compactMap { subscription in
            if case .service(let name) = subscription.subscriber { "lika.\(name)." } else { nil }
        }
    }

    private struct Place: Hashable {
        let consumer: String
        let topic: String
    }

    private static func told(_ sql: Transaction) throws -> [String: Set<UUID>] {
        var told: [String: Set<UUID>] = [:]
        for service in serviceNames {
            for row in try sql.query("SELECT topic, id FROM \(unsafe: service).outbox") { told[try row["topic"], default: []].insert(try row["id"]) }
        }
        return told
    }

    private static func pending(_ sql: Transaction) throws -> [String: Int] {
        var pending: [String: Int] = [:]
        for service in serviceNames {
            let rows = try sql.query(
                """
                SELECT o.topic, count(*) AS events FROM \(unsafe: service).outbox o
                JOIN \(unsafe: service).outbox_pending p ON p.batch = overlay(o.id::text PLACING '00000000' FROM 29)::uuid GROUP BY o.topic
                """)
            for row in rows { pending[try row["topic"], default: 0] += try row["events", as: Int.self] }
        }
        return pending
    }

    private static func applied(_ sql: Transaction) throws -> [Place: [UUID]] {
        var applied: [Place: [UUID]] = [:]
        for service in serviceNames {
            for row in try sql.query("SELECT consumer, topic, id FROM \(unsafe: service).inbox") {
                applied[Place(consumer: try row["consumer"], topic: try row["topic"]), default: []].append(try row["id"])
            }
        }
        return applied
    }

    private static func parked(_ sql: Transaction) throws -> [Place: Set<UUID>] {
        var parked: [Place: Set<UUID>] = [:]
        for service in serviceNames {
            for row in try sql.query("SELECT consumer, topic, headers->>'ce_id' AS id FROM \(unsafe: service).parked_messages") {
                let id: String? = try row["id"]
                parked[Place(consumer: try row["consumer"], topic: try row["topic"]), default: []].insert(id.flatMap(UUID.init(uuidString:)) ?? UUID())
            }
        }
        return parked
    }
}

extension Topic.Publisher {
    var isService: Bool {
        switch self {
        case .service: true
        case .department: false
        }
    }
}
