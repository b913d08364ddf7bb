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

    /// What the settings say, before any key is read.
    package enum Choice: Sendable {
        case trusted
        case embedded(key: String, signInPage: Bool)
    }

    package init(_ choice: Choice) async throws {
        switch choice {
        case .trusted: self = .trusted
        case .embedded(let key, let signInPage):
            do { self = .embedded(try await Tokens(key: key), signInPage: signInPage) } catch is Tokens.KeyUnfit {
                throw Setting.Problem("LIKA_ACCESS_KEY", "must be 32 random bytes in Base64")
            }
        }
    }

    /// Who sends these headers; nobody where they say nothing, or where a session is over.
    ///
    /// - Throws: ``Denied`` for a bearer token that proves nothing.
    func principal(_ headers: HTTPFields) async throws -> Principal? {
        switch self {
        case .trusted:
            return try Actor.of(headers).map { Principal(account: $0.description, roles: Set(Role.allCases), reach: .everywhere) }
        case .embedded(let tokens, _):
            if let authorization = headers[.authorization] {
                guard authorization.lowercased().hasPrefix("bearer ") else { throw Denied.tokenUnfit }
                return try await tokens.principal(String(authorization.dropFirst("bearer ".count)), .access)
            }
            guard let session = headers[.cookie].flatMap(SignIn.session) else { return nil }
            return try? await tokens.principal(session, .session)
        }
    }

    /// Whether a caller of whom nothing is known is let through to what is not for everybody.
    var believesAnybody: Bool {
        switch self {
        case .trusted: true
        case .embedded: false
        }
    }

    var hasSignInPage: Bool {
        switch self {
        case .trusted, .embedded(_, signInPage: false): false
        case .embedded(_, signInPage: true): true
        }
    }

    /// What a service of the suite sends along when it asks another one.
    package func credentials(of account: String) async throws -> [(name: String, value: String)] {
        switch self {
        case .trusted: [("Lika-Actor", account)]
        case .embedded(let tokens, _):
            [("Authorization", "Bearer \(try await tokens.issue(Principal(account: account, roles: [.service], reach: .everywhere), .access))")]
        }
    }
}

extension Access.Choice {
    /// `LIKA_ACCESS`, `LIKA_ACCESS_KEY`, `LIKA_ACCESS_SIGN_IN`, `LIKA_PRODUCTION`: production refuses what only a demo may have.
    package init(_ settings: inout Settings) {
        let isProduction = settings.text("LIKA_PRODUCTION", default: "no") == "yes"
        let signIn = settings.text("LIKA_ACCESS_SIGN_IN", default: "off")
        if signIn != "off", signIn != "demo" { settings.note(Setting.Problem("LIKA_ACCESS_SIGN_IN", "must be off or demo")) }
        let way = settings.text("LIKA_ACCESS")
        let key = settings.secret("LIKA_ACCESS_KEY", default: way == "embedded" ? nil : "")
        switch way {
        case "embedded":
            if isProduction { settings.note(Setting.Problem("LIKA_ACCESS", "cannot be embedded in production: whoever has its key is anybody")) }
            self = .embedded(key: key, signInPage: signIn == "demo")
        case "trusted", "":
            if signIn == "demo" { settings.note(Setting.Problem("LIKA_ACCESS_SIGN_IN", "needs LIKA_ACCESS=embedded")) }
            self = .trusted
        default:
            settings.note(Setting.Problem("LIKA_ACCESS", "must be embedded, or trusted behind a proxy that signs people in"))
            self = .trusted
        }
    }
}
