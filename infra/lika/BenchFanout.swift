import ArgumentParser
import Contracts
import Foundation
import Kafka
import Postgres
import Registry
import ServiceKit

extension Bench {
    /// Verification alone: every household's questions go out to the twelve departments, and their signed answers come back in.
    struct Fanout: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Requests per second out to the departments and back in, accepted, and the same bytes through the log alone.",
            discussion: """
                Needs a running suite without departments; `infra/bench` starts one. The departments are played in this process. From the \
                POST of the batch until the last answer counts; the ratio is to the time in which librdkafka alone carries the same \
                records, keys and headers there and back in the same run.
                """)

        @Option(help: "Households.") var households = 10_000
        @Option(help: "The plan that the campaign is issued from.") var plan = "infra/sample/plan-2018.yaml"
        @Option(help: "How many seconds it may take until nothing comes any more.") var patience = 60.0

        func run() async throws {
            let suite = try await Suite(round: "bench fanout \(UUID())", patience: 60)
            let plan = try Plan(reading: plan)
            let office = PovertyOffice(plan: plan, suite: suite, sample: URL(filePath: "."), patience: 60)
            let campaign = try await office.issuePlan()
            let ledger = try Surroundings.ledgerDatabase()
            let desks = try await Self.registerDepartments(suite)
            let total = try await open(plan, campaign, suite, ledger)
            let settings = try Surroundings.kafka()
            let departments = try await PlayedDepartments(desks, settings)
            let before = Bench.memory(of: "verification")
            let began = ContinuousClock.now
            try await suite.post(.verification, "/v1/batches", ["campaign": campaign], deed: "batch", as: Anything.self)
            async let exchanged = departments.answer(total, patience: patience)
            let memory = try await accepted(total, campaign, ledger)
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            let records = try await exchanged
            await ledger.close()
            let limit = try await LogAlone(settings).seconds(records)
            let bytes = records.reduce(0) { $0 + ($1.request.value?.count ?? 0) + ($1.result.value?.count ?? 0) }
            print("bench: fanout log_alone_seconds=\(String(format: "%.1f", limit)) value_mb=\(bytes >> 20) rss_before_mb=\(before)")
            print(
                "bench: fanout households=\(households) requests=\(total) results=\(records.count) seconds=\(String(format: "%.1f", seconds)) "
                    + "requests_per_s=\(Int(Double(total) / seconds)) ratio=\(String(format: "%.2f", limit / seconds)) rss_mb=\(memory)")
        }

        // MARK: Before the clock runs

        private struct KeyRegistration: Encodable {
            let kty, crv, x, kid: String
            let validFrom: Instant
            let validTo: Instant
        }

        private static func registerDepartments(_ suite: Suite) async throws -> [DepartmentDesk] {
            let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            var desks: [DepartmentDesk] = []
            for department in Department.asked {
                let keys = KeyPair()
                let key = keys.publicSigning
                let registration = KeyRegistration(
                    kty: key.kty, crv: key.crv, x: key.x, kid: key.kid, validFrom: now + -86_400, validTo: now + 86_400)
                try await suite.post(.verification, "/v1/departments/\(department.slug)/keys", registration, deed: "key", as: Anything.self)
                desks.append(DepartmentDesk(department: department.rawValue, keys: keys, signatory: "示例责任人", post: "信息数据复核责任人"))
            }
            return desks
        }

        /// Brings the households in; how many questions verification has about those of this campaign.
        private func open(_ plan: Plan, _ campaign: CampaignID, _ suite: Suite, _ ledger: Database) async throws -> Int {
            guard let kind = Bench.Importing.registered else { throw ValidationError("there is no sheet of registered households") }
            var source = Bench.Importing.Households(seed: 20_181_020, plan, first: 40_000_000, area: "999998")
            let sheet = try await Import.send(kind, source.sheet(households: households), to: suite, campaign: campaign.rawValue)
            let report = try await Import.report(on: sheet, from: suite, patience: 60)
            guard report.state == "done", report.refused == 0 else { throw ValidationError("the sheet was not taken: \(report.lines("sheet").prefix(5).joined(separator: "\n"))") }
            return try await Waiting.until("\(households) verification files", atMost: patience, every: .milliseconds(200)) {
                let (files, requests) = try await ledger.transaction { sql in
                    let row = try sql.first(
                        """
                        SELECT (SELECT count(*) FROM verification.files WHERE campaign = \(campaign) AND status = 'open') AS files,
                            (SELECT count(*) FROM verification.requests WHERE campaign = \(campaign) AND status = 'created') AS requests
                        """)
                    return (try row?["files", as: Int.self] ?? 0, try row?["requests", as: Int.self] ?? 0)
                }
                return files >= households ? .there(requests) : .notYet("\(files) files")
            }
        }

        // MARK: While it runs

        /// Waits until every answer counts; the most that verification held meanwhile, in megabytes.
        private func accepted(_ total: Int, _ campaign: CampaignID, _ ledger: Database) async throws -> Int {
            var (memory, seen) = (0, -1)
            while seen < total {
                seen = try await Waiting.until("more answers to count", atMost: patience, every: .milliseconds(250)) {
                    memory = max(memory, Bench.memory(of: "verification"))
                    let accepted = try await ledger.transaction { sql in
                        try sql.first("SELECT count(*) AS n FROM verification.requests WHERE campaign = \(campaign) AND status = 'accepted'")?["n", as: Int.self] ?? 0
                    }
                    return accepted > seen ? .there(accepted) : .notYet("\(accepted) of \(total)")
                }
            }
            return memory
        }
    }
}

