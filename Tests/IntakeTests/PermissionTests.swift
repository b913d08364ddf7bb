import IntakeDomain
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

    @Test func `what section 8 keeps from somebody is kept from them`() {
        #expect(permissions.roles("POST /v1/identifiers") == [.service], "ID numbers in bulk are for verification alone")
        #expect(permissions.commands(of: .service) == ["POST /v1/identifiers"])
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
