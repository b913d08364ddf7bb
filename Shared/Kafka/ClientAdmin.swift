import CKafka

extension Client {
    /// Creates topics; one that exists is as good as created. Blocks.
    func create(_ topics: [NewTopic], wait: Int) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        var requests: [OpaquePointer?] = []
        defer { requests.forEach { rd_kafka_NewTopic_destroy($0) } }
        for topic in topics {
            guard
                let request = rd_kafka_NewTopic_new(
                    topic.name, Int32(topic.partitions), Int32(topic.replicas), &text, text.count)
            else { throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "\(topic.name) cannot be described as a topic") }
            requests.append(request)
            for (name, value) in topic.settings {
                try KafkaError.check(rd_kafka_NewTopic_set_config(request, name, value))
            }
        }
        let options = rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        try KafkaError.check(rd_kafka_AdminOptions_set_request_timeout(options, Int32(wait), nil, 0))
        let reply = rd_kafka_queue_new(handle)
        defer { rd_kafka_queue_destroy(reply) }
        rd_kafka_CreateTopics(handle, &requests, requests.count, options, reply)
        guard let event = rd_kafka_queue_poll(reply, Int32(clamping: wait + 1000)) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer to creating topics")
        }
        defer { rd_kafka_event_destroy(event) }
        try KafkaError.check(rd_kafka_event_error(event))
        var count = 0
        let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        for case let result? in UnsafeBufferPointer(start: results, count: count) {
            let code = rd_kafka_topic_result_error(result)
            if code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { continue }
            throw KafkaError(code, "topic \(String(cString: rd_kafka_topic_result_name(result)))")
        }
    }

    /// Every topic and its number of partitions. Blocks.
    func topics(wait: Int) throws(KafkaError) -> [String: Int] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try KafkaError.check(rd_kafka_metadata(handle, 1, nil, &metadata, Int32(clamping: wait)))
        guard let metadata else { return [:] }
        defer { rd_kafka_metadata_destroy(metadata) }
        var topics: [String: Int] = [:]
        for topic in UnsafeBufferPointer(start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt))
        where topic.err == RD_KAFKA_RESP_ERR_NO_ERROR {
            topics[String(cString: topic.topic)] = Int(topic.partition_cnt)
        }
        return topics
    }

    /// Blocks.
    func clusterID(wait: Int) throws(KafkaError) -> String {
        guard let id = rd_kafka_clusterid(handle, Int32(clamping: wait)) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, "no broker told the cluster's id")
        }
        defer { rd_kafka_mem_free(handle, id) }
        return String(cString: id)
    }
}
