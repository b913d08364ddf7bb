import Contracts
import Foundation
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

    private struct Anything: Decodable {}

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
        if kind == .resolution { try await awaitEnd(of: .community) }
        var (meetings, passed, rejected, refusals) = (0, 0, 0, 0)
        while true {
            let due = try await suite.cases(kind.judges).filter { kind.mayJudge($0) }
            if due.isEmpty { return "\(meetings) meetings, \(passed) passed, \(rejected) rejected" }
            for (division, cases) in Dictionary(grouping: due, by: { kind.division(of: $0.division) }).sorted(by: { $0.key < $1.key }) {
                do {
                    let held = try await suite.post(
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

    private func windows(_ level: PublicityLevel) async throws -> [PostedWindow] {
        try await suite.get(.review, "/v1/windows?level=\(level.rawValue)")
    }

    /// Draws up a list for every community with cases whose turn it is, and hangs it at each place that it touches.
    func hang(_ level: PublicityLevel) async throws -> String {
        let due = try await suite.cases(level == .community ? .initiallyDecided : .approved).filter { !$0.isListed(level) }
        for (community, cases) in Dictionary(grouping: due, by: { $0.division.enclosing(.community) ?? $0.division }).sorted(by: { $0.key < $1.key }) {
            let places = plan.places(level, community: community, groups: Set(cases.map(\.division)).sorted())
            try await suite.post(
                .review, "/v1/windows", WindowOrder(level: level, community: community, places: places),
                deed: "window \(cases.map(\.case.description).sorted())", as: Anything.self)
        }
        var (lists, sheets) = (0, 0)
        for window in try await windows(level) {
            let bare = window.places.filter { $0.postedAt == nil }
            for place in bare {
                try await suite.post(.review, "/v1/windows/\(window.window)/postings", Posting(place: place.place), deed: "posting", as: Anything.self)
            }
            (lists, sheets) = (lists + (bare.isEmpty ? 0 : 1), sheets + bare.count)
        }
        return "\(lists) lists with \(due.count) cases at \(sheets) places"
    }

    private func awaitEnd(of level: PublicityLevel) async throws {
        try await Waiting.until("the \(level.rawValue) windows to end", atMost: patience) {
            let running = try await windows(level).filter { !$0.isOver }
            return running.isEmpty ? .there(()) : .notYet("\(running.count) still \(Set(running.map(\.stage)).sorted().joined(separator: ", "))")
        }
    }

    /// Sheets come down at once when their window is over; every second one is destroyed where it hangs.
    func takeDown(_ level: PublicityLevel) async throws -> String {
        try await awaitEnd(of: level)
        var (recalled, destroyed) = (0, 0)
        for window in try await windows(level) {
            for (number, place) in window.places.enumerated() where place.takenDownAt == nil {
                let how = number % 2 == 0 ? "recalled" : "destroyed"
                try await suite.post(
                    .review, "/v1/windows/\(window.window)/recalls", TakingDown(place: place.place, how: how), deed: "recall", as: Anything.self)
                if number % 2 == 0 { recalled += 1 } else { destroyed += 1 }
            }
        }
        return "\(recalled) recalled, \(destroyed) destroyed"
    }

    // MARK: Tips (R3)

    /// What somebody will say, and how it will turn out. What it says stays in the file: it may quote an ID number.
    private struct SampleTip: Decodable {
        let number: String
        let kind: CaseKind
        let level: PublicityLevel
        let outcome: TipOutcome
    }

    private struct NumberedCase: Decodable {
        let `case`: CaseID
        let kind: CaseKind
    }

    private struct GivenTip: Encodable {
        let `case`: CaseID
    }

    private struct OpenTip: Decodable {
        let tip: TipID
        let `case`: CaseID?
    }

    private struct TipAnswer: Encodable {
        let outcome: TipOutcome
    }

    /// The tips of the sample with the cases that they speak of.
    private func tips() async throws -> [(case: CaseID, tip: SampleTip)] {
        var found: [(CaseID, SampleTip)] = []
        for tip in try JSONDecoder().decode([SampleTip].self, from: Data(contentsOf: sample.appending(path: "tips.json"))) {
            let cases: [NumberedCase] = try await suite.all(.intake, "/v1/cases?campaign=\(campaign)&number=\(tip.number)")
            if let spokenOf = cases.first(where: { $0.kind == tip.kind }) { found.append((spokenOf.case, tip)) }
        }
        return found
    }

    func give(_ level: PublicityLevel) async throws -> String {
        let given = try await tips().filter { $0.tip.level == level }
        for (spokenOf, tip) in given {
            try await suite.post(.review, "/v1/tips", GivenTip(case: spokenOf), deed: "tip \(tip.level.rawValue)", as: Anything.self)
        }
        return "\(given.count) tips"
    }

    func answerTips() async throws -> String {
        let outcomes = Dictionary(try await tips().map { ($0.case, $0.tip.outcome) }, uniquingKeysWith: { first, _ in first })
        let open: [OpenTip] = try await suite.get(.review, "/v1/tips?status=open")
        var answers: [TipOutcome: Int] = [:]
        for tip in open {
            let outcome = tip.case.flatMap { outcomes[$0] } ?? .dismissed
            try await suite.post(.review, "/v1/tips/\(tip.tip)/answer", TipAnswer(outcome: outcome), deed: "answer", as: Anything.self)
            answers[outcome, default: 0] += 1
        }
        return answers.isEmpty ? "none open" : answers.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
    }

    // MARK: Late results (section 4.3)

    private struct Investigation: Encodable {
        let finding: ReviewCase.Finding
    }

    /// The work team looks into every case that a department's result reopened, as soon as it is: property found with a
    /// household that asks to come in ends its case; for the others the file is corrected and the outcome stays.
    func investigateAsTheyCome() async throws {
        while true {
            for reopened in try await suite.cases(.reopened) {
                let finding: ReviewCase.Finding = reopened.kind == .new ? .dropped : .correctedUnchanged
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

extension CaseStatus {
    /// Where a case still has something before it that a person must do or a window must show.
    fileprivate static let beforeGate: [CaseStatus] = [
        .proposed, .surveyed, .internallyReviewed, .publiclyReviewed, .initiallyDecided, .communityPublicity, .resolved, .approved,
        .subdistrictPublicity, .reopened,
    ]
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
