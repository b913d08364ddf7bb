import Contracts
import Foundation
import NotificationDomain
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
        #expect(
            permissions.open == [
                "GET /announcements", "GET /announcements/:announcement", "GET /v1/announcements", "GET /v1/announcements/:announcement",
            ])
    }

    @Test func `whoever looks after one place gets nothing of another`() async throws {
        let strays = try await AccessWalk.strays(of: migrations, parts: notification()) { service in
            let campaign = CampaignID(UUID())
            let letters = LetterRig(service: service, campaign: campaign, group: "530427001001-02")
            let household = try await letters.confirm("李明")
            let round = try await letters.print()
            let (tip, day) = (TipID(UUID()), LocalDate(daysSinceEpoch: 17_827))
            try await service.deliver(
                HouseholdTipRaised(
                    tip: tip, household: household, campaign: campaign, number: 1, dueOn: day, division: DivisionCode("530427001001"), raisedAt: letters.now))
            // Another letter waits.
            _ = try await letters.confirm("李明")
            let notice = try await letters.notices(by: .letter)[0]
            return .init(
                ["notice": "\(notice)", "round": round.round.lowercased, "template": "case_confirmed", "language": "zh-CN"], in: campaign,
                traces: ["\(notice)", "\(household)", round.round.lowercased, "\(tip)", "李明", "530427001001-02"])
        }
        #expect(strays.breaches.isEmpty, "\(strays.breaches)")
        for route in [
            "GET /v1/notices", "GET /v1/notices/:notice", "GET /v1/unanswered", "GET /v1/letters", "GET /v1/letter-rounds", "GET /v1/letter-rounds/:round",
            "GET /notices", "GET /notices/:notice", "GET /letters", "GET /letters/:round",
        ] {
            #expect(strays.showing.contains(route), "\(route) shows nothing to anybody")
        }
    }
}
