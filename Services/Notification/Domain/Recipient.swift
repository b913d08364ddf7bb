import Contracts
import Foundation
import Registry

/// Whom a notice speaks to.
package struct Recipient: Hashable, Sendable {
    package let audience: Audience
    /// The household, the tip whose receipt its sender holds, the window whose sheets a work team put up, or an office's own.
    package let id: UUID

    package enum Audience: String, CaseIterable, Sendable {
        case household, tip
        case workTeam = "work_team"
        case department, office

        /// Whether it is somebody's private telephone that would ring; the address is then kept by intake alone.
        package var isPrivate: Bool {
            switch self {
            case .household, .tip: true
            case .workTeam, .department, .office: false
            }
        }
    }

    package init(_ audience: Audience, _ id: UUID) { (self.audience, self.id) = (audience, id) }

    package static func household(_ id: HouseholdID) -> Recipient { Recipient(.household, id.rawValue) }
    package static func sender(of tip: TipID) -> Recipient { Recipient(.tip, tip.rawValue) }
    package static func workTeam(of window: WindowID) -> Recipient { Recipient(.workTeam, window.rawValue) }
}
