import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

extension CampaignCase: Aggregate {
    package static func load(_ ids: [CaseID], in work: Work) throws -> [Versioned<CampaignCase>] { try read(ids, locking: true, in: work) }

    /// Without a lock to be looked at only.
    static func read(_ ids: [CaseID], locking: Bool, in work: Work) throws -> [Versioned<CampaignCase>] {
        try work.sql.query(
            """
            SELECT id, campaign_id, household_id, kind, member_id, change_reason, change_on, change_evidence, status, reasons, version
            FROM cases WHERE id = ANY(\(ids)) ORDER BY id \(unsafe: locking ? "FOR UPDATE" : "")
            """
        ).map { Versioned(try CampaignCase($0), version: try $0["version"]) }
    }

    package static func insert(_ new: [Versioned<CampaignCase>], in work: Work) throws {
        try work.sql.execute(
            """
            INSERT INTO cases (id, campaign_id, household_id, kind, member_id, change_reason, change_on, change_evidence, status, reasons, version)
            SELECT * FROM unnest(\(new.map(\.value.id)), \(new.map(\.value.campaign)), \(new.map(\.value.household)), \(new.map(\.value.kind)),
                \(new.map(\.value.member)), \(new.map(\.value.change?.reason)), \(new.map(\.value.change?.on)), \(new.map(\.value.change?.evidence)),
                \(new.map(\.value.status)), \(new.map(\.value.reasonList)), \(new.map(\.version)))
            """)
        try work.sql.execute(
            """
            INSERT INTO case_steps (case_id, teller, place, reasons, actor)
            SELECT u.id, 'intake', u.status, u.reasons, \(work.deed.actor.description)
            FROM unnest(\(new.map(\.value.id)), \(new.map(\.value.status)), \(new.map(\.value.reasonList))) AS u (id, status, reasons)
            """)
    }

    package static func update(_ changed: [Versioned<CampaignCase>], in work: Work) throws -> Int {
        try work.sql.change(
            """
            WITH changed AS (
                UPDATE cases c SET status = u.status, reasons = u.reasons, version = u.version
                FROM unnest(\(changed.map(\.value.id)), \(changed.map(\.value.status)), \(changed.map(\.value.reasonList)), \(changed.map(\.version)))
                    AS u (id, status, reasons, version)
                WHERE c.id = u.id RETURNING c.id, c.status, c.reasons)
            INSERT INTO case_steps (case_id, teller, place, reasons, actor)
            SELECT id, 'intake', status, reasons, \(work.deed.actor.description) FROM changed
            """)
    }

    private var reasonList: String { reasons.joined(separator: " ") }

    private init(_ row: Row) throws {
        let on: LocalDate? = try row["change_on"]
        let evidence: String? = try row["change_evidence"]
        self.init(
            id: try row["id"], campaign: try row["campaign_id"], household: try row["household_id"], kind: try row["kind"],
            member: try row["member_id"], change: try row["change_reason", as: String?.self].map { Change(reason: $0, on: on, evidence: evidence) },
            status: try row["status"], reasons: try row["reasons", as: String.self].split(separator: " ").map(String.init))
    }
}

extension Work {
    /// The open case of the household itself, if there is one.
    func openHouseholdCase(of household: HouseholdID, in campaign: CampaignID) throws -> CaseID? {
        try first(
            """
            SELECT id FROM cases WHERE campaign_id = \(campaign) AND household_id = \(household) AND member_id IS NULL
                AND status = ANY(\(CampaignCase.Status.open))
            """)?["id"]
    }

    func hasOpenCase(of member: MemberID, _ kind: CaseKind, in campaign: CampaignID) throws -> Bool {
        try first(
            """
            SELECT id FROM cases WHERE campaign_id = \(campaign) AND member_id = \(member) AND kind = \(kind)
                AND status = ANY(\(CampaignCase.Status.open))
            """) != nil
    }

    func openChanges(of household: HouseholdID, in campaign: CampaignID) throws -> [CaseID] {
        try query(
            """
            SELECT id FROM cases WHERE campaign_id = \(campaign) AND household_id = \(household) AND kind = \(CaseKind.naturalChange)
                AND status = 'proposed' ORDER BY id
            """
        ).map { try $0["id"] }
    }

    /// All of these households, in the order of their proposal.
    func cases(of households: [HouseholdID], in campaign: CampaignID) throws -> [HouseholdID: [CampaignCase]] {
        let ids: [CaseID] = try query("SELECT id FROM cases WHERE campaign_id = \(campaign) AND household_id = ANY(\(households)) ORDER BY id")
            .map { try $0["id"] }
        return Dictionary(grouping: try CampaignCase.read(ids, locking: false, in: self).map(\.value), by: \.household)
    }
}
