import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// Meetings are called together, and their minutes say what they decided; one call holds one meeting with all its cases.
struct MeetingRoutes {
    let rules: MeetingRules

    func add(to api: API) {
        let rules = rules
        api.post("/v1/convenings", acting: .field("kind"), convene)
        api.post("/v1/meetings", upTo: Bodies.large, acting: .minutes) { call, work in
            let minutes: MinutesEntry = try call.body()
            return try .json(MeetingHeld(minutes.hold(by: rules, for: call, in: work), minutes), status: .created)
        }
        api.get("/v1/meetings", list)
        api.get("/v1/meetings/:meeting", show)
        api.post("/v1/meetings/:meeting/adjournments", acting: .meeting, adjourn)
        api.post("/v1/meetings/:meeting/cancellations", acting: .meeting, cancel)
    }

    private func convene(_ call: Call, _ work: Work) throws -> Reply {
        let convening: ConveningEntry = try call.body()
        return try .json(MeetingView(try convening.convene(in: work)), status: .created)
    }

    private func adjourn(_ call: Call, _ work: Work) throws -> Reply {
        let summons = try call.body(SummonsEntry.self).summons()
        let now = try work.now
        return try .json(MeetingView(try work.decide(Meeting.self, try call.id("meeting")) { try $0.deciding(.adjourn(to: summons), at: now) }))
    }

    private struct Cancellation: Decodable {
        let reason: String
    }

    private func cancel(_ call: Call, _ work: Work) throws -> Reply {
        let cancellation: Cancellation = try call.body()
        guard cancellation.reason.isReasonCode else { throw Invalid("/reason", "reason-code", "a reason is a code, such as called_in_error") }
        let now = try work.now
        return try .json(
            MeetingView(
                try work.decide(Meeting.self, try call.id("meeting")) { try $0.deciding(.cancel(reason: cancellation.reason), at: now) }))
    }

    // MARK: Looking

    private func list(_ call: Call, _ work: Work) throws -> Reply {
        let limit = try call.limit()
        var filter = MeetingFilter(
            kind: try call.choice("kind"), status: call.query("status"), division: try call.division("community"), limit: limit)
        if call.query("after") != nil { filter.after = try call.queryID("after") }
        let meetings = try work.meetings(filter)
        return try .page(
            meetings.map { MeetingView($0) }, next: meetings.count == limit ? meetings.last?.id.description : nil, call: call)
    }

    private func show(_ call: Call, _ work: Work) throws -> Reply {
        let meeting = try work.get(Meeting.self, try call.id("meeting"))
        return try .json(MeetingView(meeting, try work.rulings(of: meeting.id)))
    }
}

// MARK: What is written down

/// Whom a meeting calls, when and where to.
struct SummonsEntry: Decodable {
    let called: Int
    let calledFor: Instant
    let place: String?

    func summons() throws -> Meeting.Summons {
        guard called > 0 else { throw Invalid("/called", "out-of-range", "a meeting calls somebody") }
        if let place, let fault = place.fault(as: "/place", atMost: 64) { throw Invalid([fault]) }
        return Meeting.Summons(called: called, at: calledFor, place: place)
    }
}

/// A meeting that is called together.
struct ConveningEntry: Decodable {
    let kind: Meeting.Kind
    /// A community, a group, or for an approval the subdistrict.
    let community: DivisionCode
    let called: Int
    let calledFor: Instant
    let place: String?

    func convene(in work: Work) throws -> Meeting {
        let summons = try SummonsEntry(called: called, calledFor: calledFor, place: place).summons()
        guard summons.at > (try work.now) else { throw Meeting.Refusal.calledForThePast }
        let meeting = Meeting(id: MeetingID(work.newID()), kind: kind, division: community, summons: summons)
        try work.insert(meeting)
        return meeting
    }
}

/// The minutes of a meeting; of one that was called together here, or of one that is entered with its minutes.
struct MinutesEntry: Decodable {
    /// The meeting that was called together; `kind`, `community` and `called` are its own then.
    let meeting: MeetingID?
    let kind: Meeting.Kind?
    let community: DivisionCode?
    let called: Int?
    let present: Int
    let heldAt: Instant?
    let chair: String?
    let recorder: String?
    /// SHA-256 of the signed paper's photograph, in hexadecimal.
    let paper: String?
    /// How a whole list was voted on.
    let lists: [ListVote]?
    let decisions: [Ruling]

    struct ListVote: Codable {
        let kind: CaseKind
        let `for`: Int
        let against: Int
        let abstain: Int

        var vote: Meeting.Vote { .init(approving: `for`, opposing: against, abstaining: abstain) }
    }

    struct Ruling: Decodable {
        let `case`: CaseID
        let outcome: Outcome
        /// All three, or none where the case goes with its list.
        let `for`: Int?
        let against: Int?
        let abstain: Int?
        /// A code that the household is told; needed to reject.
        let reason: String?

        var vote: Meeting.Vote? {
            guard let `for`, let against, let abstain else { return nil }
            return Meeting.Vote(approving: `for`, opposing: against, abstaining: abstain)
        }
    }

    enum Outcome: String, Codable {
        case pass, reject
    }

