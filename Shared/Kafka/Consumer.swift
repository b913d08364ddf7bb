import CKafka
import Logging

/// Where reading starts in a partition.
package enum Start: Sendable, Equatable {
    case earliest
    case latest
    case offset(Int64)

    var code: Int64 {
        switch self {
        case .earliest: -2
        case .latest: -1
        case .offset(let offset): offset
        }
    }
}

/// What a poll brought.
package enum Polled: Sendable {
    /// None when the wait is over, or was cut short by another call to the consumer.
    case records([Record])
    /// The group has given these partitions to this member; they are read from the next poll on, where the group
    /// left off.
    case assigned([TopicPartition])
    /// The group takes back all that this member holds, once it polls again: until then the caller may finish and commit
    /// what it has. Not when they are `lost`: another member may have them already, or the log is a new one, so drop the
    /// work before the next poll. A commit of it after that poll would count.
    case revoked([TopicPartition], lost: Bool)
}

/// Reads records, either as a member of a group (``subscribe(_:)``) or by itself (``read(_:)``).
///
/// It commits nothing by itself. Its calls run one after the other on a thread of its own; a call made while a poll waits
/// cuts that wait short.
package actor Consumer {
    private let thread: PinnedThread
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    nonisolated let client: Client
    let wait: Int  // milliseconds
    private let logger: Logger
    private var closed = false
    /// A revocation that the caller has heard of and that its next poll answers.
    private var answerDue = false
    private var failure: KafkaError?
    private var topics: [OpaquePointer: String] = [:]
    private var statistics: [UInt8]?
    private var reachability = Reachability()
    private var footing = Footing()

    /// - Parameter group: Also names the offsets of a consumer that reads by itself; it may be shared then.
    package init(_ settings: KafkaSettings, group: String, logger: Logger = Logger(label: "lika.kafka")) throws {
        let client = try Client(.consumer(settings, group: group))
        self.client = client
        thread = PinnedThread(name: "kafka-consumer") { client.interruptPoll() }
        wait = settings.requestTimeout.milliseconds
        self.logger = logger
    }
}

// MARK: - What is read

extension Consumer {
    /// Joins the group; ``poll(max:wait:)`` tells what it assigns.
    package func subscribe(_ topics: [String]) throws {
        try ready()
        try client.subscribe(topics)
    }

    /// Reads these partitions, and only these, without joining the group: so at once.
    package func read(_ partitions: [TopicPartition: Start]) throws {
        try ready()
        try client.assign(partitions.mapValues(\.code))
    }

    /// Waits for a first record up to `wait`, then takes what is there, up to `max`.
    ///
    /// A member must poll at least every five minutes, or the group goes on without it.
    package func poll(max: Int, wait: Duration) throws -> Polled {
        try ready()
        serveEvents()
        if answerDue {
            answerDue = false
            footing.end()
            try client.unassign()
        }
        try throwFailure()
        try findFooting()
        if let change = try rebalanced() { return change }
        var records: [Record] = []
        var next = thread.waiting { awaited in client.nextMessage(wait: awaited ? 0 : wait.milliseconds) }
        while let message = next {
            defer { rd_kafka_message_destroy(message) }
            let code = message.pointee.err
            if code == RD_KAFKA_RESP_ERR_NO_ERROR {
                let record = Record(message, topic: topic(of: message))
                if footing.isDoubted {
                    switch footing.judge(record) {
                    case .new: records.append(record)
                    case .done: break
                    case .stranger:
                        records = footing.stand(behind: records)
                        try readAnew([record.source])
                        return .records(records)
                    }
                } else {
                    records.append(record)
                }
            } else {
                failure = KafkaError(code, rd_kafka_message_errstr(message).map { String(cString: $0) })
                break
            }
            if records.count >= max || client.rebalance.change != nil { break }
            next = client.nextMessage(wait: 0)
        }
        // Records first: they came before whatever else there is to tell.
        if !records.isEmpty { return .records(footing.stand(behind: records)) }
        try throwFailure()
        return try rebalanced() ?? .records([])
    }

    private func rebalanced() throws -> Polled? {
        guard let change = client.rebalance.change else { return nil }
        switch change {
        case .assigned(let partitions):
            // As long as the group cannot say where it is, the change stays to be answered.
            let committed = partitions.isEmpty ? [:] : try client.committed(Set(partitions), wait: wait)
            client.rebalance.change = nil
            try client.assign(footing.begin(partitions, committed: committed, losses: reachability.losses).mapValues(\.code))
            return .assigned(partitions)
        case .revoked(let partitions, let lost):
            client.rebalance.change = nil
            answerDue = true
            return .revoked(partitions, lost: lost)
        }
    }

