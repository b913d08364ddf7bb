import Contracts
import Foundation
import Kafka

extension Reactions {
    /// What became of a record that was handed in.
    package enum HandedIn: Sendable { case applied, repeated }

    /// Takes a record into effect that was carried here by another way than the log, exactly as if it had come in its topic: the
    /// same reading, the same inbox, the same handler. It has no place in the log, which shows as partition and offset -1. It may
    /// come by the log as well, before or after; it counts once.
    ///
    /// Nothing is parked: what cannot be read is invalid, and the carrier is told why.
    package func handIn(_ value: [UInt8], topic: Topic, key: UUID, headers: [String: String], in work: Work) throws -> HandedIn {
        var fields = Headers()
        for (name, text) in headers { fields.append(name, text) }
        let inbox = Inbox(reactions: self)
        let incoming = inbox.read(
            Record(topic: topic.name, partition: -1, offset: -1, timestamp: nil, key: Array(key.lowercased.utf8), value: value, headers: fields))
        if case .failure(let unreadable) = incoming.content { throw Invalid("", unreadable.reason, "this cannot be read as a message of its topic") }
        return try inbox.apply([incoming], in: work).duplicates > 0 ? .repeated : .applied
    }
}
