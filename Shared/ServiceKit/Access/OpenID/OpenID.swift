import AsyncHTTPClient
import Contracts
import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import Registry

/// Sign-in by OpenID Connect: authorization code with PKCE for people, access tokens of the same provider for programs.
package struct OpenID: Sendable {
    let settings: OpenIDSettings
    let tokens: Tokens
    let provider: OpenIDProvider

    init(_ settings: OpenIDSettings, tokens: Tokens, pace: OpenIDProvider.Pace = OpenIDProvider.Pace()) {
        (self.settings, self.tokens, provider) = (settings, tokens, OpenIDProvider(settings.issuer, pace: pace))
    }

    /// Whom a bearer token names: the provider's people, or a service of the suite. What the suite's own key signs can be nobody else.
    func principal(_ bearer: String) async throws -> Principal {
        let token = try OpenIDToken(bearer)
        if token.issuer == Tokens.issuer {
            let principal = try await tokens.principal(bearer, .access)
            guard principal.roles == [.service] else { throw Denied.tokenUnfit }
            return principal
        }
        try token.check(forAccessTo: settings.audience, from: settings.issuer)
        try await provider.verify(token)
        return try settings.claims.principal(token.claims)
    }

    // MARK: A sign-in

    /// What the browser carries while its person is at the provider, sealed. State, nonce and the code's verifier are made of the seed
    /// by a key that the browser does not know.
    struct Flow: Codable {
        let seed: String
        /// Where it leads in the end.
        let to: String
        /// Seconds since 1970.
        let until: Double

        static let seconds = 600

        init(to: String) {
            seed = SymmetricKey(size: .bits256).withUnsafeBytes(Array.init).base64url
            (self.to, until) = (to, Date().timeIntervalSince1970 + Double(Self.seconds))
        }
    }

    func sealed(_ flow: Flow) throws -> String {
        let text = try JSON.encode(flow).base64url
        return "\(text).\(made(of: text, for: "flow"))"
    }

    /// Nothing if it is another's, or over.
    func opened(_ sealed: String) -> Flow? {
        let parts = sealed.split(separator: ".")
        guard parts.count == 2, isMade(parts[1], of: String(parts[0]), for: "flow"), let bytes = [UInt8](base64url: parts[0]) else { return nil }
        do {
            let flow = try JSON.decode(Flow.self, from: bytes)
            return flow.until > Date().timeIntervalSince1970 ? flow : nil
        } catch { return nil }
    }

    func state(of flow: Flow) -> String { made(of: flow.seed, for: "state") }
    func isState(_ given: String, of flow: Flow) -> Bool { isMade(given[...], of: flow.seed, for: "state") }
    private func nonce(of flow: Flow) -> String { made(of: flow.seed, for: "nonce") }
    private func verifier(of flow: Flow) -> String { made(of: flow.seed, for: "verifier") }

    private func made(of text: String, for use: String) -> String {
        Array(HMAC<SHA256>.authenticationCode(for: Data("\(use) \(text)".utf8), using: tokens.secret)).base64url
    }

    private func isMade(_ given: Substring, of text: String, for use: String) -> Bool {
        guard let bytes = [UInt8](base64url: given) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: Data("\(use) \(text)".utf8), using: tokens.secret)
    }

    /// Where the provider sends people back to; it must know this address beforehand.
    private var back: String { settings.home + OpenIDSignIn.backPath }

    /// Where a person signs in.
    func address(of flow: Flow) async throws -> String {
        let challenge = Array(SHA256.hash(data: Data(verifier(of: flow).utf8))).base64url
        return Self.address(
            try await provider.description().authorizationEndpoint,
            [
                ("response_type", "code"), ("client_id", settings.client), ("redirect_uri", back), ("scope", settings.scope), ("state", state(of: flow)),
                ("nonce", nonce(of: flow)), ("code_challenge", challenge), ("code_challenge_method", "S256"),
            ])
    }

    /// Who has signed in, for the code that the browser brought back.
    func redeem(_ code: String, _ flow: Flow) async throws -> Principal {
        var request = HTTPClientRequest(url: try await provider.description().tokenEndpoint)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "accept", value: "application/json")
        let credentials = "\(Call.escaped(settings.client)):\(Call.escaped(settings.secret))"
        request.headers.add(name: "authorization", value: "Basic \(Data(credentials.utf8).base64EncodedString())")
        request.body = .bytes(ByteBuffer(string: Self.query([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", back), ("code_verifier", verifier(of: flow)),
        ])))
        struct Answer: Decodable {
            let idToken: String
            private enum CodingKeys: String, CodingKey { case idToken = "id_token" }
        }
        let answer: Answer
        do { answer = try JSON.decode(from: try await OpenIDProvider.answer(request)) } catch is JSON.Failure { throw Denied.signInRefused }
        let token = try OpenIDToken(answer.idToken)
        try token.check(for: settings.client, from: settings.issuer, nonce: nonce(of: flow))
        try await provider.verify(token, isTheirs: true)
        return try settings.claims.principal(token.claims)
    }

    /// Where the provider ends its own session, if it offers that and can be reached.
    func endOfSession() async -> String? {
        do {
            return try await provider.description().endSessionEndpoint.map {
                Self.address($0, [("client_id", settings.client), ("post_logout_redirect_uri", settings.home + "/")])
            }
        } catch { return nil }
    }

    private static func address(_ endpoint: String, _ parameters: [(String, String)]) -> String {
        endpoint + (endpoint.contains("?") ? "&" : "?") + query(parameters)
    }

    private static func query(_ parameters: [(String, String)]) -> String {
        parameters.map { "\($0)=\(Call.escaped($1))" }.joined(separator: "&")
    }
}
