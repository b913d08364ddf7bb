import Contracts
import Foundation
import Kafka
import Registry
import ServiceKit

/// The rules of the published contract (infra/departments/README.md), in its order.
enum ConformanceRule: String, CaseIterable, Sendable {
    case answered, duplicate, superseded, huge
    case unknownFields = "unknown-fields"
    case minorVersion = "minor-version"
    case otherTypes = "other-types"
    case malformed
    case otherDepartments = "other-departments"
    case sealed
    case sealedForOthers = "sealed-for-others"
    case signature, digest, id, key, headers, schema
    case worstFinding = "worst-finding"
    case privacy
    case nothingElse = "nothing-else"

    var sentence: String {
        switch self {
        case .answered: "a request is answered from the department's data"
        case .duplicate: "a request that comes twice is answered twice with the same bytes and the same id, at once and later"
        case .superseded: "a request that takes the place of another is answered for itself"
        case .huge: "a request about 200 persons is answered"
        case .unknownFields: "fields that are not known are ignored"
        case .minorVersion: "a later minor version and headers that are not known change nothing"
        case .otherTypes: "messages of other types are passed over"
        case .malformed: "what is no request is passed over, and the next is answered"
        case .otherDepartments: "another department's request is passed over"
        case .sealed: "sealed persons are opened"
        case .sealedForOthers: "what cannot be opened is passed over, never answered as consistent"
        case .signature: "the header jws is a detached signature of the exact bytes by the registered key"
        case .digest: "requestDigest is the SHA-256 of the request's bytes"
        case .id: "ce_id is the UUIDv5 of the request and the answer's digest"
        case .key: "the answer has the request's Kafka key"
        case .headers: "the headers are as the contract says, traceparent that of the request"
        case .schema: "the value is a result with every field, of the right form"
        case .worstFinding: "the outcome is that of the worst finding"
        case .privacy: "no name and no ID number comes back"
        case .nothingElse: "nothing else is written to the result topic"
        }
    }
}

/// Judges what the department wrote.
struct ConformanceVerdict {
    let department: String
    let signing: PublicKey
    let trials: [ConformanceTrial]
    private(set) var failures: [ConformanceRule: [String]] = [:]

    init(_ answers: [Record], to trials: [ConformanceTrial], of department: String, signing: PublicKey) {
        (self.department, self.signing, self.trials) = (department, signing, trials)
        var byRequest: [UUID: [Record]] = [:]
        for record in answers {
            guard let request = Self.request(of: record), trials.contains(where: { $0.asked?.request == request }) else {
                note(.nothingElse, "an answer that names no request of ours, \(record.source) offset \(record.offset)")
                continue
            }
            byRequest[request, default: []].append(record)
        }
        for trial in trials { judge(trial, byRequest) }
    }

    /// A rule is skipped when there was nothing to try it with.
    func isTried(_ rule: ConformanceRule) -> Bool {
        switch rule {
        case .sealed, .sealedForOthers: trials.contains { $0.rule == rule }
        default: true
        }
    }

    /// By the header, or where that is wrong by the value.
    static func request(of record: Record) -> UUID? {
        struct Named: Decodable { let request: UUID }
        do {
            let value = try record.value.map { try JSON.decode(Named.self, from: $0).request }
            return value ?? record.headers["ce_subject"].flatMap(UUID.init(uuidString:))
        } catch { return record.headers["ce_subject"].flatMap(UUID.init(uuidString:)) }
    }

    private mutating func note(_ rule: ConformanceRule, _ failure: String) { failures[rule, default: []].append(failure) }

    private mutating func judge(_ trial: ConformanceTrial, _ answers: [UUID: [Record]]) {
        guard let asked = trial.asked else { return }
        let records = answers[asked.request] ?? []
        switch trial.expected {
        case .silence:
            if !records.isEmpty { note(trial.rule, "request \(asked.request.lowercased) was answered and must be passed over") }
        case .answer(let outcome, let findings):
            let times = trials.count { $0.asked?.request == asked.request }
            if records.count < times { note(trial.rule, "request \(asked.request.lowercased) was sent \(times) times and answered \(records.count) times") }
            if records.count > times { note(.nothingElse, "request \(asked.request.lowercased) was answered \(records.count) times, sent \(times) times") }
            guard let first = records.first else { return }
            for record in records.dropFirst() where record.value != first.value || Self.fields(record) != Self.fields(first) {
                note(.duplicate, "request \(asked.request.lowercased) was answered once more with other bytes or headers")
            }
            judge(first, trial, asked, outcome, findings)
        }
    }

