import Registry
import ServiceKit
import TestKit
import Testing

@testable import Notification

/// Who may do what with notification (domain.md section 8).
@Suite struct PermissionTests {
    @Test func `each route lets in whom its table names and keeps out all others`() async throws {
        let walk = try await AccessWalk.breaches(of: migrations, parts: notification())
        #expect(walk.breaches.isEmpty, "\(walk.breaches)")
        #expect(walk.noted == walk.refused)
        #expect(permissions.open == ["GET /v1/announcements", "GET /v1/announcements/:announcement"])
    }
}
