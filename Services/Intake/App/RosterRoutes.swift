import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The rosters of the poverty analysis (R4): drawn from what is on file, fixed by the work team's leader.
struct RosterRoutes {
    let vault: Vault

    func add(to api: API) {
        api.post("/v1/campaigns/:campaign/rosters", drawRosters)
        api.get("/v1/campaigns/:campaign/rosters") { call, work in try listRosters(call, work, nil) }
        api.ask("/v1/campaigns/:campaign/rosters/reveal") { call, work in try listRosters(call, work, call.namedPurpose) }
        api.post("/v1/campaigns/:campaign/rosters/:kind/fixing", fixRoster)
    }

    // MARK: Drawing

    struct Drawn: Encodable {
        /// New cases of each kind.
        var proposed: [String: Int] = [:]
        /// What would be proposed, but has a case in this campaign already.
        var alreadyProposed = 0
    }

    /// Proposes a case for whatever the analysis shows and no case of this campaign covers yet; again it proposes nothing.
    func drawRosters(_ call: Call, _ work: Work) throws -> Reply {
        try .json(draw(work.wholeCampaignAlone(call.id("campaign")), work), status: .created)
    }

    func draw(_ campaign: IssuedCampaign, _ work: Work) throws -> Drawn {
        var drawn = Drawn()
        let covered = try Set(
            work.query("SELECT household_id, member_id FROM cases WHERE campaign_id = \(campaign.id) AND kind <> \(CaseKind.naturalChange)")
                .map { Covered(household: try $0["household_id"], member: try $0["member_id"]) })
        let candidates = try work.householdsOnFile(in: campaign.id, vault)
            .map { (household: $0.record.id, entry: $0.entry, proposals: Roster.proposals(for: $0.entry, under: campaign.ruleSet)) }
            .filter { !$0.proposals.isEmpty }
        try work.prefetch(HouseholdRecord.self, candidates.map(\.household))
        var proposed: [(case: CampaignCase, basis: ProposalBasis)] = []
        for candidate in candidates {
            let record = try work.get(HouseholdRecord.self, candidate.household)
            for proposal in candidate.proposals {
                let member = proposal.person.flatMap { person in record.active.first { $0.number == person }?.id }
                if proposal.person != nil && member == nil { continue }
                guard !covered.contains(Covered(household: record.id, member: member)) else {
                    drawn.alreadyProposed += 1
                    continue
                }
                let decision = CampaignCase.proposing(
                    proposal.kind, of: record, member: member, change: proposal.reason.map { .init(reason: $0, on: nil) },
                    as: CaseID(work.newID()), at: try work.now)
                try work.insert(decision.state, telling: decision.events)
                proposed.append((decision.state, ProposalBasis(proposal, of: candidate.entry)))
                drawn.proposed[proposal.kind.rawValue, default: 0] += 1
            }
        }
        try work.enroll(proposed, in: campaign.id, vault)
        return drawn
    }

    private struct Covered: Hashable {
        let household: HouseholdID
        let member: MemberID?
    }

    // MARK: Lists

    struct Shown: Encodable {
        let kind: CaseKind
        let label: Wording
        /// `drafted` or `fixed`; nothing as long as no case was proposed.
        let status: RosterList.Status?
        let edition: Int
        /// What fixing it names in `If-Match`.
        let version: Int
        let lines: [Line]
        let history: [Step]
    }

    struct Line: Encodable {
        let `case`: CaseID
        let household: HouseholdID
        let number: String
        let headName: Masked
        let division: DivisionCode
        let status: String
        let edition: Int
        /// Why it stands there; only for a purpose, since clues are income and health.
        let reasons: [ProposalBasis.SignShown]?
    }

    struct Step: Encodable {
        let at: Instant
        let edition: Int
        let status: String
        /// How many cases were added, or stood there when it was fixed.
        let cases: Int
        let by: String
        let reason: String?
    }

    /// All four; for a purpose the reasons too.
    private func listRosters(_ call: Call, _ work: Work, _ purpose: String?) throws -> Reply {
        try .json(lists(of: work.campaign(call.id("campaign")), work, for: purpose))
    }

