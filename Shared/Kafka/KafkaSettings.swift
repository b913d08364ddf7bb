import CKafka

/// How to reach the cluster and how long to wait for it.
package struct KafkaSettings: Sendable {
    /// `host:port`, several separated by commas.
    package var brokers: String
    package var clientID: String
    /// After this long without a heartbeat the group gives a member's partitions to others. The embedded broker lets a
    /// new member wait for half of it: 6 s there.
    package var sessionTimeout: Duration = .seconds(10)
    /// How long the broker may hold a fetch back for more data.
    package var fetchWait: Duration = .milliseconds(20)
    /// How long a record may wait for its acknowledgement, resends included.
    package var messageTimeout: Duration = .seconds(15)
    /// How long a record waits for company.
    package var linger: Duration = .milliseconds(1)
    /// How long questions to the cluster (commits, watermarks, metadata) may take.
    package var requestTimeout: Duration = .seconds(5)
    /// How many records one producer holds before further ones must wait.
    package var queuedRecords = 20_000
    /// Any librdkafka property, above all TLS and SASL; they win over the fields above.
    package var properties: [String: String] = [:]

    package init(brokers: String, clientID: String) {
        self.brokers = brokers
        self.clientID = clientID
    }
}

extension KafkaSettings {
    /// `LIKA_BROKERS`, and every `LIKA_KAFKA_*` as the librdkafka property of that name.
    ///
    /// Secrets given as files (`_FILE`) must have been read before.
    package init(environment: [String: String], clientID: String) throws(Invalid) {
        self.init(brokers: environment["LIKA_BROKERS"] ?? "", clientID: clientID)
        var problems: [String] = []
        if brokers.isEmpty { problems.append("LIKA_BROKERS is missing: host:port of one or more brokers") }
        for (variable, property) in Self.properties(from: environment) {
            if let problem = Self.problem(property.name, property.value) {
                problems.append("\(variable): \(problem)")
            } else {
                properties[property.name] = property.value
            }
        }
        if !problems.isEmpty { throw Invalid(problems: problems.sorted()) }
    }

    /// Every problem of the environment at once. Names only, since values may be secrets.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        package let problems: [String]
        package var description: String { problems.joined(separator: "\n") }
    }

    /// `LIKA_KAFKA_SSL_CA_LOCATION=x` means `ssl.ca.location=x`.
    static func properties(from environment: [String: String]) -> [String: (name: String, value: String)] {
        var properties: [String: (name: String, value: String)] = [:]
        for (variable, value) in environment where variable.hasPrefix("LIKA_KAFKA_") {
            let name = variable.dropFirst("LIKA_KAFKA_".count).lowercased().split(separator: "_").joined(separator: ".")
            properties[variable] = (name, value)
        }
        return properties
    }

    private static func problem(_ name: String, _ value: String) -> String? {
        if delivery[name] != nil || name == "group.id" || name == "bootstrap.servers" {
            return "\(name) is not open to change: the delivery promise rests on it"
        }
        let trial = rd_kafka_conf_new()
        defer { rd_kafka_conf_destroy(trial) }
        switch rd_kafka_conf_set(trial, name, value, nil, 0) {
        case RD_KAFKA_CONF_OK: return nil
        case RD_KAFKA_CONF_UNKNOWN: return "librdkafka knows no property \(name)"
        default: return "librdkafka refuses this value of \(name)"
        }
    }

    /// What the delivery promise rests on.
    private static let delivery = [
        "acks": "all", "partitioner": "murmur2_random",
        "enable.auto.commit": "false", "enable.auto.offset.store": "false", "auto.offset.reset": "earliest",
        "check.crcs": "true", "partition.assignment.strategy": "range", "log.queue": "true",
    ]

    /// For both kinds of client: found again soon after a broker was away, and seen to be away.
    private var connection: [String: String] {
        [
            "bootstrap.servers": brokers, "client.id": clientID, "socket.keepalive.enable": "true", "log.queue": "true",
            "reconnect.backoff.ms": "50", "reconnect.backoff.max.ms": "1000", "socket.connection.setup.timeout.ms": "5000",
            "statistics.interval.ms": "1000",
            // A topic made by accident would have the wrong number of partitions.
            "allow.auto.create.topics": "false",
        ]
    }

    func producerProperties() -> [String: String] {
        let own = [
            "message.timeout.ms": "\(messageTimeout.milliseconds)", "linger.ms": "\(linger.milliseconds)",
            "queue.buffering.max.messages": "\(queuedRecords)", "queue.buffering.max.kbytes": "65536",
            "retry.backoff.ms": "50",
            // Spares the inboxes work. The promise does not rest on it: they know what they have seen, and hold what overtook.
            "enable.idempotence": "true",
            // A missing topic is an error within the record's own time, not after half a minute.
            "topic.metadata.propagation.max.ms": "\(messageTimeout.milliseconds / 2)",
        ]
        return merged(own, ["acks", "partitioner", "log.queue"])
    }

    func consumerProperties(group: String) -> [String: String] {
        let own = [
            "group.id": group, "session.timeout.ms": "\(sessionTimeout.milliseconds)",
            "heartbeat.interval.ms": "\(min(3000, sessionTimeout.milliseconds / 3))",
            "fetch.wait.max.ms": "\(fetchWait.milliseconds)", "fetch.error.backoff.ms": "100",
            // What is fetched ahead stays well below what a service may weigh.
            "queued.max.messages.kbytes": "16384", "queued.min.messages": "10000",
            // A topic created after its subscriber is noticed soon.
            "topic.metadata.refresh.interval.ms": "10000",
        ]
        return merged(
            own,
            [
                "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "check.crcs",
                "partition.assignment.strategy", "log.queue",
            ])
    }

    func adminProperties() -> [String: String] { merged([:], ["log.queue"]) }

    private func merged(_ own: [String: String], _ promised: Set<String>) -> [String: String] {
        connection.merging(own) { $1 }.merging(properties) { $1 }
            .merging(Self.delivery.filter { promised.contains($0.key) }) { $1 }
    }
}

extension Duration {
    var milliseconds: Int {
        Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }
}
