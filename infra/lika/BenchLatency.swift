import ArgumentParser
import Contracts
import Foundation
import Postgres
import ServiceKit

extension Bench {
    /// From the first byte of a POST at intake to the commit of its effect in the next service, over the running suite.
    struct Latency: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Milliseconds from POST at intake to the effect committed in review, at a steady rate.",
            discussion: "Needs a running suite whose PostgreSQL has track_commit_timestamp = on: the end is the server's own commit time.")

        @Option(help: "Posts per second.") var rate = 50
        @Option(help: "Seconds.") var seconds = 20
        @Option(help: "The plan that the campaign is issued from.") var plan = "infra/sample/plan-2018.yaml"

        func run() async throws {
            let suite = try Suite(round: "bench \(UUID())", patience: 30)
            let plan = try Plan(reading: plan)
            let campaign = try await PovertyOffice(plan: plan, suite: suite, sample: URL(filePath: "."), patience: 30).issuePlan()
            let sheets = try Self.sheets(count: rate * seconds)
            // The first requests of a process are slower, and nobody's steady state.
            for sheet in sheets.prefix(rate) { _ = try await Self.send(sheet, suite, campaign) }
            let sent = try await post(Array(sheets.dropFirst(rate)), suite, campaign)
            let latencies = try await eventually(sent)
            func percentile(_ share: Double) -> String { String(format: "%.1f", latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))] * 1000) }
            print("bench: latency p50_ms=\(percentile(0.5)) p99_ms=\(percentile(0.99)) max_ms=\(percentile(1)) posts=\(latencies.count) rate_per_s=\(rate)")
        }

        private struct Sheet: Sendable {
            let number: String
            let bytes: Data
        }

        private struct Sent: Sendable {
            let number: String
            let at: Double
        }

        private static func send(_ sheet: Sheet, _ suite: Suite, _ campaign: CampaignID) async throws -> Sent {
            let began = Date().timeIntervalSince1970
            guard let kind = Import.Sheet.all.first(where: { $0.kind == "not_registered" }) else { throw ValidationError("there is no sheet of unregistered households") }
            _ = try await Import.send(kind, sheet.bytes, to: suite, campaign: campaign.rawValue)
            return Sent(number: sheet.number, at: began)
        }

        /// One sheet for each household, as a clerk who enters one after the other.
        private static func sheets(count: Int) throws -> [Sheet] {
            let round = SampleRound(seed: 7, households: (count + 50) * 5 / 2)
            let bytes = try SampleFiles(round).files["not-registered.csv"] ?? []
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            var rows: [Substring: [Substring]] = [:]
            var order: [Substring] = []
            for line in lines.dropFirst() {
                let number = line.prefix { $0 != "," }
                if rows[number] == nil { order.append(number) }
                rows[number, default: []].append(line)
            }
            return order.prefix(count).map { number in
                Sheet(number: String(number), bytes: Data(([lines[0]] + (rows[number] ?? [])).joined(separator: "\n").utf8))
            }
        }

        private func post(_ sheets: [Sheet], _ suite: Suite, _ campaign: CampaignID) async throws -> [Sent] {
            try await withThrowingTaskGroup(of: Sent.self) { group in
                let began = ContinuousClock.now
                for (place, sheet) in sheets.enumerated() {
                    try await Task.sleep(until: began + .seconds(Double(place) / Double(rate)))
                    group.addTask { try await Self.send(sheet, suite, campaign) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }

        /// Seconds from each POST to review's commit, sorted, once all have arrived.
        private func eventually(_ sent: [Sent]) async throws -> [Double] {
            let database = try Surroundings.ledgerDatabase()
            let began = Dictionary(uniqueKeysWithValues: sent.map { ($0.number, $0.at) })
            for _ in 0..<300 {
                let latencies = try await database.transaction { sql in
                    try sql.query(
                        """
                        SELECT h.number, extract(epoch FROM pg_xact_commit_timestamp(i.xmin))::float8 AS at
                        FROM intake.households h JOIN review.inbox i ON i.subject = h.id AND i.topic = \(Topic.intakeHousehold.name) AND i.sequence = 1
                        """
                    ).compactMap { row in try began[row["number"]].map { try row["at"] - $0 } }.sorted()
                }
                if latencies.count == sent.count {
                    await database.close()
                    return latencies
                }
                try await Task.sleep(for: .milliseconds(100))
            }
            throw ValidationError("not all of \(sent.count) posts took effect in review within 30 s")
        }
    }

    /// What `infra/bench` runs.
    struct All: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Hop, then latency, then import, with their defaults.")

        func run() async throws {
            try await Hop.parse([]).run()
            try await Latency.parse([]).run()
            try await Importing.parse([]).run()
        }
    }
}
