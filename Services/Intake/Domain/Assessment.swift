import Contracts
import Registry

/// What the rules say of a case, line by line: each rule that was looked at, what it compared, and what came of it.
///
/// The verdict is nothing but the sum of the lines: one that is not met refuses, one that is left to a person refers.
package struct Assessment: Equatable, Sendable {
    package let kind: CaseKind
    /// By name, see ``RuleSet/name``.
    package let ruleSet: String
    package let lines: [Line]

    package enum Verdict: String, Codable, CaseIterable, Sendable {
        case met
        case notMet = "not_met"
        /// Rules alone do not decide: a person does.
        case referred

        package var label: Label {
            switch self {
            case .met: Outcome.met.label
            case .notMet: Outcome.notMet.label
            case .referred: Outcome.referred.label
            }
        }
    }

    package enum Outcome: String, Codable, CaseIterable, Sendable {
        case met
        case notMet = "not_met"
        /// Nothing to ask, because another line has decided or the thing does not exist.
        case notApplicable = "not_applicable"
        case referred
        /// Does not decide, but a reader should know.
        case warned

        package var label: Label {
            switch self {
            case .met: Label("符合", "met")
            case .notMet: Label("不符合", "not met")
            case .notApplicable: Label("不适用", "not applicable")
            case .referred: Label("转人工研判", "a person decides")
            case .warned: Label("提示", "warning")
            }
        }
    }

    package struct Line: Equatable, Sendable {
        package let rule: Rule
        package let outcome: Outcome
        package let compared: [Comparison]
        /// How the outcome follows from ``parts``; nothing for a line that looked at facts itself.
        package let sum: Sum?
        package let parts: [Line]

        init(_ rule: Rule, _ outcome: Outcome, _ compared: Comparison...) {
            (self.rule, self.outcome, self.compared, sum, parts) = (rule, outcome, compared, nil, [])
        }

        init(_ rule: Rule, _ sum: Sum, _ parts: [Line], if isAsked: Bool = true) {
            (self.rule, compared, self.sum, self.parts) = (rule, [], sum, parts)
            outcome = isAsked ? sum.outcome(of: parts.map(\.outcome)) : .notApplicable
        }
    }

    /// How a line follows from its parts.
    package enum Sum: String, Codable, CaseIterable, Sendable {
        /// Met if a part is not: a condition is broken, a guarantee unmet.
        case someFails = "some_fails"
        /// Of a removal judged for another kind: what would be struck off is not met, what a person would judge is theirs.
        case noneHolds = "none_holds"
        /// Entry: all met, one of them a person's to judge, none not met.
        case allOrPerson = "all_or_person"

        package func outcome(of parts: [Outcome]) -> Outcome {
            switch self {
            case .someFails: return parts.contains(.notMet) ? .met : .notMet
            case .noneHolds:
                switch Verdict(parts) {
                case .met: return .notMet
                case .notMet: return .met
                case .referred: return .referred
                }
            case .allOrPerson:
                let met = parts.count { $0 == .met }
                return met == parts.count ? .met : met > 0 ? .referred : .notMet
            }
        }
    }

    init(_ kind: CaseKind, by ruleSet: RuleSet, _ lines: [Line]) { (self.kind, self.ruleSet, self.lines) = (kind, ruleSet.name, lines) }

    package var verdict: Verdict { Verdict(lines.map(\.outcome)) }
    /// Why it is not met, or left to a person.
    package var failures: [Rule] { lines.filter { $0.outcome == .notMet || $0.outcome == .referred }.flatMap(\.reasons) }
    package var warnings: [Rule] { lines.filter { $0.outcome == .warned }.map(\.rule) }
}

extension Assessment.Verdict {
    /// One line that is not met refuses; otherwise one that is left to a person refers.
    package init(_ outcomes: [Assessment.Outcome]) {
        self = outcomes.contains(.notMet) ? .notMet : outcomes.contains(.referred) ? .referred : .met
    }
}

extension Assessment.Line {
    /// Where need is in doubt its reasons are which of the two it lacks.
    var reasons: [Rule] {
        switch sum {
        case .allOrPerson: parts.filter { $0.outcome != .met }.map(\.rule)
        case .someFails, .noneHolds, nil: [rule]
        }
    }

    /// This line and all below it, in reading order.
    package var flattened: [Assessment.Line] { [self] + parts.flatMap(\.flattened) }
}
