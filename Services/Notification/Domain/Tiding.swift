import Contracts
import Registry

/// What is to be told, apart from the words: an event's template and what it says, in each language.
///
/// No tiding to a household, a tipster or the public is given another's name, household or case.
package struct Tiding: Equatable, Sendable {
    package let template: Letter.Template
    private let chinese: [String: String]
    private let english: [String: String]

    private init(_ template: Letter.Template, _ values: [String: Label]) {
        self.template = template
        (chinese, english) = (values.mapValues(\.zh), values.mapValues(\.en))
    }

    package func values(in language: Letter.Language) -> [String: String] {
        switch language {
        case .chinese: chinese
        case .english: english
        }
    }
}

extension Tiding {
    /// The county's decision, told to the household it concerns (R30).
    package static func confirmed(_ kind: CaseKind) -> Tiding { Tiding(.caseConfirmed, ["kind": kind.label]) }

    /// Why a household's case ended without one.
    package static func closed(_ kind: CaseKind, as status: CaseStatus, because reason: String) -> Tiding {
        let end =
            switch status {
            case .rejected: Label("未获通过", "was not passed")
            case .withdrawn: Label("已终止办理", "was ended")
            case .carriedOver: Label("转入下一年度办理", "goes on next year")
            case .proposed, .surveyed, .internallyReviewed, .publiclyReviewed, .initiallyDecided, .communityPublicity, .resolved,
                .approved, .subdistrictPublicity, .awaitingGate, .reported, .confirmed, .announced, .recorded, .reopened:
                Label("已办结", "was closed")
            }
        return Tiding(.caseClosed, ["kind": kind.label, "end": end, "reason": ReasonText.words(for: reason)])
    }

    /// Every tip is handled and answered (R3): the sender holds a receipt and is told by when.
    package static func received(answerBy day: LocalDate) -> Tiding { Tiding(.tipReceived, ["day": day.inWords]) }

    package static func answered(_ outcome: TipOutcome) -> Tiding {
        let finding =
            switch outcome {
            case .upheld: Label("反映的情况属实，已按规定处理", "what you reported is so and was dealt with as the rules say")
            case .partlyUpheld: Label("反映的情况部分属实，已按规定处理", "what you reported is so in part and was dealt with as the rules say")
            case .dismissed: Label("经核查，反映的情况不属实", "what you reported was looked into and is not so")
            }
        return Tiding(.tipAnswered, ["finding": finding])
    }

    /// Households of the community have come on a roster and wait for their visit (R4).
    package static func surveys(since day: LocalDate) -> Tiding { Tiding(.surveyAssigned, ["day": day.inWords]) }

    /// The sheets of an expired window are to be recalled or destroyed at once (R25).
    package static func recall(of level: PublicityLevel, after lastDay: LocalDate) -> Tiding {
        Tiding(.recallDue, ["sheets": sheets(of: level), "day": lastDay.inWords])
    }

    /// And they are not, though the day for it is over.
    package static func recallOverdue(of level: PublicityLevel, since lastDay: LocalDate) -> Tiding {
        Tiding(.recallOverdue, ["sheets": sheets(of: level), "day": lastDay.inWords])
    }

    package static func recallEscalated(of level: PublicityLevel, in community: String, since lastDay: LocalDate) -> Tiding {
        Tiding(.recallEscalated, ["sheets": sheets(of: level), "day": lastDay.inWords, "community": Label(community, community)])
    }

    private static func sheets(of level: PublicityLevel) -> Label {
        switch level {
        case .community: Label("社区级公示", "the community's publicity")
        case .subdistrict: Label("街道公示", "the subdistrict's publicity")
        }
    }

    /// Questions for a department go out (R16).
    package static func asked(_ requests: Int, of department: Department, dueOn day: LocalDate) -> Tiding {
        Tiding(.batchSent, ["department": department.label, "day": day.inWords, "requests": Label("\(requests)", "\(requests)")])
    }

    /// An answer of a department does not do (R19).
    package static func sentBack(to department: Department, dueOn day: LocalDate) -> Tiding {
        Tiding(.answerSentBack, ["department": department.label, "day": day.inWords])
    }

    /// How a department stands with what it was asked (R17, R19).
    package static func deadline(_ template: DeadlineTemplate, of department: Department, on day: LocalDate, unanswered: Int) -> Tiding {
        Tiding(template.template, ["department": department.label, "day": day.inWords, "unanswered": Label("\(unanswered)", "\(unanswered)")])
    }

    package enum DeadlineTemplate: Sendable {
        case near, missed, escalated

        fileprivate var template: Letter.Template {
            switch self {
            case .near: .deadlineNear
            case .missed: .deadlineMissed
            case .escalated: .deadlineEscalated
            }
        }
    }

    /// This is the last day on which a tip or objection is answered as promised.
    package static func due(tip number: Int, on day: LocalDate) -> Tiding {
        Tiding(.answerDue, ["number": Label("\(number)", "\(number)"), "day": day.inWords])
    }

    /// A tip or objection is without an answer after its day: whoever stands one level above must step in (R3).
    package static func overdue(tip number: Int, since day: LocalDate) -> Tiding {
        Tiding(.answerOverdue, ["number": Label("\(number)", "\(number)"), "day": day.inWords])
    }

    /// With invented values, for looking at a text before it counts.
    package static func sample(_ template: Letter.Template) -> Tiding {
        let day = LocalDate(daysSinceEpoch: 17_826)
        return switch template {
        case .caseConfirmed: .confirmed(.exit)
        case .caseClosed: .closed(.new, as: .rejected, because: "not_passed")
        case .tipReceived: .received(answerBy: day)
        case .tipAnswered: .answered(.dismissed)
        case .surveyAssigned: .surveys(since: day)
        case .recallDue: .recall(of: .community, after: day)
        case .recallOverdue: .recallOverdue(of: .community, since: day)
        case .recallEscalated: .recallEscalated(of: .community, in: "示例社区", since: day)
        case .batchSent: .asked(120, of: .police, dueOn: day)
        case .answerSentBack: .sentBack(to: .police, dueOn: day)
        case .deadlineNear: .deadline(.near, of: .police, on: day, unanswered: 12)
        case .deadlineMissed: .deadline(.missed, of: .police, on: day, unanswered: 12)
        case .deadlineEscalated: .deadline(.escalated, of: .police, on: day, unanswered: 12)
        case .answerDue: .due(tip: 7, on: day)
        case .answerOverdue: .overdue(tip: 7, since: day)
        }
    }
}

extension LocalDate {
    fileprivate var inWords: Label { Label("\(year)年\(month)月\(day)日", description) }
}
