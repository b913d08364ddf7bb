import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// The channel `inbox`: a box per recipient, in a table of its own. It takes a notice once, however often it is put in,
/// and can say whether it has one.
enum LetterBox {
    /// Returns those that lie in their boxes now, be it since just now or since before.
    static func put(_ letters: [BoxedLetter], in work: Work) throws -> [NoticeID] {
        try work.execute(
            """
            INSERT INTO letters (notice, recipient, envelope, body, put_at)
            SELECT *, \(work.now)
            FROM unnest(\(letters.map(\.notice)), \(letters.map(\.recipient)), \(letters.map(\.envelope)),
                        \(letters.map(\.body)))
            ON CONFLICT (notice) DO NOTHING
            """)
        return letters.map(\.notice)
    }

    struct Found: Sendable {
        let there: [NoticeID]
        let missing: [NoticeID]
    }

    static func find(_ notices: [NoticeID], in work: Work) throws -> Found {
        let there = try Set(work.query("SELECT notice FROM letters WHERE notice = ANY(\(notices))").map { try $0["notice"] as NoticeID })
        return Found(there: notices.filter(there.contains), missing: notices.filter { !there.contains($0) })
    }
}

/// What the box holds: an envelope that anyone may see and a body for its recipient.
struct BoxedLetter: Sendable {
    let notice: NoticeID
    let recipient: UUID
    let envelope: String
    let body: String
}
