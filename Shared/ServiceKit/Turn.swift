import Contracts
import Foundation
import Kafka
import Postgres

/// Whose turn it is: what the inbox and the parking hold about the subjects and households of one batch.
struct Turn {
    enum Standing { case done, next, early, behind }

    private struct Stream: Hashable {
        let topic: String
        let subject: UUID

        init(_ topic: String, _ subject: UUID) { (self.topic, self.subject) = (topic, subject) }
        init(_ message: Message) { self.init(message.topic, message.inboxSubject) }

        /// A subject tells in few topics, so it alone scatters well enough.
        func hash(into hasher: inout Hasher) { hasher.combine(subject) }
    }

    private let consumer: String
    private var last: [Stream: Int] = [:]
    private var applied: [Message] = []
    private var parked: [Coordinates: Parked] = [:]
    /// Households with a message that failed: what follows for them waits behind it.
    private var blocked: Set<UUID> = []
    /// Where the messages are that came too early, by the number they have.
    private var waiting: [Stream: [Int: Coordinates]] = [:]
    /// Messages of this batch that were parked before it; what takes effect now is parked no more.
    private var held: Set<Coordinates> = []
    private var released: Set<Coordinates> = []

    init(_ batch: [Incoming], consumer: String, in work: Work) throws {
        self.consumer = consumer
        var streams: [Stream] = []
        var seen: Set<Stream> = []
        for incoming in batch {
            guard case .success(let read) = incoming.content else { continue }
            let stream = Stream(read.message)
            if seen.insert(stream).inserted { streams.append(stream) }
        }
        let lasts = try work.sql.later(
            """
            SELECT s.n, (SELECT i.sequence FROM inbox i WHERE i.subject = s.subject AND i.topic = s.topic AND i.consumer = \(consumer)
                         ORDER BY i.sequence DESC LIMIT 1) AS last
            FROM (SELECT unnest(\(Array(streams.indices))) AS n, unnest(\(streams.map(\.topic))) AS topic,
                         unnest(\(streams.map(\.subject))) AS subject) AS s
            """)
        let parking = try work.sql.later("SELECT EXISTS (SELECT FROM parked_messages WHERE consumer = \(consumer)) AS used")
        for row in try lasts.rows {
            let n: Int = try row["n"]
            last[streams[n]] = try row["last"]
        }
        if try parking.rows.first?["used"] == true { try lookAside(batch, in: work) }
    }

    /// Most of the time nothing is parked, and none of this is asked.
    private mutating func lookAside(_ batch: [Incoming], in work: Work) throws {
        var keys: Set<UUID> = []
        var spans: [Coordinates.Partition: ClosedRange<Int>] = [:]
        for incoming in batch {
            let place = incoming.record.coordinates
            let span = spans[place.source] ?? place.offset...place.offset
            spans[place.source] = min(span.lowerBound, place.offset)...max(span.upperBound, place.offset)
            if case .success(let read) = incoming.content, read.message.sequence != nil, let key = read.message.key { keys.insert(key) }
        }
        let answers = try Parking(work.sql, consumer, Array(keys), spans)
        held = try answers.held
        blocked = try answers.blocked
        for row in try answers.early.rows {
            waiting[Stream(try row["topic"], try row["subject"]), default: [:]][try row["sequence"]] = try Coordinates(row: row)
        }
    }

    /// What is asked of the parking, in one round trip.
    private struct Parking {
        private let heldRows, blockedRows: Transaction.Later
        let early: Transaction.Later

