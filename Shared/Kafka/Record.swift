/// One partition of one topic.
package struct TopicPartition: Hashable, Sendable, CustomStringConvertible {
    package let topic: String
    package let partition: Int

    package init(_ topic: String, _ partition: Int) {
        self.topic = topic
        self.partition = partition
    }

    package var description: String { "\(topic)[\(partition)]" }
}

/// A record as the log holds it.
package struct Record: Sendable {
    package let topic: String
    package let partition: Int
    package let offset: Int64
    /// Milliseconds since 1970 UTC, set by the producer or the broker as the topic says; nil when neither did.
    package let timestamp: Int64?
    package let key: [UInt8]?
    /// Nil is a tombstone, which is not the same as an empty value.
    package let value: [UInt8]?
    package let headers: Headers

    package init(
        topic: String, partition: Int, offset: Int64, timestamp: Int64?, key: [UInt8]?, value: [UInt8]?, headers: Headers
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }

    package var source: TopicPartition { TopicPartition(topic, partition) }
}

/// A record to be sent. Its key decides the partition, by murmur2 as Java's clients do.
package struct OutgoingRecord: Sendable {
    package var topic: String
    package var key: [UInt8]?
    package var value: [UInt8]?
    package var headers: Headers

    package init(topic: String, key: [UInt8]?, value: [UInt8]?, headers: Headers = [:]) {
        self.topic = topic
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// What became of one sent record.
package enum Delivery: Sendable, Equatable {
    /// Every in-sync replica has it.
    case stored(partition: Int, offset: Int64)
    case failed(KafkaError)

    package var error: KafkaError? {
        switch self {
        case .stored: nil
        case .failed(let error): error
        }
    }
}
