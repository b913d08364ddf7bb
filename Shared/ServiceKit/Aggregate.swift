import Contracts
import Postgres

/// A thing that decides: loaded whole under a lock, asked, and stored with what it told, many in one statement.
///
/// The pure type lives in a service's Domain; the service's store makes it an `Aggregate` by telling its SQL.
package protocol Aggregate: Equatable, Sendable {
    associatedtype Identity: Hashable & Comparable & Sendable & CustomStringConvertible
    var id: Identity { get }

    /// `SELECT … WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE`: always locked, always in this order.
    static func load(_ ids: [Identity], in work: Work) throws -> [Versioned<Self>]
    /// One `INSERT … SELECT … FROM unnest(…)`.
    static func insert(_ new: [Versioned<Self>], in work: Work) throws
    /// One `UPDATE … FROM unnest(…)`; returns how many rows it changed.
    static func update(_ changed: [Versioned<Self>], in work: Work) throws -> Int
}

/// An aggregate and how many events it has told so far. Its next event has the next number.
package struct Versioned<Value: Sendable>: Sendable {
    package let value: Value
    package let version: Int

    package init(_ value: Value, version: Int) { (self.value, self.version) = (value, version) }
}

extension Versioned: Equatable where Value: Equatable {}

/// What was asked for does not exist: `404`.
package struct NotFound: Error, Sendable {
    package let what: String
    package init(_ what: String) { self.what = what }
}

/// An aggregate changed under us although it was locked, or was made twice: the transaction may be tried again.
struct Conflict: Error, Sendable {
    let aggregate: String
}

/// The aggregates of one type that a unit of work has in hand.
final class Shelf<Kept: Aggregate>: AnyShelf {
    private enum Entry {
        case missing
        case kept(Versioned<Kept>, Change)
    }

    private enum Change { case none, made, changed }

    private var entries: [Kept.Identity: Entry] = [:]
    private var touched: [Kept.Identity] = []
    private var wanted: [Kept.Identity] = []

    func want(_ id: Kept.Identity) { wanted.append(id) }

    func loadWanted(in work: Work) throws {
        let ids = wanted
        wanted = []
        try prefetch(ids, in: work)
    }

    func prefetch(_ ids: some Sequence<Kept.Identity>, in work: Work) throws {
        var unknown: [Kept.Identity] = []
        for id in ids where entries[id] == nil {
            entries[id] = .missing
            unknown.append(id)
        }
        if unknown.isEmpty { return }
        for found in try Kept.load(unknown, in: work) { entries[found.value.id] = .kept(found, .none) }
    }

    func find(_ id: Kept.Identity, in work: Work) throws -> Versioned<Kept>? {
        if entries[id] == nil { try prefetch([id], in: work) }
        if case .kept(let found, _) = entries[id] { return found }
        return nil
    }

    func make(_ new: Kept, telling events: Int) throws {
        // Its events would have numbers that are taken, and consumers would drop them as known.
        if case .kept = entries[new.id] { throw Conflict(aggregate: "\(Kept.self)") }
        entries[new.id] = .kept(Versioned(new, version: events), .made)
        touched.append(new.id)
    }

    func keep(_ value: Kept, version: Int) {
        guard case .kept(_, let change) = entries[value.id] else { return }
        if case .none = change { touched.append(value.id) }
        entries[value.id] = .kept(Versioned(value, version: version), change == .made ? .made : .changed)
    }

    func flush(in work: Work) throws {
        if touched.isEmpty { return }
        var made: [Versioned<Kept>] = []
        var changed: [Versioned<Kept>] = []
        for id in touched {
            guard case .kept(let kept, let change) = entries[id] else { continue }
            if change == .made { made.append(kept) } else { changed.append(kept) }
            entries[id] = .kept(kept, .none)
        }
        touched.removeAll(keepingCapacity: true)
        // What changed is locked already. New rows come in a fixed order, so that two transactions that make the same ones
        // never wait for each other in a ring.
        if !made.isEmpty { try Kept.insert(made.sorted { $0.value.id < $1.value.id }, in: work) }
        if !changed.isEmpty, try Kept.update(changed, in: work) != changed.count { throw Conflict(aggregate: "\(Kept.self)") }
    }
}

protocol AnyShelf: AnyObject {
    func flush(in work: Work) throws
}
