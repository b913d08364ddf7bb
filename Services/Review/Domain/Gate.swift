import Contracts

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

extension ReviewCase {
    /// Everything that still stands between the case and the county, not only the first.
    package var missing: [GateItem] { GateItem.allCases.filter { !has($0) } }

    package var isReportable: Bool { status == .awaitingGate && missing.isEmpty }

    private func has(_ item: GateItem) -> Bool {
        switch item {
        case .communityWindow: dossier.community?.endedAt != nil
        case .resolution: dossier.resolution != nil
        case .approval: dossier.approval != nil
        case .subdistrictWindow: dossier.subdistrict?.endedAt != nil
        case .tipsAnswered: !isHeld
        case .departmentResults: household.verification != .pending
        case .investigation: discrepancies.isEmpty && status != .reopened
        }
    }
}
