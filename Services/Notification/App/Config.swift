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

    var sms: SMS?
    var webhook: Webhook?
    var quietHours = QuietHours(from: 21, to: 8)

    init(sms: SMS? = nil, webhook: Webhook? = nil, quietHours: QuietHours = .none) {
        (self.sms, self.webhook, self.quietHours) = (sms, webhook, quietHours)
    }

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

        let quiet = settings.text("LIKA_NOTIFICATION_QUIET_HOURS", default: "21-8")
        if let hours = QuietHours(quiet) { quietHours = hours } else {
            settings.note(Setting.Problem("LIKA_NOTIFICATION_QUIET_HOURS", "must be two hours of the day, such as 21-8"))
        }
    }
}
