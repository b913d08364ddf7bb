import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

extension PersonalNotice: Aggregate {
    package static func load(_ ids: [NoticeID], in work: Work) throws -> [Versioned<PersonalNotice>] {
        try work.sql.query("SELECT * FROM notices WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE").map { row in
            let letter = Letter(
                template: try row["template"], language: try row["language"], envelope: try row["envelope"],
                body: try row["body"])
            let notice = PersonalNotice(
                id: try row["id"], recipient: Recipient(try row["audience"], try row["recipient"], in: try row["division"], name: try row["addressee"]),
                letter: letter,
                channel: try row["channel"], status: try row["status"], sends: try row["sends"], attempts: try row["attempts"],
                notBefore: try row["not_before"])
            return Versioned(notice, version: try row["version"])
        }
    }

    package static func insert(_ new: [Versioned<PersonalNotice>], in work: Work) throws {
        let notices = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO notices (id, audience, recipient, division, addressee, template, language, envelope, body, channel, status,
                                 not_before, version, planned_at, moved_at)
            SELECT *, \(work.now), \(work.now)
            FROM unnest(\(notices.map(\.id)), \(notices.map(\.recipient.audience)), \(notices.map(\.recipient.id)),
                        \(notices.map(\.recipient.division)), \(notices.map(\.recipient.name)),
                        \(notices.map(\.letter.template)), \(notices.map(\.letter.language)),
                        \(notices.map(\.letter.envelope)), \(notices.map(\.letter.body)), \(notices.map(\.channel)),
                        \(notices.map(\.status)), \(notices.map(\.notBefore)), \(new.map(\.version)))
            """)
    }

    /// A lease ends with the state for which it was given.
    package static func update(_ changed: [Versioned<PersonalNotice>], in work: Work) throws -> Int {
        let notices = changed.map(\.value)
        return try work.sql.change(
            """
            UPDATE notices n SET status = u.status, sends = u.sends, attempts = u.attempts, not_before = u.not_before,
                version = u.version, moved_at = \(work.now), leased_until = NULL
            FROM unnest(\(notices.map(\.id)), \(notices.map(\.status)), \(notices.map(\.sends)), \(notices.map(\.attempts)),
                        \(notices.map(\.notBefore)), \(changed.map(\.version)))
                 AS u(id, status, sends, attempts, not_before, version)
            WHERE n.id = u.id
            """)
    }
}

extension Work {
    /// Notices of a channel in `status` that nobody else is busy with and that may move now; of those with a lease, only the overdue.
    func idleNotices(_ status: PersonalNotice.Status, by channel: PersonalNotice.Channel = .inbox, limit: Int) throws -> [NoticeID] {
        try query(
            """
            SELECT id FROM notices
            WHERE channel = \(channel) AND status = \(status) AND (leased_until IS NULL OR leased_until < clock_timestamp())
              AND (not_before IS NULL OR not_before <= \(now))
            ORDER BY id LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """
        ).map { try $0["id"] }
    }

    /// Gives the present sender of these notices a time to answer. Sent after what was decided about them.
    func lease(_ notices: [NoticeID], seconds: Double) throws {
        _ = try change(
            """
            UPDATE notices SET leased_until = clock_timestamp() + make_interval(secs => \(seconds))
            WHERE id = ANY(\(notices))
            """)
    }

    /// Lets several notices decide in one go, in the order of their numbers.
    func settle(_ answers: [(notice: NoticeID, command: PersonalNotice.Command)]) throws {
        try prefetch(PersonalNotice.self, answers.map(\.notice))
        for (notice, command) in answers { try settle(notice, command) }
    }

    /// Lets a notice decide. A household that a telephone did not reach is told by a letter.
    @discardableResult
    func settle(_ id: NoticeID, _ command: PersonalNotice.Command) throws -> PersonalNotice {
        let moment = try now
        let notice = try decide(PersonalNotice.self, id) { try $0.deciding(command, at: moment) }
        if notice.needsLetter {
            let letter = NoticeID(UUID(named: "letter", in: id.rawValue))
            if try find(PersonalNotice.self, letter) == nil {
                try insert(PersonalNotice(id: letter, recipient: notice.recipient, letter: notice.letter, channel: .letter))
            }
        }
        return notice
    }
}
