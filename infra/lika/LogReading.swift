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
        let present = try await Admin(settings).topics()
        let places = topics.flatMap { topic in (0..<(present[topic] ?? 0)).map { TopicPartition(topic, $0) } }
        var contents: [String: Contents] = [:]
        var log = try await LogReader(Set(places), settings)
        while let records = try await log.next() {
            for record in records {
                contents[record.topic, default: Contents()].records += 1
                if let id = record.headers["ce_id"].flatMap(UUID.init(uuidString:)) { contents[record.topic, default: Contents()].ids.insert(id) }
            }
        }
        return contents
    }
}
