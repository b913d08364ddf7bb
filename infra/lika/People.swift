import Contracts
import Foundation
import IntakeDomain
import Registry
import ReviewDomain

/// Those who meet, post, give tips and look into them: the two committees, the groups, the representatives, the work team,
/// the subdistrict, and the public.
struct People: Sendable {
    let plan: Plan
    let suite: Suite
    let campaign: CampaignID
    let sample: URL
    let patience: Double

    // MARK: Meetings (R20 to R27)

    private struct Minutes: Encodable {
        let kind: Meeting.Kind
        let community: DivisionCode
        let called: Int
        let present: Int
        let decisions: [Decision]

        struct Decision: Encodable {
            let `case`: CaseID
            let outcome: String
            let `for`: Int
            let against: Int
            let abstain: Int
            let reason: String?
        }
    }

    private struct Held: Decodable {
        let passed: Int
        let rejected: Int
    }

    /// Holds this meeting wherever a case is due for it. Nobody waits for anybody: a case that is reopened between the
    /// invitation and the vote is left out, and the meeting is held again without it.
    func hold(_ kind: Meeting.Kind) async throws -> String {
        var (meetings, passed, rejected, refusals) = (0, 0, 0, 0)
        while true {
            let due = try await suite.cases(kind.judges).filter { kind.mayJudge($0) }
            if due.isEmpty { return "\(meetings) meetings, \(passed) passed, \(rejected) rejected" }
            for (division, cases) in Dictionary(grouping: due, by: { kind.division(of: $0.division) }).sorted(by: { $0.key < $1.key }) {
                do {
                    let held = try await suite.acting(as: kind == .approval ? .subdistrict : .committee).post(
                        .review, "/v1/meetings", minutes(kind, division, cases), deed: "meeting", as: Held.self)
                    (meetings, passed, rejected) = (meetings + 1, passed + held.passed, rejected + held.rejected)
                } catch let refused as Suite.Refused where refused.status == 409 && refusals < 50 {
                    refusals += 1
                }
            }
        }
    }

    private func minutes(_ kind: Meeting.Kind, _ division: DivisionCode, _ cases: [ReviewedCase]) -> Minutes {
        let (called, present) = kind.attendance
        let opposed = opposed(kind, division, cases)
        let decisions = cases.sorted { $0.case < $1.case }.map { judged in
            judged.case == opposed
                ? Minutes.Decision(case: judged.case, outcome: "reject", for: 1, against: present - 1, abstain: 0, reason: "not_passed")
                : Minutes.Decision(case: judged.case, outcome: "pass", for: present - 1, against: 0, abstain: 1, reason: nil)
        }
        return Minutes(kind: kind, community: division, called: called, present: present, decisions: decisions)
    }

    /// In the first group of each community the neighbours do not believe the last exit on the list.
    private func opposed(_ kind: Meeting.Kind, _ division: DivisionCode, _ cases: [ReviewedCase]) -> CaseID? {
        guard kind == .publicReview, division.code.hasSuffix("-01") else { return nil }
        return cases.filter { $0.kind == .exit }.max { $0.sheetOrder < $1.sheetOrder }?.case
    }

    // MARK: Lists (R24, R25, R28)

    private struct WindowOrder: Encodable {
        let level: PublicityLevel
        let community: DivisionCode
        let places: [String]
    }

    private struct Posting: Encodable {
        let place: String
    }

    private struct TakingDown: Encodable {
        let place: String
        let how: String
    }

    private struct PostedWindow: Decodable {
        let window: WindowID
        let community: DivisionCode
        let stage: String
        let cases: Int
        let places: [Place]

        struct Place: Decodable {
            let place: String
            let postedAt: Instant?
            let takenDownAt: Instant?
        }

        var isOver: Bool { ["expired", "settled", "recalled"].contains(stage) }
    }

