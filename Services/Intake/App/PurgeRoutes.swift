import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The end of a household's personal data, by two accounts (PIPL 47): whoever is on the register, or has an open case, stays.
///
/// Reached at once, here: the household's key, with which everything sealed of it becomes unreadable in every copy of the tables and in every
/// backup that lies apart from the keys; its ID numbers; names, days of birth and hashes of its members; names in what was told. By
/// ``HouseholdPurged``, at the others: heads' names in files, cases, lists and announcements, what departments were asked, and the words of
/// notices. Not reached: tips, which have keys of their own; what departments keep of what they were asked; paper; and records of the log
/// until their retention ends.
struct PurgeRoutes {
    func add(to api: API) {
        api.postByTwo(
            "/v1/households/:household/purge", named: .init("清除住户个人信息", "Purge a household"), seenAt: "/households/:household",
            checking: { call, work in _ = try check(call, work) }, purge)
    }

    private struct Order: Decodable {
        let reason: String
    }

    /// The household as it will be, and why, if it may go.
    private func check(_ call: Call, _ work: Work) throws -> (Decision<HouseholdRecord>, reason: String) {
        let household: HouseholdID = try call.id("household")
        let order = try call.body(Order.self)
        guard (1...64).contains(order.reason.utf8.count), order.reason.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
        else { throw Invalid("/reason", "reason-code", "a reason is a code, such as retention_over or entered_in_error") }
        let record = try work.get(HouseholdRecord.self, household)
        if try work.isPurged(household) { throw Gone.purged }
        let decision = try record.purging()
        let isOpen = try work.first("SELECT id FROM cases WHERE household_id = \(household) AND status = ANY(\(CampaignCase.Status.open)) LIMIT 1") != nil
        if isOpen { throw ProposalRefusal.hasOpenCase }
        return (decision, order.reason)
    }

    private func purge(_ call: Call, _ work: Work) throws -> Reply {
        let (decision, reason) = try check(call, work)
        let household = decision.state.id
        let found = try work.first(
            """
            SELECT (SELECT id FROM household_keys WHERE household_id = \(household)) AS key,
                (SELECT count(*) FROM entries WHERE household_id = \(household)) + (SELECT count(*) FROM identifiers WHERE household_id = \(household))
                + (SELECT count(*) FROM measures WHERE household_id = \(household)) + (SELECT count(*) FROM visits WHERE household_id = \(household))
                + (SELECT count(*) FROM survey_conflicts WHERE household_id = \(household)) + (SELECT count(*) FROM assessments WHERE household_id = \(household)) AS cells
            """)
        let key: UUID? = try found?["key"]
        try work.shredKey(of: household)
        Failpoint.purgeAfterKeyDelete.hit()
        try work.execute("DELETE FROM identifiers WHERE household_id = \(household)")
        try work.decide(HouseholdRecord.self, household) { _ in decision }
        try work.forgetTold(about: household.rawValue, ["headName": .string("")])
        let proof = HouseholdPurge(
            id: PurgeID(work.newID()), household: household, purgedAt: try work.now, reason: reason, deed: "\(work.deed.actor): \(work.deed.reason)",
            keyDigest: key.map { Digest.sha256($0.lowercased.utf8) }, cells: try found?["cells"] ?? 0)
        try work.insert(proof, telling: [proof.told])
        return .noContent
    }
}

extension Work {
    func isPurged(_ household: HouseholdID) throws -> Bool { try first("SELECT id FROM purges WHERE household_id = \(household)") != nil }
}

extension Gone {
    static let purged = Gone("household.purged", "what is personal about this household was destroyed")
}

extension HouseholdPurge: Aggregate {
    package static func load(_ ids: [PurgeID], in work: Work) throws -> [Versioned<HouseholdPurge>] {
        try work.sql.query("SELECT * FROM purges WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE").map { row in
            Versioned(
                HouseholdPurge(
                    id: try row["id"], household: try row["household_id"], purgedAt: try row["purged_at"], reason: try row["reason"], deed: try row["deed"],
                    keyDigest: try row["key_digest"], cells: try row["cells"]), version: 1)
        }
    }

    package static func insert(_ new: [Versioned<HouseholdPurge>], in work: Work) throws {
        for purge in new.map(\.value) {
            try work.sql.execute(
                """
                INSERT INTO purges (id, household_id, purged_at, reason, deed, key_digest, cells)
                VALUES (\(purge.id), \(purge.household), \(purge.purgedAt), \(purge.reason), \(purge.deed), \(purge.keyDigest), \(purge.cells))
                """)
        }
    }

    /// A proof does not change.
    package static func update(_ changed: [Versioned<HouseholdPurge>], in work: Work) throws -> Int { 0 }
}