    func lists(of campaign: IssuedCampaign, _ work: Work, for purpose: String? = nil) throws -> [Shown] {
        let rosters = try work.rosters(of: campaign.id)
        var lines: [CaseKind: [Line]] = [:]
        for row in try work.query(
            """
            SELECT c.id AS case_id, c.kind, c.status, c.household_id, h.number, h.division, p.edition, p.sealed, \(unsafe: SQL.wrappedKey),
                (SELECT name FROM members m WHERE m.household_id = h.id AND m.relation = \(Relation.head) ORDER BY m.state, m.position LIMIT 1) AS head
            FROM cases c JOIN households h ON h.id = c.household_id JOIN proposals p ON p.case_id = c.id
                LEFT JOIN household_keys k ON k.household_id = c.household_id
            WHERE c.campaign_id = \(campaign.id) AND p.edition IS NOT NULL ORDER BY h.division, h.number
            """)
        {
            let id: CaseID = try row["case_id"]
            let isReadable = try purpose != nil && row["key_id", as: UUID?.self] != nil
            let basis: ProposalBasis? = isReadable ? try vault.key(row).open(row["sealed"], in: .proposal(id)) : nil
            lines[try row["kind"], default: []].append(
                Line(
                    case: id, household: try row["household_id"], number: try row["number"], headName: .name(try row["head", as: String?.self] ?? ""),
                    division: try row["division"], status: try row["status"], edition: try row["edition"], reasons: basis?.signs))
        }
        if let purpose { try work.noteExplanation(of: lines.values.flatMap { $0.map(\.household) }, for: purpose) }
        var history: [CaseKind: [Step]] = [:]
        for row in try work.query("SELECT kind, edition, status, cases, actor, reason, at FROM roster_steps WHERE campaign_id = \(campaign.id) ORDER BY id") {
            history[try row["kind"], default: []].append(
                Step(
                    at: try row["at"], edition: try row["edition"], status: try row["status"], cases: try row["cases"], by: try row["actor"],
                    reason: try row["reason"]))
        }
        return RosterList.kinds.map { kind in
            Shown(
                kind: kind, label: Wording(kind.label), status: rosters[kind]?.list.status, edition: rosters[kind]?.list.edition ?? 0,
                version: rosters[kind]?.version ?? 0, lines: lines[kind] ?? [], history: history[kind] ?? [])
        }
    }

    // MARK: Fixing

    private struct Fixing: Decodable {
        let reason: String
    }

    struct Fixed: Encodable {
        let kind: CaseKind
        let status: RosterList.Status
        let edition: Int
        let cases: Int
    }

    /// The team's leader fixes what they have seen.
    func fixRoster(_ call: Call, _ work: Work) throws -> Reply {
        let (fixed, version) = try fix(because: call.body(Fixing.self).reason, call, work)
        return try .json(fixed).tagged(version)
    }

    func fix(because text: String, _ call: Call, _ work: Work) throws -> (Fixed, version: Int) {
        let reason = try call.reason(text)
        _ = try call.namedActor()
        let campaign = try work.wholeCampaignAlone(call.id("campaign"))
        guard let kind = CaseKind(rawValue: try call.parameter("kind")), RosterList.kinds.contains(kind) else { throw NotFound("roster") }
        guard let drafted = try work.rosters(of: campaign.id)[kind] else { throw RosterList.Refusal.notDrawn }
        let fixed = try drafted.list.fixing()
        try call.requireMatch(of: drafted.version)
        let cases: Int =
            try work.first(
                """
                SELECT count(*) AS cases FROM cases c JOIN proposals p ON p.case_id = c.id
                WHERE c.campaign_id = \(campaign.id) AND c.kind = \(kind) AND p.edition <= \(fixed.edition)
                """)?["cases"] ?? 0
        try work.keep(fixed, of: campaign.id, cases: cases, because: reason)
        return (Fixed(kind: kind, status: fixed.status, edition: fixed.edition, cases: cases), drafted.version + 1)
    }
}
