import Contracts
import Foundation
import Kafka
import Postgres

/// Takes a batch of messages into effect within one unit of work: once each, in order per subject.
///
/// A message that comes before its turn, one that cannot be read, one whose handler failed, and those of the same
/// household behind a failed one are parked; what was waiting for a message follows it in the same transaction.
struct Inbox: Sendable {
    let reactions: Reactions

    struct Outcome: Sendable {
        var applied: [String: Int] = [:]
        var duplicates = 0
        var early = 0
        var parked: [(topic: String, reason: String)] = []
        /// Messages that waited for one of the batch and were left alone; their turn has come.
        var waiting: [Record] = []
    }

    // MARK: Reading

    func read(_ record: Record) -> Incoming {
        do { return Incoming(record, .success(try readable(record))) } catch { return Incoming(record, .failure(error)) }
    }

    private func readable(_ record: Record) throws(Unreadable) -> Incoming.Readable {
        guard let topic = reactions.topics[record.topic] else { throw Unreadable(reason: "unknown-topic") }
        let message = try Message(record, numbered: topic.isOurs)
        let reaction = reactions.byType[message.type]
        guard let channels = reaction?.channels ?? Events.channels[message.type] else {
            throw Unreadable(reason: Events.isOfAnotherVersion(message.type) ? "unknown-version" : "unknown-type")
        }
        // Who may write a topic may tell what belongs there, and nothing else.
        guard channels.contains(record.topic) else { throw Unreadable(reason: "wrong-topic") }
        guard let reaction else { return Incoming.Readable(message: message, effect: nil) }
        do { return Incoming.Readable(message: message, effect: try reaction.read(message.data)) } catch let failure as JSON.Failure {
            throw Unreadable(reason: failure.code.rawValue)
        } catch { throw Unreadable(reason: "invalid-data") }
    }

    // MARK: Applying

    /// - Parameter following: Whether messages that waited for one of these take effect with it.
    func apply(_ batch: [Incoming], following: Bool = true, in work: Work) throws -> Outcome {
        var outcome = Outcome()
        var turn = try Turn(batch, consumer: reactions.group, in: work)
        try prefetch(batch, in: work)
        for incoming in batch {
            try take(incoming, &turn, &outcome, in: work)
            guard case .success(let read) = incoming.content else { continue }
            while let waiting = try turn.takeWaiting(like: read.message, in: work) {
                guard following else {
                    outcome.waiting.append(waiting)
                    break
                }
                try take(self.read(waiting), &turn, &outcome, in: work)
            }
        }
        try turn.write(in: work)
        return outcome
    }

    private func prefetch(_ batch: [Incoming], in work: Work) throws {
        for incoming in batch {
            if case .success(let read) = incoming.content { read.effect?.want(in: work) }
        }
        for type in reactions.loaded { try work.loadWanted(type) }
    }

    private func take(_ incoming: Incoming, _ turn: inout Turn, _ outcome: inout Outcome, in work: Work) throws {
        let read: Incoming.Readable
        switch incoming.content {
        case .failure(let unreadable):
            turn.park(incoming, reason: unreadable.reason, attempts: 1)
            outcome.parked.append((incoming.record.topic, unreadable.reason))
            return
        case .success(let readable): read = readable
        }
        let message = read.message
        switch turn.standing(of: message) {
        case .done:
            turn.release(message)
            outcome.duplicates += 1
        case .early:
            turn.park(incoming, reason: Parked.early, attempts: 0)
            outcome.early += 1
        case .behind:
            turn.park(incoming, reason: Parked.behind, attempts: 0)
            outcome.parked.append((message.topic, Parked.behind))
        case .next:
            if let failure = incoming.failure {
                turn.park(incoming, reason: failure.reason, attempts: failure.attempts)
                outcome.parked.append((message.topic, failure.reason))
            } else {
                try handle(read, in: work)
                turn.done(message)
                outcome.applied[message.type, default: 0] += 1
            }
        }
    }

    private func handle(_ read: Incoming.Readable, in work: Work) throws {
        guard let effect = read.effect else { return }
        work.follow(read.message)
        try effect.happen(in: work)
    }
}

extension Topic {
    var isOurs: Bool {
        switch publisher {
        case .service: true
        case .department: false
        }
    }
}

extension Events {
    /// The topics in which each type of event may travel.
    static let channels = Dictionary(uniqueKeysWithValues: all.map { ($0.name, Set($0.channels.map(\.name))) })

    static func isOfAnotherVersion(_ type: String) -> Bool {
        func stem(_ name: String) -> Substring { name[..<(name.lastIndex(of: ".") ?? name.endIndex)] }
        return channels.keys.contains { stem($0) == stem(type) }
    }
}
