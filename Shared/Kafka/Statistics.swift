import Foundation
import Logging

/// What we read of librdkafka's statistics.
struct Statistics: Decodable {
    struct Topic: Decodable {
        let partitions: [String: Partition]
    }
    struct Partition: Decodable {
        /// -1 when unknown.
        let consumer_lag: Int64
    }
    let topics: [String: Topic]

    /// How many records of each partition read here the group has not done yet.
    static func lag(_ json: [UInt8]) throws -> [TopicPartition: Int64] {
        var lag: [TopicPartition: Int64] = [:]
        for (topic, statistics) in try JSONDecoder().decode(Statistics.self, from: Data(json)).topics {
            for (partition, statistics) in statistics.partitions where statistics.consumer_lag >= 0 {
                if let partition = Int(partition) { lag[TopicPartition(topic, partition)] = statistics.consumer_lag }
            }
        }
        return lag
    }
}

extension Logger {
    /// librdkafka's levels are syslog's. It repeats itself while a broker is away, and heals by itself.
    func log(librdkafka level: Int, _ text: String) {
        switch level {
        case ...4: warning("librdkafka", metadata: ["text": "\(text)"])
        case 5...6: debug("librdkafka", metadata: ["text": "\(text)"])
        default: trace("librdkafka", metadata: ["text": "\(text)"])
        }
    }
}
