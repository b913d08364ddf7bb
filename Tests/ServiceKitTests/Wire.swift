import Contracts
import Foundation
import Kafka
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// A ledger and the real broker; reads what reached the log without a group, so at once.
struct Wire: Sendable {
    let bench: Bench
    let kafka: KafkaSettings

    struct Arrived: Sendable {
        let record: Record
        let event: AmountAdded
        var sequence: Int { record.headers["ce_sequence"].flatMap { Int($0) } ?? 0 }
    }

    /// On the common broker, or on one of the test's own.
    static func with(_ broker: OwnBroker? = nil, _ body: (Wire) async throws -> Void) async throws {
        var kafka = KafkaSettings(brokers: try broker?.brokers ?? TestServers.brokers, clientID: "test")
        // Once emptied, the embedded broker fences every idempotent producer that it does not know.
        if broker != nil { kafka.properties["enable.idempotence"] = "false" }
        try await Admin(kafka).createTopics([Topic.asked, .added, .reported].map { NewTopic($0.name, partitions: $0.partitions) })
        try await Bench.with(connections: 6) { try await body(Wire(bench: $0, kafka: kafka)) }
    }

    /// A relay to the broker, or to one that is away.
    func makeRelay(isBrokerAway: Bool = false) throws -> Relay {
        var kafka = kafka
        if isBrokerAway {
            kafka.brokers = "127.0.0.1:1"
            (kafka.messageTimeout, kafka.requestTimeout) = (.milliseconds(300), .milliseconds(300))
        }
        return Relay(
            database: bench.database, producer: try Producer(kafka, logger: .silent),
            recovery: makeRecovery(kafka), service: "ledger", logger: .silent)
    }

    func makeRecovery(_ settings: KafkaSettings? = nil) -> LogRecovery {
        LogRecovery(database: bench.database, settings: settings ?? kafka, topics: [.added], logger: .silent)
    }

    /// Runs a relay beside `body`, and stops it as a service is stopped.
    func relaying(isBrokerAway: Bool = false, _ body: (Store) async throws -> Void) async throws {
        let relay = try makeRelay(isBrokerAway: isBrokerAway)
        let store = Store(database: bench.database, relay: relay, bell: Bell())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { do { try await relay.run() } catch is CancellationError {} }
            let result: Result<Void, any Error>
            do { result = .success(try await body(store)) } catch { result = .failure(error) }
            group.cancelAll()
            try await group.waitForAll()
            try result.get()
        }
    }

    /// Reads the topic from its start until `count` matching events are there, and a moment longer for more than that.
    func read(_ count: Int, _ matches: (AmountAdded) -> Bool) async throws -> [Arrived] {
        let consumer = try Consumer(kafka, group: "test-\(UUID())", logger: .silent)
        try await consumer.read(Dictionary(uniqueKeysWithValues: (0..<Topic.added.partitions).map { (TopicPartition(Topic.added.name, $0), .earliest) }))
        var arrived: [Arrived] = []
        let giveUp = ContinuousClock.now + .seconds(40)
        var quiet = 0
        while ContinuousClock.now < giveUp, arrived.count < count || quiet < 3 {
            guard case .records(let records) = try await consumer.poll(max: 500, wait: .milliseconds(100)) else { continue }
            if arrived.count >= count, records.isEmpty { quiet += 1 }
            for record in records {
                let event = try JSON.decode(AmountAdded.self, from: record.value ?? [])
                if matches(event) { arrived.append(Arrived(record: record, event: event)) }
            }
        }
        try await consumer.close()
        #expect(arrived.count == count)
        return arrived
    }
}
