import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// Meetings write what they decided; one call holds one meeting with all its cases.
struct MeetingRoutes {
    let rules: MeetingRules

    func add(to api: API) {
        let rules = rules
        api.post("/v1/meetings") { call, work in try hold(call, work, rules) }
        api.get("/v1/meetings/:meeting", show)
    }
}

private struct Minutes: Decodable {
    let kind: Meeting.Kind
    /// A community, a group, or for an approval the subdistrict.
    let community: DivisionCode
    let called: Int
    let present: Int
    let heldAt: Instant?
    let decisions: [Ruling]

    struct Ruling: Decodable {
        let `case`: CaseID
        let outcome: Outcome
        let `for`: Int
        let against: Int
        let abstain: Int
        /// A code that the household is told; needed to reject.
        let reason: String?
    }

    enum Outcome: String, Codable {
        case pass, reject
    }

    func check() throws {
        var faults: [Invalid.Fault] = []
        var seen: Set<CaseID> = []
        for (index, ruling) in decisions.enumerated() {
            if !seen.insert(ruling.case).inserted { faults.append(.init("/decisions/\(index)/case", "duplicate", "a case is judged once by a meeting")) }
            if min(ruling.for, ruling.against, ruling.abstain) < 0 {
                faults.append(.init("/decisions/\(index)", "negative", "votes are counted from 0"))
            }
            if ruling.outcome == .reject, ruling.reason?.isReasonCode != true {
                faults.append(.init("/decisions/\(index)/reason", "reason-code", "a rejection needs a reason as a code, such as income_above_line"))
            }
        }
        if !faults.isEmpty { throw Invalid(faults) }
    }
}

private struct MeetingHeld: Encodable {
    let meeting: MeetingID
    let passed: Int
    let rejected: Int
}

private func hold(_ call: Call, _ work: Work, _ rules: MeetingRules) throws -> Reply {
    let minutes: Minutes = try call.body()
    try minutes.check()
    let now = try work.now
    let meeting = try Meeting(
        id: MeetingID(work.newID()), kind: minutes.kind, division: minutes.community,
        attendance: .init(called: minutes.called, present: minutes.present), heldAt: minutes.heldAt ?? now, rules: rules, recordedAt: now)
    try work.prefetch(ReviewCase.self, minutes.decisions.map(\.case))
    for item in minutes.decisions {
        let ruling: ReviewCase.Ruling = item.outcome == .pass ? .pass : .reject(reason: item.reason ?? "")
        let vote = Meeting.Vote(approving: item.for, opposing: item.against, abstaining: item.abstain)
        try work.decide(ReviewCase.self, item.case) { try $0.deciding(meeting.judging($0, ruling, by: vote), at: now) }
    }
    try work.keep(meeting, minutes.decisions, recordedAt: now)
    let passed = minutes.decisions.count { $0.outcome == .pass }
    return try .json(MeetingHeld(meeting: meeting.id, passed: passed, rejected: minutes.decisions.count - passed), status: .created)
}

private struct MeetingView: Encodable {
    let meeting: MeetingID
    let kind: Meeting.Kind
    let community: DivisionCode
    let called: Int
    let present: Int
    let heldAt: Instant
    let decisions: [Item]

    struct Item: Encodable {
        let `case`: CaseID
        let outcome: Minutes.Outcome
        let `for`: Int
        let against: Int
        let abstain: Int
        let reason: String?
    }
}

private func show(_ call: Call, _ work: Work) throws -> Reply {
    let id: MeetingID = try call.id("meeting")
    guard let row = try work.first("SELECT kind, division, called, present, held_at FROM meetings WHERE id = \(id)") else {
        throw NotFound("meeting \(id)")
    }
    let rulings = try work.query(
        "SELECT case_id, outcome, approving, opposing, abstaining, reason FROM rulings WHERE meeting = \(id) ORDER BY case_id")
    return try .json(
        MeetingView(
            meeting: id, kind: try row["kind"], community: try row["division"], called: try row["called"], present: try row["present"],
            heldAt: try row["held_at"],
            decisions: try rulings.map {
                MeetingView.Item(
                    case: try $0["case_id"], outcome: try $0["outcome"], for: try $0["approving"], against: try $0["opposing"],
                    abstain: try $0["abstaining"], reason: try $0["reason"])
            }))
}

extension Work {
    fileprivate func keep(_ meeting: Meeting, _ rulings: [Minutes.Ruling], recordedAt now: Instant) throws {
        try sql.execute(
            """
            INSERT INTO meetings (id, kind, division, called, present, held_at, recorded_at)
            VALUES (\(meeting.id), \(meeting.kind), \(meeting.division), \(meeting.attendance.called), \(meeting.attendance.present),
                \(meeting.heldAt), \(now))
            """)
        try sql.execute(
            """
            INSERT INTO rulings (meeting, case_id, outcome, approving, opposing, abstaining, reason)
            SELECT \(meeting.id), * FROM unnest(\(rulings.map(\.case)), \(rulings.map(\.outcome)), \(rulings.map(\.for)),
                \(rulings.map(\.against)), \(rulings.map(\.abstain)), \(rulings.map(\.reason)))
            """)
    }
}

extension String {
    /// A reason is a code, never free text: it goes to the household and into topics.
    var isReasonCode: Bool {
        (1...64).contains(utf8.count) && utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
    }
}
