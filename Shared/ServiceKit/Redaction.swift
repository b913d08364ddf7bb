import Contracts
import Foundation
import Postgres

/// What was asked for was there, and is gone for good: `410`.
package struct Gone: Error {
    let code: String
    let mend: String

    package init(_ code: String, _ mend: String) { (self.code, self.mend) = (code, mend) }
}

extension Work {
    /// Takes what is personal out of everything that this service ever told about a household, as its row in the outbox has it: a log that
    /// is told again does not bring it back. Numbers, types and times stay, so that whoever has taken it in knows it again. What is parked
    /// of the household goes altogether.
    ///
    /// - Parameters:
    ///   - key: Of the messages.
    ///   - values: What stands in the place of fields from now on.
    ///   - removed: Fields that are left out.
    package func forgetTold(about key: UUID, _ values: [String: JSONValue] = [:], removing removed: [String] = []) throws {
        for (name, value) in values {
            let text = JSONB(try JSON.encode(value))
            try execute(
                "UPDATE outbox SET data = jsonb_set(data::jsonb, ARRAY[\(name)], \(text)::jsonb)::text WHERE key = \(key) AND data::jsonb ? \(name)")
        }
        try execute("DELETE FROM parked_messages WHERE key = \(key)")
        if !removed.isEmpty { try execute("UPDATE outbox SET data = (data::jsonb - \(removed))::text WHERE key = \(key) AND data::jsonb ?| \(removed)") }
    }
}
