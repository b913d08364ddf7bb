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
    }

    private let consumer: String
    private var last: [Stream: Int] = [:]
    private var applied: [Message] = []
    private var parked: [Parked] = []
    /// Households with a message that failed: what follows for them waits behind it.
    private var blocked: Set<UUID> = []
    /// Messages that came too early, by the number they have.
    private var waiting: [Stream: [Int: Parked]] = [:]
    /// Parked before this batch; one that takes effect now is parked no more.
    private var held: [Coordinates: Parked] = [:]
    private var released: [Parked] = []

    private struct Coordinates: Hashable {
        let topic: String
        let partition: Int
        let offset: Int

        init(_ parked: Parked) { (topic, partition, offset) = (parked.topic, parked.partition, parked.offset) }
        init(_ message: Message) { (topic, partition, offset) = (message.topic, message.partition, message.offset) }
    }

    init(_ batch: [Incoming], consumer: String, in work: Work) throws {
        self.consumer = consumer
        var streams: [Stream] = []
        var seen: Set<Stream> = []
        var keys: Set<UUID> = []
        for incoming in batch {
            guard case .success(let read) = incoming.content else { continue }
            let stream = Self.stream(read.message)
            if seen.insert(stream).inserted { streams.append(stream) }
            if let key = read.message.key { keys.insert(key) }
        }
        let lasts = try work.sql.later(
            """
            SELECT s.n, (SELECT i.sequence FROM inbox i WHERE i.consumer = \(consumer) AND i.topic = s.topic AND i.subject = s.subject
                         ORDER BY i.sequence DESC LIMIT 1) AS last
            FROM unnest(\(streams.map(\.topic)), \(streams.map(\.subject))) WITH ORDINALITY AS s (topic, subject, n)
            """)
        let heldRows = try work.sql.later(
            "SELECT * FROM parked_messages WHERE consumer = \(consumer) AND key = ANY(\(Array(keys))) FOR UPDATE")
        for row in try lasts.rows {
            let n: Int = try row["n"]
            last[streams[n - 1]] = try row["last"]
        }
        for row in try heldRows.rows {
            let parked = try Parked(row: row)
            held[Coordinates(parked)] = parked
            note(parked)
        }
    }

    private static func stream(_ message: Message) -> Stream { Stream(topic: message.topic, subject: message.inboxSubject) }

    func standing(of message: Message) -> Standing {
        if Mutant.noInboxKey.isActive { return .next }
        let last = last[Self.stream(message)]
        guard let sequence = message.sequence else { return last == nil ? .next : .done }
        if sequence <= last ?? 0 { return .done }
        if let key = message.key, blocked.contains(key) { return .behind }
        return sequence == (last ?? 0) + 1 ? .next : .early
    }

    mutating func done(_ message: Message) {
        last[Self.stream(message)] = message.sequence ?? 0
        applied.append(message)
        release(message)
    }

    /// Ends the parking of a message that has taken effect, of all its copies: the log may carry it at several places.
    mutating func release(_ message: Message) {
        func isCopy(_ parked: Parked) -> Bool {
            message.sequence != nil && parked.sequence == message.sequence && parked.subject == message.subject && parked.topic == message.topic
        }
        if let replayed = held.removeValue(forKey: Coordinates(message)) { released.append(replayed) }
        for (place, copy) in held where isCopy(copy) {
            released.append(copy)
            held[place] = nil
        }
        parked.removeAll(where: isCopy)
    }

    mutating func park(_ incoming: Incoming, reason: String, attempts: Int) {
        let new = Parked(incoming, reason: reason, attempts: attempts)
        parked.append(new)
        note(new)
    }

    /// A message without a number blocks nobody: if it was one of ours, its successors find a gap and wait as early.
    private mutating func note(_ parked: Parked) {
        guard let subject = parked.subject, let sequence = parked.sequence else { return }
        switch parked.reason {
        case Parked.early: waiting[Stream(topic: parked.topic, subject: subject), default: [:]][sequence] = parked
        case Parked.replay: break
        default: if let key = parked.key { blocked.insert(key) }
        }
    }

    /// The message whose turn comes after this one, if it has been waiting.
    mutating func takeWaiting(after message: Message) -> Record? {
        let stream = Self.stream(message)
        guard let last = last[stream], let next = waiting[stream]?.removeValue(forKey: last + 1) else { return nil }
        return next.record
    }

    func write(in work: Work) throws {
        if !applied.isEmpty {
            let mutation = Mutant.noInboxKey.isActive ? "ON CONFLICT DO NOTHING" : ""
            try work.sql.execute(
                """
                INSERT INTO inbox (consumer, topic, subject, sequence, id)
                SELECT \(consumer), * FROM unnest(\(applied.map(\.topic)), \(applied.map(\.inboxSubject)),
                    \(applied.map { $0.sequence ?? 0 }), \(applied.map(\.inboxID))) \(unsafe: mutation)
                """)
            Failpoint.inboxAfterInsert.hit()
        }
        try Parked.insert(parked, consumer: consumer, in: work.sql)
        try Parked.remove(released, consumer: consumer, in: work.sql)
    }
}
