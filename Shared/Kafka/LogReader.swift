/// Reads partitions by itself from their start to where they ended when it first asked, once.
///
/// ```
/// var log = try await LogReader(partitions, settings)
/// while let records = try await log.next() { … }
/// ```
package struct LogReader {
    private let consumer: Consumer
    private let partitions: Set<TopicPartition>
    private let patience: Duration
    private var ends: [TopicPartition: Int64] = [:]
    private var reached: [TopicPartition: Int64] = [:]
    private var lastNews = ContinuousClock.now

    package init(_ partitions: Set<TopicPartition>, _ settings: KafkaSettings) async throws {
        self.partitions = partitions
        patience = settings.requestTimeout * 4
        consumer = try Consumer(settings.unhurried, group: "\(settings.clientID).reader")
        try await consumer.read(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .earliest) }))
    }

    /// The next records; nil when all are read.
    package mutating func next() async throws -> [Record]? {
        while true {
            try Task.checkCancellation()
            if isThrough { break }
            guard case .records(let records) = try await consumer.poll(max: 1000, wait: .milliseconds(100)) else { continue }
            for partition in partitions where ends[partition] == nil { ends[partition] = await consumer.high(of: partition) }
            if !records.isEmpty {
                lastNews = .now
                for record in records { reached[record.source] = record.offset + 1 }
                return records
            }
            if ContinuousClock.now - lastNews > patience {
                // An offset at the end may have been given to a record that was then not stored. Patience costs little, and
                // what is taken for the end too early a lot: the rest would count as lost.
                guard ends.count == partitions.count else { throw KafkaError.noAnswer }
                break
            }
        }
        try await consumer.close()
        return nil
    }

    private var isThrough: Bool {
        ends.count == partitions.count && ends.allSatisfy { partition, end in reached[partition] ?? 0 >= end }
    }
}

extension KafkaSettings {
    /// For reading what is there, not for waiting for what comes. A broker that needs longer to look than a fetch may
    /// wait answers nothing, again and again; Tansu needs the longer the more a partition holds.
    var unhurried: KafkaSettings {
        var settings = self
        settings.properties["fetch.wait.max.ms"] = "1000"
        settings.properties["queued.max.messages.kbytes"] = "4096"
        return settings
    }
}

extension Consumer {
    /// The offset after the last of each of these partitions.
    ///
    /// From a short read, not from asking for them: a broker may answer that question with the start of its last batch
    /// (Tansu 0.6 does).
    package static func ends(of partitions: Set<TopicPartition>, _ settings: KafkaSettings) async throws -> [TopicPartition: Int64] {
        let reader = try Consumer(settings.unhurried, group: "\(settings.clientID).ends")
        let ends = try await reader.ends(of: partitions)
        try await reader.close()
        return ends
    }

    private func ends(of partitions: Set<TopicPartition>) throws -> [TopicPartition: Int64] {
        try read(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .latest) }))
        var ends: [TopicPartition: Int64] = [:]
        var giveUp = ContinuousClock.now + .milliseconds(wait)
        while ends.count < partitions.count {
            guard ContinuousClock.now < giveUp else { throw KafkaError.noAnswer }
            _ = try poll(max: 1000, wait: .milliseconds(10))
            for partition in partitions where ends[partition] == nil {
                guard let high = client.high(of: partition) else { continue }
                ends[partition] = high
                giveUp = .now + .milliseconds(wait)
            }
        }
        return ends
    }
}
