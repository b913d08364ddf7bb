import Contracts
import Registry
import ReviewDomain
import Testing

@Suite struct MeetingTests {
    private func held(_ kind: Meeting.Kind, called: Int = 30, present: Int = 30, at moment: Instant = Specimen.now) throws -> Meeting {
        try Meeting(
            id: Specimen.meeting, kind: kind, division: Specimen.community, attendance: .init(called: called, present: present),
            heldAt: moment, rules: .villageLaw, recordedAt: Specimen.now)
    }

    @Test(arguments: [Meeting.Kind.publicReview, .resolution])
    func `groups and representatives need two thirds present`(kind: Meeting.Kind) throws {
        #expect(throws: Never.self) { try held(kind, called: 30, present: 20) }
        #expect(throws: Meeting.Refusal.belowQuorum) { try held(kind, called: 30, present: 19) }
        #expect(throws: Meeting.Refusal.belowQuorum) { try held(kind, called: 31, present: 20) }
    }

    @Test(arguments: [(0, 0), (10, 0), (10, 11)]) func `nobody, or more than were called, is no quorum`(called: Int, present: Int) {
        #expect(throws: Meeting.Refusal.belowQuorum) { try held(.internalReview, called: called, present: present) }
    }

    @Test func `minutes are not written in advance`() {
        #expect(throws: Meeting.Refusal.notHeldYet) { try held(.approval, at: Specimen.now + 0.001) }
    }

    @Test func `passing takes more than half of those present, not of those who voted`() throws {
        let meeting = try held(.internalReview, present: 30)
        let `case` = Specimen.aCase(.surveyed)
        #expect(throws: Never.self) { try meeting.judging(`case`, .pass, by: .init(approving: 16, opposing: 0, abstaining: 0)) }
        #expect(throws: Meeting.Refusal.voteContradicts) {
            try meeting.judging(`case`, .pass, by: .init(approving: 15, opposing: 0, abstaining: 0))
        }
        #expect(throws: Meeting.Refusal.voteContradicts) {
            try meeting.judging(`case`, .reject(reason: "x"), by: .init(approving: 16, opposing: 14, abstaining: 0))
        }
        #expect(throws: Meeting.Refusal.voteContradicts) {
            try meeting.judging(`case`, .pass, by: .init(approving: 30, opposing: 1, abstaining: 0))
        }
    }

    @Test func `a meeting judges only cases of its own division`() throws {
        let elsewhere = try Meeting(
            id: Specimen.meeting, kind: .internalReview, division: Specimen.division("530427001002"),
            attendance: .init(called: 5, present: 5), heldAt: Specimen.now, rules: .villageLaw, recordedAt: Specimen.now)
        #expect(throws: Meeting.Refusal.otherDivision) {
            try elsewhere.judging(Specimen.aCase(.surveyed), .pass, by: .init(approving: 5, opposing: 0, abstaining: 0))
        }
    }
}

@Suite struct TipTests {
    @Test func `a tip is due in three working days`() {
        // Received on Friday 2018-10-19.
        let received = ReviewTip.received(
            Specimen.tip, about: Specimen.aCase(.communityPublicity), in: Specimen.campaign, at: Specimen.moment("2018-10-19T20:00:00+08:00"))
        #expect(received.state.dueOn == Specimen.day("2018-10-24"))
        #expect((received.events.first as? TipReceived)?.case == Specimen.aCase(.communityPublicity).id)
    }

    @Test(arguments: [(CaseStatus.communityPublicity, ReviewTip.Investigator.workTeam), (.approved, .workTeam), (.subdistrictPublicity, .subdistrict)])
    func `from the subdistrict's posting on the subdistrict investigates`(status: CaseStatus, investigator: ReviewTip.Investigator) {
        #expect(ReviewTip.received(Specimen.tip, about: Specimen.aCase(status), in: Specimen.campaign, at: Specimen.now).state.investigator == investigator)
    }

    @Test func `a tip is answered once`() throws {
        let tip = ReviewTip.received(Specimen.tip, about: nil, in: Specimen.campaign, at: Specimen.now).state
        let answered = try tip.deciding(.answer(.dismissed), at: Specimen.now)
        #expect(answered.events as? [TipAnswered] == [TipAnswered(tip: Specimen.tip, outcome: .dismissed, answeredAt: Specimen.now)])
        #expect(throws: ReviewTip.Refusal.alreadyAnswered) { try answered.state.deciding(.answer(.upheld), at: Specimen.now) }
    }
}
