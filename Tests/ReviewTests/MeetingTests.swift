import Contracts
import Registry
import ReviewDomain
import Testing

@Suite struct MeetingTests {
    private func called(_ kind: Meeting.Kind = .internalReview, _ count: Int = 30, division: DivisionCode = Specimen.community) -> Meeting {
        Meeting(id: Specimen.meeting, kind: kind, division: division, summons: .init(called: count, at: Specimen.now + -3600, place: "活动室"))
    }

    private func held(
        _ kind: Meeting.Kind, called count: Int = 30, present: Int = 30, at moment: Instant = Specimen.now, votes: [CaseKind: Meeting.Vote] = [:]
    ) throws -> Meeting {
        try called(kind, count).deciding(.hold(.init(present: present, heldAt: moment, votes: votes), .villageLaw), at: Specimen.now).state
    }

    @Test(arguments: [Meeting.Kind.publicReview, .resolution])
    func `groups and representatives need two thirds present`(kind: Meeting.Kind) throws {
        #expect(throws: Never.self) { try held(kind, called: 30, present: 20) }
        #expect(throws: Meeting.Refusal.belowQuorum) { try held(kind, called: 30, present: 19) }
        #expect(throws: Meeting.Refusal.belowQuorum) { try held(kind, called: 31, present: 20) }
        #expect(MeetingRules.villageLaw.quorum(of: kind, called: 31) == 21)
    }

    @Test(arguments: [(0, 0), (10, 0), (10, 11)]) func `nobody, or more than were called, is no quorum`(called: Int, present: Int) {
        #expect(throws: Meeting.Refusal.belowQuorum) { try held(.internalReview, called: called, present: present) }
    }

    @Test func `minutes are not written in advance`() {
        #expect(throws: Meeting.Refusal.notHeldYet) { try held(.approval, at: Specimen.now + 0.001) }
    }

    @Test func `a meeting to which too few came is called anew and held then`() throws {
        let few = called(.resolution)
        #expect(throws: Meeting.Refusal.belowQuorum) {
            try few.deciding(.hold(.init(present: 10, heldAt: Specimen.now), .villageLaw), at: Specimen.now)
        }
        #expect(throws: Meeting.Refusal.calledForThePast) {
            try few.deciding(.adjourn(to: .init(called: 30, at: Specimen.now, place: nil)), at: Specimen.now)
        }
        let again = try few.deciding(.adjourn(to: .init(called: 30, at: Specimen.now + 86_400, place: nil)), at: Specimen.now).state
        #expect(again.adjournments == 1)
        #expect(again.status == .convened)
        #expect(throws: Never.self) {
            try again.deciding(.hold(.init(present: 20, heldAt: Specimen.now + 86_400), .villageLaw), at: Specimen.now + 90_000)
        }
    }

    @Test func `what was held or cancelled stays so`() throws {
        let commands: [Meeting.Command] = [
            .hold(.init(present: 30, heldAt: Specimen.now), .villageLaw), .cancel(reason: "called_in_error"),
            .adjourn(to: .init(called: 30, at: Specimen.now + 60, place: nil)),
        ]
        let cancelled = try called().deciding(.cancel(reason: "called_in_error"), at: Specimen.now).state
        for command in commands {
            #expect(throws: Meeting.Refusal.alreadyHeld) { try held(.internalReview).deciding(command, at: Specimen.now) }
            #expect(throws: Meeting.Refusal.cancelled) { try cancelled.deciding(command, at: Specimen.now) }
        }
    }

    @Test func `passing takes more than half of those present, not of those who voted`() throws {
        let meeting = try held(.internalReview, present: 30)
        let `case` = Specimen.aCase(.surveyed)
        #expect(throws: Never.self) { try meeting.judging(`case`, .pass, by: .init(approving: 16, opposing: 0, abstaining: 0)) }
        for (ruling, vote) in [
            (ReviewCase.Ruling.pass, Meeting.Vote(approving: 15, opposing: 0, abstaining: 0)),
            (.reject(reason: "x"), .init(approving: 16, opposing: 14, abstaining: 0)), (.pass, .init(approving: 30, opposing: 1, abstaining: 0)),
            (.pass, .init(approving: 31, opposing: -1, abstaining: 0)),
        ] {
            #expect(throws: Meeting.Refusal.voteContradicts) { try meeting.judging(`case`, ruling, by: vote) }
        }
    }

    @Test func `a case without a vote of its own goes with its list`() throws {
        let `case` = Specimen.aCase(.surveyed)
        let meeting = try held(.publicReview, votes: [.exit: .init(approving: 20, opposing: 5, abstaining: 5)])
        #expect(throws: Never.self) { try meeting.judging(`case`, .pass, by: nil) }
        #expect(throws: Meeting.Refusal.voteContradicts) { try meeting.judging(`case`, .reject(reason: "x"), by: nil) }
        #expect(throws: Meeting.Refusal.noVote) { try held(.publicReview, votes: [:]).judging(`case`, .pass, by: nil) }
        #expect(throws: Meeting.Refusal.voteContradicts) { try held(.publicReview, votes: [.exit: .init(approving: 20, opposing: 11, abstaining: 0)]) }
    }

    @Test func `a meeting judges only cases of its own division, and only once it is held`() throws {
        let vote = Meeting.Vote(approving: 5, opposing: 0, abstaining: 0)
        let elsewhere = try called(.internalReview, 5, division: Specimen.division("530427001002"))
            .deciding(.hold(.init(present: 5, heldAt: Specimen.now), .villageLaw), at: Specimen.now).state
        #expect(throws: Meeting.Refusal.otherDivision) { try elsewhere.judging(Specimen.aCase(.surveyed), .pass, by: vote) }
        #expect(throws: Meeting.Refusal.notHeldYet) { try called().judging(Specimen.aCase(.surveyed), .pass, by: vote) }
    }
}
