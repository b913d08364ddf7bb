import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The work teams of a campaign (R2).
struct WorkTeamRoutes {
    func add(to api: API) {
        api.post("/v1/work-teams", form)
        api.get("/v1/work-teams", list)
        api.get("/v1/work-teams/:team", show)
        api.put("/v1/work-teams/:team", change)
    }

    enum Refusal: String, Contracts.Refusal {
        case nameTaken = "intake.work-team-name-taken"
    }

    private struct Shown: Encodable {
        let team: WorkTeamID
        let campaign: CampaignID
        let name: String
        let areas: [DivisionCode]
        let members: [TeamMember]
        let version: Int
        /// What it lacks by R2; empty of a team that is whole.
        let flaws: [Flaw]

        struct Flaw: Encodable {
            let code: String
            let reason: String
        }

        init(_ id: WorkTeamID, _ campaign: IssuedCampaign, _ team: WorkTeam, version: Int) {
            (self.team, self.campaign, name, areas, members) = (id, campaign.id, team.name, team.areas, team.members)
            self.version = version
            flaws = team.flaws(within: campaign.plan.subdistrict).map { Flaw(code: $0.rawValue, reason: $0.reason) }
        }
    }

    func form(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.queryID("campaign"))
        let team = try call.body(WorkTeam.self).checked()
        let id = WorkTeamID(work.newID())
        try check(team, of: campaign, isNot: id, in: work)
        try work.execute(
            """
            INSERT INTO work_teams (id, campaign_id, name, areas, members, version, actor)
            VALUES (\(id), \(campaign.id), \(team.name), \(team.areas), \(JSONB(try JSON.encode(team.members))), 1, \(work.deed.actor.description))
            """)
        return try .json(Shown(id, campaign, team, version: 1), status: .created).tagged(1)
    }

    /// `?campaign=` and, if wanted, `for=` a division: the teams that go there.
    func list(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.queryID("campaign"))
        let place = try call.division("for")
        let teams = try work.query("SELECT id, name, areas, members, version FROM work_teams WHERE campaign_id = \(campaign.id) ORDER BY name").map { row in
            (id: try row["id", as: WorkTeamID.self], team: try WorkTeam(row), version: try row["version", as: Int.self])
        }
        return try .json(
            teams.filter { listed in place.map { place in listed.team.areas.contains { $0.contains(place) } } ?? true }
                .map { Shown($0.id, campaign, $0.team, version: $0.version) })
    }

    func show(_ call: Call, _ work: Work) throws -> Reply {
        let (id, row) = try self.row(of: call, work, locking: false)
        let version: Int = try row["version"]
        return try .json(Shown(id, work.campaign(row["campaign_id"]), WorkTeam(row), version: version)).tagged(version)
    }

    func change(_ call: Call, _ work: Work) throws -> Reply {
        let team = try call.body(WorkTeam.self).checked()
        let (id, row) = try self.row(of: call, work, locking: true)
        let version: Int = try row["version"]
        try call.requireMatch(of: version)
        let campaign = try work.campaign(row["campaign_id"])
        try check(team, of: campaign, isNot: id, in: work)
        try work.execute(
            """
            UPDATE work_teams SET name = \(team.name), areas = \(team.areas), members = \(JSONB(try JSON.encode(team.members))),
                version = \(version + 1), changed_at = lika_now(), actor = \(work.deed.actor.description)
            WHERE id = \(id)
            """)
        return try .json(Shown(id, campaign, team, version: version + 1)).tagged(version + 1)
    }

    private func row(of call: Call, _ work: Work, locking: Bool) throws -> (WorkTeamID, Row) {
        let id: WorkTeamID = try call.id("team")
        let row = try work.first(
            "SELECT campaign_id, name, areas, members, version FROM work_teams WHERE id = \(id) \(unsafe: locking ? "FOR UPDATE" : "")")
        guard let row else { throw NotFound("work team \(id)") }
        return (id, row)
    }

    private func check(_ team: WorkTeam, of campaign: IssuedCampaign, isNot id: WorkTeamID, in work: Work) throws {
        let isTaken = try work.first("SELECT id FROM work_teams WHERE campaign_id = \(campaign.id) AND name = \(team.name) AND id <> \(id)") != nil
        if isTaken { throw Refusal.nameTaken }
    }
}

extension WorkTeam {
    fileprivate init(_ row: Row) throws {
        self.init(
            name: try row["name"], areas: try row.array("areas"),
            members: try JSON.decode([TeamMember].self, from: row["members", as: JSONB.self].text))
    }
}
