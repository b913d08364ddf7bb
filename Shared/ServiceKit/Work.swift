import Contracts
import Foundation
import Postgres
import Registry

/// The unit of work of one transaction: aggregates in hand, events to tell, timers to set.
///
/// Everything kept is written at the end, one statement per kind, together with inbox and outbox. Not `Sendable` and
/// synchronous throughout: it lives and dies on the connection's thread.
package final class Work {
    /// The bare transaction, for stores. Does not see what is kept here and not written yet.
    package let sql: Transaction
    /// The message that is being handled, if one is.
    package internal(set) var message: Message?
    /// Who does this, and why.
    package var deed: Deed
    /// Whose data this may see and change.
    package internal(set) var reach = Reach.everywhere

    private let clock: Transaction.Later
    private var moment: Instant?
    private var shelves: [ObjectIdentifier: any AnyShelf] = [:]
    private var shelvesInOrder: [any AnyShelf] = []
    private var ids = IDSequence()
    private var trace: TraceContext
    /// The spans of a unit of work lie far apart and never repeat; asking for a random one each time would cost more than
    /// writing the event.
    private var span = UInt64.random(in: .min ... .max)
    private(set) var told: [Told] = []
    private var noted: [AuditEntry] = []
    private(set) var wakes: Set<String> = []
    private var schedulesTimers = false

    init(_ sql: Transaction, trace: TraceContext, deed: Deed) throws {
        (self.sql, self.trace, self.deed) = (sql, trace, deed)
        clock = try sql.later("SELECT lika_now() AS now")
    }

    // MARK: Time and names

    /// Plan time: PostgreSQL's `now()` through the rehearsal clock, the same throughout the transaction.
    package var now: Instant {
        get throws {
            if let moment { return moment }
            guard let row = try clock.rows.first else { throw UnexpectedValue(column: "now", expected: "a row") }
            let now: Instant = try row["now"]
            moment = now
            return now
        }
    }

    /// The day that it is in China.
    package var today: LocalDate { get throws { LocalDate(try now) } }

    package func newID() -> UUID { ids.next() }

    // MARK: SQL

    package func query(_ statement: SQL) throws -> [Row] {
        try flush()
        return try sql.query(statement)
    }

    package func first(_ statement: SQL) throws -> Row? {
        try flush()
        return try sql.first(statement)
    }

    package func change(_ statement: SQL) throws -> Int {
        try flush()
        return try sql.change(statement)
    }

    package func execute(_ statement: SQL) throws {
        try flush()
        try sql.execute(statement)
    }

    // MARK: Aggregates

    package func prefetch<Kept: Aggregate>(_ type: Kept.Type, _ ids: some Sequence<Kept.Identity>) throws {
        try shelf(type).prefetch(ids, in: self)
    }

    /// Notes that an aggregate will be asked for; ``loadWanted(_:)`` loads all that are noted in one query.
    func want<Kept: Aggregate>(_ type: Kept.Type, _ id: Kept.Identity) { shelf(type).want(id) }

    func loadWanted<Kept: Aggregate>(_ type: Kept.Type) throws { try shelf(type).loadWanted(in: self) }

    package func find<Kept: Aggregate>(_ type: Kept.Type, _ id: Kept.Identity) throws -> Kept? {
        try shelf(type).find(id, in: self)?.value
    }

    package func get<Kept: Aggregate>(_ type: Kept.Type, _ id: Kept.Identity) throws -> Kept {
        guard let found = try find(type, id) else { throw NotFound("\(Kept.self) \(id)") }
        return found
    }

    /// How many events the aggregate has told: the `ETag` of its state.
    package func version<Kept: Aggregate>(_ type: Kept.Type, _ id: Kept.Identity) throws -> Int? {
        try shelf(type).find(id, in: self)?.version
    }

    package func insert<Kept: Aggregate>(_ new: Kept, telling events: [any Event] = []) throws {
        try tell(events, after: 0)
        try shelf(Kept.self).make(new, telling: events.count)
    }

    /// Lets an aggregate decide and keeps its answer: the new state and what it told.
    @discardableResult
    package func decide<Kept: Aggregate>(
        _ type: Kept.Type, _ id: Kept.Identity, _ decide: (Kept) throws -> Decision<Kept>
    ) throws -> Kept {
        let shelf = shelf(type)
        guard let found = try shelf.find(id, in: self) else { throw NotFound("\(Kept.self) \(id)") }
        let decision = try decide(found.value)
        if decision.state == found.value, decision.events.isEmpty { return found.value }
        try tell(decision.events, after: found.version)
        shelf.keep(decision.state, version: found.version + decision.events.count)
        return decision.state
    }

    private func shelf<Kept: Aggregate>(_ type: Kept.Type) -> Shelf<Kept> {
        if let shelf = shelves[ObjectIdentifier(type)] as? Shelf<Kept> { return shelf }
        let shelf = Shelf<Kept>()
        shelves[ObjectIdentifier(type)] = shelf
        shelvesInOrder.append(shelf)
        return shelf
    }

    private func flush() throws {
        for shelf in shelvesInOrder { try shelf.flush(in: self) }
    }

    // MARK: Events, timers, errands

    private func tell(_ events: [any Event], after version: Int) throws {
        let now = try now
        for (offset, event) in events.enumerated() {
            span &+= 0x9E37_79B9_7F4A_7C15
            told.append(try Told(event, id: ids.next(), sequence: version + offset + 1, at: now, traceparent: trace.next(span: span)))
        }
    }

    /// Sets the time at which `timer` is due for `subject`; replaces an earlier setting.
    package func schedule(_ timer: String, _ subject: UUID, at due: Instant) throws { try schedule(timer, [subject], at: due) }

    package func schedule(_ timer: String, _ subjects: [UUID], at due: Instant) throws {
        if subjects.isEmpty { return }
        schedulesTimers = true
        try sql.execute(
            """
            INSERT INTO timers (timer, subject, due) SELECT \(timer), subject, \(due) FROM unnest(\(subjects)) AS s (subject)
            ON CONFLICT (timer, subject) DO UPDATE SET due = excluded.due
            """)
    }

    package func unschedule(_ timer: String, _ subject: UUID) throws {
        try sql.execute("DELETE FROM timers WHERE timer = \(timer) AND subject = \(subject)")
    }

    /// Lets an errand look for work as soon as this transaction is committed.
    package func wake(_ errand: String) { wakes.insert(errand) }

    /// Writes into the audit at the end of this transaction.
    func note(_ entry: AuditEntry) { noted.append(entry) }

    /// Writes everything kept. The last thing before COMMIT.
    func finish() throws -> Finished {
        // The largest statement first: PostgreSQL works on it while the others are prepared.
        try Outbox.insert(told, batch: ids.batch, in: sql)
        try flush()
        try write(noted)
        // Instances that sleep until a later time must look again.
        if schedulesTimers { try sql.execute("SELECT pg_notify('lika_timers_' || current_schema(), '')") }
        return Finished(batch: Batch(id: ids.batch, told: told), wakes: wakes)
    }

    /// Follows the trace of the message now being handled.
    func follow(_ message: Message) {
        self.message = message
        deed = Deed(.suite, reason: message.type)
        trace = message.trace
    }

    struct Finished: Sendable {
        let batch: Batch
        let wakes: Set<String>
    }
}

