import Kafka
import TestKit
import Testing

/// A member of a group reads on only where it knows the log again.
@Suite struct FootingTests {
    @Test func `a member whose broker comes back with all it had goes on where it was`() async throws {
        try await Ground.with { ground in
            try await ground.store(0..<5)
            let member = try await ground.member()
            #expect(try await member.take(5).compactMap(number) == Array(0..<5))
            ground.broker.kill()
            try ground.broker.start()
            try await ground.store(5..<8)
            #expect(try await member.take(3).compactMap(number) == [5, 6, 7])
            try await member.close()
        }
    }

    @Test func `a partition whose end was lost and written anew is read from its start`() async throws {
        try await Ground.with { ground in
            try await ground.store(0..<10)
            let member = try await ground.member()
            _ = try await member.take(10)
            try await member.commit([ground.partition: 10])
            ground.broker.kill()
            try ground.broker.cut(ground.topic, 0, from: 6)
            try ground.broker.start()
            // They end where the member stands: by its offset it has seen them.
            try await ground.store(20..<24)
            #expect(try await member.take(10).compactMap(number) == Array(0..<6) + Array(20..<24))
            try await member.close()
        }
    }

    @Test func `a partition that ends before what the group has committed is read from its start`() async throws {
        try await Ground.with { ground in
            try await ground.store(0..<10)
            let first = try await ground.member()
            _ = try await first.take(10)
            try await first.commit([ground.partition: 10])
            try await first.close()
            ground.broker.kill()
            try ground.broker.cut(ground.topic, 0, from: 4)
            try ground.broker.start()
            let second = try await ground.member()
            #expect(try await second.take(4).compactMap(number) == [0, 1, 2, 3])
            try await second.close()
        }
    }
}

@Suite struct LogReaderTests {
    @Test func `a log is read to its end, and then no further`() async throws {
        let topic = try await Broker.freshTopic(partitions: 3)
        let producer = try Broker.producer()
        for value in 0..<50 { try await producer.store(outgoing(topic, [value], key: "k\(value)")) }
        var log = try await LogReader(Set((0..<3).map { TopicPartition(topic, $0) }), Broker.settings)
        var read: [Int] = []
        while let records = try await log.next() { read += records.compactMap(number) }
        #expect(read.sorted() == Array(0..<50))
    }

    @Test func `an empty log ends at once`() async throws {
        let topic = try await Broker.freshTopic(partitions: 2)
        var log = try await LogReader([TopicPartition(topic, 0), TopicPartition(topic, 1)], Broker.settings)
        #expect(try await log.next() == nil)
    }
}

/// One topic of one partition on a broker of its own.
private struct Ground {
    let broker: OwnBroker
    let settings: KafkaSettings
    let topic = Broker.freshName()
    let group = Broker.freshName("group")
    var partition: TopicPartition { TopicPartition(topic, 0) }

    static func with(_ body: (Ground) async throws -> Void) async throws {
        try await OwnBroker.with { broker in
            var settings = try Broker.settings
            settings.brokers = broker.brokers
            let ground = Ground(broker: broker, settings: settings)
            try await Admin(settings).createTopics([NewTopic(ground.topic, partitions: 1)])
            try await body(ground)
        }
    }

    /// Each in a batch of its own.
    func store(_ values: Range<Int>) async throws {
        let producer = try Producer(settings)
        for value in values { try await producer.store(outgoing(topic, [value])) }
        await producer.close()
    }

    func member() async throws -> Consumer {
        let consumer = try Consumer(settings, group: group)
        try await consumer.subscribe([topic])
        return consumer
    }
}
