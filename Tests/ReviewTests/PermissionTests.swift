import Contracts
import Foundation
import HTTPTypes
import Registry
import ReviewDomain
import ServiceKit
import TestKit
import Testing

@testable import Review

/// Who may do what with review (domain.md section 8).
@Suite struct PermissionTests {
    @Test func `each route lets in whom its table names and keeps out all others`() async throws {
        var settings = Settings([:])
        let walk = try await AccessWalk.breaches(of: Main.migrations, parts: review(try Config(&settings)))
        #expect(walk.breaches.isEmpty, "\(walk.breaches)")
        #expect(walk.acts == 14, "meetings by kind and windows by level, of programs and of pages")
        #expect(walk.refused > 100 && walk.noted == walk.refused)
    }

    @Test func `whoever looks after one place gets nothing of another`() async throws {
        var settings = Settings([:])
        let strays = try await AccessWalk.strays(of: Main.migrations, parts: review(try Config(&settings))) { service in
            let round = Round(service: service)
            try await round.setClock("2018-10-06T09:00:00+08:00")
            try await service.deliver(Round.plan)
            let opened = try await round.openCases(1)[0]
            let listed = try await round.openCases(2).map(\.case)
            try await round.decideInitially(listed)
            let meeting = try await round.meet(.internalReview, [opened.case]).json(Held.self).meeting
            let window = try await round.publish(.community)
            return .init(
                ["case": "\(opened.case)", "meeting": "\(meeting)", "window": "\(window)", "status": "community_publicity", "copy": "1"],
                in: Specimen.campaign, traces: ["\(opened.case)", "\(opened.household)", "\(listed[0])", "\(window)", "\(meeting)", "李明", "530427001001-02"])
        }
        #expect(strays.breaches.isEmpty, "\(strays.breaches)")
        for route in ["GET /v1/cases", "GET /v1/cases/:case", "GET /v1/meetings", "GET /v1/windows", "GET /cases", "GET /windows"] {
            #expect(strays.showing.contains(route), "\(route) shows nothing to anybody")
        }
    }

    private struct Held: Decodable { let meeting: MeetingID }

