import ServiceKit

/// The settings that only verification has.
struct Config: Sendable {
    /// Where intake's API listens: `http://host:port`.
    var intake: String
    var plain = PlainPersons.allowed
    var admonition = Admonition()

    init(intake: String) { self.intake = intake }

    init(_ settings: inout Settings) {
        intake = settings.text("LIKA_INTAKE_URL", default: "http://127.0.0.1:8081")
        let plain = settings.text("LIKA_VERIFICATION_PLAIN", default: PlainPersons.allowed.rawValue)
        if PlainPersons(rawValue: plain) == nil { settings.note(Setting.Problem("LIKA_VERIFICATION_PLAIN", "must be allowed or refused")) }
        self.plain = PlainPersons(rawValue: plain) ?? .refused
        admonition = Admonition(&settings)
    }
}

/// Whether persons may go out in clear to a department that has registered no key to which they could be sealed. What goes out
/// in clear also lies in this service's outbox in clear. Allowed by default, as on the embedded broker everything stays on one
/// machine; refused is right wherever the log is somewhere else.
enum PlainPersons: String, Codable, Sendable {
    case allowed, refused

    /// Why a question stays here while it is refused.
    static let withheld = "verification.encryption-key-missing"
}

/// When departments are reminded of their last day, and when the poverty office hears of those that are late.
struct Admonition: Sendable {
    /// Days before the last; none for no reminder.
    var remindDays = 3
    /// Days after the last.
    var escalateDays = 2
    /// Such things are read in the morning, by the clock on the wall.
    static let hour = 8.0

    init() {}

    init(_ settings: inout Settings) {
        remindDays = settings.int("LIKA_VERIFICATION_REMIND_DAYS", default: remindDays)
        escalateDays = settings.int("LIKA_VERIFICATION_ESCALATE_DAYS", default: escalateDays)
        if !(0...60).contains(remindDays) { settings.note(Setting.Problem("LIKA_VERIFICATION_REMIND_DAYS", "must be 0 to 60")) }
        if !(1...60).contains(escalateDays) { settings.note(Setting.Problem("LIKA_VERIFICATION_ESCALATE_DAYS", "must be 1 to 60")) }
    }
}
