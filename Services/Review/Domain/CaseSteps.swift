import Contracts
import Foundation
import Registry

/// The steps that facts and commands lead to: each is a new state together with what is told of it.
extension ReviewCase {
    /// Reasons that review itself gives; meetings, the county and a carry-over bring their own.
    package enum Reason: String, CaseIterable, Sendable {
        case surveyNotMet = "survey_not_met"
        case discrepancyConfirmed = "discrepancy_confirmed"
        /// What an objection or the county doubted proved true.
        case doubtConfirmed = "doubt_confirmed"
        /// The facts make it a case of another kind, which is proposed anew and goes the whole way (section 4.3c).
        case outcomeChanged = "outcome_changed"
    }

    var unchanged: Decision<ReviewCase> { Decision(self) }

    /// Kept on file, and told to nobody.
    func keeping(_ change: (inout ReviewCase) -> Void) -> Decision<ReviewCase> {
        var next = self
        change(&next)
        return Decision(next)
    }

    func moved(to next: CaseStatus, at now: Instant, _ change: (inout ReviewCase) -> Void = { _ in }) -> Decision<ReviewCase> {
        let moved = keeping {
            $0.status = next
            change(&$0)
        }.state
        return Decision(moved, [CaseMoved(case: id, household: household.id, kind: kind, status: moved.status, movedAt: now)])
    }

    /// Over the subdistrict's window and no tip open: on to the gate. Otherwise where it is.
    func leavingPublicity(at now: Instant) -> Decision<ReviewCase> {
        isPastPublicity ? moved(to: .awaitingGate, at: now) : unchanged
    }

    private var isPastPublicity: Bool { status == .subdistrictPublicity && dossier.subdistrict?.endedAt != nil && !isHeld }

    func reopened(at now: Instant, from place: CaseStatus? = nil, _ change: (inout ReviewCase) -> Void = { _ in }) -> Decision<ReviewCase> {
        moved(to: .reopened, at: now) {
            $0.suspended = place ?? status
            change(&$0)
        }
    }

    func revived(at now: Instant) -> Decision<ReviewCase> {
        moved(to: suspended ?? .surveyed, at: now) {
            $0.suspended = nil
            $0.discrepancies = []
            if $0.isPastPublicity { $0.status = .awaitingGate }
        }
    }

    func closed(as end: CaseStatus, because reason: Reason, at now: Instant) -> Decision<ReviewCase> {
        closed(as: end, because: reason.rawValue, at: now)
    }

    func closed(as end: CaseStatus, because reason: String, at now: Instant) -> Decision<ReviewCase> {
        let closed = keeping {
            $0.status = end
            $0.suspended = nil
            $0.reason = reason
        }.state
        return Decision(
            closed, [
                CaseClosed(
                    case: id, household: household.id, kind: kind, status: end, reason: reason, division: division, headName: household.headName, closedAt: now),
            ])
    }

    func reported(at now: Instant) -> Decision<ReviewCase> {
        Decision(
            keeping { $0.status = .reported }.state,
            [CaseReported(case: id, household: household.id, kind: kind, gate: GateItem.allCases.map(\.rawValue), reportedAt: now)])
    }

    /// Told once, however often it is heard.
    func forwarding(_ kind: LateEvidence.Kind, _ reference: UUID?, at now: Instant) -> Decision<ReviewCase> {
        if lateEvidence.contains(where: { $0.kind == kind && $0.reference == reference }) { return unchanged }
        return Decision(
            keeping { $0.lateEvidence.append(LateEvidence(kind, reference, at: now)) }.state,
            [
                CaseEvidenceForwarded(
                    case: id, household: household.id, kind: self.kind, evidence: kind.rawValue, reference: reference, forwardedAt: now)
            ])
    }

    func confirmed(at now: Instant) -> Decision<ReviewCase> {
        Decision(
            keeping { $0.status = .confirmed }.state,
            [
                CaseConfirmed(
                    case: id, household: household.id, campaign: campaign, kind: kind, division: division,
                    headName: household.headName, memberCount: household.memberCount, confirmedAt: now)
            ])
    }

    func announced(at now: Instant) -> Decision<ReviewCase> {
        Decision(
            keeping { $0.status = .announced }.state,
            [CaseAnnounced(case: id, household: household.id, campaign: campaign, kind: kind, member: member, announcedAt: now)])
    }
}
