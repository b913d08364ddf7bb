import AsyncHTTPClient
import Contracts
import Crypto
import Foundation
import NIOHTTP1
import NotificationDomain
import Registry

/// A POST to an office's own program, signed as Standard Webhooks has it: `webhook-id`, `webhook-timestamp` and
/// `webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`. The id is the notice's, the same whenever it is sent.
struct Webhook: Carrier {
    let settings: Config.Webhook

    let channel = PersonalNotice.Channel.webhook
    let rings = false
    let canLookUp = false
    let gathers = false
    var perSecond: Int { settings.perSecond }

    struct Body: Codable, Sendable {
        let notice: NoticeID
        let template: Letter.Template
        let language: Letter.Language
        let envelope: String
        let body: String
    }

    /// An address is an office's own or none.
    func addresses(of parcels: [Parcel]) async throws -> [NoticeID: String] { [:] }
    func find(_ notice: NoticeID) async -> Found { .cannotTell }

    func carry(_ parcel: Parcel, to address: String) async -> Carried {
        guard settings.mayCall(address) else { return .refused("address-not-allowed") }
        let (notice, letter) = (parcel.head.notice, parcel.head.letter)
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        let bytes: [UInt8]
        do {
            bytes = try JSON.encode(
                Body(notice: notice, template: letter.template, language: letter.language, envelope: letter.envelope, body: letter.body))
        } catch { return .refused("unwritable") }
        let (id, time) = ("\(notice)", "\(Int(Date().timeIntervalSince1970))")
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "webhook-id", value: id)
        request.headers.add(name: "webhook-timestamp", value: time)
        request.headers.add(name: "webhook-signature", value: Self.signature(of: bytes, id: id, time: time, key: settings.key))
        request.body = .bytes(bytes)
        return await request.carried()
    }

    static func signature(of body: [UInt8], id: String, time: String, key: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array("\(id).\(time).".utf8) + body, using: SymmetricKey(data: key))
        return "v1,\(Data(code).base64EncodedString())"
    }
}

extension Config.Webhook {
    /// Only what the settings name is called, so that nobody can make the service speak to its own neighbours.
    func mayCall(_ address: String) -> Bool {
        guard let url = URL(string: address), ["http", "https"].contains(url.scheme ?? ""), let host = url.host(), url.user() == nil else { return false }
        return hosts.contains(host) || hosts.contains("\(host):\(url.port ?? -1)")
    }
}
