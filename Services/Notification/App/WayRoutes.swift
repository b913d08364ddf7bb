import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// By which channels a recipient is told beside the inbox: an office's addresses, and who does not want to be told.
struct WayRoutes {
    let webhook: Config.Webhook?

    func add(to api: API) {
        api.put("/v1/recipients/:audience/:recipient/ways/:channel", setWay)
        api.put("/v1/recipients/:audience/:recipient/language", setLanguage)
    }

    struct Way: Codable, Sendable {
        let isOn: Bool
        let address: String?
    }

    struct Tongue: Codable, Sendable { let language: Letter.Language }

    /// `:recipient` is a number; of a work team its community's code, of a department its name, of the poverty office `poverty_office`.
    func setWay(_ call: Call, _ work: Work) throws -> Reply {
        let recipient = try recipient(call, work)
        guard let channel = PersonalNotice.Channel(rawValue: try call.parameter("channel")), channel != .inbox else { throw NotFound("channel") }
        let way: Way = try call.body()
        try check(way, by: channel, to: recipient.audience)
        try work.execute(
            """
            INSERT INTO ways (audience, recipient, channel, address, is_on, division, set_by, set_at)
            VALUES (\(recipient.audience), \(recipient.id), \(channel), \(way.address), \(way.isOn), \(recipient.division),
                \(work.deed.actor.description), \(work.now))
            ON CONFLICT (audience, recipient, channel) DO UPDATE
            SET address = excluded.address, is_on = excluded.is_on, set_by = excluded.set_by, set_at = excluded.set_at
            """)
        return .noContent
    }

    /// What is planned from now on is written in it.
    func setLanguage(_ call: Call, _ work: Work) throws -> Reply {
        let (recipient, tongue): (Recipient, Tongue) = (try recipient(call, work), try call.body())
        try work.execute(
            """
            INSERT INTO languages (audience, recipient, language, division, set_by, set_at)
            VALUES (\(recipient.audience), \(recipient.id), \(tongue.language), \(recipient.division), \(work.deed.actor.description), \(work.now))
            ON CONFLICT (audience, recipient) DO UPDATE SET language = excluded.language, set_by = excluded.set_by, set_at = excluded.set_at
            """)
        return .noContent
    }

    private func check(_ way: Way, by channel: PersonalNotice.Channel, to audience: Recipient.Audience) throws {
        guard audience.ways.contains(channel) else { throw Invalid("/channel", "no-such-way", "\(audience.rawValue) is never told by \(channel.rawValue)") }
        guard let address = way.address else {
            if way.isOn, !audience.isPrivate { throw Invalid("/address", "missing", "an office is told at an address of its own") }
            return
        }
        if audience.isPrivate { throw Invalid("/address", "kept-elsewhere", "intake alone keeps what reaches a private person") }
        switch channel {
        case .inbox, .letter: break
        case .email:
            guard address.isMailAddress else { throw Invalid("/address", "no-mail-address", "an address such as office@example.org") }
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

    private func recipient(_ call: Call, _ work: Work) throws -> Recipient {
        let (audience, name) = (Recipient.Audience(rawValue: try call.parameter("audience")), try call.parameter("recipient"))
        switch audience {
        case .household:
            guard let id = UUID(uuidString: name) else { throw NotFound("household") }
            return try work.recipient(HouseholdID(id), in: nil, name: nil)
        case .tip:
            guard let id = UUID(uuidString: name) else { throw NotFound("tip") }
            return try work.sender(of: TipID(id))
        case .workTeam:
            guard let community = DivisionCode(name), community.level == .community else { throw NotFound("community") }
            return .workTeam(of: community)
        case .department:
            guard let department = Department(rawValue: name.uppercased()) else { throw NotFound("department") }
            return try .department(department, of: work.subdistrict())
        case .office:
            guard name == "poverty_office" else { throw NotFound("office") }
            return try .povertyOffice(of: work.subdistrict())
        case nil: throw NotFound("audience")
        }
    }
}

extension Recipient.Audience {
    /// Beside the inbox, which everybody has.
    fileprivate var ways: Set<PersonalNotice.Channel> {
        switch self {
        case .household: [.sms, .letter]
        case .tip: []
        case .workTeam, .department, .office: [.sms, .email, .webhook]
        }
    }
}