    /// After a loss of contact, goes back to the last record of each partition; where that cannot come any more, to the start.
    private func findFooting() throws {
        if footing.holds, let starts = footing.retreat(losses: reachability.losses) {
            try client.assign(starts.mapValues(\.code))
        }
        guard footing.isDoubted else { return }
        let gone = footing.beyond { client.high(of: $0) }
        if !gone.isEmpty { try readAnew(gone) }
    }

    private func readAnew(_ partitions: Set<TopicPartition>) throws {
        logger.notice("the log is not the one that was read; it is read from its start", metadata: ["partitions": "\(partitions)"])
        try client.assign(footing.startAnew(partitions).mapValues(\.code))
    }

    /// Stops reading these partitions; the member stays in its group as long as it polls.
    package func pause(_ partitions: Set<TopicPartition>) throws {
        try ready()
        try client.pause(partitions, true)
    }

    package func resume(_ partitions: Set<TopicPartition>) throws {
        try ready()
        try client.pause(partitions, false)
    }

    /// Goes on reading elsewhere. Records of these partitions that a poll has already returned are the caller's to drop.
    package func seek(_ partitions: [TopicPartition: Start]) throws {
        try ready()
        try client.seek(partitions.mapValues(\.code), wait: wait)
    }

    /// Leaves the group, so that the others have the partitions at once, and reads no more. Commit before.
    package func close() throws {
        if closed { return }
        closed = true
        if client.rebalance.change != nil || answerDue { try client.unassign() }
        try client.closeConsumer()
        serveEvents()
    }
}

// MARK: - Offsets

extension Consumer {
    /// Tells the group which offset comes **next** in each partition, and waits for its answer.
    package func commit(_ next: [TopicPartition: Int64]) throws {
        if next.isEmpty { return }
        try ready()
        if client.isAssignmentLost { throw KafkaError(RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST) }
        try client.commit(next, wait: wait)
    }

    /// As ``commit(_:)``, without waiting, neither for the answer nor for a poll under way. A refusal is logged; if it
    /// matters, the next poll tells of a rebalance.
    ///
    /// Nothing is committed that the group has taken away meanwhile. Without a membership, librdkafka would commit as one
    /// who reads outside any group; a group that is still empty believes that, and a new log would be read from an offset of
    /// the old one.
    package nonisolated func commitSoon(_ next: [TopicPartition: Int64]) throws {
        if client.isAssignmentLost { throw KafkaError(RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST) }
        if !next.isEmpty { try client.commitSoon(next) }
    }

    /// The group's committed offsets; partitions without one are left out.
    package func committed(_ partitions: Set<TopicPartition>) throws -> [TopicPartition: Int64] {
        try ready()
        return try client.committed(partitions, wait: wait)
    }

    /// How many records of each partition read here are not committed yet (not read, where nothing is committed), as of
    /// the last second.
    package func lag() throws -> [TopicPartition: Int64] {
        serveEvents()
        return try statistics.map { try Statistics.lag($0) } ?? [:]
    }

    /// The end of a partition as the last answer told it.
    func high(of partition: TopicPartition) -> Int64? { client.high(of: partition) }

    /// Whether any broker was reachable at the last poll, give or take a second.
    package var isConnected: Bool {
        serveEvents()
        return reachability.isConnected
    }
}

extension Consumer {
    private func ready() throws(KafkaError) {
        if closed { throw KafkaError.closed }
    }

    private func throwFailure() throws(KafkaError) {
        guard let failure else { return }
        self.failure = nil
        throw failure
    }

    private func serveEvents() {
        while let event = client.nextEvent(wait: 0) {
            switch event {
            case .failed(let error, fatal: _):
                if error.reason != .unreachable { failure = error }
            case .allBrokersDown:
                reachability.lost(logger)
            case .commitFailed(let error):
                logger.warning("commit refused", metadata: ["error": "\(error)"])
            case .statistics(let json):
                statistics = json
                reachability.read(json, logger)
            case .log(let level, let text):
                logger.log(librdkafka: level, text)
            case .delivered:
                break
            }
        }
    }

    /// Topics have few names and records are many: one string serves all.
    private func topic(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> String {
        guard let pointer = message.pointee.rkt else { return "" }
        if let name = topics[pointer] { return name }
        let name = String(cString: rd_kafka_topic_name(pointer))
        topics[pointer] = name
        return name
    }
}
