import Contracts
import Foundation
import Postgres
import Registry

/// One event as the outbox keeps it and the log carries it.
struct Told: Sendable {
    let id: UUID
    let topic: String
    let key: UUID
    let subject: UUID
    let sequence: Int
    let type: String
    let at: Instant
    let traceparent: String?
    let data: [UInt8]

    init(_ event: some Event, id: UUID, sequence: Int, at: Instant, traceparent: String?) throws {
        (self.id, self.sequence, self.at, self.traceparent) = (id, sequence, at, traceparent)
        (topic, key, subject) = (event.channel.name, event.key, event.subject)
        type = Swift.type(of: event).name
        data = try JSON.encode(event)
    }

    init(row: Row) throws {
        (id, topic, key, subject) = (try row["id"], try row["topic"], try row["key"], try row["subject"])
        (sequence, type, at, traceparent) = (try row["sequence"], try row["type"], try row["told_at"], try row["traceparent"])
        data = try row["data", as: UTF8Text.self].bytes
    }
}

/// What one transaction told.
struct Batch: Sendable {
    let id: UUID
    let told: [Told]
}

/// The table from which the log can be rebuilt, and the list of what the broker has not acknowledged yet.
enum Outbox {
    /// Seconds after which another relay may send a batch whose relay has not renewed its claim.
    static let lease = 9.0
    /// How many events a relay takes over at a time, give or take one transaction.
    static let claimedAtOnce = 5_000

    static func insert(_ told: [Told], batch: UUID, in sql: Transaction) throws {
        if told.isEmpty { return }
        // In a select list `unnest` yields row by row; behind FROM each array would be copied into a table of its own first.
        try sql.execute(
            """
            INSERT INTO outbox (id, topic, key, subject, sequence, type, told_at, traceparent, data)
            SELECT unnest(\(told.map(\.id))), unnest(\(told.map(\.topic))), unnest(\(told.map(\.key))), unnest(\(told.map(\.subject))),
                unnest(\(told.map(\.sequence))), unnest(\(told.map(\.type))), unnest(\(told.map(\.at))), unnest(\(told.map(\.traceparent))),
                unnest(\(told.map { UTF8Text($0.data) }))
            """)
        try sql.execute(
            "INSERT INTO outbox_pending (batch, events, claimed_until) VALUES (\(batch), \(told.count), clock_timestamp() + make_interval(secs => \(lease)))")
    }

    /// Takes over batches whose relay did not get them acknowledged in time: its process died or the broker was away.
    static func claim(in sql: Transaction) throws -> [Batch] {
        let batches: [UUID] = try sql.query(
            """
            UPDATE outbox_pending SET claimed_until = clock_timestamp() + make_interval(secs => \(lease))
            WHERE batch IN (
                SELECT batch FROM (
                    SELECT batch, sum(events) OVER (ORDER BY batch) - events AS before FROM (
                        SELECT batch, events FROM outbox_pending WHERE claimed_until < clock_timestamp()
                        ORDER BY batch LIMIT 1000 FOR UPDATE SKIP LOCKED) AS due) AS counted
                WHERE before < \(claimedAtOnce))
            RETURNING batch
            """
        ).map { try $0["batch"] }
        if batches.isEmpty { return [] }
        let rows = try sql.query(
            """
            SELECT o.* FROM unnest(\(batches), \(batches.map(IDSequence.end(of:)))) AS range (first, last)
            JOIN outbox o ON o.id > range.first AND o.id <= range.last
            """
        ).map(Told.init(row:))
        let byBatch = Dictionary(grouping: rows) { IDSequence.batch(of: $0.id) }
        return batches.sorted().map { id in Batch(id: id, told: (byBatch[id] ?? []).sorted { $0.id < $1.id }) }
    }

    /// All that batches tell, with the place of each one's batch, and of each subject in the order in which it was told: neither the
    /// identifiers nor the offers say which of two transactions of the same moment came first.
    static func inOrder(_ batches: [Batch]) -> [(told: Told, batch: Int)] {
        var ordered = batches.enumerated().flatMap { place, batch in batch.told.map { (told: $0, batch: place) } }
        var last: [UUID: Int] = Dictionary(minimumCapacity: ordered.count)
        var disordered: Set<UUID> = []
        for (told, _) in ordered {
            if last.updateValue(told.sequence, forKey: told.subject) ?? 0 > told.sequence { disordered.insert(told.subject) }
        }
        // Their own places are taken anew, so that everything else stays where it was.
        for subject in disordered {
            let places = ordered.indices.filter { ordered[$0].told.subject == subject }
            for (place, next) in zip(places, places.map { ordered[$0] }.sorted { $0.told.sequence < $1.told.sequence }) { ordered[place] = next }
        }
        return ordered
    }

