import Registry
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
