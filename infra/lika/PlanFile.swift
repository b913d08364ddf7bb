import ArgumentParser
import Foundation
import IntakeDomain
import Registry

/// `lika plan`: a plan of a year as a file, before it is issued.
struct PlanFile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "plan", abstract: "A year's plan before it is issued.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says what is impossible or odd in a plan's calendar.",
            discussion: """
                Stages out of order, windows too short or over too late for the resolution, lengths that no counting explains, holidays, \
                and the last day on which a case may still start over. The dates bind: nothing is changed. Exits 1 if anything is impossible.
                """)

        @Argument(help: "The plan, as infra/sample/plan-2018.yaml.") var file = "infra/sample/plan-2018.yaml"

        func run() async throws {
            guard FileManager.default.fileExists(atPath: file) else { throw ValidationError("there is no file \(file)") }
            let plan = try Plan(reading: file).campaign.checked()
            let findings = plan.findings
            for finding in findings {
                print("\(finding.weight.rawValue.padded(11))\(finding.code.rawValue.padded(38))\(finding.stages.joined(separator: ", "))")
                print("           \(finding.words.zh)\n           \(finding.words.en)")
            }
            let impossible = findings.count { $0.weight == .impossible }
            print("plan: year=\(plan.year) stages=\(plan.stages.count) impossible=\(impossible) odd=\(findings.count - impossible)")
            if impossible > 0 { throw ExitCode(1) }
        }
    }
}
