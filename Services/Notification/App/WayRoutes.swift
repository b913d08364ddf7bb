import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// By which channels a recipient is told beside the inbox: an office's addresses, and who does not want to be told.
struct WayRoutes {
    let webhook: Config.Webhook?

    func add(to api: API) { api.put("/v1/recipients/:audience/:recipient/ways/:channel", setWay) }

    struct Way: Codable, Sendable {
        let isOn: Bool
        let address: String?
    }

    /// `:recipient` is a number, or of a department its name and of the poverty office `poverty_office`.
    func setWay(_ call: Call, _ work: Work) throws -> Reply {
        let recipient = try recipient(call)
        guard let channel = PersonalNotice.Channel(rawValue: try call.parameter("channel")), channel != .inbox else { throw NotFound("channel") }
        let way: Way = try call.body()
        try check(way, by: channel, to: recipient.audience)
        try work.execute(
            """
            INSERT INTO ways (audience, recipient, channel, address, is_on, set_by, set_at)
            VALUES (\(recipient.audience), \(recipient.id), \(channel), \(way.address), \(way.isOn), \(work.deed.actor.description), \(work.now))
            ON CONFLICT (audience, recipient, channel) DO UPDATE
            SET address = excluded.address, is_on = excluded.is_on, set_by = excluded.set_by, set_at = excluded.set_at
            """)
        return .noContent
    }

    private func check(_ way: Way, by channel: PersonalNotice.Channel, to audience: Recipient.Audience) throws {
        guard let address = way.address else {
            if way.isOn, !audience.isPrivate { throw Invalid("/address", "missing", "an office is told at an address of its own") }
            return
        }
        if audience.isPrivate { throw Invalid("/address", "kept-elsewhere", "intake alone keeps what reaches a private person") }
        switch channel {
        case .inbox: break
        case .sms:
            guard (5...20).contains(address.count), address.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "+" }) else {
                throw Invalid("/address", "no-telephone", "a telephone number is 5 to 20 digits")
            }
        case .webhook:
            guard webhook?.mayCall(address) == true else {
                throw Invalid("/address", "not-allowed", "LIKA_NOTIFICATION_WEBHOOK_HOSTS does not name this host")
            }
        }
    }

    private func recipient(_ call: Call) throws -> Recipient {
        let (audience, name) = (Recipient.Audience(rawValue: try call.parameter("audience")), try call.parameter("recipient"))
        switch audience {
        case .household, .tip, .workTeam:
            guard let audience, let id = UUID(uuidString: name) else { throw NotFound("recipient") }
            return Recipient(audience, id)
        case .department:
            guard let department = Department(rawValue: name.uppercased()) else { throw NotFound("department") }
            return .department(department)
        case .office:
            guard name == "poverty_office" else { throw NotFound("office") }
            return .povertyOffice
        case nil: throw NotFound("audience")
        }
    }
}
