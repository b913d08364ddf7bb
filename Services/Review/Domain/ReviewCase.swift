import Contracts
import Foundation
import Registry

/// One proposal about a household, or about one of its members, on its way to the county (domain.md section 5).
///
///     proposed ──▶ surveyed ──▶ internally_reviewed ──▶ publicly_reviewed ──▶ initially_decided
///                                                                                     │ listed, posted
///     awaiting_gate ◀── subdistrict_publicity ◀── approved ◀── resolved ◀── community_publicity
///          │      window over, no hold     listed, posted         window over, no hold
///          │ nothing missing
///          ▼
///     reported ──▶ confirmed ──▶ announced ──▶ recorded
///
///     before reported    ──▶ withdrawn | rejected | carried_over            ended: the household is told why
///     decided on already ──discrepancy──▶ reopened ──corrected──▶ where it stood, its approvals revived
///                                                  └──dropped───▶ withdrawn, its approvals kept as history
///     reported           ──county──▶ confirmed | rejected | reopened
///
/// A hold is not a state but the set of open tips. It stops only its own case, and only from the moment the list has
/// hung: at the resolution, the approval and the gate. Before that a tip is matter for the meetings themselves.
///
/// Verification runs beside all this (section 4): a discrepancy known before any decision is noted, and stops the case
/// at the gate until the work team has investigated it.
package struct ReviewCase: Equatable, Sendable {
    package let id: CaseID
    package let campaign: CampaignID
    package let kind: CaseKind
    /// The person of a clear-out.
    package let member: MemberID?
    /// Down to the residents' group.
    package let division: DivisionCode
    package let household: CaseHousehold
    package let proposedAt: Instant

    package internal(set) var status: CaseStatus
    /// Where a reopened case stood and will stand again, if the facts are corrected and its outcome does not change.
    package internal(set) var suspended: CaseStatus?
    package internal(set) var dossier: Dossier
    package internal(set) var openTips: Set<TipID>
    /// Discrepant results that the work team has yet to investigate.
    package internal(set) var discrepancies: Set<RequestID>
    /// What stands for the accounts that recorded a survey of it: whoever surveyed it does not approve it (section 8).
    package internal(set) var surveyors: Set<String>
    /// Why it ended, as a code.
    package internal(set) var reason: String?
    /// What came to light after the report and was passed on to the county (section 5), oldest first.
    package internal(set) var lateEvidence: [LateEvidence]

    /// What is on file for the county: the meetings that passed the case and the windows that showed it.
    package struct Dossier: Equatable, Sendable {
        package var internalReview: MeetingID?
        package var publicReview: MeetingID?
        package var initialDecision: MeetingID?
        package var community: Publicity?
        package var resolution: MeetingID?
        package var approval: MeetingID?
        package var subdistrict: Publicity?

        package init() {}
    }

    /// The window whose frozen list names the case, and the local midnight at which it ended.
    package struct Publicity: Equatable, Sendable {
        package let window: WindowID
        package var endedAt: Instant?

        package init(_ window: WindowID, endedAt: Instant? = nil) { (self.window, self.endedAt) = (window, endedAt) }
    }

    /// Something that the county should know of a case that it has. It names no person.
    package struct LateEvidence: Codable, Equatable, Sendable {
        package let kind: Kind
        /// The department's request or the tip; a survey has none.
        package let reference: UUID?
        package let at: Instant

        package enum Kind: String, Codable, CaseIterable, Sendable {
            case discrepancy, tip
            /// Intake finds the guard of the case's kind no longer met.
            case survey
        }

        package init(_ kind: Kind, _ reference: UUID?, at: Instant) { (self.kind, self.reference, self.at) = (kind, reference, at) }
    }

    package init(
        id: CaseID, campaign: CampaignID, kind: CaseKind, member: MemberID?, division: DivisionCode, household: CaseHousehold,
        proposedAt: Instant, status: CaseStatus = .proposed, suspended: CaseStatus? = nil, dossier: Dossier = Dossier(),
        openTips: Set<TipID> = [], discrepancies: Set<RequestID> = [], surveyors: Set<String> = [], reason: String? = nil, lateEvidence: [LateEvidence] = []
    ) {
        self.id = id
        self.campaign = campaign
        self.kind = kind
        self.member = member
        self.division = division
        self.household = household
        self.proposedAt = proposedAt
        self.status = status
        self.suspended = suspended
        self.dossier = dossier
        self.openTips = openTips
        self.discrepancies = discrepancies
        self.surveyors = surveyors
        self.reason = reason
        self.lateEvidence = lateEvidence
    }

    package var isHeld: Bool { !openTips.isEmpty }
}

/// The stretches of the picture in which a case answers alike.
package enum CasePhase: CaseIterable, Sendable {
    /// On the roster, no meeting has judged it.
    case undecided
    /// Judged at least once, and not yet with the county.
    case decided
    case reopened
    case withCounty
    /// Over for good: it stays on the lists that show it, and nothing moves it any more.
    case ended
}

extension CaseStatus {
    package var phase: CasePhase {
        switch self {
        case .proposed, .surveyed: .undecided
        case .internallyReviewed, .publiclyReviewed, .initiallyDecided, .communityPublicity, .resolved, .approved,
            .subdistrictPublicity, .awaitingGate:
            .decided
        case .reopened: .reopened
        case .reported, .confirmed, .announced: .withCounty
        case .recorded, .withdrawn, .rejected, .carriedOver: .ended
        }
    }

    package static func all(in phases: Set<CasePhase>) -> [CaseStatus] { allCases.filter { phases.contains($0.phase) } }
}