        init(_ sql: Transaction, _ consumer: String, _ keys: [UUID], _ spans: [Coordinates.Partition: ClosedRange<Int>]) throws {
            let spans = Array(spans)
            heldRows = try sql.later(
                """
                SELECT p.topic, p.partition, p."offset"
                FROM unnest(\(spans.map(\.key.topic)), \(spans.map(\.key.partition)), \(spans.map(\.value.lowerBound)), \(spans.map(\.value.upperBound)))
                    AS s (topic, partition, low, high)
                JOIN parked_messages p ON p.consumer = \(consumer) AND p.topic = s.topic AND p.partition = s.partition
                    AND p."offset" BETWEEN s.low AND s.high
                """)
            blockedRows = try sql.later(
                """
                SELECT k AS key FROM unnest(\(keys)) AS k
                WHERE EXISTS (SELECT FROM parked_messages p WHERE p.consumer = \(consumer) AND p.key = k AND p.sequence IS NOT NULL
                              AND p.reason NOT IN (\(Parked.early), \(Parked.replay)))
                """)
            early = try sql.later(
                """
                SELECT topic, partition, "offset", subject, sequence FROM parked_messages
                WHERE consumer = \(consumer) AND key = ANY(\(keys)) AND reason = \(Parked.early)
                """)
        }

        var held: Set<Coordinates> { get throws { Set(try heldRows.rows.map(Coordinates.init(row:))) } }
        var blocked: Set<UUID> { get throws { Set(try blockedRows.rows.map { try $0["key"] }) } }
    }

    func standing(of message: Message) -> Standing {
        if Mutant.noInboxKey.isActive { return .next }
        let last = last[Stream(message)]
        guard let sequence = message.sequence else { return last == nil ? .next : .done }
        if sequence <= last ?? 0 { return .done }
        if let key = message.key, blocked.contains(key) { return .behind }
        return sequence == (last ?? 0) + 1 ? .next : .early
    }

    mutating func done(_ message: Message) {
        last[Stream(message)] = message.sequence ?? 0
        applied.append(message)
        release(message)
    }

    /// What has taken effect, now or long ago, is not parked.
    mutating func release(_ message: Message) {
        if !parked.isEmpty { parked[message.coordinates] = nil }
        if !held.isEmpty, held.contains(message.coordinates) { released.insert(message.coordinates) }
    }

    /// A message without a number blocks nobody: if it was one of ours, its successors find a gap and wait as early.
    mutating func park(_ incoming: Incoming, reason: String, attempts: Int) {
        let new = Parked(incoming, reason: reason, attempts: attempts)
        parked[new.coordinates] = new
        guard let subject = new.subject, let sequence = new.sequence else { return }
        let isEarly = reason == Parked.early
        waiting[Stream(new.topic, subject), default: [:]][sequence] = isEarly ? new.coordinates : nil
        if !isEarly, let key = new.key { blocked.insert(key) }
    }

    /// The message whose turn it is in the stream of this one, if it has been waiting.
    mutating func takeWaiting(like message: Message, in work: Work) throws -> Record? {
        if waiting.isEmpty { return nil }
        let stream = Stream(message)
        guard let place = waiting[stream]?.removeValue(forKey: (last[stream] ?? 0) + 1) else { return nil }
        if let parked = parked[place] { return parked.record }
        held.insert(place)
        return try Parked.find(place, consumer: consumer, in: work.sql)?.record
    }

    func write(in work: Work) throws {
        if !applied.isEmpty {
            let mutation = Mutant.noInboxKey.isActive ? "ON CONFLICT DO NOTHING" : ""
            try work.sql.execute(
                """
                INSERT INTO inbox (consumer, topic, subject, sequence, id)
                SELECT \(consumer), unnest(\(applied.map(\.topic))), unnest(\(applied.map(\.inboxSubject))),
                    unnest(\(applied.map { $0.sequence ?? 0 })), unnest(\(applied.map(\.inboxID))) \(unsafe: mutation)
                """)
            Failpoint.inboxAfterInsert.hit()
        }
        try Parked.insert(parked.values.sorted { $0.coordinates < $1.coordinates }, consumer: consumer, in: work.sql)
        try Parked.remove(released.sorted(), consumer: consumer, in: work.sql)
    }
}