    /// Gives batches back at once, so that nobody waits for their lease.
    static func release(_ batches: [UUID], in sql: Transaction) throws {
        if batches.isEmpty { return }
        try sql.execute("UPDATE outbox_pending SET claimed_until = clock_timestamp() WHERE batch = ANY(\(batches))")
    }

    /// Keeps batches that are still being sent.
    static func renew(_ batches: [UUID], in sql: Transaction) throws {
        try sql.execute(
            "UPDATE outbox_pending SET claimed_until = clock_timestamp() + make_interval(secs => \(lease)) WHERE batch = ANY(\(batches))")
    }

    /// The broker has acknowledged these batches, up to these offsets.
    static func settle(_ batches: [UUID], heads: [LogHead], in sql: Transaction) throws {
        try sql.execute("DELETE FROM outbox_pending WHERE batch = ANY(\(batches))")
        // In a fixed order, so that two relays never wait for each other in a ring.
        let heads = heads.sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
        try sql.execute(
            """
            INSERT INTO log_heads (topic, partition, last_offset)
            SELECT * FROM unnest(\(heads.map(\.topic)), \(heads.map(\.partition)), \(heads.map(\.offset)))
            ON CONFLICT (topic, partition) DO UPDATE SET last_offset = greatest(log_heads.last_offset, excluded.last_offset)
            """)
    }

    static func heads(in sql: Transaction) throws -> [LogHead] {
        try sql.query("SELECT topic, partition, last_offset FROM log_heads").map {
            LogHead(topic: try $0["topic"], partition: try $0["partition"], offset: try $0["last_offset"])
        }
    }

    /// Marks everything ever told on these topics as not acknowledged. Returns how many batches that are; none when
    /// another instance did it already.
    static func republish(topics: [String], since: Instant? = nil, in sql: Transaction) throws -> Int {
        try sql.execute("SELECT pg_advisory_xact_lock(hashtext('lika.republish.' || current_schema()))")
        try sql.execute("DELETE FROM log_heads WHERE topic = ANY(\(topics))")
        return try sql.change(
            """
            INSERT INTO outbox_pending (batch, events, claimed_until)
            SELECT overlay(id::text PLACING '00000000' FROM 29)::uuid AS batch, count(*), now() FROM outbox
            WHERE topic = ANY(\(topics)) AND told_at >= coalesce(\(since), '-infinity'::timestamptz)
            GROUP BY batch
            ON CONFLICT DO NOTHING
            """)
    }

    /// Everything ever told that the broker has acknowledged.
    static func acknowledged(in sql: Transaction) throws -> Set<UUID> {
        var told: Set<UUID> = []
        var last = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        while true {
            let page: [UUID] = try sql.query("SELECT id FROM outbox WHERE id > \(last) ORDER BY id LIMIT 10000").map { try $0["id"] }
            guard let end = page.last else { break }
            told.formUnion(page)
            last = end
        }
        // Read last: what was struck off since then was acknowledged, and must be in the log.
        let pending: Set<UUID> = Set(try sql.query("SELECT batch FROM outbox_pending").map { try $0["batch"] })
        return told.filter { !pending.contains(IDSequence.batch(of: $0)) }
    }

    /// Marks these batches as not acknowledged. Returns how many were not marked before.
    static func republish(_ batches: [UUID], in sql: Transaction) throws -> Int {
        if batches.isEmpty { return 0 }
        return try sql.change(
            """
            INSERT INTO outbox_pending (batch, events, claimed_until)
            SELECT range.first, count(*), clock_timestamp() FROM unnest(\(batches), \(batches.map(IDSequence.end(of:)))) AS range (first, last)
            JOIN outbox o ON o.id > range.first AND o.id <= range.last
            GROUP BY range.first
            ON CONFLICT DO NOTHING
            """)
    }

    /// The log is not the one in which these offsets were acknowledged.
    static func forgetHeads(in sql: Transaction) throws { try sql.execute("DELETE FROM log_heads") }
}

/// The last offset of a partition that the broker acknowledged to this service.
struct LogHead: Sendable, Hashable {
    let topic: String
    let partition: Int
    let offset: Int
}
