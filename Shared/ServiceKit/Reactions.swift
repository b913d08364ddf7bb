import Contracts
import Foundation
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

    package init(service: String, purpose: String) { group = "lika.\(service).\(purpose)" }

    package func on<E: Event>(
        _ type: E.Type, loading: [Prefetch<E>] = [], _ handle: @escaping @Sendable (E, Work) throws -> Void
    ) -> Reactions {
        var copy = self
        copy.byType[E.name] = Reaction(
            channels: Set(E.channels.map(\.name)),
            decode: { try JSON.decode(E.self, from: $0) },
            prefetch: { events, work in for load in loading { try load.load(events.compactMap { $0 as? E }, work) } },
            handle: { event, work in if let event = event as? E { try handle(event, work) } })
        for topic in E.channels { copy.topics[topic.name] = topic }
        return copy
    }

    /// Aggregates that a handler will ask for, loaded in one query for a whole batch.
    package struct Prefetch<E: Event>: Sendable {
        let load: @Sendable ([E], Work) throws -> Void

        package static func of<Kept: Aggregate>(_ type: Kept.Type, _ id: @escaping @Sendable (E) -> Kept.Identity?) -> Self {
            Self { events, work in try work.prefetch(type, events.compactMap(id)) }
        }

        package static func many<Kept: Aggregate>(_ type: Kept.Type, _ ids: @escaping @Sendable (E) -> [Kept.Identity]) -> Self {
            Self { events, work in try work.prefetch(type, events.flatMap(ids)) }
        }
    }
}

/// One handler with its types erased.
struct Reaction: Sendable {
    let channels: Set<String>
    let decode: @Sendable ([UInt8]) throws -> any Event
    let prefetch: @Sendable ([any Event], Work) throws -> Void
    let handle: @Sendable (any Event, Work) throws -> Void
}

/// A record on its way in: read, or the reason why it cannot be.
struct Incoming: Sendable {
    let record: Origin
    let content: Result<Readable, Unreadable>
    /// Set when the message is to be parked whatever it says: its handler failed.
    var failure: (reason: String, attempts: Int)?

    struct Readable: Sendable {
        let message: Message
        /// Nothing when this consumer has no handler for the type; the message is still noted.
        let event: (any Event)?
    }

    /// Where it came from and its bytes as they were, for parking.
    struct Origin: Sendable {
        let topic: String
        let partition: Int
        let offset: Int
        let key: UUID?
        let headers: [String: String]
        let value: [UInt8]

        var coordinates: Coordinates { Coordinates(topic, partition, offset) }
    }
}
