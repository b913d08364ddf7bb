import Foundation

/// Waits between attempts: longer each time, never the same, so that a thousand clients do not come back at once.
struct Backoff {
    private let first: Double
    private let longest: Double
    private var next: Double

    init(first: Duration = .milliseconds(50), longest: Duration = .seconds(2)) {
        self.first = first / .seconds(1)
        self.longest = longest / .seconds(1)
        next = self.first
    }

    mutating func wait() async throws {
        let seconds = Double.random(in: next / 2...next)
        next = min(next * 2, longest)
        try await Task.sleep(for: .seconds(seconds))
    }

    mutating func reset() { next = first }
}
