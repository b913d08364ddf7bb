import Kafka
import Testing

@Suite struct ReadingTests {
    @Test func `a poll takes what is there, up to its limit`() async throws {
        let topic = try await Broker.freshTopic()
        try await Broker.producer().store(outgoing(topic, 0..<250))
        let reader = try await Broker.reader(of: topic)
        var sizes: [Int] = []
        var taken = 0
        while taken < 250 - 1, sizes.count < 1000 {
            guard case .records(let records) = try await reader.poll(max: 100, wait: .milliseconds(100)) else { continue }
            #expect(records.count <= 100)
            sizes.append(records.count)
            taken = records.last.map { Int($0.offset) } ?? taken
        }
        #expect(sizes.contains(100))
    }

    @Test func `reading starts where it is told to`() async throws {
        let topic = try await Broker.freshTopic()
        let partition = TopicPartition(topic, 0)
        let producer = try Broker.producer()
        try await producer.store(outgoing(topic, 0..<10))
        let reader = try Consumer(Broker.settings, group: Broker.freshName("reader"))
        try await reader.read([partition: .offset(7)])
        #expect(try await reader.take(3).compactMap(number) == [7, 8, 9])
        try await reader.seek([partition: .offset(4)])
        #expect(try await reader.take(6).compactMap(number) == Array(4..<10))
        try await reader.seek([partition: .earliest])
        #expect(try await reader.take(10).compactMap(number) == Array(0..<10))
    }

    @Test func `a paused partition is silent and goes on where it stopped`() async throws {
        let topic = try await Broker.freshTopic(partitions: 2)
        let producer = try Broker.producer()
        let reader = try await Broker.reader(of: topic, partitions: 2)
        let keys = try await keysOfTwoPartitions(topic, producer)
        _ = try await reader.take(keys.sent)
        try await reader.pause([TopicPartition(topic, 0)])
        try await producer.store(outgoing(topic, 0..<5, key: keys.first) + outgoing(topic, 5..<10, key: keys.second))
        #expect(try await reader.take(5).compactMap(number) == Array(5..<10))
        try await reader.resume([TopicPartition(topic, 0)])
        #expect(try await reader.take(5).compactMap(number) == Array(0..<5))
    }

    /// One key for partition 0 and one for partition 1, found by sending.
    private func keysOfTwoPartitions(
        _ topic: String, _ producer: Producer
    ) async throws -> (first: String, second: String, sent: Int) {
        var keys: [Int: String] = [:]
        let deliveries = try await producer.store((0..<16).flatMap { outgoing(topic, 0..<1, key: "key \($0)") })
        for (index, delivery) in deliveries.enumerated() {
            if case .stored(let partition, _) = delivery { keys[partition] = "key \(index)" }
        }
        return (try #require(keys[0]), try #require(keys[1]), 16)
    }

    @Test func `the end of a partition is the offset after its last record`() async throws {
        let topic = try await Broker.freshTopic(partitions: 2)
        let partitions: Set = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
        #expect(try await Set(Consumer.ends(of: partitions, Broker.settings).values) == [0])
        let producer = try Broker.producer { $0.linger = .milliseconds(100) }
        try await producer.store(outgoing(topic, 0..<12))
        #expect(try await Set(Consumer.ends(of: partitions, Broker.settings).values) == [0, 12])
    }

    @Test func `another call cuts the wait of a poll short`() async throws {
        let topic = try await Broker.freshTopic()
        let reader = try await Broker.reader(of: topic)
        let before = ContinuousClock.now
        async let polled = reader.poll(max: 1, wait: .seconds(30))
        // A question may come before the poll; asking again meets it surely.
        let asking = Task { while !Task.isCancelled { _ = try await reader.lag() } }
        _ = try await polled
        asking.cancel()
        #expect(ContinuousClock.now - before < .seconds(15))
    }

    @Test func `a closed consumer says so`() async throws {
        let reader = try await Broker.reader(of: Broker.freshTopic())
        try await reader.close()
        let error = try await #require(throws: KafkaError.self) { try await reader.poll(max: 1, wait: .zero) }
        #expect(error.reason == .closed)
        try await reader.close()
    }

    @Test func `a cluster out of reach is visible`() async throws {
        var settings = try Broker.settings
        settings.brokers = "127.0.0.1:1"
        let reader = try Consumer(settings, group: Broker.freshName("reader"))
        try await eventually {
            _ = try await reader.poll(max: 1, wait: .milliseconds(50))
            return await !reader.isConnected
        }
        let answered = try await Broker.reader(of: Broker.freshTopic())
        try await eventually {
            _ = try await answered.poll(max: 1, wait: .milliseconds(50))
            return await answered.isConnected
        }
    }
}