    private func windows(_ level: PublicityLevel? = nil) async throws -> [PostedWindow] {
        try await suite.get(.review, "/v1/windows" + (level.map { "?level=\($0.rawValue)" } ?? ""))
    }

    /// Draws up a list for every community with cases whose turn it is, and hangs it at each place that it touches.
    func hang(_ level: PublicityLevel) async throws -> String {
        let due = try await suite.cases(level == .community ? .initiallyDecided : .approved).filter { !$0.isListed(level) }
        for (community, cases) in Dictionary(grouping: due, by: { $0.division.enclosing(.community) ?? $0.division }).sorted(by: { $0.key < $1.key }) {
            let places = plan.places(level, community: community, groups: Set(cases.map(\.division)).sorted())
            try await suite.acting(as: level.poster).post(
                .review, "/v1/windows", WindowOrder(level: level, community: community, places: places),
                deed: "window \(cases.map(\.case.description).sorted())", as: Anything.self)
        }
        var (lists, sheets) = (0, 0)
        for window in try await windows(level) {
            let bare = window.places.filter { $0.postedAt == nil }
            for place in bare {
                try await suite.acting(as: level.poster).post(.review, "/v1/windows/\(window.window)/postings", Posting(place: place.place), deed: "posting", as: Anything.self)
            }
            (lists, sheets) = (lists + (bare.isEmpty ? 0 : 1), sheets + bare.count)
        }
        return "\(lists) lists with \(due.count) cases at \(sheets) places"
    }

    func awaitEnd(of level: PublicityLevel) async throws {
        try await Waiting.until("the \(level.rawValue) windows to end", atMost: patience) {
            let running = try await windows(level).filter { !$0.isOver }
            return running.isEmpty ? .there(()) : .notYet("\(running.count) still \(Set(running.map(\.stage)).sorted().joined(separator: ", "))")
        }
    }

    /// Sheets come down at once when their window is over; every second one is destroyed where it hangs.
    func takeDown() async throws -> String {
        var (recalled, destroyed) = (0, 0)
        for window in try await windows() where window.isOver {
            for (number, place) in window.places.enumerated() where place.takenDownAt == nil {
                let how = number % 2 == 0 ? "recalled" : "destroyed"
                try await suite.post(
                    .review, "/v1/windows/\(window.window)/recalls", TakingDown(place: place.place, how: how), deed: "recall", as: Anything.self)
                if number % 2 == 0 { recalled += 1 } else { destroyed += 1 }
            }
        }
        return "\(recalled) recalled, \(destroyed) destroyed"
    }

    // MARK: Letters (R30)

    private struct WaitingLetters: Decodable {
        let division: DivisionCode
        let letters: Int
    }

    private struct RoundOrder: Encodable { let division: DivisionCode }
    private struct PrintedRound: Decodable {
        let round: UUID
        let letters: Int
    }
    private struct Receipts: Encodable { let delivered: [Int] }

    /// Prints what waits for each residents' group and hands it over; everybody signs.
    func carryLetters() async throws -> Int {
        var carried = 0
        for place in try await suite.get(.notification, "/v1/letters", as: [WaitingLetters].self) {
            let round = try await suite.post(
                .notification, "/v1/letter-rounds", RoundOrder(division: place.division), deed: "letters \(UUID())", as: PrintedRound.self)
            try await suite.post(
                .notification, "/v1/letter-rounds/\(round.round)/receipts", Receipts(delivered: Array(1...round.letters)), deed: "receipts", as: Anything.self)
            carried += round.letters
        }
        return carried
    }

    // MARK: Tips (R3)

    /// What somebody will say, and how it will turn out. What it says stays in the file: it may quote an ID number.
    private struct SampleTip: AboutCase {
        let number: String
        let kind: CaseKind
        let level: PublicityLevel
        let outcome: TipOutcome
        let text: String
    }

    private struct NumberedCase: Decodable {
        let `case`: CaseID
        let kind: CaseKind
        let status: String
    }

