import Contracts
import Foundation
import Kafka
import Postgres

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
        (topic, partition, offset) = (incoming.record.topic, incoming.record.partition, incoming.record.offset)
        switch incoming.content {
        case .success(let read):
            (key, sequence) = (read.message.key, read.message.sequence)
            subject = read.message.sequence == nil ? nil : read.message.subject
            headers = Dictionary(read.message.headers.all.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }) { $1 }
            value = read.message.value
        case .failure:
            (key, subject, sequence) = (incoming.record.key, nil, nil)
            (headers, value) = (incoming.record.headers, incoming.record.value)
        }
    }

    package init(row: Row) throws {
        (topic, partition, offset) = (try row["topic"], try row["partition"], try row["offset"])
        (key, subject, sequence) = (try row["key"], try row["subject"], try row["sequence"])
        (reason, attempts) = (try row["reason"], try row["attempts"])
        headers = try JSON.decode([String: String].self, from: try row["headers", as: JSONB.self].text)
        value = try row["value", as: Bytes.self].array
    }

    var record: Record {
        var headers = Headers()
        for (name, value) in self.headers.sorted(by: { $0.key < $1.key }) { headers.append(name, value) }
        return Record(
            topic: topic, partition: partition, offset: Int64(offset), timestamp: nil, key: key.map { Array($0.lowercased.utf8) },
            value: value, headers: headers)
    }

    /// After the log was emptied another message may stand at the same place; it takes the place of the old one, which comes
    /// again if it is still told.
    static func insert(_ parked: [Parked], consumer: String, in sql: Transaction) throws {
        if parked.isEmpty { return }
        try sql.execute(
            """
            INSERT INTO parked_messages (consumer, topic, partition, "offset", key, subject, sequence, reason, attempts, headers, value)
            SELECT \(consumer), * FROM unnest(\(parked.map(\.topic)), \(parked.map(\.partition)), \(parked.map(\.offset)), \(parked.map(\.key)),
                \(parked.map(\.subject)), \(parked.map(\.sequence)), \(parked.map(\.reason)), \(parked.map(\.attempts)),
                \(try parked.map { JSONB(try JSON.encode($0.headers)) }), \(parked.map { Bytes($0.value) }))
            ON CONFLICT (consumer, topic, partition, "offset")
            DO UPDATE SET key = excluded.key, subject = excluded.subject, sequence = excluded.sequence, reason = excluded.reason,
                attempts = parked_messages.attempts + excluded.attempts, headers = excluded.headers, value = excluded.value
            """)
    }

    static func remove(_ parked: [Parked], consumer: String, in sql: Transaction) throws {
        if parked.isEmpty { return }
        try sql.execute(
            """
            DELETE FROM parked_messages p USING unnest(\(parked.map(\.topic)), \(parked.map(\.partition)), \(parked.map(\.offset)))
                AS gone (topic, partition, "offset")
            WHERE p.consumer = \(consumer) AND p.topic = gone.topic AND p.partition = gone.partition AND p."offset" = gone."offset"
            """)
    }
}
