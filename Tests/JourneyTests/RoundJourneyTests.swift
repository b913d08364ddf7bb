import Foundation
import TestKit
import Testing

/// One yearly round over the four running services, as the demo plays it, and what ops would look at afterwards.
@Suite(.serialized) struct RoundJourneyTests {
    @Test func `a round is played to its end, and a gap in the books afterwards has a name`() async throws {
        try await RunningSuite.with(households: 60, speed: 60_000) { suite in
            let round = try await suite.rehearse()
            #expect(round.status == 0, "\(round.text)")
            let last = try #require(round.lines.last)
            #expect(last.hasPrefix("demo: households=60 "))
            #expect(last.contains(" stuck=0 lost=0 duplicated=0 "))

            let balanced = try await suite.lika(["ledger"])
            #expect(balanced.status == 0, "\(balanced.text)")

            // What no crash does: an effect is gone that an inbox has seen.
            try await suite.asOwner(
                "DELETE FROM review.inbox WHERE (topic, subject) IN (SELECT topic, subject FROM review.inbox WHERE topic = 'lika.intake.case.v1' LIMIT 1)")
            let torn = try await suite.lika(["ledger"])
            #expect(torn.status != 0)
            #expect(torn.text.contains("lika.intake.case.v1"), "\(torn.text)")
        }
    }
}
