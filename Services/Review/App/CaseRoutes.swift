import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// Cases, seen one by one, as lists and as a board.
struct CaseRoutes {
    func add(to api: API) {
        api.get("/v1/cases", list)
        api.get("/v1/cases/:case", show)
        api.post("/v1/cases/:case/investigations", investigate)
        api.post("/v1/carry-overs", carryOver)
        api.get("/v1/board", board)
    }

    private func list(_ call: Call, _ work: Work) throws -> Reply {
        let limit = try call.limit()
        let status: CaseStatus? = try call.choice("status")
        var filter = CaseFilter(statuses: status.map { [$0] }, kind: try call.choice("kind"), division: try call.division("community"), limit: limit)
        if call.query("household") != nil { filter.household = try call.queryID("household") }
        if call.query("after") != nil { filter.after = try call.queryID("after") }
        let held: Flag? = try call.choice("held")
        filter.isHeld = held.map { $0 == .true }
        let cases = try work.cases(filter)
        return try .page(cases.map(CaseView.init), next: cases.count == limit ? cases.last?.id.description : nil, call: call)
    }

    private enum Flag: String, CaseIterable {
        case `true`, `false`
    }

    private func show(_ call: Call, _ work: Work) throws -> Reply {
        try .json(CaseView(try work.get(ReviewCase.self, try call.id("case"))))
    }

    private struct Investigation: Decodable {
        let finding: ReviewCase.Finding
    }

    private func investigate(_ call: Call, _ work: Work) throws -> Reply {
        let investigation: Investigation = try call.body()
        let now = try work.now
        return try .json(
            CaseView(try work.decide(ReviewCase.self, try call.id("case")) { try $0.deciding(.investigate(investigation.finding), at: now) }))
    }

    private struct CarryOver: Decodable {
        let cases: [CaseID]
        let reason: String
    }

    private struct CarriedOver: Encodable {
        let carriedOver: Int
    }

    /// Cases that cannot be finished in this campaign: a second run would not fit any more (domain.md section 4.4).
    private func carryOver(_ call: Call, _ work: Work) throws -> Reply {
        let order: CarryOver = try call.body()
        guard order.reason.isReasonCode else { throw Invalid("/reason", "reason-code", "a reason is a code, such as rerun_does_not_fit") }
        let now = try work.now
        try work.prefetch(ReviewCase.self, order.cases)
        for id in order.cases { try work.decide(ReviewCase.self, id) { try $0.deciding(.carryOver(reason: order.reason), at: now) } }
        return try .json(CarriedOver(carriedOver: order.cases.count))
    }

    // MARK: Board

    private struct Board: Encodable {
        let cases: [CaseTally]
        let windows: [WindowCount]
        let tips: TipTally
        /// Nothing before a campaign is issued.
        let rerun: Rerun?

        struct WindowCount: Encodable {
            let level: PublicityLevel
            let stage: String
            let count: Int
        }
    }

    private func board(_ call: Call, _ work: Work) throws -> Reply {
        let today = try work.today
        let windows = try work.query(
            "SELECT level, stage, count(*) AS count FROM windows GROUP BY level, stage ORDER BY level, stage"
        ).map { Board.WindowCount(level: try $0["level"], stage: try $0["stage"], count: try $0["count"]) }
        return try .json(Board(cases: work.caseTallies(), windows: windows, tips: work.tipTally(on: today), rerun: work.rerun(on: today)))
    }
}

struct CaseView: Encodable {
    let `case`: CaseID
    let household: HouseholdID
    let campaign: CampaignID
    let kind: CaseKind
    let member: MemberID?
    let division: DivisionCode
    let headName: String
    let memberCount: Int
    let status: CaseStatus
    let suspended: CaseStatus?
    let held: Bool
    let openTips: [TipID]
    let discrepancies: [RequestID]
    /// Whether departments are through with the household.
    let verified: Bool
    /// What still stands between the case and the county.
    let missing: [GateItem]
    let communityWindow: WindowID?
    let subdistrictWindow: WindowID?
    let reason: String?

    init(_ case: ReviewCase) {
        self.case = `case`.id
        household = `case`.household.id
        campaign = `case`.campaign
        kind = `case`.kind
        member = `case`.member
        division = `case`.division
        headName = `case`.household.headName
        memberCount = `case`.household.memberCount
        status = `case`.status
        suspended = `case`.suspended
        held = `case`.isHeld
        openTips = `case`.openTips.sorted()
        discrepancies = `case`.discrepancies.sorted()
        verified = `case`.household.verification != .pending
        missing = `case`.missing
        communityWindow = `case`.dossier.community?.window
        subdistrictWindow = `case`.dossier.subdistrict?.window
        reason = `case`.reason
    }
}
