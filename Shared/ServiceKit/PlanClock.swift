import Foundation
import Registry

/// The clock of the plan: real time, or in a rehearsal a faster time that starts elsewhere.
///
/// `LIKA_REHEARSAL=<local start>@<unix start>x<speed>`, e.g. `2018-09-30T08:00:00+08:00@1790000000x60000`. The same
/// rule as the SQL function `lika_now()`, which alone decides deadlines; this one only tells how long to wait.
package struct PlanClock: Sendable {
    package struct Rehearsal: Sendable, Equatable {
        let start: Instant
        let realStart: Double
        let speed: Double
    }

    package let rehearsal: Rehearsal?

    private init() { rehearsal = nil }
    package static let real = PlanClock()

    package init(_ setting: String? = nil) throws {
        guard let setting, !setting.isEmpty else {
            rehearsal = nil
            return
        }
        let halves = setting.split(separator: "@", maxSplits: 1)
        let numbers = halves.last?.split(separator: "x", maxSplits: 1) ?? []
        guard halves.count == 2, numbers.count == 2, let start = Instant(String(halves[0])), let real = Double(numbers[0]),
            let speed = Double(numbers[1]), speed > 0
        else { throw Setting.Problem("LIKA_REHEARSAL", "must be <local start>@<unix start>x<speed>, e.g. 2018-09-30T08:00:00+08:00@1790000000x60000") }
        rehearsal = Rehearsal(start: start, realStart: real, speed: speed)
    }

    /// Seconds of the plan in one real second.
    package var speed: Double { rehearsal?.speed ?? 1 }

    package var now: Instant { time(at: Date().timeIntervalSince1970) }

    /// - Parameter real: Seconds since 1970.
    func time(at real: Double) -> Instant {
        guard let rehearsal else { return Instant(milliseconds: Int64(real * 1000)) }
        return rehearsal.start + (real - rehearsal.realStart) * rehearsal.speed
    }

    /// How long by the real clock until `instant` of the plan; zero when it has passed.
    package func delay(until instant: Instant) -> Duration {
        .seconds(max(0, (instant - now) / speed))
    }
}
