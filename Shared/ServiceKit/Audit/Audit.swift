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
    /// In the words of whoever read; nothing for commands.
    let purpose: String
    let outcome: Outcome
}

extension Work {
    /// Notes that what lies sealed is shown, to whom and what for, with the transaction that shows it.
    package func noteReading(of object: String, for purpose: String) {
        note(AuditEntry(actor: deed.actor.description, action: deed.reason, object: object, purpose: purpose, outcome: .read))
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
