import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Why is this household on the list? For staff with a browser: every link of the chain, without figures, causes and reasons,
/// which are shown to a named account for a purpose only.
struct ExplanationPages {
    let explanations: ExplanationRoutes

    func add(to api: API) { api.page("/explanation", of: IntakePages.all, show) }

    private struct Page {
        let number: String
        let at: String
        let unknown: Bool
        let household: Household?
    }

    fileprivate struct Household {
        let number: String
        let headName: String
        let division: String
        let at: String
        let cases: [Case]
    }

    fileprivate struct Case {
        let kind: Wording
        let person: String?
        let standing: Wording
        let proposedOn: String
        let by: String?
        let visits: [Visit]
        let assessments: [Assessed]
        let judgements: [Judgement]
        let answers: [Answer]
        let steps: [Step]
    }

    fileprivate struct Visit {
        let number: Int
        let on: String
        let surveyor: String
        let evidence: Int
        let counts: Bool
        let brokenOff: Bool
    }

    fileprivate struct Assessed {
        let on: String
        let visit: Int
        let ruleSet: String
        let verdict: Wording
        let sinceMembersChanged: Bool
        let lines: [Line]
    }

    fileprivate struct Line {
        /// How deep it lies below the rules that it is a part of.
        let indent: String
        let wording: Wording
        let outcome: Wording
        let mood: String
        let rule: String
        let source: String
    }

    fileprivate struct Judgement {
        let on: String
        let by: String
        let eligible: Bool
    }

    fileprivate struct Answer {
        let on: String
        let department: Wording
        let topic: Wording
        let outcome: Wording
    }

    fileprivate struct Step {
        let on: String
        let wording: Wording
        let by: String
        let reasons: String
    }

    /// `?number=` of a household and, if wanted, `at=` a day.
    private func show(_ call: Call, _ work: Work) throws -> Reply {
        let (number, day) = (call.query("number") ?? "", try call.day("at"))
        let known: HouseholdID? = number.isEmpty ? nil : try work.first("SELECT id FROM households WHERE number = \(number)")?["id"]
        let household = try known.map { Household(try explanations.explanation(of: $0, at: day ?? work.today, work)) }
        return try IntakePages.all.show(
            "explanation", Page(number: number, at: day?.description ?? "", unknown: !number.isEmpty && known == nil, household: household), for: call)
    }
}

extension ExplanationPages.Household {
    fileprivate init(_ explanation: Explanation) {
        self.init(
            number: explanation.number, headName: explanation.headName, division: explanation.division.code, at: explanation.at.description,
            cases: explanation.cases.map(ExplanationPages.Case.init))
    }
}

extension ExplanationPages.Case {
    fileprivate init(_ shown: CaseExplanation) {
        self.init(
            kind: Wording(shown.kind.label), person: shown.person, standing: shown.standing, proposedOn: LocalDate(shown.proposedAt).description,
            by: shown.proposal.by,
            visits: shown.visits.map {
                .init(
                    number: $0.number, on: $0.visitedOn.description, surveyor: $0.surveyor, evidence: $0.evidence.count, counts: $0.counts,
                    brokenOff: !$0.complete)
            },
            assessments: shown.assessments.map {
                .init(
                    on: LocalDate($0.at).description, visit: $0.visit, ruleSet: $0.record.ruleSet, verdict: Wording($0.record.verdict.label),
                    sinceMembersChanged: $0.occasion == Work.Occasion.members.rawValue, lines: $0.record.lines.flatMap { ExplanationPages.Line.all($0) })
            },
            judgements: shown.judgements.map { .init(on: LocalDate($0.at).description, by: $0.by, eligible: $0.eligible) },
            answers: shown.departments.map {
                .init(
                    on: LocalDate($0.acceptedAt).description, department: Wording($0.department.label), topic: Wording($0.topic.label),
                    outcome: Wording($0.outcome.label))
            },
            steps: shown.steps.map {
                .init(on: LocalDate($0.at).description, wording: $0.wording, by: $0.by, reasons: $0.reasons.joined(separator: ", "))
            })
    }
}

extension ExplanationPages.Line {
    /// The line and its parts, one below the other. A part that is not met may be just what its line demands, so only lines are
    /// good or bad.
    fileprivate static func all(_ line: AssessmentRecord.Line, depth: Int = 0) -> [ExplanationPages.Line] {
        [
            .init(
                indent: String(repeating: "　", count: depth), wording: line.wording, outcome: Wording(line.outcome.label), mood: depth == 0 ? line.outcome.mood : "",
                rule: line.rule, source: line.source)
        ] + line.parts.flatMap { all($0, depth: depth + 1) }
    }
}

extension Assessment.Outcome {
    /// The style in which it is shown, beside its words.
    fileprivate var mood: String {
        switch self {
        case .met: "good"
        case .notMet: "bad"
        case .referred, .warned: "warn"
        case .notApplicable: "small"
        }
    }
}

extension CheckOutcome {
    fileprivate var label: Label {
        switch self {
        case .consistent: Label("一致", "consistent")
        case .discrepant: Label("不一致", "discrepant")
        case .cannotDetermine: Label("无法判定", "cannot determine")
        }
    }
}
