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
    /// The last day of a campaign's departments. Nobody else speaks to them until this transaction ends: what is said first makes the
    /// row that the next one finds.
    func holdLastDay(of campaign: CampaignID) throws -> LocalDate? {
        try first("SELECT due_on FROM check_plans WHERE campaign = \(campaign) FOR NO KEY UPDATE")?["due_on"]
    }

    /// Says something to departments whose last day is held.
    func tell(_ commands: [Department: Deadline.Command], of campaign: CampaignID, _ dueOn: LocalDate) throws {
        let departments = commands.keys.sorted { $0.rawValue < $1.rawValue }
        try prefetch(Deadline.self, departments.map { Deadline.id(of: $0, in: campaign) })
        let now = try now
        for department in departments {
            let id = Deadline.id(of: department, in: campaign)
            if try find(Deadline.self, id) == nil {
                try insert(Deadline(id, campaign: campaign, department: department, dueOn: dueOn))
            }
            try decide(Deadline.self, id) { $0.deciding(.move(dueOn), at: now) }
            if let command = commands[department] { try decide(Deadline.self, id) { $0.deciding(command, at: now) } }
        }
    }

    /// An answer went back to a department, which hears of it beside what its own topic says.
    func tellReturn(to department: Department, of campaign: CampaignID) throws {
        guard let dueOn = try holdLastDay(of: campaign) else { return }
        try tell([department: .returnAnswer], of: campaign, dueOn)
    }

    /// How many requests each department has been sent in this campaign and not answered.
    func unanswered(in campaign: CampaignID) throws -> [Department: Int] {
        try countRequests(of: campaign, "status NOT IN ('created', 'accepted', 'superseded')")
    }

    /// How many requests for each department wait to be sent.
    func waiting(in campaign: CampaignID) throws -> [Department: Int] { try countRequests(of: campaign, "status = 'created'") }

    private func countRequests(of campaign: CampaignID, _ condition: String) throws -> [Department: Int] {
        try query("SELECT department, count(*) AS n FROM requests WHERE campaign = \(campaign) AND \(unsafe: condition) GROUP BY department")
            .reduce(into: [:]) { $0[try $1["department"]] = try $1["n"] }
    }
}
