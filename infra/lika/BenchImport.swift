import ArgumentParser
import Contracts
import Foundation
import IntakeDomain
import Registry

extension Bench {
    /// Sheets of invented households, handed to the running intake as a clerk does: from the first byte of the POST until the
    /// report says that the sheet is through.
    struct Importing: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "Rows of a sheet per second, the memory that takes, and whether a sheet ten times as long slows it down.",
            discussion: "Needs a running suite whose intake takes such sheets: LIKA_INTAKE_IMPORT_MB and LIKA_INTAKE_IMPORT_ROWS; `infra/bench` sets them.")

        @Option(help: "Rows of the first sheet.") var rows = 100_000
        @Option(help: "Rows of the second.") var largeRows = 1_000_000
        @Option(help: "The plan that the campaign is issued from.") var plan = "infra/sample/plan-2018.yaml"

        func run() async throws {
            let suite = try await Suite(round: "bench import \(UUID())", patience: 60)
            let plan = try Plan(reading: plan)
            let campaign = try await PovertyOffice(plan: plan, suite: suite, sample: URL(filePath: "."), patience: 60).issuePlan()
            let beside = ["verification", "review", "notification"].filter { Bench.memory(of: $0) > 0 }
            // Measured twice, beside the others and alone: nobody may be in the books already.
            var households = beside.isEmpty ? Households(seed: 20_181_017, plan) : Households(seed: 20_181_018, plan, first: 70_000_000, area: "999997")
            // The first rows of a process are slower, and nobody's steady state.
            _ = try await measure(households.sheet(rows: 5_000), suite, campaign)
            let small = try await measure(households.sheet(rows: rows), suite, campaign)
            var (rate, memory) = ("", small.memory)
            if largeRows > 0 {
                let large = try await measure(households.sheet(rows: largeRows), suite, campaign)
                rate = String(format: " rate_1m_over_100k=%.2f", large.rate / small.rate)
                memory = max(memory, large.memory)
            }
            print("bench: import beside=\(beside.isEmpty ? "nothing" : beside.joined(separator: "+")) rows_per_s=\(Int(small.rate)) rss_mb=\(memory)\(rate) rows=\(rows) large_rows=\(largeRows) seconds=\(String(format: "%.1f", Double(rows) / small.rate))")
        }

        private struct Measured {
            let rate: Double
            /// Megabytes that intake held at most.
            let memory: Int
        }

        private func measure(_ sheet: (bytes: Data, rows: Int), _ suite: Suite, _ campaign: CampaignID) async throws -> Measured {
            guard let kind = Self.registered else { throw ValidationError("there is no sheet of registered households") }
            let began = ContinuousClock.now
            let id = try await Import.send(kind, sheet.bytes, to: suite, campaign: campaign.rawValue)
            var memory = 0
            let report = try await Import.report(on: id, from: suite, patience: 60) { _ in memory = max(memory, Bench.memory(of: "intake")) }
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            // Of two invented people one in a hundred thousand shares a number with somebody whom another bench has entered.
            guard report.state == "done", report.rows == sheet.rows, report.refused * 200 < report.rows else {
                throw ValidationError("the sheet was not taken: \(report.lines("sheet").prefix(5).joined(separator: "\n"))")
            }
            return Measured(rate: Double(sheet.rows) / seconds, memory: memory)
        }

        static let registered = Import.Sheet.all.first { $0.kind == "registered" }

        /// Registered households without end, no person twice.
        struct Households {
            private var people: SamplePeople
            private var count: Int
            private let subdistrict: DivisionCode

            /// - Parameters:
            ///   - first: Their numbers go on from there.
            ///   - area: Where their ID numbers are from.
            init(seed: UInt64, _ plan: Plan, first: Int = 10_000_000, area: String = SamplePeople.area) {
                people = SamplePeople(seed: seed, year: plan.campaign.year, area: area)
                subdistrict = plan.campaign.subdistrict
                count = first
            }

            mutating func sheet(rows: Int) throws -> (bytes: Data, rows: Int) {
                var text = SampleFiles.line(RegisterSheet.Kind.registered.columns.map(\.rawValue), false)
                var written = 0
                while written < rows {
                    guard let household = try next(size: min(rows - written, people.random.number(2...6))) else { break }
                    for row in SampleFiles.rows(household, .registered) { text += SampleFiles.line(row, false) }
                    written += household.members.count
                }
                return (Data(text.utf8), written)
            }

            mutating func sheet(households: Int) throws -> Data {
                var text = SampleFiles.line(RegisterSheet.Kind.registered.columns.map(\.rawValue), false)
                for _ in 0..<households {
                    guard let household = try next(size: people.random.number(2...6)) else { break }
                    for row in SampleFiles.rows(household, .registered) { text += SampleFiles.line(row, false) }
                }
                return Data(text.utf8)
            }

            private mutating func next(size: Int) throws -> HouseholdEntry? {
                count += 1
                let number = "530427\(count)"
                guard let group = DivisionCode("\(subdistrict.code)\(SamplePeople.padded(people.random.number(1...4), 3))-01") else { return nil }
                return HouseholdEntry(
                    number: number, division: group, status: .notExited, registeredOn: LocalDate(year: 2014, month: 6, day: people.random.number(1...28)),
                    attribute: "01", causes: try PovertyCauses(main: people.random.pick(["01", "02", "03"])),
                    income: YearlyIncome(year: 2017, net: Money(fen: Int64(people.random.number(100_000...900_000)))), housing: .b,
                    members: people.family(of: number, size: size))
            }
        }
    }
}