    /// Every case of the household with this number.
    private func cases(of number: String) async throws -> [NumberedCase] {
        try await suite.all(.intake, "/v1/cases?campaign=\(campaign)&number=\(number)")
    }

    /// What a file of the sample says of cases, each with the case that it speaks of, as far as there is one.
    private func told<Said: AboutCase>(in file: String, as type: Said.Type) async throws -> [(case: CaseID, said: Said)] {
        var found: [(CaseID, Said)] = []
        for said in try JSONDecoder().decode([Said].self, from: Data(contentsOf: sample.appending(path: file))) {
            if let spokenOf = try await cases(of: said.number).first(where: { $0.kind == said.kind }) { found.append((spokenOf.case, said)) }
        }
        return found
    }

    private struct GivenTip: Encodable {
        let campaign: CampaignID
        let place: DivisionCode
        let channel = "telephone"
        let text: String
        let objectsTo: CaseID
    }

    private struct OpenTip: Decodable {
        let tip: TipID
        let household: String?
    }

    private struct TipOrder: Encodable {
        let act: String
        var level: String?
        var handler: String?
        var outcome: TipOutcome?
        var manner: String?
        var text: String?
    }

    private func tips() async throws -> [(case: CaseID, said: SampleTip)] { try await told(in: "tips.json", as: SampleTip.self) }

    func give(_ level: PublicityLevel) async throws -> String {
        let given = try await tips().filter { $0.said.level == level }
        for (spokenOf, tip) in given {
            let call = GivenTip(campaign: campaign, place: plan.campaign.subdistrict, text: tip.text, objectsTo: spokenOf)
            try await suite.acting(as: .clerk).post(.intake, "/v1/tips", call, deed: "tip \(tip.level.rawValue)", as: Anything.self)
        }
        return "\(given.count) tips"
    }

    /// The subdistrict's people look into every objection and answer it: above the work team, which may be the accused.
    func answerTips() async throws -> String {
        let outcomes = Dictionary(try await tips().map { ($0.said.number, $0.said.outcome) }, uniquingKeysWith: { first, _ in first })
        let open: [OpenTip] = try await suite.all(.intake, "/v1/tips?campaign=\(campaign)&state=registered")
        var answers: [TipOutcome: Int] = [:]
        for tip in open {
            let outcome = tip.household.flatMap { outcomes[$0] } ?? .dismissed
            for order in [
                TipOrder(act: "assign", level: "subdistrict", handler: "jiedao.ban"), TipOrder(act: "investigate"),
                TipOrder(act: "find", outcome: outcome, text: "入户核对，并查阅部门记录。"),
                TipOrder(act: "answer", manner: "notice", text: "经核查，已按规定处理，结果以公告为准。"), TipOrder(act: "close"),
            ] {
                try await suite.acting(as: .subdistrict).post(.intake, "/v1/tips/\(tip.tip)/acts", order, deed: order.act, as: Anything.self)
            }
            answers[outcome, default: 0] += 1
        }
        return answers.isEmpty ? "none open" : answers.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
    }

    // MARK: Too late (section 4.4)

    private struct Proposal: Encodable {
        let campaign: CampaignID
        let household: String
        let kind: CaseKind
        let reason: String
    }

    private struct Proposed: Decodable {
        let `case`: CaseID
    }

    private struct CarryOver: Encodable {
        let cases: [CaseID]
        let reason = "rerun_does_not_fit"
    }

    /// A household that nobody has proposed comes forward when no list that it could hang on would come down in time. It is on
    /// the books, and next year's: no window is shortened for it.
    func carryOver() async throws -> String {
        let sheet = String(decoding: try Data(contentsOf: sample.appending(path: "not-registered.csv")), as: UTF8.self)
        let numbers = sheet.split(separator: "\n").dropFirst().map { String($0.prefix { $0 != "," }) }
        for number in Set(numbers).sorted() {
            guard try await cases(of: number).isEmpty else { continue }
            let late = try await propose(number, as: .new, because: "found after the last posting day")
            try await wait(for: late, toBe: .proposed)
            try await suite.acting(as: .povertyOffice).post(.review, "/v1/carry-overs", CarryOver(cases: [late]), deed: "carry over", as: Anything.self)
            return "1 case carried over to the next year"
        }
        return "nobody is left who could be"
    }

