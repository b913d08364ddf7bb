import Foundation
import TestKit
import Testing

/// One yearly round over the four running services, as the demo plays it, and what ops would look at afterwards.
@Suite(.serialized) struct RoundJourneyTests {
    @Test func `a round is played to its end, and a gap in the books afterwards has a name`() async throws {
        try await RunningSuite.with(households: 60, speed: 60_000) { suite in
            let round = try await suite.rehearse()
            #expect(round.status == 0, "\(round.text)")
            let last = try #require(round.lines.last)
            #expect(last.hasPrefix("demo: households=60 "))
            #expect(last.contains(" stuck=0 lost=0 duplicated=0 "))
            for turn in ["objections answered: ", " cases reopened, ", "carried over: 1 rerun_does_not_fit"] { #expect(round.text.contains(turn), "\(round.text)") }

            let balanced = try await suite.lika(["ledger"])
            #expect(balanced.status == 0, "\(balanced.text)")

            let number = try suite.surveyed()
            let masked = try await suite.lika(["explain", number])
            #expect(masked.status == 0 && masked.text.contains("rule set 2018.") && masked.text.contains("review: "), "\(masked.text)")
            let disclosed = try await suite.lika(["explain", number, "--purpose", "objection", "--as", "wangwu"])
            #expect(masked.text.contains("withheld") && !masked.text.contains(" fen, against ") && disclosed.text.contains(" fen, against "), "\(disclosed.text)")
            let before = try await suite.lika(["explain", number, "--at", "2018-10-01"])
            #expect(before.text.contains("no case: it is on no list"), "\(before.text)")

            // What no crash does: an effect is gone that an inbox has seen.
            try await suite.asOwner(
                "DELETE FROM review.inbox WHERE (topic, subject) IN (SELECT topic, subject FROM review.inbox WHERE topic = 'lika.intake.case.v1' LIMIT 1)")
            let torn = try await suite.lika(["ledger"])
            #expect(torn.status != 0)
            #expect(torn.text.contains("lika.intake.case.v1"), "\(torn.text)")
        }
    }

    @Test func `intake, killed in the middle of a sheet, goes on where it was and takes each row once`() async throws {
        try await RunningSuite.with(households: 2_400, speed: 1, failpoint: "intake.after_piece:abort:after=1") { suite in
            let plan = RunningSuite.root.appending(path: "infra/sample/plan-2018.yaml").path
            async let first = suite.lika(["import", "--plan", plan, suite.sample])
            _ = try await eventually(within: .seconds(120)) { try await suite.runs("intake") ? nil : true }
            try await suite.succeed("start", "intake")
            let report = try await first
            #expect(report.status == 0, "\(report.text)")
            #expect(Self.figure("entered", of: "registered.csv", in: report) > 1_000)
            let entered = Self.figure("entered", of: "registered.csv", in: report) + Self.figure("entered", of: "not-registered.csv", in: report)
            try await suite.asOwner("DO $$ BEGIN ASSERT (SELECT count(*) FROM intake.households) = \(entered); END $$")
            let balanced = try await suite.lika(["ledger"])
            #expect(balanced.status == 0, "\(balanced.text)")

            let again = try await suite.lika(["import", "--plan", plan, suite.sample])
            for sheet in ["registered.csv", "not-registered.csv", "measures.csv", "survey.csv", "changes.csv"] {
                #expect(Self.figure("entered", of: sheet, in: again) == 0, "\(again.text)")
                #expect(Self.figure("unchanged", of: sheet, in: again) == Self.figure("entered", of: sheet, in: report), "\(sheet)")
            }
        }
    }

    /// As `lika import` prints it: `registered.csv: rows=… entered=…`; -1 where it does not.
    private static func figure(_ name: String, of sheet: String, in outcome: Command.Outcome) -> Int {
        let words = outcome.lines.first { $0.hasPrefix("\(sheet): ") }?.split(separator: " ") ?? []
        return words.first { $0.hasPrefix("\(name)=") }.flatMap { Int($0.dropFirst(name.count + 1)) } ?? -1
    }
}