/// W3C trace context: the trace goes on, each hop has a span of its own.
package struct TraceContext: Sendable {
    private let high, low: UInt64

    private static let textLength = 55

    /// Starts a trace.
    package init() { (high, low) = (.random(in: 1 ... .max), .random(in: 1 ... .max)) }

    /// Goes on with the trace of a `traceparent`; what is none starts one.
    package init(parent: String?) {
        var text = parent ?? ""
        self = text.withUTF8(TraceContext.init(utf8:)) ?? TraceContext()
    }

    /// Version, trace, parent and flags; later versions may say more behind them.
    init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        guard text.count >= Self.textLength, [2, 35, 52].allSatisfy({ text[$0] == UInt8(ascii: "-") }),
            let high = UInt64(lowercaseHexadecimal: UnsafeBufferPointer(rebasing: text[3..<19])),
            let low = UInt64(lowercaseHexadecimal: UnsafeBufferPointer(rebasing: text[19..<35])), high | low != 0
        else { return nil }
        (self.high, self.low) = (high, low)
    }

    package var traceID: String {
        String(unsafeUninitializedCapacity: 32) { buffer in
            guard let target = buffer.baseAddress else { return 0 }
            writeTraceID(to: target)
            return 32
        }
    }

    /// The `traceparent` of the next hop.
    package func next(span: UInt64 = .random(in: 1 ... .max)) -> String {
        String(unsafeUninitializedCapacity: Self.textLength) { buffer in
            guard let target = buffer.baseAddress else { return 0 }
            _ = buffer.update(fromContentsOf: "00-................................-................-01".utf8)
            writeTraceID(to: target + 3)
            span.writeHexadecimal(16, to: target + 36)
            return Self.textLength
        }
    }

    private func writeTraceID(to target: UnsafeMutablePointer<UInt8>) {
        high.writeHexadecimal(16, to: target)
        low.writeHexadecimal(16, to: target + 16)
    }
}