    private func propose(_ household: String, as kind: CaseKind, because reason: String) async throws -> CaseID {
        try await suite.post(
            .intake, "/v1/cases", Proposal(campaign: campaign, household: household, kind: kind, reason: reason), deed: "proposal", as: Proposed.self).case
    }

    private func wait(for id: CaseID, toBe status: CaseStatus) async throws {
        try await Waiting.until("review to know the case proposed anew", atMost: patience) {
            try await suite.cases(status).contains { $0.case == id } ? .there(()) : .notYet("no such case is \(status.rawValue)")
        }
    }

    // MARK: Late results (section 4.3)

    private struct Investigation: Encodable {
        let finding: ReviewCase.Finding
    }

    /// Households that prove to be another case when the work team has looked once more.
    private struct SecondVisit: AboutCase {
        let number: String
        let kind: CaseKind
        let outcome: CaseKind
        let facts: SurveyFacts
    }

    private func secondVisits() async throws -> [(case: CaseID, said: SecondVisit)] {
        try await told(in: "second-visits.json", as: SecondVisit.self)
    }

    /// The work team looks into every case that a department's result or an objection reopened, as soon as it is: what an
    /// objection said and was upheld ends its case, and so does property found with a household that asks to come in; some
    /// prove to be cases of another kind; for the others the file is corrected and the outcome stays.
    func investigateAsTheyCome() async throws {
        var known: [CaseID: ReviewCase.Finding]?
        while true {
            for reopened in try await suite.cases(.reopened) {
                if known == nil {
                    let upheld = try await tips().filter { $0.said.outcome == .upheld }.map { ($0.case, ReviewCase.Finding.dropped) }
                    known = Dictionary(upheld + (try await secondVisits().map { ($0.case, .otherKind) }), uniquingKeysWith: { first, _ in first })
                }
                let isProperty = reopened.kind == .new && !reopened.discrepancies.isEmpty
                let finding = known?[reopened.case] ?? (isProperty ? .dropped : .correctedUnchanged)
                do {
                    try await suite.post(
                        .review, "/v1/cases/\(reopened.case)/investigations", Investigation(finding: finding),
                        deed: "investigation of \(reopened.discrepancies)", as: Anything.self)
                } catch let refused as Suite.Refused where refused.status == 409 {
                    // It moved on since the list was read.
                }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private struct VisitOrder: Encodable {
        let campaign: CampaignID
        let record: VisitRecord
    }

    /// A household whose case proved to be another one is visited, proposed anew and goes the whole way again, with two lists
    /// of its own.
    func startOver() async throws -> String {
        var anew = 0
        for (first, visit) in try await secondVisits() {
            // An objection may have ended it first, or a meeting.
            let reason = try await Waiting.until("the case that may prove to be another to end", atMost: patience) {
                for status in [CaseStatus.withdrawn, .rejected] {
                    if let ended = try await suite.cases(status).first(where: { $0.case == first }) { return .there(ended.reason) }
                }
                return .notYet("it goes on")
            }
            guard reason == ReviewCase.Reason.outcomeChanged.rawValue else { continue }
            anew += 1
            try await Waiting.until("intake to close the case that ended", atMost: patience) {
                try await cases(of: visit.number).contains { $0.case == first && $0.status == "closed" } ? .there(()) : .notYet("it is open")
            }
            let again = try await propose(visit.number, as: visit.outcome, because: "a department's answer, confirmed by a second visit")
            let record = VisitRecord(key: "second-\(visit.number)", household: visit.number, base: 1, surveyor: "驻村工作队", facts: visit.facts)
            try await suite.post(.intake, "/v1/surveys", VisitOrder(campaign: campaign, record: record), deed: "second visit", as: Anything.self)
            try await suite.post(.intake, "/v1/campaigns/\(campaign)/assessments", Nothing(), deed: "assessment of \(again)", as: Anything.self)
            try await wait(for: again, toBe: .surveyed)
            // What the department said is what this case is about.
            guard try await suite.cases(.surveyed).contains(where: { $0.case == again && !$0.discrepancies.isEmpty }) else { continue }
            try await suite.post(
                .review, "/v1/cases/\(again)/investigations", Investigation(finding: .correctedUnchanged), deed: "investigation", as: Anything.self)
        }
        for meeting in [Meeting.Kind.internalReview, .publicReview, .initialDecision] { _ = try await hold(meeting) }
        return "\(anew) households proposed anew, " + (try await hang(.community))
    }

    /// Cases that were reopened while the others were resolved, approved or listed follow here, each with its whole second
    /// window; until none is left before the gate.
    func supplement() async throws -> String {
        var late = 0
        try await Waiting.until("every case past its second window", atMost: patience, every: .milliseconds(250)) {
            let counts = try await suite.caseCounts()
            let before = CaseStatus.beforeGate.reduce(0) { $0 + (counts[$1] ?? 0) }
            if before == 0 { return .there(()) }
            let ended = try await suite.cases(.communityPublicity).filter { Meeting.Kind.resolution.mayJudge($0) }
            late += ended.count
            if !ended.isEmpty { _ = try await hold(.resolution) }
            _ = try await hold(.approval)
            _ = try await hang(.subdistrict)
            return .notYet(CaseStatus.beforeGate.compactMap { status in counts[status].map { "\($0) \(status.rawValue)" } }.joined(separator: ", "))
        }
        return "\(late) late cases"
    }
}

/// What the sample says of a case, by the number of its household and its kind.
private protocol AboutCase: Decodable {
    var number: String { get }
    var kind: CaseKind { get }
}

extension CaseStatus {
    /// Where a case still has something before it that a person must do or a window must show.
    fileprivate static let beforeGate: [CaseStatus] = [
        .proposed, .surveyed, .internallyReviewed, .publiclyReviewed, .initiallyDecided, .communityPublicity, .resolved, .approved,
        .subdistrictPublicity, .reopened,
    ]
}

extension PublicityLevel {
    /// Whose list it is.
    fileprivate var poster: Role {
        switch self {
        case .community: .workTeam
        case .subdistrict: .subdistrict
        }
    }
}

extension Meeting.Kind {
    /// The cases that come before it.
    fileprivate var judges: CaseStatus {
        switch self {
        case .internalReview: .surveyed
        case .publicReview: .internallyReviewed
        case .initialDecision: .publiclyReviewed
        case .resolution: .communityPublicity
        case .approval: .resolved
        }
    }

    fileprivate func mayJudge(_ judged: ReviewedCase) -> Bool {
        switch self {
        case .internalReview, .publicReview, .initialDecision: true
        case .resolution: !judged.held && !judged.missing.contains(.communityWindow)
        case .approval: !judged.held
        }
    }

    /// Whose meeting it is.
    fileprivate func division(of place: DivisionCode) -> DivisionCode {
        switch self {
        case .internalReview, .initialDecision, .resolution: place.enclosing(.community) ?? place
        case .publicReview: place
        case .approval: place.enclosing(.subdistrict) ?? place
        }
    }

    /// Called and present, above every quorum of the plan.
    fileprivate var attendance: (called: Int, present: Int) {
        switch self {
        case .internalReview, .initialDecision: (9, 8)
        case .publicReview: (45, 36)
        case .resolution: (40, 33)
        case .approval: (11, 10)
        }
    }
}
