import Contracts
import Registry

package typealias MeetingID = ID<Meeting>

/// A meeting that judges cases: called together, and held only if its quorum is there (section 8).
///
///     convened ──hold──▶ held
///      │  ▲ │
///      │  └─┘ adjourn: too few came, or another day
///      └──cancel──▶ cancelled
package struct Meeting: Equatable, Sendable {
    package let id: MeetingID
    package let kind: Kind
    /// The community or group whose cases it may judge; for an approval, the subdistrict or one of its communities.
    package let division: DivisionCode
    package internal(set) var summons: Summons
    /// How often it could not be held on the day for which it was called.
    package internal(set) var adjournments: Int
    package internal(set) var status: Status

    package enum Status: Equatable, Sendable {
        case convened
        case held(Minutes, recordedAt: Instant)
        /// With a code for the reason.
        case cancelled(reason: String)
    }

    /// The meetings of the plan, in its order (R20, R21, R23, R26, R27).
    package enum Kind: String, Codable, CaseIterable, Sendable {
        /// The two committees look at survey, system data and audit clues.
        case internalReview = "internal_review"
        /// Party members and household heads of the group.
        case publicReview = "public_review"
        /// The two committees draw the initial lists.
        case initialDecision = "initial_decision"
        /// The residents' representatives.
        case resolution
        /// The subdistrict's party-government meeting.
        case approval
    }

    /// Whom it calls, when and where to.
    package struct Summons: Equatable, Sendable {
        /// How many have a vote.
        package let called: Int
        package let at: Instant
        package let place: String?

        package init(called: Int, at: Instant, place: String?) { (self.called, self.at, self.place) = (called, at, place) }
    }

    /// What was written down. The paper itself, with its signatures, stays with the committee.
    package struct Minutes: Equatable, Sendable {
        package let present: Int
        package let heldAt: Instant
        package let chair: String?
        package let recorder: String?
        /// SHA-256 of the signed paper's photograph, in hexadecimal.
        package let paper: String?
        /// How those present voted on a whole list, where they did not vote on each case.
        package let votes: [CaseKind: Vote]

        package init(
            present: Int, heldAt: Instant, chair: String? = nil, recorder: String? = nil, paper: String? = nil, votes: [CaseKind: Vote] = [:]
        ) {
            self.present = present
            self.heldAt = heldAt
            self.chair = chair
            self.recorder = recorder
            self.paper = paper
            self.votes = votes
        }
    }

    package struct Vote: Equatable, Sendable {
        package let approving: Int
        package let opposing: Int
        package let abstaining: Int

        package init(approving: Int, opposing: Int, abstaining: Int) {
            (self.approving, self.opposing, self.abstaining) = (approving, opposing, abstaining)
        }

        /// Passing takes more than half of those present, not of those who voted.
        package func passes(among present: Int) -> Bool { approving * 2 > present }

        fileprivate func isCast(by present: Int) -> Bool {
            min(approving, opposing, abstaining) >= 0 && approving + opposing + abstaining <= present
        }
    }

    package enum Command: Equatable, Sendable {
        case hold(Minutes, MeetingRules)
        /// It is called anew. Whoever came today decided nothing.
        case adjourn(to: Summons)
        case cancel(reason: String)
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case belowQuorum = "review.below-quorum"
        /// Minutes are written after the meeting.
        case notHeldYet = "review.meeting-not-held-yet"
        case alreadyHeld = "review.meeting-already-held"
        case cancelled = "review.meeting-cancelled"
        /// A meeting is called for a time to come.
        case calledForThePast = "review.meeting-called-for-the-past"
        case otherDivision = "review.case-of-another-division"
        /// More votes than people, or an outcome that the votes do not bear out.
        case voteContradicts = "review.vote-contradicts-outcome"
        /// Neither the case nor its list was voted on.
        case noVote = "review.no-vote"
    }

    /// As it stands.
    package init(
        id: MeetingID, kind: Kind, division: DivisionCode, summons: Summons, adjournments: Int = 0, status: Status = .convened
    ) {
        self.id = id
        self.kind = kind
        self.division = division
        self.summons = summons
        self.adjournments = adjournments
        self.status = status
    }

    package func deciding(_ command: Command, at now: Instant) throws(Refusal) -> Decision<Meeting> {
        switch (status, command) {
        case (.convened, .hold(let minutes, let rules)):
            guard minutes.heldAt <= now else { throw .notHeldYet }
            guard rules.isQuorate(kind, present: minutes.present, of: summons.called) else { throw .belowQuorum }
            guard minutes.votes.values.allSatisfy({ $0.isCast(by: minutes.present) }) else { throw .voteContradicts }
            return with { $0.status = .held(minutes, recordedAt: now) }
        case (.convened, .adjourn(let summons)):
            guard summons.at > now else { throw .calledForThePast }
            return with {
                $0.summons = summons
                $0.adjournments += 1
            }
        case (.convened, .cancel(let reason)):
            return with { $0.status = .cancelled(reason: reason) }
        case (.held, .hold), (.held, .adjourn), (.held, .cancel):
            throw .alreadyHeld
        case (.cancelled, .hold), (.cancelled, .adjourn), (.cancelled, .cancel):
            throw .cancelled
        }
    }

    /// What the meeting says of a case, once its votes are found to say so.
    ///
    /// - Parameter vote: On this case alone; without one, its whole list was voted on.
    package func judging(_ case: ReviewCase, _ ruling: ReviewCase.Ruling, by vote: Vote?) throws(Refusal) -> ReviewCase.Command {
        guard case .held(let minutes, recordedAt: _) = status else { throw .notHeldYet }
        guard division.contains(`case`.division) else { throw .otherDivision }
        guard let vote = vote ?? minutes.votes[`case`.kind] else { throw .noVote }
        guard vote.isCast(by: minutes.present) else { throw .voteContradicts }
        guard vote.passes(among: minutes.present) == (ruling == .pass) else { throw .voteContradicts }
        return .judge(kind, ruling, id, heldAt: minutes.heldAt)
    }

    private func with(_ change: (inout Meeting) -> Void) -> Decision<Meeting> {
        var next = self
        change(&next)
        return Decision(next)
    }
}

/// The share of those called that must be present, by kind of meeting. The plan names the village law (two thirds for
/// groups and representatives); a community falls under another, so it is a setting.
package struct MeetingRules: Equatable, Sendable {
    package let quorum: [Meeting.Kind: Share]

    package struct Share: Equatable, Sendable {
        package let part: Int
        package let whole: Int

        package init(_ part: Int, of whole: Int) { (self.part, self.whole) = (part, whole) }
    }

    package init(quorum: [Meeting.Kind: Share]) { self.quorum = quorum }

    package static let villageLaw = MeetingRules(quorum: [
        .internalReview: Share(1, of: 2), .publicReview: Share(2, of: 3), .initialDecision: Share(1, of: 2),
        .resolution: Share(2, of: 3), .approval: Share(1, of: 2),
    ])

    /// How many of those called must be present. A kind without a share of its own needs everybody.
    package func quorum(of kind: Meeting.Kind, called: Int) -> Int {
        let share = quorum[kind] ?? Share(1, of: 1)
        return max(1, (called * share.part + share.whole - 1) / share.whole)
    }

    func isQuorate(_ kind: Meeting.Kind, present: Int, of called: Int) -> Bool {
        present <= called && present >= quorum(of: kind, called: called)
    }
}
