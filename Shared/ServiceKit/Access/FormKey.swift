import Contracts
import Crypto
import Foundation
import HTTPTypes
import Registry

/// Makes the hidden field `key` of a session's forms, and knows it again: a page of another session, or of another site, has none
/// of this one's.
struct FormKey: Sendable {
    private let key: SymmetricKey

    init(session: String, secret: SymmetricKey) {
        key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Data("form \(session)".utf8), using: secret))
    }

    /// A new one, for one page: its forms may add what tells them apart.
    func make() -> String {
        let name = UUID().lowercased
        return "\(name).\(seal(name))"
    }

    /// Whether a form's key, with whatever it added, is of this session.
    func covers(_ given: String?) -> Bool {
        guard let given, let dot = given.firstIndex(of: ".") else { return false }
        let seal = given[given.index(after: dot)...].prefix(Self.sealLength)
        guard let bytes = [UInt8](base64url: seal) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: Data(given[..<dot].utf8), using: key)
    }

    private func seal(_ name: String) -> String { Array(HMAC<SHA256>.authenticationCode(for: Data(name.utf8), using: key)).base64url }

    /// Of 32 bytes.
    private static let sealLength = 43
}

extension Call {
    /// A form of ours is sent from a page of ours. Browsers too old to say where a form comes from say at least its origin; for pages
    /// that withhold their referrer, as ours do, that may be `null`, and then the session's key decides.
    func refuseOtherSites() throws {
        if let site = header("Sec-Fetch-Site") {
            if site != "same-origin", site != "none" { throw Rejected.crossSite }
        } else if let origin = header("Origin"), origin != "null" {
            guard Origin.isOurs(origin, host: host, home: home) else { throw Rejected.crossSite }
        }
    }

    /// What a session is used for was asked for by a page that was shown to it.
    func refuseOtherSessions() throws {
        if let formKey, try !formKey.covers(form().text("key")) { throw Rejected.otherSession }
    }
}

extension Rejected {
    static let otherSession = Rejected(
        slug: "other-session", title: "This form was not made for this session: open the page anew and fill it in again", status: .forbidden)
}
