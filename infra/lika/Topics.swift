import ArgumentParser
import Contracts
import Kafka

/// Creates the topics that the contracts name; those that exist stay as they are.
struct Topics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Creates the topics of the contracts, or lists them.")

    @Flag(help: "Only list name, partitions and publisher.")
    var list = false

    @Option(help: "Copies of each partition; -1 lets the cluster decide.")
    var replicas = -1

    func run() async throws {
        if list {
            for topic in Topic.all { print(topic.name, topic.partitions, topic.publisher.source) }
            return
        }
        var settings = try Surroundings.kafka()
        // A broker that has just come up takes its time for dozens of topics.
        settings.requestTimeout = .seconds(60)
        let admin = try Admin(settings)
        let present = try await admin.topics()
        let missing = Topic.all.filter { present[$0.name] == nil }
        try await admin.createTopics(missing.map { NewTopic($0.name, partitions: $0.partitions, replicas: replicas) })
        for topic in Topic.all { if let partitions = present[topic.name], partitions != topic.partitions { throw WrongWidth(topic: topic.name, partitions: partitions, wanted: topic.partitions) } }
        print("topics: \(missing.count) created, \(Topic.all.count - missing.count) were there")
    }

    struct WrongWidth: Error, CustomStringConvertible {
        let topic: String
        let partitions: Int
        let wanted: Int
        var description: String { "\(topic) has \(partitions) partitions, the contract says \(wanted): households would change partition. Use a new cluster or campaign" }
    }
}
