import Contracts
import Foundation
import Registry

/// What the county report needs of a case (domain.md section 4.2). The raw value is told to whoever asks what is missing.
package enum GateItem: String, Codable, CaseIterable, Sendable {
    case communityWindow = "community_window"
    case resolution
    case approval
    case subdistrictWindow = "subdistrict_window"
    /// Every tip about the case is answered.
    case tipsAnswered = "tips_answered"
    /// Every required department result is signed and accepted; for a new household, its file as a proposed one.
    case departmentResults = "department_results"
    /// What departments found discrepant, or the county returned, has been investigated.
    case investigation
}

/// What an item of the gate rests on.
package struct GateEvidence: Equatable, Sendable {
    package let item: GateItem
    package let isThere: Bool
    /// The window or meeting.
    package let reference: UUID?
    /// The local midnight that ended the window.
    package let at: Instant?
}

extension ReviewCase {
    /// Everything that still stands between the case and the county, not only the first.
    package var missing: [GateItem] { gate.filter { !$0.isThere }.map(\.item) }

    package var isReportable: Bool { status == .awaitingGate && missing.isEmpty }

    package var gate: [GateEvidence] { GateItem.allCases.map(evidence) }

    private func evidence(of item: GateItem) -> GateEvidence {
        switch item {
        case .communityWindow: evidence(of: item, dossier.community)
        case .resolution: evidence(of: item, dossier.resolution)
        case .approval: evidence(of: item, dossier.approval)
        case .subdistrictWindow: evidence(of: item, dossier.subdistrict)
        case .tipsAnswered: evidence(of: item, !isHeld)
        case .departmentResults: evidence(of: item, household.verification != .pending)
        case .investigation: evidence(of: item, discrepancies.isEmpty && status != .reopened)
        }
    }

    private func evidence(of item: GateItem, _ isThere: Bool) -> GateEvidence {
        GateEvidence(item: item, isThere: isThere, reference: nil, at: nil)
    }

    private func evidence(of item: GateItem, _ meeting: MeetingID?) -> GateEvidence {
        GateEvidence(item: item, isThere: meeting != nil, reference: meeting?.rawValue, at: nil)
    }

    private func evidence(of item: GateItem, _ publicity: Publicity?) -> GateEvidence {
        GateEvidence(item: item, isThere: publicity?.endedAt != nil, reference: publicity?.window.rawValue, at: publicity?.endedAt)
    }
}

/// What the county is shown of a case that passed the gate: which evidence stood for each item, at which moment. It names no
/// person; with its digest nobody can change it afterwards unnoticed.
package struct GateCertificate: Codable, Equatable, Sendable {
    package let `case`: CaseID
    package let household: HouseholdID
    package let campaign: CampaignID
    package let kind: CaseKind
    package let division: DivisionCode
    package let reportedAt: Instant
    package let items: [Item]

    package struct Item: Codable, Equatable, Sendable {
        package let item: GateItem
        package let reference: UUID?
        package let at: Instant?
    }

    package init(of case: ReviewCase, reportedAt: Instant) {
        self.case = `case`.id
        household = `case`.household.id
        campaign = `case`.campaign
        kind = `case`.kind
        division = `case`.division
        self.reportedAt = reportedAt
        items = `case`.gate.filter(\.isThere).map { Item(item: $0.item, reference: $0.reference, at: $0.at) }
    }
}
