import Contracts
import Registry

/// One of the four rosters of the analysis (R4): removal, exit, return, new.
///
///     (nothing) ──draw──▶ drafted(1) ──fix──▶ fixed(1) ──draw, with new cases──▶ drafted(2) ──fix──▶ …
///
/// Any kind may be added until the internal review, afterwards by supplement only (domain.md section 12, 7): what comes
/// after the leader has fixed a roster makes its next edition, and what was fixed stays as it was.
package struct RosterList: Equatable, Sendable {
    package let kind: CaseKind
    package let status: Status
    package let edition: Int

    package enum Status: String, Codable, CaseIterable, Sendable {
        case drafted, fixed
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case alreadyFixed = "intake.roster-already-fixed"
        case notDrawn = "intake.roster-not-drawn"
    }

    package static let kinds: [CaseKind] = [.removal, .exit, .return, .new]

    package init(_ kind: CaseKind, _ status: Status, edition: Int) { (self.kind, self.status, self.edition) = (kind, status, edition) }

    /// The roster after cases of its kind were proposed.
    package static func drawing(_ kind: CaseKind, onto before: RosterList?) -> RosterList {
        switch before?.status {
        case .fixed?: RosterList(kind, .drafted, edition: (before?.edition ?? 0) + 1)
        case .drafted?, nil: RosterList(kind, .drafted, edition: before?.edition ?? 1)
        }
    }

    /// The team's leader answers for it (R9).
    package func fixing() throws(Refusal) -> RosterList {
        switch status {
        case .drafted: return RosterList(kind, .fixed, edition: edition)
        case .fixed: throw .alreadyFixed
        }
    }
}
