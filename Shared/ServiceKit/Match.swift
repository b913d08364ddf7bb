import Foundation
import HTTPTypes

// Optimistic locking (RFC 9110): what was read names its version, and a change names the version that it was decided on.

extension Call {
    /// The version of the thing that the client has seen, as ``Reply/tagged(_:)`` told it, from `If-Match`. Without it two
    /// clerks would overwrite each other. A page's form has it in the hidden field `version`.
    package func requireMatch(of version: Int) throws {
        if let sent {
            guard let seen = sent.text("version") else { throw Rejected.matchMissing }
            guard seen == "\(version)" else { throw Rejected.matchFailed }
            return
        }
        guard let condition = headers[.ifMatch]?.trimmingCharacters(in: .whitespaces), !condition.isEmpty else { throw Rejected.matchMissing }
        let tags = condition.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        // `*` would mean: whatever there is, which is overwriting.
        guard tags.contains("\"\(version)\"") else { throw Rejected.matchFailed }
    }
}

extension Reply {
    /// Names the version that it shows.
    package func tagged(_ version: Int) -> Reply { with(.eTag, "\"\(version)\"") }
}
