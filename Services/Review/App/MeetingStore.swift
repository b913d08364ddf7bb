import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// Meetings tell nobody anything; the cases that they judge do.
extension Meeting: Aggregate {
    private static let columns = """
        id, kind, division, called, called_for, place, adjournments, status, present, held_at, recorded_at, chair, recorder, paper, reason
        """

    package static func load(_ ids: [MeetingID], in work: Work) throws -> [Versioned<Meeting>] {
        let rows = try work.sql.query("SELECT \(unsafe: columns) FROM meetings WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE")
        return try read(rows, in: work).map { Versioned($0, version: 0) }
    }

    package static func insert(_ new: [Versioned<Meeting>], in work: Work) throws {
        let meetings = new.map(\.value)
        let minutes = meetings.map(\.minutes)
        try work.sql.execute(
            """
            INSERT INTO meetings (id, kind, division, called, called_for, place, adjournments, status, present, held_at, recorded_at, chair,
                recorder, paper, reason)
            SELECT * FROM unnest(\(meetings.map(\.id)), \(meetings.map(\.kind)), \(meetings.map(\.division)),
                \(meetings.map(\.summons.called)), \(meetings.map(\.summons.at)), \(meetings.map(\.summons.place)),
                \(meetings.map(\.adjournments)), \(meetings.map(\.status.name)), \(minutes.map { $0?.present }), \(minutes.map { $0?.heldAt }),
                \(meetings.map(\.recordedAt)), \(minutes.map { $0?.chair }), \(minutes.map { $0?.recorder }), \(minutes.map { $0?.paper }),
                \(meetings.map(\.reason)))
            """)
        try insertVotes(meetings, in: work)
    }

    package static func update(_ changed: [Versioned<Meeting>], in work: Work) throws -> Int {
        let meetings = changed.map(\.value)
        let minutes = meetings.map(\.minutes)
        let count = try work.sql.change(
            """
            UPDATE meetings m SET called = u.called, called_for = u.called_for, place = u.place, adjournments = u.adjournments,
                status = u.status, present = u.present, held_at = u.held_at, recorded_at = u.recorded_at, chair = u.chair,
                recorder = u.recorder, paper = u.paper, reason = u.reason
            FROM unnest(\(meetings.map(\.id)), \(meetings.map(\.summons.called)), \(meetings.map(\.summons.at)),
                \(meetings.map(\.summons.place)), \(meetings.map(\.adjournments)), \(meetings.map(\.status.name)),
                \(minutes.map { $0?.present }), \(minutes.map { $0?.heldAt }), \(meetings.map(\.recordedAt)), \(minutes.map { $0?.chair }),
                \(minutes.map { $0?.recorder }), \(minutes.map { $0?.paper }), \(meetings.map(\.reason)))
                AS u(id, called, called_for, place, adjournments, status, present, held_at, recorded_at, chair, recorder, paper, reason)
            WHERE m.id = u.id
            """)
        try insertVotes(meetings, in: work)
        return count
    }

    /// Votes are cast once, when the meeting is held.
    private static func insertVotes(_ meetings: [Meeting], in work: Work) throws {
        let votes = meetings.flatMap { meeting in (meeting.minutes?.votes ?? [:]).map { (meeting.id, $0.key, $0.value) } }
        if votes.isEmpty { return }
        try work.sql.execute(
            """
            INSERT INTO list_votes (meeting, kind, approving, opposing, abstaining)
            SELECT * FROM unnest(\(votes.map(\.0)), \(votes.map(\.1)), \(votes.map(\.2.approving)), \(votes.map(\.2.opposing)),
                \(votes.map(\.2.abstaining)))
            """)
    }

