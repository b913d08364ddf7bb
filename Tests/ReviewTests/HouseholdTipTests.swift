import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit
import TestKit
import Testing

@testable import Review

/// Tips that came to intake and name a household: they hold its cases here.
@Suite struct HouseholdTipTests {
    private func raised(_ household: HouseholdID, _ tip: TipID = Specimen.tip) -> HouseholdTipRaised {
        HouseholdTipRaised(
            tip: tip, household: household, campaign: Specimen.campaign, number: 7, dueOn: Specimen.day("2018-10-15"), raisedAt: Specimen.now)
    }

    private func settled(_ household: HouseholdID, _ outcome: TipOutcome? = .upheld, _ tip: TipID = Specimen.tip) -> HouseholdTipSettled {
        HouseholdTipSettled(tip: tip, household: household, campaign: Specimen.campaign, outcome: outcome, settledAt: Specimen.now)
    }

    @Test func `a tip of the register holds its household's case until it is settled, and no other case`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(2)
            try await round.service.deliver(raised(cases[0].household))
            #expect(try await round.seen(cases[0].case).held)
            #expect(try await !round.seen(cases[1].case).held)
            // Upheld or not, what it brought to light comes as a survey: the case is not withdrawn for it.
            try await round.service.deliver(settled(cases[0].household))
            let released = try await round.seen(cases[0].case)
            #expect((released.held, released.status) == (false, .surveyed))
        }
    }

    @Test func `a case that is proposed after the tip is held as well, and one proposed after its answer is not`() async throws {
        try await Round.run { round in
            let household = HouseholdID(UUID()), first = CaseID(UUID()), second = CaseID(UUID())
            try await round.service.deliver(raised(household), round.registered(household), round.proposed(first, household))
            #expect(try await round.seen(first).held)
            try await round.service.deliver(settled(household, nil), round.proposed(second, household, kind: .clearOut))
            #expect(try await !round.seen(first).held)
            #expect(try await !round.seen(second).held)
        }
    }

    @Test func `a tip that is opened again holds again, and the window settles with its answer`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(2)
            try await round.approve(cases.map(\.case))
            let window = try await round.publish(.subdistrict)
            let household = cases[0].household
            try await round.service.deliver(raised(household), settled(household), raised(household))
            try await round.setClock("2018-10-29T00:00:00+08:00")
            try await round.service.fireTimers()
            #expect(try await round.status(cases[0].case) == .subdistrictPublicity)
            #expect(try await round.status(cases[1].case) == .awaitingGate)
            #expect(try await round.stage(window) == "expired")
            try await round.service.deliver(settled(household, .dismissed))
            #expect(try await round.status(cases[0].case) == .awaitingGate)
            #expect(try await round.stage(window) == "settled")
        }
    }
}
