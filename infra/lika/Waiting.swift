/// Looks again and again until something is there, and says what was missing if it does not come.
enum Waiting {
    struct Deadline: Error, CustomStringConvertible {
        let what: String
        let seconds: Double
        /// What there was instead, when it was last looked at.
        let seen: String

        var description: String { "waited \(Int(seconds)) s for \(what); there was \(seen)" }
    }

    enum Sight<Value: Sendable>: Sendable {
        case there(Value)
        case notYet(String)
    }

    static func until<Value: Sendable>(
        _ what: String, atMost seconds: Double, every pause: Duration = .milliseconds(100), _ look: () async throws -> Sight<Value>
    ) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            switch try await look() {
            case .there(let value): return value
            case .notYet(let seen):
                guard ContinuousClock.now < deadline else { throw Deadline(what: what, seconds: seconds, seen: seen) }
                try await Task.sleep(for: pause)
            }
        }
    }
}
