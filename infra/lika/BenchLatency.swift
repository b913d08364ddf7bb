import ArgumentParser
import Contracts
import Foundation
import Postgres
import Registry
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
            let suite = try await Suite(round: "bench \(UUID())", patience: 30)
            let plan = try Plan(reading: plan)
            let campaign = try await PovertyOffice(plan: plan, suite: suite, sample: URL(filePath: "."), patience: 30).issuePlan()
            let households = try await Self.enter(rate * seconds, suite, campaign)
            // The first requests of a process are slower, and nobody's steady state.
            for household in households.prefix(rate) { _ = try await Self.propose(household, suite, campaign) }
            let sent = try await post(Array(households.dropFirst(rate)), suite, campaign)
            let latencies = try await eventually(sent)
            func percentile(_ share: Double) -> String { String(format: "%.1f", latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))] * 1000) }
            print("bench: latency p50_ms=\(percentile(0.5)) p99_ms=\(percentile(0.99)) max_ms=\(percentile(1)) posts=\(latencies.count) rate_per_s=\(rate)")
        }

        private struct Proposal: Encodable {
            let campaign: CampaignID
            let household: String
            let kind = CaseKind.new
            let reason = "bench"
        }

        private struct Proposed: Decodable {
            let `case`: UUID
        }

        private struct Sent: Sendable {
            let `case`: UUID
            let at: Double
        }

        /// Households in the books that a person will propose, one after the other; their numbers.
        private static func enter(_ count: Int, _ suite: Suite, _ campaign: CampaignID) async throws -> [String] {
            let bytes = try SampleFiles(SampleRound(seed: 7, households: (count + 50) * 5 / 2)).files["not-registered.csv"] ?? []
            guard let kind = Import.Sheet.all.first(where: { $0.kind == "not_registered" }) else { throw ValidationError("there is no sheet of unregistered households") }
            let id = try await Import.send(kind, Data(bytes), to: suite, campaign: campaign.rawValue)
            let report = try await Import.report(on: id, from: suite, patience: 60)
            var numbers: [String] = []
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst() {
                let number = String(line.prefix { $0 != "," })
                if numbers.last != number { numbers.append(number) }
            }
            guard report.entered >= count else { throw ValidationError("only \(report.entered) households were entered") }
            return Array(numbers.prefix(count))
        }

        private static func propose(_ household: String, _ suite: Suite, _ campaign: CampaignID) async throws -> Sent {
            let began = Date().timeIntervalSince1970
            let proposed = try await suite.post(
                .intake, "/v1/cases", Proposal(campaign: campaign, household: household), deed: "propose \(UUID())", as: Proposed.self)
            return Sent(case: proposed.case, at: began)
        }

        private func post(_ households: [String], _ suite: Suite, _ campaign: CampaignID) async throws -> [Sent] {
            try await withThrowingTaskGroup(of: Sent.self) { group in
                let began = ContinuousClock.now
                for (place, household) in households.enumerated() {
                    try await Task.sleep(until: began + .seconds(Double(place) / Double(rate)))
                    group.addTask { try await Self.propose(household, suite, campaign) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }

        /// Seconds from each POST to review's commit, sorted, once all have arrived.
        private func eventually(_ sent: [Sent]) async throws -> [Double] {
            let database = try Surroundings.ledgerDatabase()
            let began = Dictionary(uniqueKeysWithValues: sent.map { ($0.case, $0.at) })
            for _ in 0..<300 {
                let latencies = try await database.transaction { sql in
                    try sql.query(
                        """
                        SELECT subject, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS at
                        FROM review.inbox WHERE topic = \(Topic.intakeCase.name) AND sequence = 1
                        """
                    ).compactMap { row in try began[row["subject"]].map { try row["at"] - $0 } }.sorted()
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
}
