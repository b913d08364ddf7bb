import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The cases as intake sees them.
struct CaseRoutes {
    let vault: Vault

    func add(to api: API) {
        api.get("/v1/cases", listCases)
        api.post("/v1/cases/:case/judgement", judge)
    }

    private struct Listed: Encodable {
        let `case`: CaseID
        let household: HouseholdID
        /// The household's number, and the person's.
        let number: String
        let person: String?
        let division: DivisionCode
        let kind: CaseKind
        let status: String
        let reasons: [String]
    }

    /// `?campaign=` and, if wanted, `kind=`, `status=`, `number=`.
    func listCases(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.queryID("campaign")
        let (kind, status, number) = (call.query("kind"), call.query("status"), call.query("number"))
        let after: CaseID? = call.query("after") == nil ? nil : try call.queryID("after")
        let limit = try call.limit()
        let listed = try work.query(
            """
            SELECT c.id, c.household_id, h.number, m.number AS person, h.division, c.kind, c.status, c.reasons
            FROM cases c JOIN households h ON h.id = c.household_id LEFT JOIN members m ON m.id = c.member_id
            WHERE c.campaign_id = \(campaign) AND (\(kind) IS NULL OR c.kind = \(kind)) AND (\(status) IS NULL OR c.status = \(status))
                AND (\(number) IS NULL OR h.number = \(number)) AND (\(after) IS NULL OR c.id > \(after))
            ORDER BY c.id LIMIT \(limit)
            """
        ).map { row in
            Listed(
                case: try row["id"], household: try row["household_id"], number: try row["number"], person: try row["person"],
                division: try row["division"], kind: try row["kind"], status: try row["status"],
                reasons: try row["reasons", as: String.self].split(separator: " ").map(String.init))
        }
        return try .page(listed, next: listed.count == limit ? listed.last?.case.description : nil, call: call)
    }

    private struct Judgement: Decodable {
        let eligible: Bool
        let reason: String
    }

    /// A person decides what the rules, or the police, leave open.
    func judge(_ call: Call, _ work: Work) throws -> Reply {
        let judgement = try call.body(Judgement.self)
        let reason = try call.reason(judgement.reason)
        _ = try call.namedActor()
        let id: CaseID = try call.id("case")
        let campaign = try work.campaign(work.get(CampaignCase.self, id).campaign)
        let now = try work.now
        let recorder = try work.recorder(ofSurveyFor: id)?.alias(in: id.rawValue)
        let decided = try work.decide(CampaignCase.self, id) {
            try $0.deciding(.judge(eligible: judgement.eligible, under: campaign.ruleSet), at: now).recorded(by: recorder)
        }
        try work.keepJudgement(of: decided, eligible: judgement.eligible, because: reason, vault)
        if decided.kind == .naturalChange { try work.settle(decided, under: campaign, vault) }
        return try .json(["status": decided.status.rawValue])
    }
}
