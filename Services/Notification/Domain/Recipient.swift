import Contracts
import Foundation
import Registry

/// Whom a notice speaks to.
package struct Recipient: Hashable, Sendable {
    package let audience: Audience
    /// The household, the tip whose receipt its sender holds, or an office's own.
    package let id: UUID
    /// Where the household lives or the office works; nothing for those of the whole subdistrict.
    package let division: DivisionCode?
    /// Who heads the household, for the letter that is handed over.
    package let name: String?

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

    package init(_ audience: Audience, _ id: UUID, in division: DivisionCode? = nil, name: String? = nil) {
        (self.audience, self.id, self.division, self.name) = (audience, id, division, name)
    }

    package static func household(_ id: HouseholdID, in division: DivisionCode?, name: String?) -> Recipient {
        Recipient(.household, id.rawValue, in: division, name: name)
    }
    package static func sender(of tip: TipID, in division: DivisionCode?) -> Recipient { Recipient(.tip, tip.rawValue, in: division) }
}
