import Contracts
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
        #expect(permissions.open == ["GET /notices", "GET /notices/:division", "GET /objections/:window", "GET /robots.txt"])
    }
}
