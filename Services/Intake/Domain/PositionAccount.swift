import Contracts
import Registry

/// An account of the national system's app, and what it may locate and mark (R14, R15).
///
/// | account of | captures | marks |
/// | --- | --- | --- |
/// | a subdistrict | its own seat | everything in it |
/// | a community (村级账号) | its own seat, its households' front doors | nothing |
package enum PositionAccount: Equatable, Sendable {
    case subdistrict(DivisionCode)
    case community(DivisionCode)

    /// No other division has such an account.
    package init?(of division: DivisionCode) {
        switch division.level {
        case .subdistrict: self = .subdistrict(division)
        case .community: self = .community(division)
        case .county, .group: return nil
        }
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case unknown = "intake.position-account-unknown"
        case elsewhere = "intake.position-elsewhere"
        /// The subdistrict supervises what its communities capture.
        case communityCaptures = "intake.position-captured-by-community"
        case subdistrictCaptures = "intake.position-captured-by-subdistrict"
        case subdistrictMarks = "intake.position-marked-by-subdistrict"
    }

    /// Whether it captures the place, which lies in the division.
    package func refusal(capturing place: Place, in division: DivisionCode) -> Refusal? {
        switch (self, place) {
        case (.subdistrict(let own), .seat(let seat)):
            if seat == own { return nil }
            return own.contains(seat) ? .communityCaptures : .elsewhere
        case (.subdistrict(let own), .frontDoor):
            return own.contains(division) ? .communityCaptures : .elsewhere
        case (.community(let own), .seat(let seat)):
            if seat == own { return nil }
            return seat.contains(own) ? .subdistrictCaptures : .elsewhere
        case (.community(let own), .frontDoor):
            return own.contains(division) ? nil : .elsewhere
        }
    }

    /// Whether it marks a place in the division, on the national system.
    package func refusal(markingIn division: DivisionCode) -> Refusal? {
        switch self {
        case .subdistrict(let own): own.contains(division) ? nil : .elsewhere
        case .community: .subdistrictMarks
        }
    }
}