    fileprivate static func read(_ rows: [Row], in work: Work) throws -> [Meeting] {
        let ids: [MeetingID] = try rows.map { try $0["id"] }
        let votes = try Dictionary(
            grouping: work.sql.query("SELECT meeting, kind, approving, opposing, abstaining FROM list_votes WHERE meeting = ANY(\(ids))")
        ) { try $0["meeting", as: MeetingID.self] }
        return try rows.map { row in
            let id: MeetingID = try row["id"]
            let cast: [(CaseKind, Vote)] = try (votes[id] ?? []).map { (try $0["kind"], try Vote($0)) }
            return Meeting(
                id: id, kind: try row["kind"], division: try row["division"],
                summons: Summons(called: try row["called"], at: try row["called_for"], place: try row["place"]),
                adjournments: try row["adjournments"], status: try Status(row, Dictionary(uniqueKeysWithValues: cast)))
        }
    }

    var minutes: Minutes? { if case .held(let minutes, _) = status { minutes } else { nil } }
    fileprivate var recordedAt: Instant? { if case .held(_, let moment) = status { moment } else { nil } }
    var reason: String? { if case .cancelled(let reason) = status { reason } else { nil } }
}

extension Meeting.Status {
    var name: String {
        switch self {
        case .convened: "convened"
        case .held: "held"
        case .cancelled: "cancelled"
        }
    }

    fileprivate init(_ row: Row, _ votes: [CaseKind: Meeting.Vote]) throws {
        let name: String = try row["status"]
        switch name {
        case "convened": self = .convened
        case "held":
            self = .held(
                Meeting.Minutes(
                    present: try row["present"], heldAt: try row["held_at"], chair: try row["chair"], recorder: try row["recorder"],
                    paper: try row["paper"], votes: votes),
                recordedAt: try row["recorded_at"])
        case "cancelled": self = .cancelled(reason: try row["reason"])
        default: throw UnexpectedValue(column: "status", expected: "the status of a meeting")
        }
    }
}

extension Meeting.Vote {
    init(_ row: Row) throws { self.init(approving: try row["approving"], opposing: try row["opposing"], abstaining: try row["abstaining"]) }
}

/// What a meeting said of one case.
struct RulingOnFile {
    let `case`: CaseID
    let passed: Bool
    /// Nothing, where the case went with its list.
    let vote: Meeting.Vote?
    let reason: String?
}

/// Which meetings a list asks for; what is nil does not matter.
struct MeetingFilter {
    var kind: Meeting.Kind?
    var status: String?
    var division: DivisionCode?
    var after: MeetingID?
    var limit = 50
}

extension Work {
    func keep(_ rulings: [RulingOnFile], of meeting: MeetingID) throws {
        try execute(
            """
            INSERT INTO rulings (meeting, case_id, outcome, approving, opposing, abstaining, reason)
            SELECT \(meeting), * FROM unnest(\(rulings.map(\.case)), \(rulings.map { $0.passed ? "pass" : "reject" }),
                \(rulings.map { $0.vote?.approving }), \(rulings.map { $0.vote?.opposing }), \(rulings.map { $0.vote?.abstaining }),
                \(rulings.map(\.reason)))
            """)
    }

    func rulings(of meeting: MeetingID) throws -> [RulingOnFile] {
        try query(
            "SELECT case_id, outcome, approving, opposing, abstaining, reason FROM rulings WHERE meeting = \(meeting) ORDER BY case_id"
        ).map { row in
            let outcome: String = try row["outcome"]
            let approving: Int? = try row["approving"]
            return RulingOnFile(
                case: try row["case_id"], passed: outcome == "pass", vote: approving == nil ? nil : try Meeting.Vote(row),
                reason: try row["reason"])
        }
    }

    /// Meetings as they stand, without their locks, the latest first.
    func meetings(_ filter: MeetingFilter) throws -> [Meeting] {
        let rows = try query(
            """
            SELECT * FROM meetings
            WHERE (\(filter.kind)::text IS NULL OR kind = \(filter.kind))
                AND (\(filter.status)::text IS NULL OR status = \(filter.status))
                AND (\(filter.division)::text IS NULL OR starts_with(division, \(filter.division)))
                AND (\(filter.after)::uuid IS NULL OR id < \(filter.after))
            ORDER BY id DESC LIMIT \(filter.limit)
            """)
        return try Meeting.read(rows, in: self)
    }
}
