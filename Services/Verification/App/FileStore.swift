import Contracts
import Postgres
import Registry
import ServiceKit
import VerificationDomain

/// A file's questions are its requests that are not superseded; they are stored once, as requests.
///
/// Whoever wants both a file and its requests takes the file first: then everyone locks in the same order, and a file in hand
/// agrees with the requests in hand. `NO KEY`, so that rows which refer to a file need not wait for it.
extension VerificationFile: Aggregate {
    package static func load(_ ids: [HouseholdID], in work: Work) throws -> [Versioned<VerificationFile>] {
        let files = try work.sql.later("SELECT * FROM files WHERE household = ANY(\(ids)) ORDER BY household FOR NO KEY UPDATE")
        // A statement of its own: it sees what was committed while the other one waited for its locks.
        let asked = try work.sql.later(
            """
            SELECT household, id, department, topic, CASE WHEN status = 'accepted' THEN outcome END AS outcome FROM requests
            WHERE household = ANY(\(ids)) AND status <> 'superseded' ORDER BY id
            """)
        var questions: [HouseholdID: [Question]] = [:]
        for row in try asked.rows {
            let check = Check(try row["department"], try row["topic"])
            questions[try row["household"], default: []].append(Question(check, try row["id"], try row["outcome"]))
        }
        return try files.rows.map { row in
            let id: HouseholdID = try row["household"]
            let file = VerificationFile(
                id, campaign: try row["campaign"], population: try row["population"], division: try row["division"],
                try Status(row, questions[id] ?? []))
            return Versioned(file, version: try row["version"])
        }
    }

    package static func insert(_ new: [Versioned<VerificationFile>], in work: Work) throws {
        let files = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO files (household, campaign, population, division, status, due_on, version)
            SELECT * FROM unnest(\(files.map(\.id)), \(files.map(\.campaign)), \(files.map(\.population)),
                \(files.map(\.division)), \(files.map(\.status.name)), \(files.map(\.status.dueOn)), \(new.map(\.version)))
            """)
    }

    package static func update(_ changed: [Versioned<VerificationFile>], in work: Work) throws -> Int {
        let files = changed.map(\.value)
        return try work.sql.change(
            """
            UPDATE files f SET status = u.status, due_on = u.due_on, version = u.version
            FROM unnest(\(files.map(\.id)), \(files.map(\.status.name)), \(files.map(\.status.dueOn)),
                \(changed.map(\.version))) AS u (household, status, due_on, version)
            WHERE f.household = u.household
            """)
    }
}

extension VerificationFile.Status {
    var name: String {
        switch self {
        case .waiting: "waiting"
        case .open: "open"
        case .complete: "complete"
        }
    }

    var dueOn: LocalDate? {
        switch self {
        case .waiting: nil
        case .open(let questions), .complete(let questions): questions.dueOn
        }
    }

    fileprivate init(_ row: Row, _ questions: [VerificationFile.Question]) throws {
        let name: String = try row["status"]
        let dueOn: LocalDate? = try row["due_on"]
        switch (name, dueOn) {
        case ("waiting", nil): self = .waiting
        case ("open", let dueOn?): self = .open(.init(dueOn: dueOn, questions))
        case ("complete", let dueOn?): self = .complete(.init(dueOn: dueOn, questions))
        default: throw UnexpectedValue(column: "status", expected: "the status of a file")
        }
    }
}

extension Work {
    /// The campaign's plan, which cannot be issued while this transaction reads it as not issued.
    func plan(of campaign: CampaignID) throws -> CheckPlan {
        try sql.execute("INSERT INTO check_plans (campaign) VALUES (\(campaign)) ON CONFLICT DO NOTHING")
        let plan = try sql.later("SELECT due_on FROM check_plans WHERE campaign = \(campaign) FOR SHARE")
        let routes = try sql.later(
            "SELECT population, department, topic FROM check_routes WHERE campaign = \(campaign) ORDER BY place")
        guard let dueOn: LocalDate = try plan.rows.first?["due_on"] else { return CheckPlan(campaign) }
        var checks: [CheckedPopulation: [Check]] = [:]
        for row in try routes.rows {
            checks[try row["population"], default: []].append(Check(try row["department"], try row["topic"]))
        }
        return CheckPlan(campaign, .init(dueOn: dueOn, routes: checks))
    }

    /// Keeps the plan of an issued campaign. A campaign that is issued again moves its day, not its routes.
    func keep(_ plan: CheckPlan.Issued, of campaign: CampaignID) throws {
        try execute(
            """
            INSERT INTO check_plans (campaign, due_on) VALUES (\(campaign), \(plan.dueOn))
            ON CONFLICT (campaign) DO UPDATE SET due_on = excluded.due_on
            """)
        for (population, checks) in plan.routes {
            try execute(
                """
                INSERT INTO check_routes (campaign, population, department, topic, place)
                SELECT \(campaign), \(population), * FROM
                    unnest(\(checks.map(\.department)), \(checks.map(\.topic)), \(Array(checks.indices)))
                ON CONFLICT DO NOTHING
                """)
        }
    }

    /// Files that have been waiting for this campaign's plan.
    func filesWaiting(for campaign: CampaignID) throws -> [HouseholdID] {
        try query("SELECT household FROM files WHERE campaign = \(campaign) AND status = 'waiting' ORDER BY household")
            .map { try $0["household"] }
    }
}
