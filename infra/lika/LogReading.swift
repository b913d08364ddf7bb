import Contracts
import Foundation
import Kafka

/// Reads whole topics from their first record to the last that is there when it begins.
enum LogReading {
    struct Contents: Sendable {
        var ids: Set<UUID> = []
        var records = 0
    }

    static func read(_ topics: [String], _ settings: KafkaSettings) async throws -> [String: Contents] {
        var settings = settings
        // The ends of hundreds of partitions come one after the other.
        settings.requestTimeout = .seconds(60)
        let present = try await Admin(settings).topics()
        let consumer = try Consumer(settings, group: "lika.ledger")
        let places = topics.flatMap { topic in (0..<(present[topic] ?? 0)).map { TopicPartition(topic, $0) } }
        var ends = try await Consumer.extents(of: Set(places), settings).filter { !$0.value.isEmpty }.mapValues(\.upperBound)
        var contents: [String: Contents] = [:]
        try await consumer.read(ends.mapValues { _ in Start.earliest })
        while !ends.isEmpty {
            guard case .records(let records) = try await consumer.poll(max: 2_000, wait: .seconds(1)) else { continue }
            for record in records {
                contents[record.topic, default: Contents()].records += 1
                if let id = record.headers["ce_id"].flatMap(UUID.init(uuidString:)) { contents[record.topic, default: Contents()].ids.insert(id) }
                if let end = ends[record.source], record.offset + 1 >= end { ends[record.source] = nil }
            }
        }
        try await consumer.close()
        return contents
    }
}
