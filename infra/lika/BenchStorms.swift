import ArgumentParser
import AsyncHTTPClient
import Contracts
import Foundation
import Kafka
import NIOCore
import Postgres
import Registry
import ServiceKit

extension Bench {
    /// Very many households that are told at the same moment, through a gateway with a limit of its own, while the senders are killed.
    struct Storms: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Notices from one moment, queued, paced and sent once each whatever happens to the senders.",
            discussion: """
                Needs notification alone, with infra/gateway as its gateway for short messages; `infra/bench` starts both and kills the senders \
                meanwhile. The ratio is to the time in which the gateway's own limit would let as many through.
                """)

        @Option(help: "Households that are told.") var notices = 50_000
        @Option(help: "What the gateway takes in a second.") var limit = 500
        @Option(help: "Where the gateway listens.") var gateway: String
        @Option(help: "How many seconds it may take until nothing comes any more.") var patience = 120.0

        private struct Ledger: Decodable {
            let messages: Int
            let repeated: Int
            let turnedAway: Int
        }

        func run() async throws {
            let ledger = try Surroundings.ledgerDatabase()
            let began = ContinuousClock.now
            try await tell()
            try await reach("\(notices) notices to be planned", ledger, "SELECT count(*) AS n FROM notification.notices WHERE channel = 'sms'")
            let planned = (ContinuousClock.now - began) / .seconds(1)
            try await reach(
                "\(notices) short messages to be delivered", ledger, "SELECT count(*) AS n FROM notification.notices WHERE channel = 'sms' AND status = 'delivered'")
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            await ledger.close()
            let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: "\(gateway)/ledger"), timeout: .seconds(60))
            let sent = try JSON.decode(Ledger.self, from: Array(try await answer.body.collect(upTo: 64 << 20).readableBytesView))
            func text(_ number: Double) -> String { String(format: "%.1f", number) }
            print("bench: storms planned_seconds=\(text(planned)) limit_per_s=\(limit) repeated=\(sent.repeated) turned_away=\(sent.turnedAway)")
            print(
                "bench: notices=\(notices) sent_once=\(sent.messages - sent.repeated) seconds=\(text(seconds)) "
                    + "ratio=\(String(format: "%.2f", Double(notices) / Double(limit) / seconds))")
        }

        /// What review tells when it closes cases.
        private func tell() async throws {
            let producer = try Producer(Surroundings.kafka())
            let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            for first in stride(from: 0, to: notices, by: 1_000) {
                let records = try (first..<min(first + 1_000, notices)).map { _ in
                    try Rehearsed.record(
                        CaseClosed(
                            case: CaseID(UUID()), household: HouseholdID(UUID()), kind: .exit, status: .carriedOver, reason: "deadline",
                            division: DivisionCode("530427001001-01"), headName: "甲某", closedAt: now), sequence: 1, at: now)
                }
                for delivery in await producer.send(records) { if let error = delivery.error { throw error } }
            }
            await producer.close()
        }

        /// Waits until a count has come to the number of notices, as long as it grows.
        private func reach(_ what: String, _ ledger: Database, _ statement: SQL) async throws {
            var seen = -1
            while seen < notices {
                seen = try await Waiting.until(what, atMost: patience, every: .milliseconds(250)) {
                    let count = try await ledger.transaction { try $0.first(statement)?["n", as: Int.self] ?? 0 }
                    return count > seen ? .there(count) : .notYet("\(count)")
                }
            }
        }
    }
}
