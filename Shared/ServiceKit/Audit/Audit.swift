import Contracts
import Foundation
import Postgres

/// One row of the audit: an account, what it did or read, and where. Never a person.
package struct AuditEntry: Equatable, Sendable {
    package enum Outcome: String, Sendable {
        case done, read, refused
    }

    let actor: String
    /// A route, as `POST /v1/meetings`.
    let action: String
    /// The address that was asked for, or what was read.
    let object: String
    /// SHA-256 of the words of whoever read, which lie with the readings themselves: a person's words can be destroyed there, and the
    /// chain still verifies. Nothing for commands.
    let purpose: String
    let outcome: Outcome
}

extension Work {
    /// Notes that what lies sealed is shown, to whom and what for, with the transaction that shows it.
    package func noteReading(of object: String, for purpose: String) {
        note(AuditEntry(actor: deed.actor.description, action: deed.reason, object: object, purpose: Digest.sha256(purpose.utf8), outcome: .read))
    }

    /// Notes a command of a route that takes no key of a command, such as the public's form: that it made this.
    package func noteDoing(of object: String) {
        note(AuditEntry(actor: deed.actor.description, action: deed.reason, object: object, purpose: "", outcome: .done))
    }

    /// At the very end of the transaction: from here to COMMIT nobody else writes into the chain.
    func write(_ entries: [AuditEntry]) throws {
        let moment = try now
        for entry in entries {
            try sql.execute(
                "SELECT audit_append(\(moment), \(entry.actor), \(entry.action), \(entry.object), \(entry.purpose), \(entry.outcome))")
        }
        if !entries.isEmpty { Failpoint.auditAfterHeadLock.hit() }
    }
}
