import Contracts
import Foundation
import HTTPTypes

/// Who does what a unit of work does, and why: kept beside every change that must be accounted for.
package struct Deed: Equatable, Sendable {
    package let actor: Actor
    package var reason: String

    package init(_ actor: Actor, reason: String) { (self.actor, self.reason) = (actor, reason) }

    /// What the suite does by itself, as the clock demands it.
    package static let own = Deed(.suite, reason: "lika")
}

/// The account of a person, or the suite itself where it acts on a message or by the clock.
package struct Actor: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(account: String) { description = account }

    package static let suite = Actor(account: "lika")
    package static let unnamed = Actor(account: "unnamed")

    /// What stands for the account where its name shall not, such as in an event: the same again for the same thing, another for
    /// another. A reader learns nothing from it; whoever has all accounts to try can. Nothing for nobody in particular.
    package func alias(in thing: UUID) -> String? {
        self == .suite || self == .unnamed ? nil : Digest.sha256("\(thing.lowercased) \(description)".utf8)
    }

    /// Behind a proxy that signs people in, `Lika-Actor` says who calls, by the name of their account: up to 64 of
    /// `a-z A-Z 0-9 . _ @ -`, so that no person's name is kept for it. This is the one place that takes a caller's word.
    static func of(_ headers: HTTPFields) throws -> Actor? {
        guard let text = HTTPField.Name("Lika-Actor").flatMap({ headers[$0] }) else { return nil }
        guard Principal.isAccount(text) else { throw Rejected.actorUnreadable }
        return Actor(account: text)
    }
}

extension Call {
    /// Whoever has shown an account of their own. A proxy whose word is believed keeps people's duties apart itself.
    package var signedIn: Actor? { mustSignIn ? actor : nil }

    /// For what must not be done by nobody in particular.
    package func namedActor() throws -> Actor {
        guard let actor else { throw mustSignIn ? Denied.signedOut : Rejected.actorMissing }
        return actor
    }
}
