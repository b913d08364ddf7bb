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
    @Test func `how a purged household is called is forgotten`() async throws {
        try await Round.run { round in
            let opened = try await round.openCases(1)[0]
            try await round.approve([opened.case])
            #expect(try await round.service.keeping("李明").contains("households"))
            try await round.service.deliver(HouseholdPurged(purge: PurgeID(UUID()), household: opened.household, purgedAt: Specimen.now))
            #expect(try await round.service.keeping("李明") == ["notices"], "a list that hangs names it until it is taken down")
        }
    }

    private func raised(
        _ household: HouseholdID, _ tip: TipID = Specimen.tip, at moment: Instant = Specimen.moment("2018-10-25T09:00:00+08:00")
    ) -> HouseholdTipRaised {
        HouseholdTipRaised(
            tip: tip, household: household, campaign: Specimen.campaign, number: 7, dueOn: Specimen.day("2018-10-15"), raisedAt: moment)
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
            // Nobody has judged it yet: what the tip brought to light comes as a survey.
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
            try await round.service.deliver(raised(household), settled(household, .dismissed), raised(household))
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

    @Test func `an upheld objection puts its case in doubt until the work team has looked, and the others on the list go on`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(2)
            try await round.decideInitially(cases.map(\.case))
            _ = try await round.publish(.community)
            try await round.service.deliver(raised(cases[0].household, at: Specimen.moment("2018-10-18T09:00:00+08:00")), settled(cases[0].household, .partlyUpheld))
            let doubted = try await round.seen(cases[0].case)
            #expect((doubted.status, doubted.suspended, doubted.held) == (.reopened, .communityPublicity, false))
            try await round.setClock("2018-10-22T09:00:00+08:00")
            try await round.service.fireTimers()
            #expect(try await round.meet(.resolution, [cases[0].case]).json(Round.Told.self).code == "review.case-reopened")
            #expect(try await round.meet(.resolution, [cases[1].case]).status == 201)
            let dropped = try await round.post("/v1/cases/\(cases[0].case)/investigations", #"{"finding":"dropped"}"#).json(Round.Seen.self)
            #expect((dropped.status, dropped.reason) == (.withdrawn, "doubt_confirmed"))
        }
    }

    /// The last day ends with its midnight: who speaks a millisecond earlier speaks of the list, who speaks then of the case only.
    @Test(arguments: [(-0.001, "expired"), (0, "settled"), (0.001, "settled")])
    func `an objection at the closing instant belongs to the list before it, and to the case alone from then on`(offset: Double, stage: String) async throws {
        try await Round.run { round in
            let opened = try await round.openCases(1)[0]
            try await round.approve([opened.case])
            let window = try await round.publish(.subdistrict)
            try await round.service.deliver(raised(opened.household, at: Specimen.secondMidnight + offset))
            try await round.setClock("2018-10-29T00:00:00+08:00")
            try await round.service.fireTimers()
            #expect(try await round.stage(window) == stage)
            let seen = try await round.seen(opened.case)
            #expect(seen.held && seen.status == .subdistrictPublicity, "it holds its case either way")
        }
    }
}
