import Kafka
import Testing

@Suite struct GroupTests {
    @Test func `a member goes on after the last commit, not after the last record`() async throws {
        let (topic, group) = (try await Broker.freshTopic(), Broker.freshName("group"))
        let partition = TopicPartition(topic, 0)
        try await Broker.producer().store(outgoing(topic, 0..<10))

        let first = try await Broker.member(of: group, topic)
        #expect(try await first.take(10).count == 10)
        try await first.commit([partition: 6])
        #expect(try await first.committed([partition]) == [partition: 6])
        try await first.close()

        let second = try await Broker.member(of: group, topic)
        #expect(try await second.take(4).compactMap(number) == Array(6..<10))
        try second.commitSoon([partition: 10])
        try await eventually { try await second.committed([partition]) == [partition: 10] }
        try await second.close()
    }

    @Test func `two members share the partitions, and one inherits them when the other leaves`() async throws {
        let (topic, group) = (try await Broker.freshTopic(partitions: 4), Broker.freshName("group"))
        let stays = try await Broker.member(of: group, topic)
        try await stays.join(4)
        let leaves = try await Broker.member(of: group, topic)
        async let half = leaves.join(2)
        let otherHalf = try await stays.join(2)
        #expect(try await Set(half).isDisjoint(with: otherHalf))

        try await leaves.close()
        try await stays.join(4)
        try await Broker.producer().store(outgoing(topic, 0..<5))
        #expect(try await stays.take(5).count == 5)
        try await stays.close()
    }

    @Test func `what is revoked can be finished and committed before the next poll`() async throws {
        let (topic, group) = (try await Broker.freshTopic(partitions: 2), Broker.freshName("group"))
        try await Broker.producer().store(outgoing(topic, 0..<8))
        let first = try await Broker.member(of: group, topic)
        let records = try await first.take(8)
        let second = try await Broker.member(of: group, topic)
        async let joined = second.join(1)
        try await first.poll(within: .seconds(30)) { polled in
            if case .revoked(_, lost: false) = polled { true } else { false }
        }
        let source = records[0].source
        try await first.commit([source: 8])
        try await first.join(1)
        _ = try await joined
        #expect(try await second.committed([source]) == [source: 8])
        try await first.close()
        try await second.close()
    }

    @Test func `lag is what the group has not committed`() async throws {
        let (topic, group) = (try await Broker.freshTopic(), Broker.freshName("group"))
        let partition = TopicPartition(topic, 0)
        let producer = try Broker.producer()
        try await producer.store(outgoing(topic, 0..<10))
        let member = try await Broker.member(of: group, topic)
        _ = try await member.take(10)
        try await member.commit([partition: 10])
        try await member.pause([partition])
        try await eventually {
            _ = try await member.poll(max: 10, wait: .milliseconds(50))
            return try await member.lag() == [partition: 0]
        }
        try await member.close()
    }

    @Test func `a topic that is created after its subscriber is found`() async throws {
        let (topic, group) = (Broker.freshName(), Broker.freshName("group"))
        let member = try Consumer(Broker.settings, group: group)
        try await member.subscribe([topic])
        var errors: Set<KafkaError.Reason> = []
        let end = ContinuousClock.now + .seconds(10)
        while errors.isEmpty, ContinuousClock.now < end {
            do {
                _ = try await member.poll(max: 1, wait: .milliseconds(100))
            } catch let error as KafkaError {
                errors.insert(error.reason)
            }
        }
        #expect(errors == [.unknownTopic])
        try await Admin(Broker.settings).createTopics([NewTopic(topic, partitions: 1)])
        try await member.join(1)
        try await member.close()
    }
}
