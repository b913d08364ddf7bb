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
            SELECT household, id, department, topic, CASE WHEN status = 'accepted' THEN outcome END AS outcome, previous FROM requests
            WHERE household = ANY(\(ids)) AND status <> 'superseded' ORDER BY id
            """)
        var questions: [HouseholdID: [Question]] = [:]
        for row in try asked.rows {
            let check = Check(try row["department"], try row["topic"])
            questions[try row["household"], default: []].append(
                Question(check, try row["id"], try row["outcome"], previous: try row["previous"]))
        }
        return try files.rows.map { row in
            let id: HouseholdID = try row["household"]
            let file = VerificationFile(
                id, campaign: try row["campaign"], population: try row["population"], division: try row["division"],
                headName: try row["head_name"], proposed: try Set((row.array("proposed") as [String]).compactMap(CaseKind.init)),
                try Status(row, questions[id] ?? []))
            return Versioned(file, version: try row["version"])
        }
    }

    package static func insert(_ new: [Versioned<VerificationFile>], in work: Work) throws {
        let files = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO files (household, campaign, population, division, head_name, proposed, status, due_on, version)
            SELECT household, campaign, population, division, head_name, string_to_array(proposed, ','), status, due_on, version
            FROM unnest(\(files.map(\.id)), \(files.map(\.campaign)), \(files.map(\.population)), \(files.map(\.division)),
                \(files.map(\.headName)), \(files.map(\.proposedText)), \(files.map(\.status.name)), \(files.map(\.status.dueOn)),
                \(new.map(\.version)))
                AS n (household, campaign, population, division, head_name, proposed, status, due_on, version)
            """)
    }

    package static func update(_ changed: [Versioned<VerificationFile>], in work: Work) throws -> Int {
        let files = changed.map(\.value)
        return try work.sql.change(
            """
            UPDATE files f SET head_name = u.head_name, proposed = string_to_array(u.proposed, ','), status = u.status, due_on = u.due_on,
                version = u.version
            FROM unnest(\(files.map(\.id)), \(files.map(\.headName)), \(files.map(\.proposedText)), \(files.map(\.status.name)),
                \(files.map(\.status.dueOn)), \(changed.map(\.version)))
                AS u (household, head_name, proposed, status, due_on, version)
            WHERE f.household = u.household
            """)
    }

    private var proposedText: String { proposed.map(\.rawValue).sorted().joined(separator: ",") }
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
    /// The campaign's plan, which nobody changes until this transaction ends.
    func plan(of campaign: CampaignID) throws -> CheckPlan {
        try sql.execute("INSERT INTO check_plans (campaign) VALUES (\(campaign)) ON CONFLICT DO NOTHING")
        return try readPlan(of: campaign, "FOR SHARE")
    }

    /// The campaign's plan as it stands, for whoever is called again when it changes.
    func planForNow(of campaign: CampaignID) throws -> CheckPlan { try readPlan(of: campaign, "") }

    private func readPlan(of campaign: CampaignID, _ lock: String) throws -> CheckPlan {
        let plan = try sql.later("SELECT due_on FROM check_plans WHERE campaign = \(campaign) \(unsafe: lock)")
        // A statement of its own: it sees what was committed while the other one waited for its lock.
        let routing = try sql.later(
            "SELECT routes FROM check_routings WHERE campaign = \(campaign) ORDER BY version DESC LIMIT 1")
        guard let dueOn: LocalDate = try plan.rows.first?["due_on"], let row = try routing.rows.first else { return CheckPlan(campaign) }
        return CheckPlan(campaign, .init(dueOn: dueOn, routes: try CheckRoutes(row)))
    }

    /// Keeps the plan of an issued campaign. A campaign that is issued again moves its day, not its routes.
    func keepPlan(of campaign: CampaignID, dueOn: LocalDate) throws -> CheckPlan.Issued {
        try execute(
            """
            INSERT INTO check_plans (campaign, due_on) VALUES (\(campaign), \(dueOn))
            ON CONFLICT (campaign) DO UPDATE SET due_on = excluded.due_on
            """)
        try execute(
            """
            INSERT INTO check_routings (campaign, version, routes) VALUES (\(campaign), 1, \(JSONB(try JSON.encode(CheckRoutes.customary.all))))
            ON CONFLICT DO NOTHING
            """)
        let row = try first("SELECT routes FROM check_routings WHERE campaign = \(campaign) ORDER BY version DESC LIMIT 1")
        return CheckPlan.Issued(dueOn: dueOn, routes: try row.map(CheckRoutes.init) ?? .customary)
    }

    /// Files that have been waiting for this campaign's plan.
    func filesWaiting(for campaign: CampaignID) throws -> [HouseholdID] {
        try query("SELECT household FROM files WHERE campaign = \(campaign) AND status = 'waiting' ORDER BY household")
            .map { try $0["household"] }
    }
}

extension Work {
    /// Takes back questions that no department has seen.
    func forget(_ requests: [RequestID]) throws {
        try execute("DELETE FROM requests WHERE id = ANY(\(requests)) AND status = 'created'")
    }
}

extension CheckRoutes {
    /// As it was checked when it was kept.
    init(_ row: Row) throws { try self.init(try JSON.decode([Route].self, from: row["routes", as: JSONB.self].text)) }
}
