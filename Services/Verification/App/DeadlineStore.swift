import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import VerificationDomain

extension Deadline: Aggregate {
    package static func load(_ ids: [DeadlineID], in work: Work) throws -> [Versioned<Deadline>] {
        try work.sql.query("SELECT * FROM deadlines WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE").map { row in
            let deadline = Deadline(
                try row["id"], campaign: try row["campaign"], department: try row["department"], dueOn: try row["due_on"],
                try row["status"])
            return Versioned(deadline, version: try row["version"])
        }
    }

    package static func insert(_ new: [Versioned<Deadline>], in work: Work) throws {
        let deadlines = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO deadlines (id, campaign, department, due_on, status, version)
            SELECT * FROM unnest(\(deadlines.map(\.id)), \(deadlines.map(\.campaign)), \(deadlines.map(\.department)),
                \(deadlines.map(\.dueOn)), \(deadlines.map(\.status)), \(new.map(\.version)))
            """)
    }

    package static func update(_ changed: [Versioned<Deadline>], in work: Work) throws -> Int {
        let deadlines = changed.map(\.value)
        return try work.sql.change(
            """
            UPDATE deadlines d SET due_on = u.due_on, status = u.status, version = u.version
            FROM unnest(\(deadlines.map(\.id)), \(deadlines.map(\.dueOn)), \(deadlines.map(\.status)), \(changed.map(\.version)))
                AS u (id, due_on, status, version)
            WHERE d.id = u.id
            """)
    }

    /// One for each department in each campaign, found without looking it up.
    static func id(of department: Department, in campaign: CampaignID) -> DeadlineID {
        DeadlineID(UUID(named: department.rawValue, in: campaign.rawValue))
    }
}

extension Work {
    /// How many requests each department has been sent in this campaign and not answered, and their last day. Nobody else speaks
    /// to the campaign's departments until this transaction ends: what is said first makes the row that the next one finds.
    func unanswered(in campaign: CampaignID) throws -> (dueOn: LocalDate, [Department: Int])? {
        guard let dueOn: LocalDate = try first("SELECT due_on FROM check_plans WHERE campaign = \(campaign) FOR NO KEY UPDATE")?["due_on"] else { return nil }
        let rows = try query(
            """
            SELECT department, count(*) AS n FROM requests
            WHERE campaign = \(campaign) AND status NOT IN ('created', 'accepted', 'superseded') GROUP BY department
            """)
        return (dueOn, try rows.reduce(into: [:]) { $0[try $1["department"]] = try $1["n"] })
    }
}
