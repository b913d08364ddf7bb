import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// Who may do what with intake (domain.md section 8).
@Suite struct PermissionTests {
    @Test func `each route lets in whom its table names and keeps out all others`() async throws {
        let walk = try await AccessWalk.breaches(of: Intake.migrations, parts: Intake.parts(vault: IntakeBench.vault))
        #expect(walk.breaches.isEmpty, "\(walk.breaches)")
        #expect(walk.acts == 34, "what is done to tips, and sheets by kind, of programs and of pages")
        #expect(walk.refused > 300 && walk.noted == walk.refused)
    }

    @Test func `whoever looks after one place gets nothing of another`() async throws {
        let strays = try await AccessWalk.strays(of: Intake.migrations, parts: Intake.parts(vault: IntakeBench.vault), now: october10) { service in
            struct Issued: Decodable { let campaign: CampaignID }
            let bench = IntakeBench(service: service, campaign: try await service.post("/v1/campaigns", plan2018()).json(Issued.self).campaign)
            _ = try await bench.register(entry())
            _ = try await bench.command("rosters")
            let (household, member) = try await service.store.work { work in
                let row = try work.query("SELECT m.id, m.household_id FROM members m ORDER BY m.position LIMIT 1")[0]
                return (try row["household_id", as: HouseholdID.self], try row["id", as: MemberID.self])
            }
            let proposal = #"{"campaign":"\#(bench.campaign)","household":"53042700001","kind":"EXIT","reason":"看得出已脱贫"}"#
            let proposed = try await service.post("/v1/cases", bytes: Array(proposal.utf8)).json(Proposed.self).case
            let tip = try await service.post(
                "/v1/tips", bytes: Array(#"{"campaign":"\#(bench.campaign)","place":"530427001001","channel":"box","text":"有人反映"}"#.utf8)
            ).json(Taken.self).tip
            return .init(
                ["household": "\(household)", "member": "\(member)", "case": "\(proposed)", "tip": "\(tip)", "kind": "EXIT"], in: bench.campaign,
                traces: ["\(household)", "\(member)", "\(proposed)", "\(tip)", "53042700001", "李"])
        }
        #expect(strays.breaches.isEmpty, "\(strays.breaches)")
        for route in [
            "GET /v1/households", "GET /v1/households/:household", "GET /v1/cases", "GET /v1/tips", "GET /campaigns/:campaign/households", "GET /households/:household",
            "GET /v1/campaigns/:campaign/rosters", "GET /tips", "GET /tips/:tip",
        ] { #expect(strays.showing.contains(route), "\(route) shows nothing to anybody") }
    }

    private struct Proposed: Decodable { let `case`: CaseID }
    private struct Taken: Decodable { let tip: TipID }

    @Test func `what section 8 keeps from somebody is kept from them`() {
        #expect(permissions.roles("POST /v1/identifiers") == [.service], "ID numbers in bulk are for verification alone")
        #expect(permissions.roles("POST /v1/phones") == [.service], "telephones in bulk are for notification alone")
        #expect(permissions.commands(of: .service) == ["POST /v1/identifiers", "POST /v1/phones"])
        #expect(permissions.commands(of: .county).isEmpty && permissions.commands(of: .department).isEmpty)
        for role in [Role.committee, .county, .department] {
            let read = permissions.routes(of: role)
            #expect(!read.contains { $0.contains("reveal") || $0.hasSuffix("/v1/households") || $0.contains("/tipster") || $0.contains("exports") }, "\(role)")
        }
        let decisions = ["POST /v1/cases/:case/judgement", "POST /v1/campaigns", "PUT /v1/campaigns/:campaign/settings", "POST /v1/households/:household/closure"]
        #expect(permissions.commands(of: .clerk).isDisjoint(with: decisions), "who enters the data decides nothing")
        for route in ["POST /v1/tips/:tip/acts", "POST /tips/:tip"] {
            #expect(Set(permissions.acts[route, default: [:]].keys) == Set(TipAct.allCases.map(\.rawValue)).subtracting(["register", "absorb"]))
            for act in ["investigate", "find", "answer"] { #expect(permissions.acts[route]?[act] == .roles([.workTeam, .subdistrict]), "the poverty office supervises") }
        }
        for route in ["POST /v1/exports", "POST /campaigns/:campaign/exports", "GET /v1/exports/:export/file"] {
            for kind in ExportKind.allCases where kind.isIdentifying {
                #expect(permissions.acts[route]?[kind.rawValue] == .roles([.clerk, .workTeam, .povertyOffice]), "whom a single ID number is kept from")
            }
            #expect(permissions.acts[route]?.count == ExportKind.allCases.count)
        }
        #expect(permissions.open == [
            "GET /tip", "GET /tip-receipt", "GET /v1/tip-offices", "POST /tip", "POST /tip-receipt", "POST /v1/tip-receipts",
        ])
    }
}