    private static func fields(_ record: Record) -> [String: [UInt8]] {
        Dictionary(record.headers.all.map { ($0.name, $0.value) }) { $1 }
    }

    private mutating func judge(
        _ record: Record, _ trial: ConformanceTrial, _ asked: ConformanceTrial.Asked, _ outcome: CheckOutcome, _ findings: [ConformanceTrial.Finding]
    ) {
        let value = record.value ?? []
        let name = "answer to \(asked.request.lowercased)"
        do { try Signed.verify(record.headers["jws"] ?? "", over: value, type: Signed.result, by: signing) } catch { note(.signature, "\(name): \(error)") }
        if record.key != trial.record.key { note(.key, "\(name): another key") }
        judgeHeaders(record, asked, value, name)
        let written = String(decoding: value, as: UTF8.self) + record.headers.all.map { String(decoding: $0.value, as: UTF8.self) }.joined(separator: "\n")
        if asked.secrets.contains(where: written.contains) { note(.privacy, "\(name): it holds a name or an ID number of the request") }

        let result: Returned
        do { result = try JSON.decode(from: value) } catch { return note(.schema, "\(name): \(error)") }
        let isOfRequest = (result.request, result.household, result.department, result.topic) == (asked.request, asked.household, department, asked.topic)
        if !isOfRequest { note(.schema, "\(name): request, household, department or topic are not the request's") }
        if result.signatory.isEmpty || result.post.isEmpty { note(.schema, "\(name): nobody signs") }
        if result.findings.contains(where: { $0.member.map { !asked.members.contains($0) } ?? false }) { note(.schema, "\(name): a finding about nobody of the request") }
        if result.requestDigest != trial.record.value.map({ Digest.sha256($0) }) { note(.digest, "\(name): another digest") }
        let worst = [CheckOutcome.discrepant, .cannotDetermine].first { result.findings.map(\.outcome).contains($0) } ?? .consistent
        if result.outcome != worst { note(.worstFinding, "\(name): \(result.outcome.rawValue) over findings whose worst is \(worst.rawValue)") }
        let found = Set(result.findings.map { ConformanceTrial.Finding(member: $0.member ?? UUID(), field: $0.field, outcome: $0.outcome, code: $0.code) })
        if result.outcome != outcome { note(trial.rule, "\(name): \(result.outcome.rawValue), not \(outcome.rawValue); does the data file hold what --facts prints?") }
        if result.outcome == outcome, found != Set(findings) { note(trial.rule, "\(name): other findings than the data file gives") }
    }

    private mutating func judgeHeaders(_ record: Record, _ asked: ConformanceTrial.Asked, _ value: [UInt8], _ name: String) {
        let expected = [
            "ce_specversion": "1.0", "ce_type": ResultReturned.name, "ce_source": "/departments/\(department.lowercased())",
            "ce_subject": asked.request.lowercased, "content-type": "application/json",
        ]
        for (header, text) in expected.sorted(by: { $0.key < $1.key }) where record.headers[header] != text {
            note(.headers, "\(name): \(header) is \(record.headers[header] ?? "missing"), not \(text)")
        }
        if record.headers["ce_time"].flatMap({ Instant($0) }) == nil { note(.headers, "\(name): ce_time is no RFC 3339 time") }
        if record.headers["traceparent"] != asked.traceparent { note(.headers, "\(name): traceparent is not the request's") }
        let id = DepartmentDesk.id(of: value, to: RequestID(asked.request)).lowercased
        if record.headers["ce_id"] != id { note(.id, "\(name): ce_id is \(record.headers["ce_id"] ?? "missing"), not \(id)") }
    }

    /// A result of any department, also of one that is only played.
    private struct Returned: Decodable {
        let request: UUID
        let requestDigest: String
        let household: UUID
        let department, topic: String
        let outcome: CheckOutcome
        let findings: [Finding]
        let signatory, post: String
        let signedAt: Instant

        struct Finding: Decodable {
            let member: UUID?
            let field: String
            let outcome: CheckOutcome
            let code: String
        }
    }
}
