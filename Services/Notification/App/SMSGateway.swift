import AsyncHTTPClient
import Contracts
import NIOCore
import NIOHTTP1
import NotificationDomain
import Registry
import ServiceKit

/// Short messages through a gateway that speaks HTTP: `POST <url>` with `{"reference", "to", "text"}` and a bearer key, answered 2xx
/// when taken, 429 or 503 when not, 4xx when never; `GET <url>/<reference>` tells 200 or 404 whether it has one.
///
/// The text is the envelope: whoever holds the telephone learns that something is there, and not what.
struct SMSGateway: Carrier {
    let settings: Config.SMS
    let phones: PhoneSource

    let channel = PersonalNotice.Channel.sms
    let rings = true
    let gathers = false
    var perSecond: Int { settings.perSecond }
    var canLookUp: Bool { settings.canLookUp }

    private struct Message: Encodable {
        let reference: NoticeID
        let to: String
        let text: String
    }

    func addresses(of parcels: [Parcel]) async throws -> [NoticeID: String] {
        let households = parcels.filter { $0.recipient.audience == .household }
        if households.isEmpty { return [:] }
        let phones = try await phones.phones(of: Array(Set(households.map { HouseholdID($0.recipient.id) })))
        return Dictionary(
            households.compactMap { parcel in phones[HouseholdID(parcel.recipient.id)].map { (parcel.head.notice, $0) } }, uniquingKeysWith: { first, _ in first })
    }

    func carry(_ parcel: Parcel, to address: String) async -> Carried {
        var request = HTTPClientRequest(url: settings.url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "authorization", value: "Bearer \(settings.key)")
        do {
            request.body = .bytes(try JSON.encode(Message(reference: parcel.head.notice, to: address, text: parcel.head.letter.envelope)))
        } catch { return .refused("unwritable") }
        return await request.carried()
    }

    func find(_ notice: NoticeID) async -> Found {
        var request = HTTPClientRequest(url: "\(settings.url)/\(notice)")
        request.headers.add(name: "authorization", value: "Bearer \(settings.key)")
        do {
            switch try await HTTPClient.shared.execute(request, timeout: HTTPClientRequest.timeout).status.code {
            case 200: return .there
            case 404: return .missing
            default: return .cannotTell
            }
        } catch { return .cannotTell }
    }
}

/// Telephones of households, asked of intake at the moment of sending: each reading is noted there with its purpose, and its
/// answer is kept nowhere.
struct PhoneSource: Sendable {
    /// `http://host:port`
    let intake: String
    var access = Access.trusted

    struct Unavailable: Error { let status: UInt }

    private struct Query: Encodable {
        let households: [HouseholdID]
        let purpose: String
    }

    private struct Answer: Decodable {
        let households: [Entry]

        struct Entry: Decodable {
            let household: HouseholdID
            let phone: String
        }
    }

    private static let patience = TimeAmount.seconds(4)
    private static let largestAnswer = 1 << 20

    /// A household that has none, or that nobody knows, is left out.
    func phones(of households: [HouseholdID]) async throws -> [HouseholdID: String] {
        var request = HTTPClientRequest(url: "\(intake)/v1/phones")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        for (name, value) in try await access.credentials(of: "lika-notification") { request.headers.add(name: name, value: value) }
        request.body = .bytes(try JSON.encode(Query(households: households, purpose: "notification")))
        let response = try await HTTPClient.shared.execute(request, timeout: Self.patience)
        guard response.status == .ok else { throw Unavailable(status: response.status.code) }
        let body = try await response.body.collect(upTo: Self.largestAnswer)
        let answer = try JSON.decode(Answer.self, from: Array(body.readableBytesView))
        return Dictionary(answer.households.map { ($0.household, $0.phone) }, uniquingKeysWith: { first, _ in first })
    }
}
