import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit

/// Cases with a browser: where each stands, and what still stands between it and the county.
struct CasePages {
    func add(to api: API) {
        api.page("/cases", of: ReviewPages.all, showAll)
        api.page("/cases/:case", of: ReviewPages.all, showOne)
        api.form("/cases/:case", of: ReviewPages.all, investigate)
    }

    // MARK: All

    private struct Shown {
        let statuses: [Pages.Choice]
        let kinds: [Pages.Choice]
        let community: String
        /// The list that is shown, as a workbook.
        let sheet: String?
        let rows: [Row]
        let none: Bool
        let next: String?

        struct Row {
            let `case`: String
            let head: String
            let members: Int
            let group: String
            let kind: Pages.Words
            let status: Pages.Words
            let held: Bool
            let missing: [Pages.Words]
        }
    }

    private static let pageLength = 50

    private func showAll(_ call: Call, _ work: Work) throws -> Reply {
        let status = call.filled("status").flatMap(CaseStatus.init(rawValue:))
        let kind = call.filled("kind").flatMap(CaseKind.init(rawValue:))
        let community = call.filled("community").flatMap(DivisionCode.init)
        var filter = CaseFilter(statuses: status.map { [$0] }, kind: kind, division: community, limit: Self.pageLength)
        if call.query("after") != nil { filter.after = try call.queryID("after") }
        let cases = try work.cases(filter)
        let names = try work.names(of: cases.map(\.division))
        let rows = cases.map { item in
            Shown.Row(
                case: item.id.description, head: item.household.headName, members: item.household.memberCount, group: names.full(item.division),
                kind: ReviewWords.of(item.kind), status: ReviewWords.of(item.status), held: item.isHeld,
                missing: item.status.phase == .decided || item.status == .reopened ? item.missing.map(ReviewWords.of) : [])
        }
        return try ReviewPages.all.show(
            "cases",
            Shown(
                statuses: Pages.Choice.all(CaseStatus.self, ReviewWords.of, chosen: status?.rawValue),
                kinds: Self.publicised.map { .init($0.rawValue, ReviewWords.of($0), chosen: kind?.rawValue) },
                community: community?.code ?? "",
                sheet: status.map { "/v1/lists/\($0.rawValue)/xlsx" + (kind.map { "?kind=\($0.rawValue)" } ?? "") }, rows: rows, none: rows.isEmpty,
                next: cases.count == Self.pageLength ? cases.last.map { call.query(with: "after", $0.id.description) } : nil),
            for: call)
    }

    private static let publicised = CaseKind.allCases.filter(\.isPublicised)

    // MARK: One

    private struct One {
        let `case`: String
        let head: String
        let members: Int
        let group: String
        let kind: Pages.Words
        let status: Pages.Words
        let suspended: Pages.Words?
        let reason: String?
        let verification: String
        let openTips: Int
        let discrepancies: Int
        let gate: [Item]
        let certificate: Certificate?
        let late: Late?
        let investigation: Investigation?

        struct Item {
            let item: Pages.Words
            let there: Bool
            let evidence: String
        }

        struct Certificate {
            let reportedAt: String
            let digest: String
        }

        struct Late { let rows: [Evidence] }

        struct Evidence {
            let at: String
            let zh: String
            let en: String
        }

        struct Investigation { let count: Int }
    }

    private func showOne(_ call: Call, _ work: Work) throws -> Reply {
        let item = try work.get(ReviewCase.self, try call.id("case"))
        let certificate = try work.certificate(of: item.id).map { One.Certificate(reportedAt: $0.reportedAt.wallClock, digest: $0.digest) }
        let late = item.lateEvidence.map { evidence in
            let words = Self.words(of: evidence.kind)
            return One.Evidence(at: evidence.at.wallClock, zh: words.zh, en: words.en)
        }
        let verification =
            switch item.household.verification {
            case .pending: "未全部签字 pending"
            case .complete(discrepant: 0): "已全部签字 complete"
            case .complete(let discrepant): "已全部签字，\(discrepant) 项不一致 complete, \(discrepant) discrepant"
            }
        let mayInvestigate = call.may("POST /cases/:case") && (item.status == .reopened || [.undecided, .decided].contains(item.status.phase) && !item.discrepancies.isEmpty)
        return try ReviewPages.all.show(
            "case",
            One(
                case: item.id.description, head: item.household.headName, members: item.household.memberCount, group: work.names(of: [item.division]).full(item.division),
                kind: ReviewWords.of(item.kind), status: ReviewWords.of(item.status), suspended: item.suspended.map(ReviewWords.of),
                reason: item.reason, verification: verification, openTips: item.openTips.count, discrepancies: item.discrepancies.count,
                gate: item.gate.map { .init(item: ReviewWords.of($0.item), there: $0.isThere, evidence: Self.text($0)) },
                certificate: certificate, late: late.isEmpty ? nil : .init(rows: late),
                investigation: mayInvestigate ? .init(count: item.discrepancies.count) : nil),
            for: call)
    }

    private static func text(_ evidence: GateEvidence) -> String {
        [evidence.at?.wallClock, evidence.reference?.lowercased].compactMap(\.self).joined(separator: " · ")
    }

    private static func words(of kind: ReviewCase.LateEvidence.Kind) -> Pages.Words {
        switch kind {
        case .discrepancy: .init("部门结果不一致", "a department found something else")
        case .tip: .init("收到举报", "a tip came in")
        case .survey: .init("重新核查后不再符合", "a new survey no longer meets the guard")
        }
    }

    private func investigate(_ call: Call, _ work: Work) throws -> Reply {
        let id: CaseID = try call.id("case")
        guard let finding = ReviewCase.Finding(rawValue: try call.form().required("finding")) else {
            throw Invalid("/finding", "unknown-value", "choose what was found")
        }
        let now = try work.now
        try work.decide(ReviewCase.self, id) { try $0.deciding(.investigate(finding), at: now) }
        return .see("/cases/\(id)")
    }
}
