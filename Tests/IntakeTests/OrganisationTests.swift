import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

@Suite struct WorkTeamTests {
    static func team(_ change: (inout [TeamMember], inout [DivisionCode]) -> Void = { _, _ in }) -> WorkTeam {
        var members = [
            TeamMember(name: "王组长", role: .leader, standings: [.leadership]), TeamMember(name: "张副", role: .deputy, standings: [.subdistrictCadre]),
            TeamMember(name: "李副", role: .deputy, standings: [.communityCadre, .partyMember]), TeamMember(name: "普党员", role: .member, standings: [.partyMember]),
            TeamMember(name: "刀代表", role: .member, standings: [.representative]),
        ]
        var areas = [DivisionCode("530427001001")!, DivisionCode("530427001002-01")!]
        change(&members, &areas)
        return WorkTeam(name: "第一工作组", areas: areas, members: members)
    }

    @Test func `a team of a leader, deputies, party members and representatives is whole`() {
        #expect(Self.team().flaws(within: subdistrict) == [])
    }

    @Test func `all that it lacks is told at once`() {
        #expect(WorkTeam(name: "x", areas: [], members: []).flaws(within: subdistrict) == [
            .leaderMissing, .deputyMissing, .partyMemberMissing, .representativeMissing, .areaMissing,
        ])
    }

    static let flaws: [(@Sendable (inout [TeamMember], inout [DivisionCode]) -> Void, WorkTeam.Flaw)] = [
        ({ members, _ in members.append(TeamMember(name: "赵", role: .leader, standings: [.leadership])) }, .severalLeaders),
        ({ members, _ in members[0] = TeamMember(name: "赵", role: .leader, standings: [.subdistrictCadre]) }, .leaderNotOfLeadership),
        ({ members, _ in members[1] = TeamMember(name: "赵", role: .deputy, standings: [.partyMember]) }, .deputyNoCadre),
        // A deputy who is a party member is none among the members.
        ({ members, _ in _ = members.remove(at: 3) }, .partyMemberMissing),
        ({ members, _ in _ = members.remove(at: 4) }, .representativeMissing),
        ({ _, areas in areas.append(DivisionCode("530427002001")!) }, .areaElsewhere),
        ({ _, areas in areas.append(DivisionCode("530427001001-03")!) }, .areasOverlap),
        ({ _, areas in areas.append(areas[0]) }, .areasOverlap),
    ]

    @Test(arguments: flaws.indices) func `what R2 asks for is asked for`(place: Int) {
        let (change, flaw) = Self.flaws[place]
        #expect(Self.team(change).flaws(within: subdistrict) == [flaw])
    }

    struct Shown: Decodable { let team: WorkTeamID; let version: Int; let members: [TeamMember]; let flaws: [Flaw]; struct Flaw: Decodable { let code: String } }

    @Test func `teams are formed, shown, changed by one at a time, and found for a place`() async throws {
        try await IntakeBench.with { bench in
            let path = "/v1/work-teams?campaign=\(bench.campaign)"
            let formed = try await bench.service.post(path, Self.team { members, _ in members.removeLast() })
            #expect(formed.status == 201, "\(formed.text)")
            let team = try formed.json(Shown.self)
            #expect(team.flaws.map(\.code) == ["team.representative-missing"])
            #expect(try await bench.service.post(path, Self.team()).status == 409)
            func put(_ team: WorkTeam, _ id: WorkTeamID, version: Int) async throws -> TestService.Answer {
                try await bench.service.call(.put, "/v1/work-teams/\(id)", JSON.encode(team), ["If-Match": "\"\(version)\"", "Lika-Actor": "office"])
            }
            #expect(try await put(Self.team(), team.team, version: 1).json(Shown.self).flaws.isEmpty)
            #expect(try await put(Self.team(), team.team, version: 1).status == 412)
            #expect(try await bench.service.get("/v1/work-teams/\(team.team)").json(Shown.self).version == 2)
            #expect(try await bench.service.get(path + "&for=530427001001-07").json([Shown].self).count == 1)
            #expect(try await bench.service.get(path + "&for=530427001003-01").json([Shown].self).isEmpty)
            #expect(try await bench.service.post(path, WorkTeam(name: "", areas: [], members: [])).status == 422)
        }
    }
}

@Suite struct DivisionTests {
    @Test func `every fault of a list is told`() {
        func division(_ code: String, _ name: String = "某地") -> Division { Division(code: DivisionCode(code)!, name: name) }
        let faults = Division.faults([division("530427"), division("530427001001"), division("530427", ""), division("530427001002-01")], known: [])
        #expect(faults.map { "\($0.place) \($0.code)" } == ["1 division.parent-unknown", "2 division.twice", "2 division.name", "3 division.parent-unknown"])
        #expect(Division.faults([division("530427001001")], known: [DivisionCode("530427001")!]).isEmpty)
    }

