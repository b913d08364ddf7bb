import CKafka
import Foundation

extension UnsafeMutablePointer<rd_kafka_topic_partition_list_t> {
    /// A list for librdkafka, valid inside `body`.
    static func with<Value>(
        _ offsets: [TopicPartition: Int64], _ body: (Self) throws(KafkaError) -> Value
    ) throws(KafkaError) -> Value {
        guard let list = rd_kafka_topic_partition_list_new(Int32(offsets.count)) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "no memory")
        }
        defer { rd_kafka_topic_partition_list_destroy(list) }
        for (source, offset) in offsets {
            rd_kafka_topic_partition_list_add(list, source.topic, Int32(source.partition))?.pointee.offset = offset
        }
        return try body(list)
    }
}

extension rd_kafka_topic_partition_list_t {
    var elements: UnsafeMutableBufferPointer<rd_kafka_topic_partition_t> {
        UnsafeMutableBufferPointer(start: elems, count: Int(cnt))
    }
}

extension Client {
    func subscribe(_ topics: [String]) throws(KafkaError) {
        let list = Dictionary(uniqueKeysWithValues: Set(topics).map { (TopicPartition($0, -1), Int64(0)) })
        try UnsafeMutablePointer.with(list) { list throws(KafkaError) in
            try KafkaError.check(rd_kafka_subscribe(handle, list))
        }
    }

    /// Blocks for as long as librdkafka's own threads take, a moment.
    func assign(_ offsets: [TopicPartition: Int64]) throws(KafkaError) {
        try UnsafeMutablePointer.with(offsets) { list throws(KafkaError) in
            try KafkaError.check(rd_kafka_assign(handle, list))
        }
    }

    func unassign() throws(KafkaError) { try KafkaError.check(rd_kafka_assign(handle, nil)) }

    /// The next record, or an error in its place; the receiver destroys it. Blocks for up to `wait` milliseconds.
    func nextMessage(wait: Int) -> UnsafeMutablePointer<rd_kafka_message_t>? {
        rd_kafka_consumer_poll(handle, Int32(clamping: wait))
    }

    /// Lets a `nextMessage` that waits, or else the next one, return at once. Any thread may call it.
    func interruptPoll() {
        guard let queue = rd_kafka_queue_get_consumer(handle) else { return }
        rd_kafka_queue_yield(queue)
        rd_kafka_queue_destroy(queue)
    }

    /// Whether the group has gone on without this member, until the member has let go of what it held.
    var isAssignmentLost: Bool { rd_kafka_assignment_lost(handle) == 1 }

    /// Commits and does not wait: a refusal comes back as an event. Does not block.
    func commitSoon(_ offsets: [TopicPartition: Int64]) throws(KafkaError) {
        try UnsafeMutablePointer.with(offsets) { list throws(KafkaError) in
            try KafkaError.check(rd_kafka_commit_queue(handle, list, events, nil, nil))
        }
    }

    /// Commits and waits for the coordinator's answer. Blocks.
    func commit(_ offsets: [TopicPartition: Int64], wait: Int) throws(KafkaError) {
        let reply = rd_kafka_queue_new(handle)
        defer { rd_kafka_queue_destroy(reply) }
        try UnsafeMutablePointer.with(offsets) { list throws(KafkaError) in
            try KafkaError.check(rd_kafka_commit_queue(handle, list, reply, nil, nil))
        }
        guard let event = rd_kafka_queue_poll(reply, Int32(clamping: wait)) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer to a commit")
        }
        defer { rd_kafka_event_destroy(event) }
        if let error = Self.commitError(event) { throw error }
    }

    static func commitError(_ event: OpaquePointer) -> KafkaError? {
        let code = rd_kafka_event_error(event)
        if code == RD_KAFKA_RESP_ERR__NO_OFFSET { return nil }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { return KafkaError(code) }
        return rd_kafka_event_topic_partition_list(event)?.pointee.elements
            .first { $0.err != RD_KAFKA_RESP_ERR_NO_ERROR }.map { KafkaError($0.err) }
    }

    func pause(_ partitions: Set<TopicPartition>, _ paused: Bool) throws(KafkaError) {
        try UnsafeMutablePointer.with(partitions.offsets) { list throws(KafkaError) in
            try KafkaError.check(
                paused ? rd_kafka_pause_partitions(handle, list) : rd_kafka_resume_partitions(handle, list))
        }
    }

    /// Blocks.
    func seek(_ offsets: [TopicPartition: Int64], wait: Int) throws(KafkaError) {
        try UnsafeMutablePointer.with(offsets) { list throws(KafkaError) in
            try KafkaError.check(rd_kafka_seek_partitions(handle, list, Int32(clamping: wait)))
            for element in list.pointee.elements { try KafkaError.check(element.err) }
        }
    }

    /// The group's committed offsets; partitions without one are left out. Blocks.
    func committed(_ partitions: Set<TopicPartition>, wait: Int) throws(KafkaError) -> [TopicPartition: Int64] {
        try UnsafeMutablePointer.with(partitions.offsets) { list throws(KafkaError) in
            try KafkaError.check(rd_kafka_committed(handle, list, Int32(clamping: wait)))
            var committed: [TopicPartition: Int64] = [:]
            for element in list.pointee.elements {
                try KafkaError.check(element.err)
                if element.offset < 0 { continue }
                committed[TopicPartition(String(cString: element.topic), Int(element.partition))] = element.offset
            }
            return committed
        }
    }

    /// The end of the log as the last fetch told it; nil before the first.
    func high(of partition: TopicPartition) -> Int64? {
        var (low, high): (Int64, Int64) = (0, 0)
        let code = rd_kafka_get_watermark_offsets(handle, partition.topic, Int32(partition.partition), &low, &high)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
    }

    /// Leaves the group. Blocks.
    func closeConsumer() throws(KafkaError) {
        rebalance.answersItself = true
        try KafkaError.check(rd_kafka_consumer_close(handle))
    }
}

extension Set<TopicPartition> {
    fileprivate var offsets: [TopicPartition: Int64] { Dictionary(uniqueKeysWithValues: map { ($0, 0) }) }
}

extension Record {
    /// Copies a message, so that librdkafka may free it.
    init(_ message: UnsafeMutablePointer<rd_kafka_message_t>, topic: String) {
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &type)
        let fields = message.pointee
        self.init(
            topic: topic, partition: Int(fields.partition), offset: fields.offset,
            timestamp: type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : timestamp,
            key: fields.key.map { Array(UnsafeRawBufferPointer(start: $0, count: fields.key_len)) },
            value: fields.payload.map { Array(UnsafeRawBufferPointer(start: $0, count: fields.len)) },
            headers: Headers(message))
    }
}

extension Headers {
    fileprivate init(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            self.init()
            return
        }
        let count = rd_kafka_header_cnt(list)
        self.init(reservingBytes: count * 64)
        var (name, value, size): (UnsafePointer<CChar>?, UnsafeRawPointer?, Int) = (nil, nil, 0)
        for index in 0..<count {
            rd_kafka_header_get_all(list, index, &name, &value, &size)
            guard let name else { continue }
            append(
                UnsafeRawBufferPointer(start: name, count: strlen(name)),
                UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))
        }
    }
}
