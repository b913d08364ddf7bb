import ReviewDomain
import ServiceKit

/// The settings that only review has.
struct Config: Sendable {
    /// `LIKA_REVIEW_QUORUM`, e.g. `public_review=2/3,resolution=2/3`: the share of those called that must be present; kinds
    /// not named keep their default.
    let meetings: MeetingRules
    /// `LIKA_REVIEW_LATE_AFTER`: seconds of real time that a window's close may take before it counts as late.
    let lateAfter: Double
    /// `LIKA_REVIEW_OFFICE_NAME`, `LIKA_REVIEW_OFFICE_TELEPHONE`, `LIKA_REVIEW_OFFICE_BOX`: who posts lists, and where tips go;
    /// stands on every sheet.
    let office: PublicityNotice.Office
    /// `LIKA_REVIEW_PUBLIC_URL`: where the public finds this service's notice board; the code on each sheet leads there.
    let publicAddress: String
    /// `LIKA_REVIEW_TIP_URL`: where the public finds intake's form for tips and objections.
    let tipForm: String
    /// `LIKA_REVIEW_TIP_ENTRY_URL`: where clerks enter at intake what was raised at a meeting.
    let tipEntry: String
    /// Seconds of the plan in a real one.
    let speed: Double

    init(_ settings: inout Settings) throws {
        let quorum = settings.text("LIKA_REVIEW_QUORUM", default: "")
        if let rules = MeetingRules.villageLaw.overridden(by: quorum) { meetings = rules } else {
            meetings = .villageLaw
            settings.note(Setting.Problem("LIKA_REVIEW_QUORUM", "must be <kind>=<part>/<whole>, separated by commas"))
        }
        lateAfter = Double(settings.int("LIKA_REVIEW_LATE_AFTER", default: 60))
        office = PublicityNotice.Office(
            name: settings.text("LIKA_REVIEW_OFFICE_NAME", default: "街道扶贫开发办公室"), telephone: settings.optional("LIKA_REVIEW_OFFICE_TELEPHONE"),
            box: settings.optional("LIKA_REVIEW_OFFICE_BOX"))
        publicAddress = settings.text("LIKA_REVIEW_PUBLIC_URL", default: "http://127.0.0.1:28103")
        tipForm = settings.text("LIKA_REVIEW_TIP_URL", default: "http://127.0.0.1:28101/tip")
        tipEntry = settings.text("LIKA_REVIEW_TIP_ENTRY_URL", default: "http://127.0.0.1:28101/tip-entry")
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
