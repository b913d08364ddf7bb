import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Cases that a person proposes, of any kind, beside those that the analysis draws.
struct ProposalRoutes {
    let vault: Vault

    func add(to api: API) {
        api.post("/v1/cases", propose)
        api.get("/v1/campaigns/:campaign/closings", listClosings)
    }

    private struct Order: Decodable {
        let campaign: CampaignID
        /// The household's number.
        let household: String
        let kind: CaseKind
        /// The person's number: of a clear-out or a natural change.
        let person: String?
        let change: Change?
        let reason: String

        struct Change: Decodable {
            /// A code of the change reasons.
            let reason: String
            let on: LocalDate?
            let evidence: String?
            let newcomer: Newcomer?
        }

        struct Newcomer: Decodable {
            let name: String
            let idNumber: String
            let relation: String
        }
    }

    private struct Proposed: Encodable {
        let `case`: CaseID
        let kind: CaseKind
        let status: String
    }

    func propose(_ call: Call, _ work: Work) throws -> Reply {
        let order = try call.body(Order.self)
        let reason = try call.reason(order.reason)
        let actor = try call.namedActor()
        let campaign = try work.campaignAlone(order.campaign)
        guard let known = try work.keptEntries([order.household])[order.household], known.campaign == campaign.id else {
            throw Invalid("/household", "household.unknown", "this household is not in the campaign's books")
        }
        let record = try work.get(HouseholdRecord.self, known.household)
        let proposed =
            switch order.kind {
            case .exit, .return, .new, .removal: try proposeOfHousehold(order.kind, record, work)
            case .clearOut: try proposeClearOut(order, record, work)
            case .naturalChange: try proposeChange(order, record, campaign, work)
            }
        try work.enroll([(proposed, ProposalBasis(by: actor.description, reason: reason))], in: campaign.id, vault)
        return try .json(Proposed(case: proposed.id, kind: proposed.kind, status: proposed.status.rawValue), status: .created)
    }

    private func proposeOfHousehold(_ kind: CaseKind, _ record: HouseholdRecord, _ work: Work) throws -> CampaignCase {
        try record.check(proposing: kind, of: nil)
        if try work.openHouseholdCase(of: record.id, in: record.campaign) != nil { throw ProposalRefusal.hasOpenCase }
        let decision = CampaignCase.proposing(kind, of: record, as: CaseID(work.newID()), at: try work.now)
        try work.insert(decision.state, telling: decision.events)
        return decision.state
    }

    private func proposeClearOut(_ order: Order, _ record: HouseholdRecord, _ work: Work) throws -> CampaignCase {
        guard let change = order.change, Codes.memberClearout[change.reason] != nil else {
            throw Invalid("/change/reason", "code.unknown", "not in the code list member_clearout")
        }
        let member = record.active.first { $0.number == order.person }?.id
        try record.check(proposing: .clearOut, of: member)
        if let member, try work.hasOpenCase(of: member, .clearOut, in: record.campaign) { throw ProposalRefusal.hasOpenCase }
        let decision = CampaignCase.proposing(
            .clearOut, of: record, member: member, change: .init(reason: change.reason, on: change.on), as: CaseID(work.newID()), at: try work.now)
        try work.insert(decision.state, telling: decision.events)
        return decision.state
    }

    /// As a row of the sheet of natural changes.
    private func proposeChange(_ order: Order, _ record: HouseholdRecord, _ campaign: IssuedCampaign, _ work: Work) throws -> CampaignCase {
        guard let change = order.change, let on = change.on, let evidence = change.evidence, let person = order.person else {
            throw Invalid("/change", "missing", "a natural change names person, day and evidence")
        }
        guard Codes.naturalIncrease[change.reason] != nil || Codes.naturalDecrease[change.reason] != nil else {
            throw Invalid("/change/reason", "code.unknown", "not a reason of natural increase or decrease")
        }
        try record.check(proposing: .naturalChange, of: nil)
        let newcomer = try Codes.naturalIncrease[change.reason] == nil ? nil : newcomer(change.newcomer)
        let proposal = MemberChange(household: record.number, person: person, reason: change.reason, on: on, evidence: evidence, newcomer: newcomer)
        var faults = try record.faults(proposing: proposal, isVerified: work.isVerified(record.id, in: campaign.id)).map {
            Invalid.Fault("/change", $0.1, $0.2)
        }
        if let newcomer, try !work.owners(of: [vault.hash(newcomer.residentID)]).isEmpty {
            faults.append(.init("/change/newcomer/idNumber", "person.id-elsewhere", "this person already belongs to a household"))
        }
        guard faults.isEmpty else { throw Invalid(faults) }
        if let member = record.members.first(where: { $0.number == person })?.id, try work.hasOpenCase(of: member, .naturalChange, in: campaign.id) {
            throw ProposalRefusal.hasOpenCase
        }
        let proposed = try ChangeImport(campaign: campaign, vault: vault).propose(proposal, of: record, work)
        if let newcomer, let member = proposed.member { try work.keep([(member, record.id, newcomer.residentID)], vault) }
        return proposed
    }

    private func newcomer(_ order: Order.Newcomer?) throws -> MemberChange.Newcomer {
        guard let order else { throw Invalid("/change/newcomer", "missing", "who joins brings name, ID number and relation") }
        var faults: [Invalid.Fault] = []
        if order.name.isEmpty { faults.append(.init("/change/newcomer/name", "missing", "a name")) }
        if Codes.relations[order.relation] == nil { faults.append(.init("/change/newcomer/relation", "code.unknown", "not in the code list relations")) }
        if order.relation == Relation.head { faults.append(.init("/change/newcomer/relation", "change.newcomer-head", "who joins a household is not its head")) }
        let residentID = ResidentID(order.idNumber)
        if residentID == nil {
            faults.append(.init("/change/newcomer/idNumber", "resident-id", "no resident ID: 18 characters with a fitting check character"))
        }
        guard let residentID, faults.isEmpty else { throw Invalid(faults) }
        return MemberChange.Newcomer(name: order.name, residentID: residentID, relation: order.relation)
    }

    // MARK: Closing decisions

    private struct Closing: Encodable {
        let household: HouseholdID
        let number: String
        let `case`: CaseID
        let openedAt: Instant
        /// Whether the decision has been taken: `POST /v1/households/{household}/closure`.
        let decided: Bool
    }

    /// Households in which nobody is left.
    func listClosings(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        return try .json(
            work.query(
                """
                SELECT c.household_id, h.number, c.case_id, c.opened_at, h.standing = 'closed' AS decided
                FROM closings c JOIN households h ON h.id = c.household_id WHERE c.campaign_id = \(campaign.id) ORDER BY c.opened_at, h.number
                """
            ).map { row in
                Closing(
                    household: try row["household_id"], number: try row["number"], case: try row["case_id"], openedAt: try row["opened_at"],
                    decided: try row["decided"])
            })
    }
}

extension Work {
    fileprivate func isVerified(_ household: HouseholdID, in campaign: CampaignID) throws -> Bool {
        try first(
            "SELECT household_id FROM residence_checks WHERE campaign_id = \(campaign) AND household_id = \(household) AND completed_at IS NOT NULL"
        ) != nil
    }
}
