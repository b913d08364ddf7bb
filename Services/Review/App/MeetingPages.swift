import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit

/// Meetings with a browser: called together, and their minutes written down.
struct MeetingPages {
    let rules: MeetingRules
    /// Where opinions are entered: review keeps no text of anybody (section 9).
    let tipEntry: String

    func add(to api: API) {
        api.page("/meetings", of: ReviewPages.all, showAll)
        api.form("/meetings", of: ReviewPages.all, acting: .field("kind"), convene)
        api.page("/meetings/:meeting", of: ReviewPages.all, showOne)
        api.form("/meetings/:meeting", of: ReviewPages.all, acting: .meeting, act)
    }

    // MARK: All

    private struct Shown {
        let kinds: [Pages.Choice]
        let mayCall: Bool
        let rows: [Row]
        let none: Bool
        let next: String?

        struct Row {
            let meeting: String
            let kind: Pages.Words
            let community: String
            let at: String
            let status: Pages.Words
            let called: Int
            let present: String
        }
    }

    private func showAll(_ call: Call, _ work: Work) throws -> Reply {
        var filter = MeetingFilter()
        if call.query("after") != nil { filter.after = try call.queryID("after") }
        let meetings = try work.meetings(filter)
        let names = try work.names(of: meetings.map(\.division))
        let rows = meetings.map { meeting in
            Shown.Row(
                meeting: meeting.id.description, kind: ReviewWords.of(meeting.kind), community: names.full(meeting.division),
                at: (meeting.minutes?.heldAt ?? meeting.summons.at).wallClock, status: ReviewWords.of(meeting.status),
                called: meeting.summons.called, present: meeting.minutes.map { "\($0.present)" } ?? "")
        }
        let kinds = Meeting.Kind.allCases.filter { call.may("POST /meetings", $0.rawValue) }.map { Pages.Choice($0.rawValue, ReviewWords.of($0)) }
        return try ReviewPages.all.show(
            "meetings",
            Shown(
                kinds: kinds, mayCall: !kinds.isEmpty, rows: rows, none: rows.isEmpty,
                next: meetings.count == filter.limit ? meetings.last?.id.description : nil),
            for: call)
    }

    private func convene(_ call: Call, _ work: Work) throws -> Reply {
        let form = try call.form()
        guard let kind = Meeting.Kind(rawValue: try form.required("kind")) else { throw Invalid("/kind", "unknown-value", "choose a meeting") }
        guard let community = DivisionCode(try form.required("community")) else {
            throw Invalid("/community", "division-code", "the code of a community, a group or the subdistrict, such as 530427001001-01")
        }
        let meeting = try ConveningEntry(
            kind: kind, community: community, called: form.number("called"), calledFor: form.moment("at"), place: form.text("place")
        ).convene(in: work)
        return .see("/meetings/\(meeting.id)")
    }

    // MARK: One

    private struct One {
        let meeting: String
        let kind: Pages.Words
        let status: Pages.Words
        let community: String
        let at: String
        let place: String?
        let called: Int
        let quorum: Int
        let adjournments: Int?
        let reason: String?
        let minutes: Minutes?
        let open: Open?

        struct Minutes {
            let present: Int
            let chair: String?
            let recorder: String?
            let paper: String?
            let lists: Lists?
            let decisions: [Decision]
            let opinions: String
        }

        struct Lists { let rows: [Vote] }

        struct Vote {
            let kind: Pages.Words
            let `for`: Int
            let against: Int
            let abstain: Int
        }

        struct Decision {
            let `case`: String
            let head: String
            let kind: Pages.Words
            let group: String
            let passed: Bool
            let reason: String?
            let votes: String
        }

        /// What can still be written down.
        struct Open {
            let ballots: [Ballot]
            let idle: Bool
        }

        struct Ballot {
            let kind: Pages.Words
            let code: String
            let cases: [Listed]
        }

        struct Listed {
            let `case`: String
            let head: String
            let members: Int
            let group: String
        }
    }

    private func showOne(_ call: Call, _ work: Work) throws -> Reply {
        let meeting = try work.get(Meeting.self, try call.id("meeting"))
        return try ReviewPages.all.show("meeting", try page(meeting, work, isOpen: call.may("POST /meetings/:meeting", meeting.kind.rawValue)), for: call)
    }

