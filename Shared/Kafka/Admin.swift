import Logging

/// A topic as it should be.
package struct NewTopic: Sendable, Hashable {
    package let name: String
    package let partitions: Int
    /// -1 leaves it to the cluster.
    package let replicas: Int
    /// The broker's topic settings, such as `retention.ms`.
    package let settings: [String: String]

    package init(_ name: String, partitions: Int, replicas: Int = -1, settings: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicas = replicas
        self.settings = settings
    }
}

/// Asks and changes the cluster itself. Its calls run on a thread of their own.
package actor Admin {
    private let thread = PinnedThread(name: "kafka-admin")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let settings: KafkaSettings
    private let client: Client

    package init(_ settings: KafkaSettings) throws {
        self.settings = settings
        client = try Client(.admin(settings))
    }

    /// Creates what is missing and leaves alone what exists, whatever its number of partitions.
    package func createTopics(_ topics: [NewTopic]) throws {
        if topics.isEmpty { return }
        try client.create(topics, wait: settings.requestTimeout.milliseconds)
    }

    /// Every topic and its number of partitions.
    package func topics() throws -> [String: Int] {
        try client.topics(wait: settings.requestTimeout.milliseconds)
    }

    /// The name that the cluster gave itself when it was founded.
    package func clusterID() throws -> String {
        // A client keeps the first id it hears; only a fresh one notices that the cluster is another.
        try Client(.admin(settings)).clusterID(wait: settings.requestTimeout.milliseconds)
    }
}
