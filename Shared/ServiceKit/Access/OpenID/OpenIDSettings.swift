import Contracts
import Foundation
import Registry

/// The OpenID Connect provider of the staff, and what this suite is to it.
package struct OpenIDSettings: Sendable {
    /// As the provider itself writes it: whatever it issues must name exactly this.
    let issuer: String
    let client: String
    let secret: String
    /// Whom access tokens must be meant for.
    let audience: String
    let claims: StaffClaims
    /// What is asked for; providers that keep groups mostly have a scope of that name.
    let scope: String
    /// Where browsers reach this service; the provider sends people back to `<home>/sign-in/back`.
    let home: String

    package init(issuer: String, client: String, secret: String, audience: String, home: String, claims: StaffClaims = StaffClaims(), scope: String = Self.usualScope) {
        (self.issuer, self.client, self.secret, self.audience, self.home, self.claims, self.scope) = (issuer, client, secret, audience, home, claims, scope)
    }

    package static let usualScope = "openid groups"

    /// `LIKA_OIDC_ISSUER`, `LIKA_OIDC_CLIENT_ID`, `LIKA_OIDC_CLIENT_SECRET`, `LIKA_OIDC_AUDIENCE` (default `lika`),
    /// `LIKA_OIDC_SCOPE`, `LIKA_OIDC_ROLES_CLAIM`, `LIKA_OIDC_JURISDICTIONS_CLAIM`, `LIKA_OIDC_GROUPS_CLAIM`.
    init(_ settings: inout Settings, home: String?) {
        issuer = settings.text("LIKA_OIDC_ISSUER")
        client = settings.text("LIKA_OIDC_CLIENT_ID")
        secret = settings.secret("LIKA_OIDC_CLIENT_SECRET")
        audience = settings.text("LIKA_OIDC_AUDIENCE", default: "lika")
        scope = settings.text("LIKA_OIDC_SCOPE", default: Self.usualScope)
        let usual = StaffClaims()
        claims = StaffClaims(
            roles: settings.text("LIKA_OIDC_ROLES_CLAIM", default: usual.roles),
            jurisdictions: settings.text("LIKA_OIDC_JURISDICTIONS_CLAIM", default: usual.jurisdictions),
            groups: settings.text("LIKA_OIDC_GROUPS_CLAIM", default: usual.groups))
        self.home = home ?? ""
        if !issuer.isEmpty, !Self.isSafe(issuer) { settings.note(Setting.Problem("LIKA_OIDC_ISSUER", "must be an https address; http only on this machine")) }
        if let home {
            if !Self.isSafe(home) { settings.note(Setting.Problem("LIKA_HTTP_URL", "must be an https address; http only on this machine")) }
        } else {
            settings.note(Setting.Problem("LIKA_HTTP_URL", "is missing; with LIKA_ACCESS=oidc it says where browsers reach this service"))
        }
    }

    /// TLS, but on the machine itself, where there is no network to listen on.
    static func isSafe(_ address: String) -> Bool {
        guard let url = URLComponents(string: address), let host = url.host, !host.isEmpty, url.user == nil, url.fragment == nil else { return false }
        return url.scheme == "https" || url.scheme == "http" && ["127.0.0.1", "localhost", "[::1]", "::1"].contains(host)
    }
}

/// Which claims say what somebody is in the review and where. An organisation's directory mostly has groups: `lika:work_team` is a
/// role, `lika:in:530427001` a jurisdiction.
package struct StaffClaims: Sendable {
    let roles: String
    let jurisdictions: String
    let groups: String

    package init(roles: String = "lika_roles", jurisdictions: String = "lika_jurisdictions", groups: String = "groups") {
        (self.roles, self.jurisdictions, self.groups) = (roles, jurisdictions, groups)
    }

    /// What is no role of a person of the offices, or no division's code, counts for nothing: a directory has other groups as well.
    func principal(_ claims: JSONObject) throws(Denied) -> Principal {
        guard case .string(let account)? = claims["sub"], Principal.isAccount(account), !Self.isOurs(account) else { throw Denied.accountUnfit }
        let groups = Self.texts(claims[groups])
        let roles = Self.texts(claims[roles]) + groups.compactMap { $0.hasPrefix("lika:") ? String($0.dropFirst("lika:".count)) : nil }
        let divisions = Self.texts(claims[jurisdictions]) + groups.compactMap { $0.hasPrefix("lika:in:") ? String($0.dropFirst("lika:in:".count)) : nil }
        return Principal(
            account: account, roles: Set(roles.compactMap(Role.init(rawValue:))).intersection(Role.ofStaff), jurisdictions: divisions.compactMap(DivisionCode.init))
    }

    /// A list, or one text.
    private static func texts(_ value: JSONValue?) -> [String] {
        switch value {
        case .string(let text)?: [text]
        case .array(let items)?: items.compactMap { if case .string(let text) = $0 { text } else { nil } }
        default: []
        }
    }

    /// The suite's own names, under which it writes down what it did by itself.
    private static func isOurs(_ account: String) -> Bool {
        [Actor.suite.description, Actor.unnamed.description].contains(account) || account.hasPrefix("lika-")
    }
}

extension Denied {
    static let accountUnfit = Denied("account-unfit", mend: "the provider's sub must be 1 to 64 letters, digits and . _ @ -, and no name of this suite's own")
}
