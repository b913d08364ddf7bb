import Contracts
import Registry
import ReviewDomain
import Testing

@Suite struct ReviewCaseTests {
    let now = Specimen.now

    private func hearing(_ case: ReviewCase, _ facts: ReviewCase.Fact...) -> ReviewCase {
        facts.reduce(`case`) { $0.hearing($1, at: now).state }
    }

    private func judge(_ kind: Meeting.Kind, heldAt: Instant? = nil) -> ReviewCase.Command {
        .judge(kind, .pass, Specimen.meeting, heldAt: heldAt ?? now)
    }

    @Test func `passing a meeting moves a case, files the meeting and tells it`() throws {
        let decision = try Specimen.aCase(.surveyed).deciding(judge(.internalReview), at: now)
        #expect(decision.state.dossier.internalReview == Specimen.meeting)
        #expect(
            decision.events as? [CaseMoved] == [
                CaseMoved(
                    case: decision.state.id, household: decision.state.household.id, kind: .exit, status: .internallyReviewed, movedAt: now)
            ])
    }

    @Test func `a rejected case is closed with the meeting's reason`() throws {
        let decision = try Specimen.aCase(.resolved)
            .deciding(.judge(.approval, .reject(reason: "income_above_line"), Specimen.meeting, heldAt: now), at: now)
        #expect(decision.state.reason == "income_above_line")
        #expect((decision.events.first as? CaseClosed)?.reason == "income_above_line")
    }

    // MARK: Holds

    @Test(arguments: [(CaseStatus.communityPublicity, Meeting.Kind.resolution), (.resolved, .approval)])
    func `an open tip holds its case at the resolution and the approval`(status: CaseStatus, meeting: Meeting.Kind) throws {
        let held = hearing(Specimen.aCase(status), .tipRaised(Specimen.tip))
        #expect(throws: ReviewCase.Refusal.held) { try held.deciding(judge(meeting), at: now) }
        let released = hearing(held, .tipSettled(Specimen.tip, .dismissed))
        #expect(try released.deciding(judge(meeting), at: now).state.status == meeting.step.to)
    }

    @Test func `an open tip holds its case at the gate`() throws {
        let held = hearing(Specimen.aCase(.awaitingGate), .tipRaised(Specimen.tip))
        #expect(held.missing == [.tipsAnswered])
        #expect(throws: ReviewCase.Refusal.gateIncomplete) { try held.deciding(.report, at: now) }
    }

    @Test func `a case whose second window ends under a tip goes on when the tip is answered`() {
        let held = hearing(
            Specimen.aCase(.subdistrictPublicity), .tipRaised(Specimen.tip),
            .windowEnded(Specimen.secondWindow, at: Specimen.secondMidnight))
        #expect(held.status == .subdistrictPublicity)
        let decision = held.hearing(.tipSettled(Specimen.tip, .dismissed), at: now)
        #expect(decision.state.status == .awaitingGate)
        #expect((decision.events.first as? CaseMoved)?.status == .awaitingGate)
    }

    @Test func `the last of several tips lets a case go`() {
        let other = TipID(Specimen.uuid(99))
        let held = hearing(
            Specimen.aCase(.subdistrictPublicity), .tipRaised(Specimen.tip), .tipRaised(other),
            .windowEnded(Specimen.secondWindow, at: Specimen.secondMidnight), .tipSettled(other, .dismissed))
        #expect(held.status == .subdistrictPublicity)
        #expect(hearing(held, .tipSettled(Specimen.tip, nil)).status == .awaitingGate)
    }

    @Test(arguments: [TipOutcome.upheld, .partlyUpheld]) func `an upheld tip puts its case in doubt, and the doubt ends it or not`(outcome: TipOutcome) throws {
        let doubted = Specimen.aCase(.communityPublicity).hearing(.tipSettled(Specimen.tip, outcome), at: now).state
        #expect((doubted.status, doubted.suspended) == (.reopened, .communityPublicity))
        #expect(try doubted.deciding(.investigate(.correctedUnchanged), at: now).state == Specimen.aCase(.communityPublicity))
        let dropped = try doubted.deciding(.investigate(.dropped), at: now)
        #expect(dropped.state.reason == ReviewCase.Reason.doubtConfirmed.rawValue)
        #expect((dropped.events.first as? CaseClosed)?.status == .withdrawn)
    }

    // MARK: Windows

    @Test func `a resolution waits for the midnight that ends the window`() throws {
        var open = Specimen.aCase(.initiallyDecided)
        open = try open.deciding(.list(.community, Specimen.firstWindow), at: now).state
        open = hearing(open, .posted(Specimen.firstWindow))
        #expect(throws: ReviewCase.Refusal.windowNotOver) { try open.deciding(judge(.resolution), at: now) }
        let over = hearing(open, .windowEnded(Specimen.firstWindow, at: Specimen.firstMidnight))
        let early = Instant(milliseconds: Specimen.firstMidnight.milliseconds - 1)
        #expect(throws: ReviewCase.Refusal.windowNotOver) { try over.deciding(judge(.resolution, heldAt: early), at: now) }
        #expect(try over.deciding(judge(.resolution, heldAt: Specimen.firstMidnight), at: now).state.status == .resolved)
    }

    @Test func `a case is on one list only`() throws {
        let listed = try Specimen.aCase(.approved).deciding(.list(.subdistrict, Specimen.secondWindow), at: now).state
        #expect(throws: ReviewCase.Refusal.alreadyListed) {
            try listed.deciding(.list(.subdistrict, WindowID(Specimen.uuid(99))), at: now)
        }
    }

    // MARK: Discrepancies

    @Test func `a discrepancy after a decision suspends the approvals, and correction revives them where they stood`() throws {
        let found = Specimen.aCase(.approved).hearing(.foundDiscrepant(Specimen.request), at: now)
        #expect((found.events.first as? CaseMoved)?.status == .reopened)
        #expect(found.state.missing.contains(.investigation))
        let revived = try found.state.deciding(.investigate(.correctedUnchanged), at: now)
        #expect(revived.state == Specimen.aCase(.approved))
        #expect((revived.events.first as? CaseMoved)?.status == .approved)
    }

    @Test func `a proposal dropped after a discrepancy is withdrawn, its approvals kept as history`() throws {
        let found = hearing(Specimen.aCase(.awaitingGate), .foundDiscrepant(Specimen.request))
        let dropped = try found.deciding(.investigate(.dropped), at: now)
        #expect(dropped.state.dossier == Specimen.aCase(.awaitingGate).dossier)
        #expect((dropped.events.first as? CaseClosed)?.reason == ReviewCase.Reason.discrepancyConfirmed.rawValue)
    }

    @Test func `a window that ends while its case is reopened counts once the doubt is dispelled`() throws {
        let reopened = hearing(
            Specimen.aCase(.subdistrictPublicity), .foundDiscrepant(Specimen.request),
            .windowEnded(Specimen.secondWindow, at: Specimen.secondMidnight))
        #expect(reopened.status == .reopened)
        #expect(try reopened.deciding(.investigate(.correctedUnchanged), at: now).state == Specimen.aCase(.awaitingGate))
    }

    @Test func `a list that is posted while its case is reopened counts too`() throws {
        let listed = try Specimen.aCase(.initiallyDecided).deciding(.list(.community, Specimen.firstWindow), at: now).state
        let reopened = hearing(
            listed, .foundDiscrepant(Specimen.request), .posted(Specimen.firstWindow),
            .windowEnded(Specimen.firstWindow, at: Specimen.firstMidnight))
        #expect(try reopened.deciding(.investigate(.correctedUnchanged), at: now).state == Specimen.aCase(.communityPublicity))
    }

    @Test func `a discrepancy known before any decision is noted and stops the case at the gate until investigated`() throws {
        let noted = hearing(Specimen.aCase(.proposed), .foundDiscrepant(Specimen.request), .surveyed(met: true))
        #expect(noted.status == .surveyed)
        #expect(noted.missing.contains(.investigation))
        #expect(try !noted.deciding(.investigate(.correctedUnchanged), at: now).state.missing.contains(.investigation))
    }

    @Test func `a discrepancy and a proposal give one case in whichever order they come`() {
        let late = hearing(Specimen.aCase(.proposed), .foundDiscrepant(Specimen.request))
        let first = Specimen.aCase(.proposed)
        let early = ReviewCase(
            id: first.id, campaign: first.campaign, kind: first.kind, member: first.member, division: first.division,
            household: first.household, proposedAt: first.proposedAt, discrepancies: [Specimen.request])
        #expect(early == late)
    }

    @Test func `a case that the county returned comes back to the gate after its investigation`() throws {
        let returned = try Specimen.aCase(.reported).deciding(.answer(.returned), at: now).state
        #expect(returned.missing == [.investigation])
        #expect(try returned.deciding(.investigate(.correctedUnchanged), at: now).state == Specimen.aCase(.awaitingGate))
    }

    // MARK: Gate

    @Test func `the gate names every missing item, not only the first`() {
        let bare = hearing(
            Specimen.aCase(.proposed, Specimen.household(.pending)), .foundDiscrepant(Specimen.request), .tipRaised(Specimen.tip))
        #expect(bare.missing == GateItem.allCases)
    }

    @Test(arguments: CaseStatus.allCases) func `nothing is reported without a complete gate`(status: CaseStatus) throws {
        let pending = Specimen.aCase(status, Specimen.household(.pending))
        #expect(throws: ReviewCase.Refusal.self) { try pending.deciding(.report, at: now) }
    }

    @Test func `a discrepant result that was investigated does not stop the report`() throws {
        let `case` = Specimen.aCase(.awaitingGate, Specimen.household(.complete(discrepant: 1)))
        let decision = try `case`.deciding(.report, at: now)
        #expect((decision.events.first as? CaseReported)?.gate == GateItem.allCases.map(\.rawValue))
    }
}
