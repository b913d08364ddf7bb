import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit

/// Says on the terminal how far the round is.
struct Progress: Sendable {
    let clock: PlanClock
    let suite: Suite
    let ledger: Database

    func did(_ step: String, _ what: String) { say("\(step): \(what)") }

    /// At once, also into a file or a pipe.
    private func say(_ text: String) {
        print("\(moment)  \(text)")
        fflush(nil)
    }

    /// Every two seconds, until it is cancelled: cases by state, how many answers are in, what waits to be relayed.
    func watch() async throws {
        while true {
            try await Task.sleep(for: .seconds(2))
            try await say("… \(state())")
        }
    }

    private struct CheckBoard: Decodable {
        let requests: [String: [String: Int]]
    }

    private func state() async throws -> String {
        let counts = try await suite.caseCounts()
        let cases = CaseStatus.allCases.compactMap { status in counts[status].map { "\(status.rawValue) \($0)" } }
        let requests = try await suite.get(.verification, "/v1/board", as: CheckBoard.self).requests.values
        let asked = requests.reduce(0) { $0 + $1.reduce(0) { $1.key == "superseded" ? $0 : $0 + $1.value } }
        let answered = requests.reduce(0) { $0 + ($1["accepted"] ?? 0) }
        let pending = try await ledger.transaction(RoundReport.pending)
        return [cases.isEmpty ? "no cases yet" : cases.joined(separator: ", "), "answers \(answered) of \(asked)", "to relay \(pending)"].joined(separator: " | ")
    }

    /// Local time of the plan, `10-17 09:00`.
    private var moment: String {
        let now = clock.now
        let day = LocalDate(now)
        let minutes = Int((now - day.start) / 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(day.month))-\(two(day.day)) \(two(minutes / 60)):\(two(minutes % 60))"
    }
}
