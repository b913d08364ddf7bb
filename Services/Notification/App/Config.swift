import Foundation
import NotificationDomain
import ServiceKit

/// The settings that only notification has. A channel without its settings is not there.
struct Config: Sendable {
    struct SMS: Sendable {
        /// Where the gateway takes messages.
        var url: String
        var key: String
        /// Whether it can be asked for a message by our reference.
        var canLookUp = true
        var perSecond = 20
        /// Where intake's API listens, which alone keeps telephones: `http://host:port`.
        var intake: String
    }

    struct Webhook: Sendable {
        var key: [UInt8]
        /// `host:port` or `host` of the programs that may be called, and no other.
        var hosts: Set<String>
        var perSecond = 20
    }

    struct Mail: Sendable {
        /// `smtp://host:port`, or `smtps://host:port`.
        var url: String
        /// Without a name it does not sign in.
        var user = ""
        var password = ""
        /// An address of the office's.
        var from: String
        var needsTLS = true
        var perSecond = 5
    }

    var sms: SMS?
    var webhook: Webhook?
    var mail: Mail?
    var quietHours = QuietHours(from: 21, to: 8)
    var digest = DigestHour(8)

    init(sms: SMS? = nil, webhook: Webhook? = nil, mail: Mail? = nil, quietHours: QuietHours = .none) {
        (self.sms, self.webhook, self.mail, self.quietHours) = (sms, webhook, mail, quietHours)
    }

    var planning: Planning { Planning(toHouseholds: sms == nil ? .letter : .sms, digest: digest) }

    init(_ settings: inout Settings) {
        let intake = settings.text("LIKA_INTAKE_URL", default: "http://127.0.0.1:8081")
        let url = settings.optional("LIKA_NOTIFICATION_SMS_URL")
        let key = settings.secret("LIKA_NOTIFICATION_SMS_KEY", default: "")
        let lookup = settings.text("LIKA_NOTIFICATION_SMS_LOOKUP", default: "on")
        if !["on", "off"].contains(lookup) { settings.note(Setting.Problem("LIKA_NOTIFICATION_SMS_LOOKUP", "must be on or off")) }
        let perSecond = settings.int("LIKA_NOTIFICATION_SMS_PER_SECOND", default: 20)
        if !(1...500).contains(perSecond) { settings.note(Setting.Problem("LIKA_NOTIFICATION_SMS_PER_SECOND", "must be 1 to 500")) }
        if let url { sms = SMS(url: url, key: key, canLookUp: lookup == "on", perSecond: perSecond, intake: intake) }

        let hosts = settings.optional("LIKA_NOTIFICATION_WEBHOOK_HOSTS")
        let secret = settings.secret("LIKA_NOTIFICATION_WEBHOOK_KEY", default: "")
        if let hosts {
            let key = Data(base64Encoded: secret).map(Array.init) ?? []
            if key.count < 24 { settings.note(Setting.Problem("LIKA_NOTIFICATION_WEBHOOK_KEY", "must be 24 bytes or more in base64")) }
            webhook = Webhook(key: key, hosts: Set(hosts.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }))
        }

        let mailURL = settings.optional("LIKA_NOTIFICATION_MAIL_URL")
        let from = settings.text("LIKA_NOTIFICATION_MAIL_FROM", default: "")
        let (user, password) = (settings.text("LIKA_NOTIFICATION_MAIL_USER", default: ""), settings.secret("LIKA_NOTIFICATION_MAIL_PASSWORD", default: ""))
        let tls = settings.text("LIKA_NOTIFICATION_MAIL_TLS", default: "on")
        let mailsPerSecond = settings.int("LIKA_NOTIFICATION_MAIL_PER_SECOND", default: 5)
        if let mailURL {
            if !mailURL.hasPrefix("smtp://"), !mailURL.hasPrefix("smtps://") {
                settings.note(Setting.Problem("LIKA_NOTIFICATION_MAIL_URL", "must be smtp://host:port or smtps://host:port"))
            }
            if !from.isMailAddress { settings.note(Setting.Problem("LIKA_NOTIFICATION_MAIL_FROM", "must be the office's own address, such as lika@example.org")) }
            if !["on", "off"].contains(tls) { settings.note(Setting.Problem("LIKA_NOTIFICATION_MAIL_TLS", "must be on or off")) }
            if !(1...500).contains(mailsPerSecond) { settings.note(Setting.Problem("LIKA_NOTIFICATION_MAIL_PER_SECOND", "must be 1 to 500")) }
            mail = Mail(url: mailURL, user: user, password: password, from: from, needsTLS: tls == "on", perSecond: mailsPerSecond)
        }
        digest = DigestHour(settings.int("LIKA_NOTIFICATION_DIGEST_HOUR", default: 8))
        if digest == nil { settings.note(Setting.Problem("LIKA_NOTIFICATION_DIGEST_HOUR", "must be an hour of the day, 0 to 23")) }

        let quiet = settings.text("LIKA_NOTIFICATION_QUIET_HOURS", default: "21-8")
        if let hours = QuietHours(quiet) { quietHours = hours } else {
            settings.note(Setting.Problem("LIKA_NOTIFICATION_QUIET_HOURS", "must be two hours of the day, such as 21-8"))
        }
    }
}

extension String {
    /// Enough to keep a slip of the pen, and a line break, out of a message's head: one `@` between printable ASCII.
    var isMailAddress: Bool {
        let parts = split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && count <= 254
            && utf8.allSatisfy { (0x21...0x7e).contains($0) && !Array("<>()[]\\,;:\"".utf8).contains($0) }
    }
}
