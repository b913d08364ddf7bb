import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// Cases with their households' words beside them. Only what a case decides itself is written.
extension ReviewCase: Aggregate {
    static let columns = """
        c.id, c.campaign, c.kind, c.member, c.division, c.proposed_at, c.status, c.suspended, c.internal_review, c.public_review,
        c.initial_decision, c.community_window, c.community_ended_at, c.resolution, c.approval, c.subdistrict_window,
        c.subdistrict_ended_at, c.open_tips, c.discrepancies, c.surveyors, c.reason, c.late_evidence, c.version, \(CaseHousehold.columns)
        """
    static let tables = "cases c JOIN households h ON h.id = c.household AND h.campaign = c.campaign"

    package static func load(_ ids: [CaseID], in work: Work) throws -> [Versioned<ReviewCase>] {
        try work.sql.query(
            "SELECT \(unsafe: columns) FROM \(unsafe: tables) WHERE c.id = ANY(\(ids)) ORDER BY c.id FOR UPDATE OF c"
        ).map { Versioned(try ReviewCase($0), version: try $0["version"]) }
    }

    /// Whole, as a case may have gone on in the transaction that opens it.
    package static func insert(_ new: [Versioned<ReviewCase>], in work: Work) throws {
        let cases = new.map(\.value)
        let dossiers = cases.map(\.dossier)
        try work.sql.execute(
            """
            INSERT INTO cases (id, household, campaign, kind, member, division, proposed_at, status, suspended, internal_review,
                public_review, initial_decision, community_window, community_ended_at, resolution, approval, subdistrict_window,
                subdistrict_ended_at, open_tips, discrepancies, surveyors, reason, late_evidence, version)
            SELECT id, household, campaign, kind, member, division, proposed_at, status, suspended, internal_review,
                public_review, initial_decision, community_window, community_ended_at, resolution, approval, subdistrict_window,
                subdistrict_ended_at, string_to_array(open_tips, ',')::uuid[], string_to_array(discrepancies, ',')::uuid[],
                string_to_array(surveyors, ','), reason, late_evidence, version
            FROM unnest(\(cases.map(\.id)), \(cases.map(\.household.id)), \(cases.map(\.campaign)), \(cases.map(\.kind)),
                \(cases.map(\.member)), \(cases.map(\.division)), \(cases.map(\.proposedAt)), \(cases.map(\.status)),
                \(cases.map(\.suspended)), \(dossiers.map(\.internalReview)), \(dossiers.map(\.publicReview)),
                \(dossiers.map(\.initialDecision)), \(dossiers.map(\.community?.window)), \(dossiers.map(\.community?.endedAt)),
                \(dossiers.map(\.resolution)), \(dossiers.map(\.approval)), \(dossiers.map(\.subdistrict?.window)),
                \(dossiers.map(\.subdistrict?.endedAt)), \(cases.map { joined($0.openTips) }), \(cases.map { joined($0.discrepancies) }),
                \(cases.map { $0.surveyors.sorted().joined(separator: ",") }), \(cases.map(\.reason)), \(try cases.map { try $0.writtenEvidence }), \(new.map(\.version)))
                AS u(id, household, campaign, kind, member, division, proposed_at, status, suspended, internal_review,
                    public_review, initial_decision, community_window, community_ended_at, resolution, approval, subdistrict_window,
                    subdistrict_ended_at, open_tips, discrepancies, surveyors, reason, late_evidence, version)
            """)
    }

    package static func update(_ changed: [Versioned<ReviewCase>], in work: Work) throws -> Int {
        let cases = changed.map(\.value)
        let dossiers = cases.map(\.dossier)
        return try work.sql.change(
            """
            UPDATE cases c SET status = u.status, suspended = u.suspended, internal_review = u.internal_review,
                public_review = u.public_review, initial_decision = u.initial_decision, community_window = u.community_window,
                community_ended_at = u.community_ended_at, resolution = u.resolution, approval = u.approval,
                subdistrict_window = u.subdistrict_window, subdistrict_ended_at = u.subdistrict_ended_at,
                open_tips = string_to_array(u.open_tips, ',')::uuid[],
                discrepancies = string_to_array(u.discrepancies, ',')::uuid[], surveyors = string_to_array(u.surveyors, ','),
                reason = u.reason, late_evidence = u.late_evidence, version = u.version
            FROM unnest(\(cases.map(\.id)), \(cases.map(\.status)), \(cases.map(\.suspended)), \(dossiers.map(\.internalReview)),
                \(dossiers.map(\.publicReview)), \(dossiers.map(\.initialDecision)), \(dossiers.map(\.community?.window)),
                \(dossiers.map(\.community?.endedAt)), \(dossiers.map(\.resolution)), \(dossiers.map(\.approval)),
                \(dossiers.map(\.subdistrict?.window)), \(dossiers.map(\.subdistrict?.endedAt)), \(cases.map { joined($0.openTips) }),
                \(cases.map { joined($0.discrepancies) }), \(cases.map { $0.surveyors.sorted().joined(separator: ",") }),
                \(cases.map(\.reason)), \(try cases.map { try $0.writtenEvidence }), \(changed.map(\.version)))
                AS u(id, status, suspended, internal_review, public_review, initial_decision, community_window, community_ended_at,
                    resolution, approval, subdistrict_window, subdistrict_ended_at, open_tips, discrepancies, surveyors, reason, late_evidence,
                    version)
            WHERE c.id = u.id
            """)
    }

