import Contracts
import Registry
import ReviewDomain
import Testing

/// Cases driven at random, by lawful and unlawful commands and by facts in any order: what must hold whatever comes.
@Suite struct CaseWalkTests {
    private enum Step {
        case command(ReviewCase.Command)
        case fact(ReviewCase.Fact)
    }

    private static let steps: [Step] = CaseTableTests.commands.map { .command($0.1) } + CaseTableTests.facts.map { .fact($0) } + [
        .command(.judge(.resolution, .pass, Specimen.meeting, heldAt: Specimen.firstMidnight + -1)),
    ]

    private static func taking(_ step: Step, _ case: ReviewCase) -> Decision<ReviewCase>? {
        switch step {
        case .fact(let fact): return `case`.hearing(fact, at: Specimen.now)
        case .command(let command):
            do { return try `case`.deciding(command, at: Specimen.now) } catch { return nil }
        }
    }

    /// How far along the main line; nothing beside it.
    private static func place(_ status: CaseStatus) -> Int { Specimen.line.firstIndex(of: status) ?? -1 }

    /// The first in a random order of which this is so.
    private static func first(_ case: ReviewCase, _ dice: inout Dice, where isSo: (ReviewCase) -> Bool) -> Decision<ReviewCase>? {
        let start = dice.roll(steps.count)
        for turn in 0..<steps.count {
            if let next = taking(steps[(start + turn) % steps.count], `case`), isSo(next.state) { return next }
        }
        return nil
    }

    @Test func `no case is reported without its gate, revived without an investigation, or left without a way out`() async {
        var dice = Dice(2018)
        var visited: Set<CaseStatus> = []
        for _ in 0..<500 {
            var `case` = Specimen.aCase(.proposed, Specimen.household(dice.roll(4) == 0 ? .pending : .complete(discrepant: 0)))
            for _ in 0..<60 {
                visited.insert(`case`.status)
                let before = `case`
                let leads = Self.first(before, &dice) { $0.status != before.status }
                holds(before.status.phase == .ended || leads != nil, "\(before.status) has no way out")
                // Mostly forward, or nothing would ever come far.
                let chance = dice.roll(100)
                let chosen =
                    chance < 45 ? Self.first(before, &dice) { Self.place($0.status) > Self.place(before.status) }
                    : chance < 85 ? Self.first(before, &dice) { $0 != before && $0.status.phase != .ended } : nil
                guard let next = chosen ?? Self.taking(Self.steps[dice.roll(Self.steps.count)], before) else { continue }
                check(from: before, next)
                `case` = next.state
            }
            await Task.yield()
        }
        #expect(visited == Set(CaseStatus.allCases), "the walks come everywhere")
    }

    private func check(from before: ReviewCase, _ next: Decision<ReviewCase>) {
        let after = next.state
        if before.status.phase == .ended { holds(after.status == before.status, "\(before.status) is over") }
        if after.status == .reported, before.status != .reported {
            holds(before.status == .awaitingGate && before.missing.isEmpty && before.household.verification != .pending, "the gate was open")
            holds(before.openTips.isEmpty && before.discrepancies.isEmpty, "nothing was open about it")
            holds(before.dossier.community?.endedAt != nil && before.dossier.subdistrict?.endedAt != nil, "both lists have hung")
        }
        if before.status == .reopened, after.status != .reopened, after.status.phase != .ended {
            let place = before.suspended == .subdistrictPublicity && after.status == .awaitingGate ? .awaitingGate : before.suspended
            holds(after.status == place && after.discrepancies.isEmpty, "only an investigation revives")
        }
        holds((after.status == .reopened) == (after.suspended != nil), "where a reopened case stood is known, and of no other")
        holds(next.events.isEmpty == (after.status == before.status) || after.status.phase == .withCounty, "moves are told, and only moves")
    }
}
