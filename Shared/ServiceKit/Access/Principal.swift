import Contracts
import Registry

/// Who calls: an account, what it is in the review, and where.
package struct Principal: Equatable, Sendable {
    package let account: String
    package let roles: Set<Role>
    /// Where its data lie.
    package let reach: Reach

    package init(account: String, roles: Set<Role>, reach: Reach) { (self.account, self.roles, self.reach) = (account, roles, reach) }

    /// - Parameter jurisdictions: The divisions whose data it may see and change; whatever lies in them counts.
    package init(account: String, roles: Set<Role>, jurisdictions: [DivisionCode]) {
        self.init(account: account, roles: roles, reach: .within(jurisdictions))
    }

    /// An account's name is one that no person's name is kept for.
    package static func isAccount(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
