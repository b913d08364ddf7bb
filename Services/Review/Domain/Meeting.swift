import Contracts
import Registry

package typealias MeetingID = ID<Meeting>

/// A meeting that judged cases, with who was called and who came. It is held only if its quorum was there (section 8).
package struct Meeting: Equatable, Sendable {
    package let id: MeetingID
    package let kind: Kind
    /// The community or group whose cases it may judge; for an approval, the subdistrict or one of its communities.
    package let division: DivisionCode
    package let attendance: Attendance
    package let heldAt: Instant

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

    package struct Attendance: Equatable, Sendable {
        package let called: Int
        package let present: Int

        package init(called: Int, present: Int) { (self.called, self.present) = (called, present) }
    }

    /// How those present voted on one case.
    package struct Vote: Equatable, Sendable {
        package let approving: Int
        package let opposing: Int
        package let abstaining: Int

        package init(approving: Int, opposing: Int, abstaining: Int) {
            (self.approving, self.opposing, self.abstaining) = (approving, opposing, abstaining)
        }
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case belowQuorum = "review.below-quorum"
        /// Minutes are written after the meeting.
        case notHeldYet = "review.meeting-not-held-yet"
        case otherDivision = "review.case-of-another-division"
        /// More votes than people, or an outcome that the votes do not bear out.
        case voteContradicts = "review.vote-contradicts-outcome"
    }

    /// Refuses minutes of a meeting to which too few came.
    package init(
        id: MeetingID, kind: Kind, division: DivisionCode, attendance: Attendance, heldAt: Instant, rules: MeetingRules,
        recordedAt now: Instant
    ) throws(Refusal) {
        guard heldAt <= now else { throw .notHeldYet }
        guard rules.isQuorate(kind, attendance) else { throw .belowQuorum }
        self.id = id
        self.kind = kind
        self.division = division
        self.attendance = attendance
        self.heldAt = heldAt
    }

    /// What the meeting says of a case, once its votes are found to say so: passing takes more than half of those present.
    package func judging(_ case: ReviewCase, _ ruling: ReviewCase.Ruling, by vote: Vote) throws(Refusal) -> ReviewCase.Command {
        guard division.contains(`case`.division) else { throw .otherDivision }
        guard vote.approving + vote.opposing + vote.abstaining <= attendance.present else { throw .voteContradicts }
        let passes = vote.approving * 2 > attendance.present
        guard passes == (ruling == .pass) else { throw .voteContradicts }
        return .judge(kind, ruling, id, heldAt: heldAt)
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

    /// A kind without a share of its own needs everybody.
    func isQuorate(_ kind: Meeting.Kind, _ attendance: Meeting.Attendance) -> Bool {
        let share = quorum[kind] ?? Share(1, of: 1)
        return attendance.present > 0 && attendance.present <= attendance.called
            && attendance.present * share.whole >= attendance.called * share.part
    }
}
