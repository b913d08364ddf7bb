import ReviewDomain
import ServiceKit

/// The settings that only review has.
struct Config: Sendable {
    /// `LIKA_REVIEW_QUORUM`, e.g. `public_review=2/3,resolution=2/3`: the share of those called that must be present; kinds
    /// not named keep their default.
    let meetings: MeetingRules
    /// `LIKA_REVIEW_LATE_AFTER`: seconds of real time that a window's close may take before it counts as late.
    let lateAfter: Double
    /// Seconds of the plan in a real one.
    let speed: Double

    init(_ settings: inout Settings) throws {
        let quorum = settings.text("LIKA_REVIEW_QUORUM", default: "")
        if let rules = MeetingRules.villageLaw.overridden(by: quorum) { meetings = rules } else {
            meetings = .villageLaw
            settings.note(Setting.Problem("LIKA_REVIEW_QUORUM", "must be <kind>=<part>/<whole>, separated by commas"))
        }
        lateAfter = Double(settings.int("LIKA_REVIEW_LATE_AFTER", default: 60))
        speed = try PlanClock(settings.optional("LIKA_REHEARSAL")).speed
    }
}

extension MeetingRules {
    /// Nothing if the text is not a list of shares.
    func overridden(by text: String) -> MeetingRules? {
        var quorum = quorum
        for item in text.split(separator: ",") {
            let halves = item.split(separator: "=")
            guard halves.count == 2, let kind = Meeting.Kind(rawValue: String(halves[0])) else { return nil }
            let numbers = halves[1].split(separator: "/").map { Int($0) }
            guard numbers.count == 2, let part = numbers[0], let whole = numbers[1], part > 0, part <= whole else { return nil }
            quorum[kind] = Share(part, of: whole)
        }
        return MeetingRules(quorum: quorum)
    }
}
