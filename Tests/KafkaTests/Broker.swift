import Foundation
import Kafka
import Testing

/// The real broker that the tests run against, and names that nobody else uses on it.
enum Broker {
    static var settings: KafkaSettings {
        get throws {
            let environment = ProcessInfo.processInfo.environment
            try #require(environment["LIKA_BROKERS"] != nil, "these tests need a broker: set LIKA_BROKERS=host:port")
            var settings = try KafkaSettings(environment: environment, clientID: "kafka-tests")
            settings.sessionTimeout = .seconds(6)
            return settings
        }
    }

    static func freshName(_ what: String = "topic") -> String { "test.\(what).\(UUID().uuidString.lowercased())" }

    static func freshTopic(partitions: Int = 1) async throws -> String {
        let name = freshName()
        try await Admin(settings).createTopics([NewTopic(name, partitions: partitions)])
        return name
    }

    static func producer(_ change: (inout KafkaSettings) -> Void = { _ in }) throws -> Producer {
        var settings = try settings
        change(&settings)
        return try Producer(settings)
    }

    /// Reads by itself, from the start of every partition.
    static func reader(of topic: String, partitions: Int = 1) async throws -> Consumer {
        let consumer = try Consumer(settings, group: freshName("reader"))
        try await consumer.read(
            Dictionary(uniqueKeysWithValues: (0..<partitions).map { (TopicPartition(topic, $0), .earliest) }))
        return consumer
    }

    static func member(of group: String, _ topic: String) async throws -> Consumer {
        let consumer = try Consumer(settings, group: group)
        try await consumer.subscribe([topic])
        return consumer
    }
}

func text(_ text: String) -> [UInt8] { Array(text.utf8) }

func outgoing(_ topic: String, _ values: some Sequence<Int>, key: String = "k") -> [OutgoingRecord] {
    values.map { OutgoingRecord(topic: topic, key: text(key), value: text("\($0)")) }
}

func number(_ record: Record) -> Int? { record.value.flatMap { Int(String(decoding: $0, as: UTF8.self)) } }

struct NotInTime: Error {}

extension Producer {
    /// Sends and insists that all are stored.
    @discardableResult
    func store(_ records: [OutgoingRecord]) async throws -> [Delivery] {
        let deliveries = await send(records)
        for delivery in deliveries { if let error = delivery.error { throw error } }
        return deliveries
    }
}

extension Consumer {
    /// Polls until `count` records have come.
    nonisolated func take(_ count: Int, within limit: Duration = .seconds(20)) async throws -> [Record] {
        var taken: [Record] = []
        try await poll(within: limit) { polled in
            if case .records(let records) = polled { taken += records }
            return taken.count >= count
        }
        return taken
    }

    /// Polls until the group has given this member exactly `count` partitions.
    @discardableResult
    nonisolated func join(_ count: Int, within limit: Duration = .seconds(30)) async throws -> [TopicPartition] {
        var held: [TopicPartition] = []
        try await poll(within: limit) { polled in
            switch polled {
            case .assigned(let partitions): held = partitions
            case .revoked: held = []
            case .records: break
            }
            return held.count == count
        }
        return held
    }

    nonisolated func poll(within limit: Duration, until done: (Polled) -> Bool) async throws {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if done(try await poll(max: 500, wait: .milliseconds(100))) { return }
        }
        throw NotInTime()
    }
}

func eventually(within limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        if ContinuousClock.now > end { throw NotInTime() }
        try await Task.sleep(for: .milliseconds(20))
    }
}
