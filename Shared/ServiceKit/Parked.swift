import Contracts
import Foundation
import Kafka
import Postgres

/// Where a message lies in the log.
struct Coordinates: Hashable, Comparable, Sendable {
    let topic: String
    let partition: Int
    let offset: Int

    init(_ topic: String, _ partition: Int, _ offset: Int) { (self.topic, self.partition, self.offset) = (topic, partition, offset) }
    init(row: Row) throws { self.init(try row["topic"], try row["partition"], try row["offset"]) }

    struct Partition: Hashable {
        let topic: String
        let partition: Int
    }

    var source: Partition { Partition(topic: topic, partition: partition) }

    /// The order in which rows are written, so that two transactions never wait for each other in a ring.
    static func < (a: Self, b: Self) -> Bool { (a.topic, a.partition, a.offset) < (b.topic, b.partition, b.offset) }
}

/// A message that could not take effect yet, as it came, with the reason.
package struct Parked: Sendable {
    package let topic: String
    package let partition: Int
    package let offset: Int
    package let key: UUID?
    package let subject: UUID?
    package let sequence: Int?
    package let reason: String
    package let attempts: Int
    package let headers: [String: String]
    package let value: [UInt8]

    /// It came before its predecessor and follows it by itself.
    static let early = "early"
    /// An earlier message of the same household failed.
    static let behind = "behind"
    /// An operator wants it tried again.
    static let replay = "replay"

    init(_ incoming: Incoming, reason: String, attempts: Int) {
        (self.reason, self.attempts) = (reason, attempts)
        let record = incoming.record
        (topic, partition, offset, key) = (record.topic, record.partition, Int(record.offset), record.keyUUID)
        (headers, value) = (record.headers.texts, record.value ?? [])
        switch incoming.content {
        case .success(let read): (subject, sequence) = (read.message.sequence == nil ? nil : read.message.subject, read.message.sequence)
        case .failure: (subject, sequence) = (nil, nil)
        }
    }

    package init(row: Row) throws {
        (topic, partition, offset) = (try row["topic"], try row["partition"], try row["offset"])
        (key, subject, sequence) = (try row["key"], try row["subject"], try row["sequence"])
        (reason, attempts) = (try row["reason"], try row["attempts"])
        headers = try JSON.decode([String: String].self, from: try row["headers", as: JSONB.self].text)
        value = try row["value", as: Bytes.self].array
    }

    var coordinates: Coordinates { Coordinates(topic, partition, offset) }

    var record: Record {
        var headers = Headers()
        for (name, value) in self.headers.sorted(by: { $0.key < $1.key }) { headers.append(name, value) }
        return Record(
            topic: topic, partition: partition, offset: Int64(offset), timestamp: nil, key: key.map { Array($0.lowercased.utf8) },
            value: value, headers: headers)
    }

    /// Parks, or notes another attempt. The reason of a failure stays although the message comes again behind itself. After the
    /// log was emptied another message may lie at the same place; it replaces the old one, which comes again if it is still told.
    static func insert(_ parked: [Parked], consumer: String, in sql: Transaction) throws {
        if parked.isEmpty { return }
        try sql.execute(
            """
            INSERT INTO parked_messages (consumer, topic, partition, "offset", key, subject, sequence, reason, attempts, headers, value)
            SELECT \(consumer), * FROM unnest(\(parked.map(\.topic)), \(parked.map(\.partition)), \(parked.map(\.offset)), \(parked.map(\.key)),
                \(parked.map(\.subject)), \(parked.map(\.sequence)), \(parked.map(\.reason)), \(parked.map(\.attempts)),
                \(try parked.map { JSONB(try JSON.encode($0.headers)) }), \(parked.map { Bytes($0.value) }))
            ON CONFLICT (consumer, topic, partition, "offset") DO UPDATE SET
                key = excluded.key, subject = excluded.subject, sequence = excluded.sequence, headers = excluded.headers, value = excluded.value,
                reason = CASE WHEN excluded.reason IN (\(behind), \(early)) AND parked_messages.sequence IS NOT NULL
                              AND parked_messages.reason NOT IN (\(replay), \(early))
                              AND parked_messages.headers->>'ce_id' IS NOT DISTINCT FROM excluded.headers->>'ce_id'
                         THEN parked_messages.reason ELSE excluded.reason END,
                attempts = parked_messages.attempts + excluded.attempts
            """)
    }

    static func find(_ place: Coordinates, consumer: String, in sql: Transaction) throws -> Parked? {
        try sql.first(
            """
            SELECT * FROM parked_messages
            WHERE consumer = \(consumer) AND topic = \(place.topic) AND partition = \(place.partition) AND "offset" = \(place.offset) FOR UPDATE
            """
        ).map(Parked.init(row:))
    }

    /// Those that wait for nothing any more: an operator released them, or they came too early and their predecessor has
    /// taken effect in a transaction that did not see them yet.
    static func ready(consumer: String, limit: Int, in sql: Transaction) throws -> [Parked] {
        try sql.query(
            """
            SELECT * FROM parked_messages p
            WHERE consumer = \(consumer) AND (reason = \(replay) OR reason = \(early) AND EXISTS (
                SELECT FROM inbox i WHERE i.consumer = p.consumer AND i.topic = p.topic AND i.subject = p.subject
                    AND i.sequence IN (p.sequence - 1, p.sequence)))
            ORDER BY topic, partition, "offset" LIMIT \(limit)
            """
        ).map(Parked.init(row:))
    }

    static func remove(_ places: [Coordinates], consumer: String, in sql: Transaction) throws {
        if places.isEmpty { return }
        try sql.execute(
            """
            DELETE FROM parked_messages p USING unnest(\(places.map(\.topic)), \(places.map(\.partition)), \(places.map(\.offset)))
                AS gone (topic, partition, "offset")
            WHERE p.consumer = \(consumer) AND p.topic = gone.topic AND p.partition = gone.partition AND p."offset" = gone."offset"
            """)
    }
}

extension Headers {
    /// All values as text, for showing and parking; a byte that no text of PostgreSQL holds shows as `�`.
    var texts: [String: String] {
        Dictionary(all.map { ($0.name, String(decoding: $0.value, as: UTF8.self).replacing("\0", with: "\u{FFFD}")) }) { $1 }
    }
}