    /// Writes down what the meeting decided, and lets its cases go where that sends them.
    ///
    /// - Parameter call: By whoever enters it. An approval is not entered by who surveyed one of its cases (section 8).
    func hold(by rules: MeetingRules, for call: Call, in work: Work) throws -> Meeting {
        try check()
        let now = try work.now
        let id = try meeting ?? enter(heldAt ?? now, in: work)
        let minutes = Meeting.Minutes(
            present: present, heldAt: heldAt ?? now, chair: chair, recorder: recorder, paper: paper,
            votes: Dictionary(uniqueKeysWithValues: (lists ?? []).map { ($0.kind, $0.vote) }))
        let held = try work.decide(Meeting.self, id) { try $0.deciding(.hold(minutes, rules), at: now) }
        try work.prefetch(ReviewCase.self, decisions.map(\.case))
        if held.kind == .approval { for item in decisions { try work.checkHands(of: call, on: item.case) } }
        for item in decisions {
            let ruling: ReviewCase.Ruling = item.outcome == .pass ? .pass : .reject(reason: item.reason ?? "")
            try work.decide(ReviewCase.self, item.case) { try $0.deciding(held.judging($0, ruling, by: item.vote), at: now) }
        }
        try work.keep(
            decisions.map { RulingOnFile(case: $0.case, passed: $0.outcome == .pass, vote: $0.vote, reason: $0.reason) }, of: id)
        return held
    }

    /// A meeting that nobody called together here.
    private func enter(_ moment: Instant, in work: Work) throws -> MeetingID {
        guard let kind, let community, let called else {
            throw Invalid("/meeting", "missing", "minutes name the meeting that was called together, or its kind, community and called")
        }
        let entered = Meeting(
            id: MeetingID(work.newID()), kind: kind, division: community, summons: .init(called: called, at: moment, place: nil))
        try work.insert(entered)
        return entered.id
    }

    private func check() throws {
        var faults: [Invalid.Fault] = []
        var seen: Set<CaseID> = []
        for (index, ruling) in decisions.enumerated() {
            if !seen.insert(ruling.case).inserted { faults.append(.init("/decisions/\(index)/case", "duplicate", "a case is judged once by a meeting")) }
            let votes = [ruling.for, ruling.against, ruling.abstain].compactMap(\.self)
            if ![0, 3].contains(votes.count) { faults.append(.init("/decisions/\(index)", "incomplete", "a vote says for, against and abstain")) }
            if votes.contains(where: { $0 < 0 }) { faults.append(.init("/decisions/\(index)", "negative", "votes are counted from 0")) }
            if ruling.outcome == .reject, ruling.reason?.isReasonCode != true {
                faults.append(.init("/decisions/\(index)/reason", "reason-code", "a rejection needs a reason as a code, such as income_above_line"))
            }
        }
        for (index, vote) in (lists ?? []).enumerated() {
            if lists?.firstIndex(where: { $0.kind == vote.kind }) != index { faults.append(.init("/lists/\(index)/kind", "duplicate", "a list is voted on once")) }
            if !vote.kind.isPublicised { faults.append(.init("/lists/\(index)/kind", "unknown-value", "this kind is on none of the lists")) }
        }
        for (field, text) in [("/chair", chair), ("/recorder", recorder)] {
            if let fault = text?.fault(as: field, atMost: 32) { faults.append(fault) }
        }
        if let paper, !paper.isSHA256 {
            faults.append(.init("/paper", "digest", "a SHA-256 as 64 lowercase hexadecimal digits"))
        }
        if !faults.isEmpty { throw Invalid(faults) }
    }
}

extension Work {
    /// Refuses whoever has surveyed the case.
    func checkHands(of call: Call, on case: CaseID) throws {
        try get(ReviewCase.self, `case`).checkHands(call.signedIn?.alias(in: `case`.rawValue))
    }
}

// MARK: What is answered

private struct MeetingHeld: Encodable {
    let meeting: MeetingID
    let passed: Int
    let rejected: Int

    init(_ held: Meeting, _ minutes: MinutesEntry) {
        meeting = held.id
        passed = minutes.decisions.count { $0.outcome == .pass }
        rejected = minutes.decisions.count - passed
    }
}

private struct MeetingView: Encodable {
    let meeting: MeetingID
    let kind: Meeting.Kind
    let community: DivisionCode
    let status: String
    let called: Int
    let calledFor: Instant
    let place: String?
    let adjournments: Int
    let reason: String?
    let present: Int?
    let heldAt: Instant?
    let chair: String?
    let recorder: String?
    let paper: String?
    let lists: [MinutesEntry.ListVote]?
    let decisions: [Item]?

    struct Item: Encodable {
        let `case`: CaseID
        let outcome: MinutesEntry.Outcome
        let `for`: Int?
        let against: Int?
        let abstain: Int?
        let reason: String?
    }

    init(_ meeting: Meeting, _ rulings: [RulingOnFile]? = nil) {
        self.meeting = meeting.id
        kind = meeting.kind
        community = meeting.division
        status = meeting.status.name
        called = meeting.summons.called
        calledFor = meeting.summons.at
        place = meeting.summons.place
        adjournments = meeting.adjournments
        reason = meeting.reason
        let minutes = meeting.minutes
        present = minutes?.present
        heldAt = minutes?.heldAt
        chair = minutes?.chair
        recorder = minutes?.recorder
        paper = minutes?.paper
        lists = minutes?.votes.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            .init(kind: $0.key, for: $0.value.approving, against: $0.value.opposing, abstain: $0.value.abstaining)
        }
        decisions = rulings?.map {
            Item(
                case: $0.case, outcome: $0.passed ? .pass : .reject, for: $0.vote?.approving, against: $0.vote?.opposing,
                abstain: $0.vote?.abstaining, reason: $0.reason)
        }
    }
}

extension String {
    /// What is wrong with a short text that people may read; nothing, if nothing is.
    func fault(as pointer: String, atMost limit: Int) -> Invalid.Fault? {
        if !(1...limit).contains(count) { return .init(pointer, "length", "1 to \(limit) characters") }
        if holdsPersonalNumber { return .init(pointer, "personal-number", "this holds what looks like an ID, telephone or card number") }
        return nil
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
