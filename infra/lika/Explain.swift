import ArgumentParser
import Contracts
import Foundation
import IntakeDomain
import Registry

/// `lika explain`: why is this household on the list?
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain why a household is on the lists.",
        discussion: """
            Prints what proposed each of its cases, what the visits found, what each rule compared and where it is written, who \
            judged what the rules leave open, what the departments answered, and what became of it. Figures, causes and reasons \
            are shown only for a purpose, which intake notes with the household and with who asked.
            """)

    @Argument(help: "The household's number.")
    var number: String

    @Option(help: "As it stood at the end of this day, yyyy-mm-dd; today without it.")
    var at: String?

    @Option(help: "What figures and causes are wanted for; without it they are withheld.")
    var purpose: String?

    @Option(name: .customLong("as"), help: "The account that asks for them.")
    var account: String?

    private struct Campaign: Decodable {
        let campaign: CampaignID
    }

    private struct Household: Decodable {
        let household: HouseholdID
    }

    func validate() throws {
        if let at, LocalDate(at) == nil { throw ValidationError("--at takes a day as yyyy-mm-dd") }
        if (purpose == nil) != (account == nil) { throw ValidationError("--purpose and --as go together: who asks is noted with what for") }
    }

    func run() async throws {
        let suite = try await Suite(round: "explain", patience: 10)
        for campaign in try await suite.get(.intake, "/v1/campaigns", as: [Campaign].self).reversed() {
            let path = "/v1/households?campaign=\(campaign.campaign)&number=\(Self.escaped(number))"
            guard let household = try await suite.get(.intake, path, as: [Household].self).first?.household else { continue }
            let explanation = try await explanation(of: household, from: suite)
            for line in ExplanationText(explanation).lines { print(line) }
            return
        }
        throw ValidationError("no household has the number \(number)")
    }

    private struct Purpose: Encodable {
        let purpose: String
    }

    private func explanation(of household: HouseholdID, from suite: Suite) async throws -> Explanation {
        let path = "/v1/households/\(household)/explanation"
        let day = at.map { "?at=\($0)" } ?? ""
        guard let purpose, let account else { return try await suite.get(.intake, path + day) }
        return try await suite.acting(for: account).post(.intake, "\(path)/reveal\(day)", Purpose(purpose: purpose), deed: "explain")
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))) ?? ""
    }
}

/// An explanation as a person reads it.
struct ExplanationText {
    let lines: [String]

    init(_ explanation: Explanation) {
        lines =
            ["household \(explanation.number), \(explanation.headName), \(explanation.division), as of \(explanation.at)"]
            + (explanation.disclosed ? [] : ["figures, causes and reasons are withheld: name who asks, and what for, with --as and --purpose"])
            + (explanation.cases.isEmpty ? ["no case: it is on no list"] : explanation.cases.flatMap(Self.lines))
    }

    private static func lines(_ shown: CaseExplanation) -> [String] {
        let proposal = shown.proposal
        var lines = ["", "\(shown.kind.label.zh) \(shown.kind.label.en)\(shown.person.map { " of person \($0)" } ?? ""): \(shown.standing.zh) \(shown.standing.en)"]
        lines.append("  proposed \(LocalDate(shown.proposedAt))\(proposal.by.map { " by \($0)" } ?? " from what is on file")")
        lines += proposal.signs.map { "    \($0.wording.zh) \($0.wording.en)  [\($0.source)]" }
        if let reason = proposal.reason { lines.append("    reason: \(reason)") }
        lines += shown.visits.map { visit in
            "  visit \(visit.number) on \(visit.visitedOn) by \(visit.surveyor.isEmpty ? "the survey's sheet" : visit.surveyor)"
                + (visit.complete ? "" : ", broken off") + (visit.counts ? ", counts" : "")
                + (visit.evidence.isEmpty ? "" : ", evidence: \(visit.evidence.map { "\($0.kind.rawValue) \($0.digest.prefix(12))…" }.joined(separator: ", "))")
        }
        for assessed in shown.assessments {
            lines.append(
                "  assessed \(LocalDate(assessed.at)) by visit \(assessed.visit)\(assessed.occasion == "members" ? ", since somebody joined or left" : "")"
                    + ", rule set \(assessed.record.ruleSet): \(assessed.record.verdict.label.zh) \(assessed.record.verdict.label.en)")
            lines += assessed.record.lines.flatMap { Self.lines($0, indent: 4) }
        }
        lines += shown.judgements.map { judgement in
            "  judged \(LocalDate(judgement.at)) by \(judgement.by): \(judgement.eligible ? "eligible" : "not eligible")"
                + (judgement.reason.map { ", \($0)" } ?? "")
        }
        lines += shown.departments.map { answer in
            "  \(answer.department.label.zh) \(answer.department.label.en) on \(answer.topic.label.en), \(LocalDate(answer.acceptedAt)): \(answer.outcome.rawValue)"
        }
        lines.append("  what became of it")
        lines += shown.steps.map { step in
            "    \(LocalDate(step.at)) \(step.teller): \(step.wording.zh) \(step.wording.en), by \(step.by)" + (step.reasons.isEmpty ? "" : " (\(step.reasons.joined(separator: ", ")))")
        }
        return lines
    }

    private static func lines(_ line: AssessmentRecord.Line, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        return ["\(margin)\(mark(line.outcome)) \(line.wording.zh) \(line.wording.en): \(line.outcome.label.en)  [\(line.rule); \(line.source)]"]
            + line.compared.map { "\(margin)    \($0.wording.zh) \($0.wording.en)" } + line.parts.flatMap { lines($0, indent: indent + 4) }
    }

    private static func mark(_ outcome: Assessment.Outcome) -> String {
        switch outcome {
        case .met: "+"
        case .notMet: "-"
        case .notApplicable: "·"
        case .referred: "?"
        case .warned: "!"
        }
    }
}