    /// Hardly ever there: nothing at all then, instead of an empty list.
    private var writtenEvidence: JSONB? { get throws { lateEvidence.isEmpty ? nil : JSONB(try JSON.encode(lateEvidence)) } }

    /// `unnest` flattens arrays of arrays, so a set travels as text.
    private static func joined<Subject>(_ ids: Set<ID<Subject>>) -> String { ids.sorted().map(\.description).joined(separator: ",") }

    init(_ row: Row) throws {
        var dossier = Dossier()
        dossier.internalReview = try row["internal_review"]
        dossier.publicReview = try row["public_review"]
        dossier.initialDecision = try row["initial_decision"]
        dossier.community = try Publicity(row, "community")
        dossier.resolution = try row["resolution"]
        dossier.approval = try row["approval"]
        dossier.subdistrict = try Publicity(row, "subdistrict")
        self.init(
            id: try row["id"], campaign: try row["campaign"], kind: try row["kind"], member: try row["member"],
            division: try row["division"], household: try CaseHousehold(row), proposedAt: try row["proposed_at"], status: try row["status"],
            suspended: try row["suspended"], dossier: dossier, openTips: Set(try row.array("open_tips")),
            discrepancies: Set(try row.array("discrepancies")), surveyors: Set(try row.array("surveyors")), reason: try row["reason"],
            lateEvidence: try row["late_evidence", as: JSONB?.self].map { try JSON.decode([LateEvidence].self, from: $0.text) } ?? [])
    }
}

extension ReviewCase.Publicity {
    fileprivate init?(_ row: Row, _ level: String) throws {
        guard let window: WindowID = try row["\(level)_window"] else { return nil }
        self.init(window, endedAt: try row["\(level)_ended_at"])
    }
}

/// Which cases a list asks for; what is nil does not matter.
struct CaseFilter {
    var statuses: [CaseStatus]?
    var kind: CaseKind?
    var division: DivisionCode?
    var household: HouseholdID?
    var isHeld: Bool?
    var after: CaseID?
    var limit = Int(Int32.max)
}

extension [ReviewCase] {
    /// By kind, group and head, as lists are printed.
    var inPrintedOrder: [ReviewCase] {
        sorted { ($0.kind.rawValue, $0.division, $0.household.headName, $0.id) < ($1.kind.rawValue, $1.division, $1.household.headName, $1.id) }
    }
}

extension Work {
    /// Cases as they stand, without their locks.
    func cases(_ filter: CaseFilter) throws -> [ReviewCase] {
        let statuses = filter.statuses ?? CaseStatus.allCases
        return try query(
            """
            SELECT \(unsafe: ReviewCase.columns) FROM \(unsafe: ReviewCase.tables)
            WHERE c.status = ANY(\(statuses))
                AND (\(filter.kind)::text IS NULL OR c.kind = \(filter.kind))
                AND (\(filter.division)::text IS NULL OR starts_with(c.division, \(filter.division)))
                AND (\(filter.household)::uuid IS NULL OR c.household = \(filter.household))
                AND (\(filter.isHeld)::boolean IS NULL OR (c.open_tips <> '{}') = \(filter.isHeld))
                AND (\(filter.after)::uuid IS NULL OR c.id > \(filter.after))
            ORDER BY c.id LIMIT \(filter.limit)
            """
        ).map { try ReviewCase($0) }
    }

    /// Cases of a division that stand in one of these statuses, in hand and locked.
    func takeCases(in statuses: [CaseStatus], of division: DivisionCode?) throws -> [ReviewCase] {
        let ids: [CaseID] = try query(
            """
            SELECT id FROM cases
            WHERE status = ANY(\(statuses)) AND (\(division)::text IS NULL OR starts_with(division, \(division))) ORDER BY id
            """
        ).map { try $0["id"] }
        try prefetch(ReviewCase.self, ids)
        return try ids.map { try get(ReviewCase.self, $0) }
    }
}
