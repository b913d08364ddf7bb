import Kafka
import Testing

@Suite struct AdminTests {
    @Test func `topics are created once and asked for again without harm`() async throws {
        let admin = try Admin(Broker.settings)
        let (one, two) = (Broker.freshName(), Broker.freshName())
        try await admin.createTopics([NewTopic(one, partitions: 12)])
        try await admin.createTopics([NewTopic(one, partitions: 12), NewTopic(two, partitions: 3)])
        let topics = try await admin.topics()
        #expect(topics[one] == 12)
        #expect(topics[two] == 3)
    }

    @Test func `a cluster has an id`() async throws {
        #expect(try await !Admin(Broker.settings).clusterID().isEmpty)
    }

    @Test func `a cluster out of reach is a retryable error`() async throws {
        var settings = try Broker.settings
        settings.brokers = "127.0.0.1:1"
        settings.requestTimeout = .milliseconds(300)
        let admin = try Admin(settings)
        for ask in [
            { _ = try await admin.topics() }, { _ = try await admin.clusterID() },
            { try await admin.createTopics([NewTopic("x", partitions: 1)]) },
        ] as [() async throws -> Void] {
            let error = try await #require(throws: KafkaError.self) { try await ask() }
            #expect(error.isRetryable)
        }
    }
}
