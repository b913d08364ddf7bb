import Contracts
import Foundation
import HTTPTypes
import Registry

/// How a service learns who calls.
package enum Access: Sendable {
    /// A proxy in front signs people in and says in `Lika-Actor` who calls; whoever reaches the service past it is believed.
    case trusted
    /// The suite's own small issuer, for a laptop and for rehearsals: `lika token`, and, if switched on, a page on which anybody
    /// chooses an account of the demo.
    case embedded(Tokens, signInPage: Bool)
    /// An OpenID Connect provider knows the people, and issues the access tokens of programs. Sessions of pages, and what the
    /// suite's own services show each other, are tokens of the suite's own key.
    case oidc(OpenID)

    /// What the settings say, before any key is read.
    package enum Choice: Sendable {
        case trusted
        case embedded(key: String, signInPage: Bool)
        case oidc(key: String, OpenIDSettings)
    }

    package init(_ choice: Choice) async throws {
        switch choice {
        case .trusted: self = .trusted
        case .embedded(let key, let signInPage):
            self = .embedded(try await Self.tokens(key), signInPage: signInPage)
        case .oidc(let key, let settings): self = .oidc(OpenID(settings, tokens: try await Self.tokens(key)))
        }
    }

    private static func tokens(_ key: String) async throws -> Tokens {
        do { return try await Tokens(key: key) } catch is Tokens.KeyUnfit {
            throw Setting.Problem("LIKA_ACCESS_KEY", "must be 32 random bytes in Base64")
        }
    }

    /// Somebody who has shown who they are.
    struct Caller {
        let principal: Principal
        /// Of the session by whose cookie they show it; nothing where no browser adds by itself what shows it.
        var formKey: FormKey?
    }

    /// Who sends these headers; nobody where they say nothing, or where a session is over.
    ///
    /// - Throws: ``Denied`` for a bearer token that proves nothing.
    func caller(_ headers: HTTPFields) async throws -> Caller? {
        switch self {
        case .trusted: try Actor.of(headers).map { Caller(principal: Principal(account: $0.description, roles: Set(Role.allCases), reach: .everywhere)) }
        case .embedded(let tokens, _): try await caller(headers, tokens) { try await tokens.principal($0, .access) }
        case .oidc(let openID): try await caller(headers, openID.tokens, bearing: openID.principal)
        }
    }

    private func caller(_ headers: HTTPFields, _ tokens: Tokens, bearing: (String) async throws -> Principal) async throws -> Caller? {
        if let authorization = headers[.authorization] {
            guard authorization.lowercased().hasPrefix("bearer ") else { throw Denied.tokenUnfit }
            return Caller(principal: try await bearing(String(authorization.dropFirst("bearer ".count))))
        }
        guard let session = headers[.cookie].flatMap(SignIn.session) else { return nil }
        do { return Caller(principal: try await tokens.principal(session, .session), formKey: FormKey(session: session, secret: tokens.secret)) } catch { return nil }
    }

    /// Whether a caller of whom nothing is known is let through to what is not for everybody.
    var believesAnybody: Bool {
        switch self {
        case .trusted: true
        case .embedded, .oidc: false
        }
    }

    var hasSignInPage: Bool {
        switch self {
        case .trusted, .embedded(_, signInPage: false): false
        case .embedded(_, signInPage: true), .oidc: true
        }
    }

    /// What a service of the suite sends along when it asks another one.
    package func credentials(of account: String) async throws -> [(name: String, value: String)] {
        switch self {
        case .trusted: [("Lika-Actor", account)]
        case .embedded(let tokens, _): [try await Self.shown(by: account, tokens)]
        case .oidc(let openID): [try await Self.shown(by: account, openID.tokens)]
        }
    }

    private static func shown(by service: String, _ tokens: Tokens) async throws -> (name: String, value: String) {
        ("Authorization", "Bearer \(try await tokens.issue(Principal(account: service, roles: [.service], reach: .everywhere), .access))")
    }
}

extension Access.Choice {
    /// `LIKA_ACCESS`, `LIKA_ACCESS_KEY`, `LIKA_ACCESS_SIGN_IN`, `LIKA_PRODUCTION`: production refuses what only a demo may have. With
    /// `LIKA_ACCESS=oidc` also `LIKA_OIDC_*` (see ``OpenIDSettings``).
    ///
    /// - Parameter home: Where browsers reach this service.
    package init(_ settings: inout Settings, home: String? = nil) {
        let isProduction = settings.text("LIKA_PRODUCTION", default: "no") == "yes"
        let signIn = settings.text("LIKA_ACCESS_SIGN_IN", default: "off")
        if signIn != "off", signIn != "demo" { settings.note(Setting.Problem("LIKA_ACCESS_SIGN_IN", "must be off or demo")) }
        let way = settings.text("LIKA_ACCESS")
        let key = settings.secret("LIKA_ACCESS_KEY", default: way == "embedded" || way == "oidc" ? nil : "")
        switch way {
        case "embedded":
            if isProduction { settings.note(Setting.Problem("LIKA_ACCESS", "cannot be embedded in production: whoever has its key is anybody")) }
            self = .embedded(key: key, signInPage: signIn == "demo")
        case "oidc":
            if signIn == "demo" { settings.note(Setting.Problem("LIKA_ACCESS_SIGN_IN", "needs LIKA_ACCESS=embedded")) }
            self = .oidc(key: key, OpenIDSettings(&settings, home: home))
        case "trusted", "":
            if signIn == "demo" { settings.note(Setting.Problem("LIKA_ACCESS_SIGN_IN", "needs LIKA_ACCESS=embedded")) }
            self = .trusted
        default:
            settings.note(Setting.Problem("LIKA_ACCESS", "must be oidc, or embedded, or trusted behind a proxy that signs people in"))
            self = .trusted
        }
    }
}