    @Test func `what section 8 keeps from somebody is kept from them`() {
        #expect(permissions.commands(of: .clerk).isEmpty, "who enters the data decides nothing")
        #expect(permissions.commands(of: .department).isEmpty && permissions.commands(of: .service).isEmpty)
        #expect(permissions.commands(of: .county) == ["POST /v1/county-answers", "POST /v1/reports/:report/answers"])
        for command in ["POST /v1/county-answers", "POST /v1/reports/:report/answers"] { #expect(permissions.roles(command) == [.county]) }
        #expect(permissions.roles("POST /v1/reports") == [.subdistrict])
        #expect(!permissions.commands(of: .workTeam).contains("POST /v1/meetings"), "the team neither judges nor approves")
        let (kinds, levels) = (Set(Meeting.Kind.allCases.map(\.rawValue)), Set(PublicityLevel.allCases.map(\.rawValue)))
        for (route, acts) in permissions.acts {
            let whole = route == "POST /windows/:window" ? Set(["post", "miss", "take"].flatMap { act in levels.map { "\(act):\($0)" } }) : route.contains("window") ? levels : kinds
            #expect(Set(acts.keys) == whole, "every act has its people: \(route)")
            let approving = acts.filter { $0.key.contains("approval") || $0.key == "subdistrict" || $0.key == "post:subdistrict" }
            #expect(approving.values.allSatisfy { $0 == .roles([.subdistrict]) }, "the subdistrict alone approves and posts its own list: \(route)")
        }
        #expect(permissions.open == ["GET /notices", "GET /notices/:division", "GET /objections/:window", "GET /robots.txt"])
    }

    @Test func `a meeting is called, kept and put off by those whose it is, and only they see the forms`() async throws {
        var settings = Settings([:])
        try await TestService.with(Main.migrations, parts: review(try Config(&settings)), access: AccessWalk.access()) { service in
            let (committee, subdistrict, team) = (
                try await AccessWalk.bearer([.committee]), try await AccessWalk.bearer([.subdistrict]), try await AccessWalk.bearer([.workTeam])
            )
            struct Convening: Encodable {
                let kind: String
                let community = "530427001"
                let called = 9
                let calledFor = "2999-10-23T09:00:00.000Z"
            }
            struct Convened: Decodable { let meeting: String }
            func convene(_ kind: String, _ who: [String: String]) async throws -> TestService.Answer {
                try await service.post("/v1/convenings", Convening(kind: kind), headers: who)
            }
            #expect(try await convene("approval", committee).status == 403)
            for who in [subdistrict, team] { #expect(try await convene("internal_review", who).status == 403) }
            #expect(try await convene("public_review", team).status == 201)
            #expect(try await convene("party", committee).status == 422)
            let meeting = try await convene("approval", subdistrict).json(Convened.self).meeting
            struct Reason: Encodable { let reason = "called_in_error" }
            #expect(try await service.post("/v1/meetings/\(meeting)/cancellations", Reason(), headers: committee).status == 403)
            let form = ["Content-Type": "application/x-www-form-urlencoded"]
            let cancel = Array("key=k&act=cancel&reason=called_in_error".utf8)
            #expect(try await service.call(.post, "/meetings/\(meeting)", cancel, form.merging(committee) { $1 }).status == 403)
            #expect(try await !service.call(.get, "/meetings/\(meeting)", [], committee).text.contains("<form method=\"post\" action=\"/meetings"))
            #expect(try await service.call(.get, "/meetings/\(meeting)", [], subdistrict).text.contains("<form method=\"post\" action=\"/meetings"))
            #expect(try await service.call(.post, "/meetings/\(meeting)", cancel, form.merging(subdistrict) { $1 }).status == 303)
            struct Minutes: Encodable { let kind: String }
            #expect(try await service.post("/v1/meetings", Minutes(kind: "approval"), headers: committee).status == 403)
            #expect(try await service.post("/v1/meetings", Minutes(kind: "approval"), headers: subdistrict).status == 422)
            struct Window: Encodable {
                let level: String
                let community = "530427001001"
                let places = ["公示栏"]
            }
            for (level, mine, other) in [("community", team, subdistrict), ("subdistrict", subdistrict, team)] {
                #expect(try await service.post("/v1/windows", Window(level: level), headers: other).status == 403)
                #expect(try await service.post("/v1/windows", Window(level: level), headers: mine).status == 409, "no campaign of that place")
            }
        }
    }

    @Test func `the work team hangs the community's list, the subdistrict its own, and either takes down what hangs`() async throws {
        try await Round.run { round in
            var settings = Settings([:])
            let service = round.service.learning(by: try await AccessWalk.access(), parts: review(try Config(&settings)))
            let (team, subdistrict) = (try await AccessWalk.bearer([.workTeam]), try await AccessWalk.bearer([.subdistrict]))
            _ = try await round.decideInitially(round.openCases(1).map(\.case))
            let window = try await round.drawUp(.community).json(Round.Opened.self).window
            let form = ["Content-Type": "application/x-www-form-urlencoded"]
            func act(_ name: String, _ who: [String: String]) async throws -> Int {
                let body = "key=\(UUID())&act=\(name)&place=530427001001"
                let answer = try await service.call(.post, "/windows/\(window)", Array(body.utf8), form.merging(who) { $1 })
                return answer.status
            }
            struct Posting: Encodable { let place = "530427001001-02" }
            #expect(try await act("post", subdistrict) == 403)
            #expect(try await service.post("/v1/windows/\(window)/postings", Posting(), headers: subdistrict).status == 403)
            #expect(try await !service.call(.get, "/windows/\(window)", [], subdistrict).text.contains("value=\"post\""))
            #expect(try await service.call(.get, "/windows/\(window)", [], team).text.contains("value=\"post\""))
            #expect(try await act("post", team) == 303)
            #expect(try await service.post("/v1/windows/\(window)/postings", Posting(), headers: team).status == 200)
            #expect(try await act("miss", subdistrict) == 303)
            #expect(try await act("burn", team) == 422)
        }
    }
}
