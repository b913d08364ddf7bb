import ArgumentParser
import Contracts
import Foundation
import Kafka
import ServiceKit

/// `lika conformance`: tries a department's program by every rule of the contract, in the place of the verification service.
struct Conformance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tries a department's program by every rule of the contract and says which it keeps.",
        discussion: """
            Sends known requests about invented people on the department's request topic at LIKA_BROKERS and judges what comes on its \
            result topic: one line per rule, exit 1 if any is broken. Use a broker of your own, not the service's: it would take the \
            answers for answers. Before, give the program the data that --facts prints, and start it.
            """)

    @Option(help: "The department's code, as POLICE.") var department = ""
    @Option(help: "The folder with the department's public keys: <department>.jwk.json and, to try sealed persons, <department>.enc.jwk.json.")
    var keys = "."
    @Option(help: "How many seconds the program may take for its answers.") var patience = 30.0
    @Flag(help: "Only print what the department's data file must hold.") var facts = false

    func validate() throws {
        if department.isEmpty, !facts { throw ValidationError("name the department: --department POLICE") }
    }

    func run() async throws {
        if facts { return print(ConformanceTrials.facts) }
        let began = ContinuousClock.now
        let (name, folder) = (department.lowercased(), URL(filePath: keys, directoryHint: .isDirectory))
        let signing = try PublicKey(reading: folder.appending(path: "\(name).jwk.json"))
        let enc = folder.appending(path: "\(name).enc.jwk.json")
        let trials = try ConformanceTrials(
            department: department, sealing: FileManager.default.fileExists(atPath: enc.path) ? PublicKey(reading: enc) : nil)
        let (sent, answers) = try await exchange(trials.all, Surroundings.kafka(), name)
        let verdict = ConformanceVerdict(answers, to: sent, of: department, signing: signing)
        var counts = (passed: 0, failed: 0, skipped: 0)
        for rule in ConformanceRule.allCases {
            let failures = verdict.failures[rule] ?? []
            let word: String
            if !verdict.isTried(rule) {
                (word, counts.skipped) = ("skip", counts.skipped + 1)
            } else if failures.isEmpty {
                (word, counts.passed) = ("pass", counts.passed + 1)
            } else {
                (word, counts.failed) = ("FAIL", counts.failed + 1)
            }
            print("\(word)  \(rule.rawValue.padded(18))\(rule.sentence)")
            for failure in failures.prefix(3) { print("        \(failure)") }
            if failures.count > 3 { print("        and \(failures.count - 3) more") }
        }
        let seconds = String(format: "%.1f", (ContinuousClock.now - began) / .seconds(1))
        print("conformance: department=\(name) rules=\(ConformanceRule.allCases.count) passed=\(counts.passed) failed=\(counts.failed) skipped=\(counts.skipped) requests=\(sent.count) answers=\(answers.count) seconds=\(seconds)")
        if counts.failed > 0 { throw ExitCode(1) }
    }

    /// Sends everything, waits for the answers, then sends once more what was sent twice, and waits again.
    private func exchange(_ trials: [ConformanceTrial], _ settings: KafkaSettings, _ name: String) async throws -> (sent: [ConformanceTrial], answers: [Record]) {
        let (requests, results) = ("lika.verification.request.\(name).v1", "lika.verification.result.\(name).v1")
        let admin = try Admin(settings)
        let present = try await admin.topics()
        try await admin.createTopics([requests, results].filter { present[$0] == nil }.map { NewTopic($0, partitions: 4) })
        let partitions = Set((0..<(present[results] ?? 4)).map { TopicPartition(results, $0) })
        let ends = try await Consumer.ends(of: partitions, settings)
        let consumer = try Consumer(settings, group: "lika.conformance")
        try await consumer.read(ends.mapValues { .offset($0) })
        let producer = try Producer(settings)
        var answers: [Record] = []
        var sent: [ConformanceTrial] = []
        for slice in [trials, trials.filter { $0.rule == .duplicate }.suffix(1)] {
            sent += slice
            for delivery in await producer.send(slice.map(\.record)) { if let error = delivery.error { throw error } }
            answers += try await read(from: consumer, until: sent, already: answers)
        }
        await producer.close()
        try await consumer.close()
        return (sent, answers)
    }

    /// Every request that must be answered has its answers, or patience is at its end. What must not be answered is followed by a
    /// good request in its partition, so an answer to it would have come before.
    private func read(from consumer: Consumer, until sent: [ConformanceTrial], already: [Record]) async throws -> [Record] {
        var missing: [UUID: Int] = [:]
        for trial in sent { if case .answer = trial.expected, let asked = trial.asked { missing[asked.request, default: 0] += 1 } }
        for record in already { if let request = ConformanceVerdict.request(of: record) { missing[request]? -= 1 } }
        var answers: [Record] = []
        let giveUp = ContinuousClock.now + .seconds(patience)
        while missing.values.contains(where: { $0 > 0 }), ContinuousClock.now < giveUp {
            guard case .records(let records) = try await consumer.poll(max: 500, wait: .milliseconds(100)) else { continue }
            answers += records
            for record in records { if let request = ConformanceVerdict.request(of: record) { missing[request]? -= 1 } }
        }
        return answers
    }
}
