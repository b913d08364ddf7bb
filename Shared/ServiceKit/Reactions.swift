import Contracts
import Foundation
import Kafka
import Postgres

/// What a service does about the events of others: one consumer group, one handler for each type.
///
///     Reactions(service: "review", purpose: "cases")
///         .on(CaseProposed.self, loading: [.of(ReviewCase.self) { $0.case }]) { event, work in … }
///
/// Events of one subject reach their handler exactly once and in the order 1, 2, 3 …; across subjects there is no order.
/// A handler that throws parks the message; one that finds nothing to do returns.
package struct Reactions: Sendable {
    /// The consumer group and the inbox's name for it, `lika.<service>.<purpose>`.
    package let group: String
    private(set) var byType: [String: Reaction] = [:]
    private(set) var topics: [String: Topic] = [:]
    /// The types of aggregates that handlers ask for, in the order of their declaration: that in which a batch loads them, so
    /// that two transactions never wait for each other in a ring.
    private(set) var loaded: [any Aggregate.Type] = []

    package init(service: String, purpose: String) { group = "lika.\(service).\(purpose)" }

    package func on<E: Event>(
        _ type: E.Type, loading: [Prefetch<E>] = [], _ handle: @escaping @Sendable (E, Work) throws -> Void
    ) -> Reactions {
        var copy = self
        copy.byType[E.name] = Reaction(channels: Set(E.channels.map(\.name))) {
            Reacting(event: try JSON.decode(E.self, from: $0), loading: loading, handle: handle)
        }
        for topic in E.channels { copy.topics[topic.name] = topic }
        for load in loading where !copy.loaded.contains(where: { $0 == load.kept }) { copy.loaded.append(load.kept) }
        return copy
    }

    /// Aggregates that a handler will ask for, loaded in one query for a whole batch.
    package struct Prefetch<E: Event>: Sendable {
        let kept: any Aggregate.Type
        let want: @Sendable (E, Work) -> Void

        package static func of<Kept: Aggregate>(_ type: Kept.Type, _ id: @escaping @Sendable (E) -> Kept.Identity?) -> Self {
            Self(kept: type) { event, work in if let id = id(event) { work.want(type, id) } }
        }

        package static func many<Kept: Aggregate>(_ type: Kept.Type, _ ids: @escaping @Sendable (E) -> [Kept.Identity]) -> Self {
            Self(kept: type) { event, work in for id in ids(event) { work.want(type, id) } }
        }
    }
}

/// One handler with its types erased.
struct Reaction: Sendable {
    let channels: Set<String>
    let read: @Sendable ([UInt8]) throws -> any Effect
}

/// What one event brings about.
protocol Effect: Sendable {
    /// Says which aggregates its handler will ask for.
    func want(in work: Work)
    func happen(in work: Work) throws
}

/// An event in the hands of its handler.
private final class Reacting<E: Event>: Effect {
    private let event: E
    private let loading: [Reactions.Prefetch<E>]
    private let handle: @Sendable (E, Work) throws -> Void

    init(event: E, loading: [Reactions.Prefetch<E>], handle: @escaping @Sendable (E, Work) throws -> Void) {
        (self.event, self.loading, self.handle) = (event, loading, handle)
    }

    func want(in work: Work) { for load in loading { load.want(event, work) } }
    func happen(in work: Work) throws { try handle(event, work) }
}

/// A record on its way in: read, or the reason why it cannot be.
final class Incoming: Sendable {
    let record: Record
    let content: Result<Readable, Unreadable>
    /// Set when the message is to be parked whatever it says: its handler failed.
    let failure: (reason: String, attempts: Int)?

    init(_ record: Record, _ content: Result<Readable, Unreadable>, failure: (reason: String, attempts: Int)? = nil) {
        (self.record, self.content, self.failure) = (record, content, failure)
    }

    struct Readable: Sendable {
        let message: Message
        /// Nothing when this consumer has no handler for the type; the message is still noted.
        let effect: (any Effect)?
    }

    func failing(_ reason: String, attempts: Int) -> Incoming { Incoming(record, content, failure: (reason, attempts)) }
}