    private func page(_ meeting: Meeting, _ work: Work, isOpen: Bool) throws -> One {
        var (minutes, open): (One.Minutes?, One.Open?)
        switch meeting.status {
        case .held(let held, recordedAt: _): minutes = try shown(held, of: meeting.id, work)
        case .convened where isOpen:
            let waiting = try work.cases(waiting: meeting)
            let names = try work.names(of: waiting.map(\.division))
            let ballots = Dictionary(grouping: waiting, by: \.kind).sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, cases in
                One.Ballot(
                    kind: ReviewWords.of(kind), code: kind.rawValue,
                    cases: cases.map { .init(case: $0.id.description, head: $0.household.headName, members: $0.household.memberCount, group: names.full($0.division)) })
            }
            open = One.Open(ballots: ballots, idle: ballots.isEmpty)
        case .convened, .cancelled: break
        }
        return One(
            meeting: meeting.id.description, kind: ReviewWords.of(meeting.kind), status: ReviewWords.of(meeting.status),
            community: try work.names(of: [meeting.division]).full(meeting.division), at: (meeting.minutes?.heldAt ?? meeting.summons.at).wallClock, place: meeting.summons.place,
            called: meeting.summons.called, quorum: rules.quorum(of: meeting.kind, called: meeting.summons.called),
            adjournments: meeting.adjournments == 0 ? nil : meeting.adjournments, reason: meeting.reason, minutes: minutes, open: open)
    }

    private func shown(_ held: Meeting.Minutes, of meeting: MeetingID, _ work: Work) throws -> One.Minutes {
        let votes = held.votes.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            One.Vote(kind: ReviewWords.of($0.key), for: $0.value.approving, against: $0.value.opposing, abstain: $0.value.abstaining)
        }
        let rulings = try work.rulings(of: meeting).map { ($0, try work.get(ReviewCase.self, $0.case)) }
        let names = try work.names(of: rulings.map(\.1.division))
        let decisions = rulings.map { ruling, judged in
            One.Decision(
                case: judged.id.description, head: judged.household.headName, kind: ReviewWords.of(judged.kind), group: names.full(judged.division),
                passed: ruling.passed, reason: ruling.reason,
                votes: ruling.vote.map { "\($0.approving) : \($0.opposing) : \($0.abstaining)" } ?? "随名单 with its list")
        }
        return One.Minutes(
            present: held.present, chair: held.chair, recorder: held.recorder, paper: held.paper,
            lists: votes.isEmpty ? nil : .init(rows: votes), decisions: decisions, opinions: "\(tipEntry)?channel=meeting")
    }

    // MARK: What is done

    private func act(_ call: Call, _ work: Work) throws -> Reply {
        let id: MeetingID = try call.id("meeting")
        let form = try call.form()
        let now = try work.now
        switch try form.required("act") {
        case "hold": _ = try minutes(of: try work.get(Meeting.self, id), form, work).hold(by: rules, for: call, in: work)
        case "adjourn":
            let summons = try SummonsEntry(called: form.number("called"), calledFor: form.moment("at"), place: form.text("place")).summons()
            try work.decide(Meeting.self, id) { try $0.deciding(.adjourn(to: summons), at: now) }
        case "cancel":
            let reason = try form.required("reason")
            guard reason.isReasonCode else { throw Invalid("/reason", "reason-code", "a reason is a code, such as called_in_error") }
            try work.decide(Meeting.self, id) { try $0.deciding(.cancel(reason: reason), at: now) }
        default: throw Invalid("/act", "unknown-value", "this page does not ask for that")
        }
        return .see("/meetings/\(id)")
    }

    /// Every case whose turn it is goes with its list, but those that the form rejects by themselves.
    private func minutes(of meeting: Meeting, _ form: Form, _ work: Work) throws -> MinutesEntry {
        let waiting = try work.cases(waiting: meeting)
        let present = try form.number("present")
        let rejected = Set(form.all("reject"))
        let votes = try Set(waiting.map(\.kind)).sorted { $0.rawValue < $1.rawValue }.map { kind in
            MinutesEntry.ListVote(
                kind: kind, for: try form.number("for-\(kind.rawValue)"), against: try form.number("against-\(kind.rawValue)"),
                abstain: try form.number("abstain-\(kind.rawValue)"))
        }
        let passing = Set(votes.filter { $0.vote.passes(among: present) }.map(\.kind))
        let decisions = try waiting.map { item in
            let id = item.id.description
            if rejected.contains(id) {
                let approving = try form.number("for-\(id)")
                return MinutesEntry.Ruling(
                    case: item.id, outcome: .reject, for: approving, against: present - approving, abstain: 0, reason: Self.notPassed)
            }
            let passes = passing.contains(item.kind)
            return MinutesEntry.Ruling(
                case: item.id, outcome: passes ? .pass : .reject, for: nil, against: nil, abstain: nil, reason: passes ? nil : Self.notPassed)
        }
        return MinutesEntry(
            meeting: meeting.id, kind: nil, community: nil, called: nil, present: present, heldAt: try form.moment("at"), chair: form.text("chair"),
            recorder: form.text("recorder"), paper: form.text("paper"), lists: votes, decisions: decisions)
    }

    private static let notPassed = "not_passed"
}

extension Work {
    /// The cases whose turn it is at this meeting, as its list would show them.
    fileprivate func cases(waiting meeting: Meeting) throws -> [ReviewCase] {
        try cases(CaseFilter(statuses: [meeting.kind.step.from], division: meeting.division)).inPrintedOrder
    }
}

extension Form {
    fileprivate func number(_ name: String) throws -> Int {
        guard let number = Int(try required(name)) else { throw Invalid("/\(name)", "number", "a whole number") }
        return number
    }

    /// What a `datetime-local` field holds: wall time in China.
    fileprivate func moment(_ name: String) throws -> Instant {
        let text = try required(name)
        let parts = text.split(separator: "T")
        guard parts.count == 2, let moment = Instant("\(text.count == 16 ? text + ":00" : text)+08:00") else {
            throw Invalid("/\(name)", "time", "a day and a time, such as 2018-10-22T09:00")
        }
        return moment
    }
}
