import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit

/// The report to the county leading group and what it answers (R29, R30).
struct CountyRoutes {
    func add(to api: API) {
        api.post("/v1/reports", report)
        api.post("/v1/county-answers", hear)
    }

    private struct Scope: Decodable {
        let community: DivisionCode?
    }

    private struct Report: Encodable {
        let reported: [CaseID]
        let blocked: [Blocked]

        struct Blocked: Encodable {
            let `case`: CaseID
            let kind: CaseKind
            let status: CaseStatus
            let missing: [GateItem]
        }
    }

    /// Reports every case whose gate is complete, and names for each of the others all that is missing.
    private func report(_ call: Call, _ work: Work) throws -> Reply {
        let scope: Scope? = call.bytes.isEmpty ? nil : try call.body()
        let now = try work.now
        let open = try work.takeCases(in: CaseStatus.all(in: [.undecided, .decided, .reopened]), of: scope?.community)
        let ready = open.filter(\.isReportable)
        for item in ready { try work.decide(ReviewCase.self, item.id) { try $0.deciding(.report, at: now) } }
        let blocked = open.filter { !$0.missing.isEmpty }
        return try .json(
            Report(
                reported: ready.map(\.id),
                blocked: blocked.map { .init(case: $0.id, kind: $0.kind, status: $0.status, missing: $0.missing) }))
    }

    private struct Answers: Decodable {
        let answers: [Item]

        struct Item: Decodable {
            let `case`: CaseID
            let answer: Kind
            let reason: String?
        }

        enum Kind: String, Codable {
            case confirmed, rejected, returned
        }

        func check() throws {
            let faults = answers.enumerated().filter { $1.answer == .rejected && $1.reason?.isReasonCode != true }.map { index, _ in
                Invalid.Fault("/answers/\(index)/reason", "reason-code", "a rejection needs a reason as a code, such as exceeds_quota")
            }
            if !faults.isEmpty { throw Invalid(faults) }
        }
    }

    private struct Heard: Encodable {
        let confirmed: Int
        let rejected: Int
        let returned: Int
    }

    private func hear(_ call: Call, _ work: Work) throws -> Reply {
        let sheet: Answers = try call.body()
        try sheet.check()
        let now = try work.now
        try work.prefetch(ReviewCase.self, sheet.answers.map(\.case))
        for item in sheet.answers {
            let answer: ReviewCase.CountyAnswer =
                switch item.answer {
                case .confirmed: .confirmed
                case .rejected: .rejected(reason: item.reason ?? "")
                case .returned: .returned
                }
            try work.decide(ReviewCase.self, item.case) { try $0.deciding(.answer(answer), at: now) }
        }
        func count(_ kind: Answers.Kind) -> Int { sheet.answers.count { $0.answer == kind } }
        return try .json(Heard(confirmed: count(.confirmed), rejected: count(.rejected), returned: count(.returned)))
    }
}
