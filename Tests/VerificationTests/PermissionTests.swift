import Contracts
import HTTPTypes
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification

/// Who may do what with verification (domain.md section 8).
@Suite struct PermissionTests {
    @Test func `each route lets in whom its table names and keeps out all others`() async throws {
        let walk = try await AccessWalk.breaches(of: Main.migrations, parts: verification(Config(intake: "http://127.0.0.1:9")))
        #expect(walk.breaches.isEmpty, "\(walk.breaches)")
        #expect(walk.refused > 50 && walk.noted == walk.refused)
    }

    /// What waits for a department names persons: no other account reads it, by whatever it shows who it is.
    @Test(arguments: Role.allCases) func `only the poverty office and the department itself get at a department's questions`(role: Role) async throws {
        let parts = verification(Config(intake: "http://127.0.0.1:9"))
        try await TestService.with(Main.migrations, parts: parts, access: AccessWalk.access()) { service in
            let tokens = try await Tokens(key: AccessWalk.key)
            let somebody = Principal(account: "somebody", roles: [role], reach: .everywhere)
            let session = ["Cookie": "__Host-lika=\(try await tokens.issue(somebody, .session))"]
            let token = ["Authorization": "Bearer \(try await tokens.issue(somebody, .access))"]
            let path = "/v1/departments/police/open-requests"
            let isOffice = role == .povertyOffice
            #expect(try await service.call(.get, path, [], session).status == (isOffice ? 200 : 403))
            #expect(try await service.call(.get, path, [], token).status == (isOffice ? 200 : 401))
            #expect(try await service.get(path).status == 401)
        }
    }

    @Test func `whoever looks after one place gets nothing of another`() async throws {
        let intake = Intake()
        try await intake.serving { url in
            let parts = verification(Config(intake: url))
            let strays = try await AccessWalk.strays(of: Main.migrations, parts: parts, now: Instant("2018-10-20T01:00:00.000Z")) { service in
                let rig = Rig(service: service, intake: intake)
                try await rig.issueCampaign()
                let household = try await rig.register()
                let request = try await rig.send(household)[0]
                return .init(
                    ["household": "\(household)", "request": "\(request.request)", "department": request.department.slug, "report": "police.xlsx"],
                    in: rig.campaign, traces: ["\(household)", "\(request.request)", "甲某", "530427001001"])
            }
            #expect(strays.breaches.isEmpty, "\(strays.breaches)")
            for route in ["GET /v1/households/:household", "GET /v1/campaigns/:campaign/board"] {
                #expect(strays.showing.contains(route), "\(route) shows nothing to anybody")
            }
        }
    }

    @Test func `what section 8 keeps from somebody is kept from them`() {
        for role in Role.allCases where role != .povertyOffice { #expect(permissions.commands(of: role).isEmpty, "\(role): the poverty office splits, sends and supervises") }
        #expect(permissions.routes(of: .clerk) == ["GET /", "GET /v1/board"])
        #expect(permissions.open == ["GET /desk"])
        #expect(permissions.audiences.filter { $0.value == .itself }.keys.sorted() == [
            "GET /v1/departments/:department/desk", "GET /v1/departments/:department/open-requests",
            "POST /v1/departments/:department/prepared-answers", "POST /v1/departments/:department/results", "POST /v1/desk/sessions",
        ], "a department proves itself by its keys")
    }
}