    @Test func `divisions are taken over as a table or a list, whole or not at all, and listed by place`() async throws {
        try await IntakeBench.with { bench in
            struct Taken: Decodable, Equatable { let new: Int; let renamed: Int; let unchanged: Int }
            struct Listed: Decodable { let code: DivisionCode; let level: String; let name: String; let parent: DivisionCode? }
            func put(_ body: [UInt8], _ type: String) async throws -> TestService.Answer {
                try await bench.service.call(.put, "/v1/divisions", body, ["Content-Type": type, "Lika-Actor": "office"])
            }
            let table = sheet([["区划代码", "名称"], ["530427001001-01", "一组"], ["530427001", "古城街道"], ["530427", "新平县"], ["530427001001", "甲社区"]])
            #expect(try await put(table, "text/csv; charset=utf-8").json(Taken.self) == Taken(new: 4, renamed: 0, unchanged: 0))
            let list = #"[{"code":"530427001001","name":"乙社区"},{"code":"530427001001-02","name":"二组"},{"code":"530427","name":"新平县"}]"#
            #expect(try await put(Array(list.utf8), "application/json").json(Taken.self) == Taken(new: 1, renamed: 1, unchanged: 1))
            #expect(try await bench.service.told(DivisionNamed.self).map(\.name).sorted() == ["一组", "乙社区", "二组", "古城街道", "新平县", "甲社区"])
            try await bench.service.store.work { try $0.execute("UPDATE divisions SET version = 0 WHERE code = '530427'") }
            #expect(try await put(Array(#"[{"code":"530427","name":"新平县"}]"#.utf8), "application/json").json(Taken.self) == Taken(new: 0, renamed: 0, unchanged: 1))
            #expect(try await bench.service.told(DivisionNamed.self).count == 7, "what was on file before names were told is told when the list comes again")
            let listed = try await bench.service.get("/v1/divisions?within=530427001001").json([Listed].self)
            #expect(listed.map { "\($0.code) \($0.level) \($0.name) \($0.parent?.code ?? "")" } == [
                "530427001001 community 乙社区 530427001", "530427001001-01 group 一组 530427001001", "530427001001-02 group 二组 530427001001",
            ])
            let faulty = try await put(sheet([["区划代码", "名称"], ["53", "x"], ["530428001", "丙"]]), "text/csv")
            #expect(faulty.status == 422 && faulty.text.contains("2/区划代码"))
            #expect(try await put(Array(#"[{"code":"530428001","name":"丙"}]"#.utf8), "application/json").text.contains("division.parent-unknown"))
            #expect(try await bench.service.get("/v1/divisions").json([Listed].self).count == 5)
        }
    }
}

@Suite struct CampaignSettingsTests {
    @Test func `lines and promises are checked together`() {
        let wrong = CampaignSettings(entryLine: .zero, exitLine: Money(fen: -1), tipAnswerDays: 0, recallDays: 31)
        let invalid = #expect(throws: Invalid.self) { try wrong.checked() }
        #expect(invalid?.faults.map(\.pointer) == ["/entryLine", "/exitLine", "/tipAnswerDays", "/recallDays"])
        #expect(CampaignSettings(plan2018()) == CampaignSettings(entryLine: Money(yuan: 2_952), exitLine: Money(yuan: 3_500), tipAnswerDays: 3, recallDays: 1))
    }

    @Test func `the rules of a campaign name the version of its settings`() {
        let plan = IssuedCampaign(id: CampaignID(UUID()), plan: plan2018(), issuedAt: october10)
        #expect(plan.ruleSet == rules2018 && plan.ruleSet.name == "2018.2.1")
        let changed = IssuedCampaign(
            id: plan.id, plan: plan.plan, issuedAt: october10, settings: CampaignSettings(entryLine: Money(yuan: 3_000), exitLine: Money(yuan: 3_600)),
            settingsVersion: 4)
        #expect(changed.ruleSet.name == "2018.2.4" && changed.ruleSet.exitLine == Money(yuan: 3_600))
    }

    @Test func `settings are changed by one at a time, with a reason, and decide from then on`() async throws {
        try await IntakeBench.with { bench in
            let path = "/v1/campaigns/\(bench.campaign)/settings"
            func put(_ body: String, version: Int, actor: String? = "office") async throws -> TestService.Answer {
                var headers = ["If-Match": "\"\(version)\""]
                headers["Lika-Actor"] = actor
                return try await bench.service.call(.put, path, Array(body.utf8), headers)
            }
            let higher = #"{"entryLine":295200,"exitLine":1200000,"tipAnswerDays":5,"recallDays":1,"reason":"县里通知"}"#
            #expect(try await put(higher, version: 1, actor: nil).status == 400)
            #expect(try await put(#"{"entryLine":295200,"exitLine":1,"tipAnswerDays":5,"recallDays":1,"reason":"x"}"#, version: 1).status == 422)
            #expect(try await put(higher, version: 1).status == 200)
            #expect(try await put(higher, version: 1).status == 412)
            #expect(try await bench.service.get(path).json(CampaignSettings.self).tipAnswerDays == 5)
            struct Version: Decodable { let version: Int; let actor: String?; let reason: String? }
            let history = try await bench.service.get(path + "/history").json([Version].self)
            #expect(history.map(\.version) == [1, 2])
            #expect((history[1].actor, history[1].reason) == ("office", "县里通知"))
            // Above the plan's line, and no longer above the line of now.
            _ = try await bench.register(ready())
            _ = try await bench.command("rosters")
            #expect(try await bench.cases().isEmpty)
        }
    }
}