/// A request and the answer to it, as they went over the wire.
private struct Exchanged: Sendable {
    let request: OutgoingRecord
    let result: OutgoingRecord
}

/// All departments in one process, as fast as it goes: their time is not what is measured.
private struct PlayedDepartments {
    private let desks: [String: DepartmentDesk]
    private let consumer: Consumer
    private let producer: Producer

    init(_ desks: [DepartmentDesk], _ settings: KafkaSettings) async throws {
        self.desks = Dictionary(uniqueKeysWithValues: desks.map { ("lika.verification.request.\($0.department.lowercased()).v1", $0) })
        let partitions = Department.asked.map(Topic.request(to:)).flatMap { topic in (0..<topic.partitions).map { TopicPartition(topic.name, $0) } }
        consumer = try Consumer(settings, group: "lika.bench.departments")
        // Only what comes from now on.
        try await consumer.read(Consumer.ends(of: Set(partitions), settings).mapValues { .offset($0) })
        producer = try Producer(settings)
    }

    /// Answers until as many as there are questions have been answered and acknowledged.
    func answer(_ total: Int, patience: Double) async throws -> [Exchanged] {
        let exchanged = try await withThrowingTaskGroup(of: [Exchanged].self) { group in
            var all: [Exchanged] = []
            all.reserveCapacity(total)
            var (taken, running) = (0, 0)
            var giveUp = ContinuousClock.now + .seconds(patience)
            while taken < total {
                guard ContinuousClock.now < giveUp else { throw ValidationError("only \(taken) of \(total) requests came") }
                guard case .records(let records) = try await consumer.poll(max: 500, wait: .milliseconds(100)), !records.isEmpty else { continue }
                giveUp = .now + .seconds(patience)
                taken += records.count
                if running == 4, let done = try await group.next() {
                    all += done
                    running -= 1
                }
                group.addTask { try await sign(records) }
                running += 1
            }
            for try await done in group { all += done }
            return all
        }
        await producer.close()
        try await consumer.close()
        return exchanged
    }

    @concurrent private func sign(_ records: [Record]) async throws -> [Exchanged] {
        let exchanged = try records.compactMap { record -> Exchanged? in
            guard let desk = desks[record.topic], let value = record.value, record.headers["ce_type"] == RequestSent.name else { return nil }
            let answer = try desk.answer(value, sentAt: record.headers["ce_time"].flatMap { Instant($0) } ?? Instant(milliseconds: 0))
            var headers: Headers = [
                "ce_specversion": "1.0", "ce_type": ResultReturned.name, "ce_source": "/departments/\(desk.department.lowercased())",
                "ce_id": answer.id.lowercased, "ce_subject": answer.request.description, "ce_time": answer.signedAt.description,
                "content-type": "application/json", "jws": answer.jws,
            ]
            if let traceparent = record.headers["traceparent"] { headers.append("traceparent", traceparent) }
            let topic = "lika.verification.result.\(desk.department.lowercased()).v1"
            return Exchanged(
                request: OutgoingRecord(topic: record.topic, key: record.key, value: value, headers: record.headers),
                result: OutgoingRecord(topic: topic, key: record.key, value: answer.value, headers: headers))
        }
        for delivery in await producer.send(exchanged.map(\.result)) { if let error = delivery.error { throw error } }
        return exchanged
    }
}

/// The limit: nobody thinks, the records only go there and back.
private struct LogAlone {
    private let settings: KafkaSettings
    private static let requests = "lika.bench.\(BenchRun.tag).request"
    private static let results = "lika.bench.\(BenchRun.tag).result"
    /// As many as all departments' topics have together.
    private static let partitions = 48

    init(_ settings: KafkaSettings) { self.settings = settings }

    /// Requests are sent, read by one who sends a result for each, and those are read again; all three at once.
    func seconds(_ records: [Exchanged]) async throws -> Double {
        try await Admin(settings).createTopics([Self.requests, Self.results].map { NewTopic($0, partitions: Self.partitions) })
        let (asking, answering) = (try Producer(settings), try Producer(settings))
        let (department, service) = (try await reader(Self.requests), try await reader(Self.results))
        let began = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for start in stride(from: 0, to: records.count, by: 5_000) {
                    try await Self.send(records[start..<min(start + 5_000, records.count)].map(\.request), to: Self.requests, by: asking)
                }
            }
            group.addTask {
                var read = 0
                while read < records.count {
                    guard case .records(let some) = try await department.poll(max: 5_000, wait: .milliseconds(100)), !some.isEmpty else { continue }
                    try await Self.send(records[read..<min(read + some.count, records.count)].map(\.result), to: Self.results, by: answering)
                    read += some.count
                }
            }
            group.addTask {
                var read = 0
                while read < records.count {
                    guard case .records(let some) = try await service.poll(max: 5_000, wait: .milliseconds(100)) else { continue }
                    read += some.count
                }
            }
            try await group.waitForAll()
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        for producer in [asking, answering] { await producer.close() }
        for reader in [department, service] { try await reader.close() }
        return seconds
    }

    private func reader(_ topic: String) async throws -> Consumer {
        let consumer = try Consumer(settings, group: "lika.bench.limit")
        try await consumer.read(Dictionary(uniqueKeysWithValues: (0..<Self.partitions).map { (TopicPartition(topic, $0), .earliest) }))
        return consumer
    }

    private static func send(_ records: [OutgoingRecord], to topic: String, by producer: Producer) async throws {
        let sent = records.map { OutgoingRecord(topic: topic, key: $0.key, value: $0.value, headers: $0.headers) }
        for delivery in await producer.send(sent) { if let error = delivery.error { throw error } }
    }
}
