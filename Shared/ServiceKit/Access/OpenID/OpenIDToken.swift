import Contracts
import Foundation
import JWTKit
import Registry

/// A provider's token, read but not yet believed.
struct OpenIDToken: Sendable {
    struct Header: Decodable {
        let alg: String
        let kid: String?
        let typ: String?
        let crit: [String]?
    }

    /// Those that sign with a private key; all others are refused, first of all `none`, and `HS256`, for which a public key that
    /// everybody has would be the secret (RFC 8725, 3.1).
    enum Algorithm: String, CaseIterable, Sendable {
        case rs256 = "RS256"
        case ps256 = "PS256"
        case es256 = "ES256"
        case edDSA = "EdDSA"
    }

    let text: String
    let algorithm: Algorithm
    let kid: String?
    let typ: String?
    let claims: JSONObject

    init(_ text: String) throws(Denied) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.longest, parts.count == 3, let head = [UInt8](base64url: parts[0]), let payload = [UInt8](base64url: parts[1]) else {
            throw Denied.tokenUnfit
        }
        do {
            let header = try JSON.decode(Header.self, from: head)
            guard header.crit == nil, let algorithm = Algorithm(rawValue: header.alg), case .object(let claims) = try JSON.decode(JSONValue.self, from: payload)
            else { throw Denied.tokenUnfit }
            (self.text, self.algorithm, self.claims) = (text, algorithm, claims)
            (kid, typ) = (header.kid, header.typ?.lowercased())
        } catch { throw Denied.tokenUnfit }
    }

    /// Longer than any header may be anyway.
    private static let longest = 16 << 10

    /// Whom it says it is from, which anybody can say.
    var issuer: String? { text("iss") }

    func text(_ claim: String) -> String? { if case .string(let text)? = claims[claim] { text } else { nil } }

    private func time(_ claim: String) -> Double? {
        switch claims[claim] {
        case .integer(let seconds)?: Double(seconds)
        case .number(let seconds)?: seconds
        default: nil
        }
    }

    private var audiences: [String] {
        switch claims["aud"] {
        case .string(let one)?: [one]
        case .array(let all)?: all.compactMap { if case .string(let text) = $0 { text } else { nil } }
        default: []
        }
    }

    // MARK: What it must be, before anybody asks for its key

    /// Clocks differ a little.
    private static let skew = 60.0

    /// An access token as RFC 9068 has it, of a quarter of an hour at most.
    func check(forAccessTo audience: String, from issuer: String, at now: Double = Date().timeIntervalSince1970) throws(Denied) {
        guard typ == "at+jwt" || typ == "application/at+jwt", self.issuer == issuer, audiences.contains(audience),
            let begun = time("iat"), let end = time("exp"), begun <= now + Self.skew, end > now, end - begun <= Tokens.Use.access.lifetime,
            (time("nbf") ?? 0) <= now + Self.skew
        else { throw Denied.tokenUnfit }
    }

    /// An ID token (OpenID Connect Core 3.1.3.7), fresh from the provider, for this client and this very sign-in.
    func check(for client: String, from issuer: String, nonce: String, at now: Double = Date().timeIntervalSince1970) throws(Denied) {
        let authorized = text("azp")
        guard typ == nil || typ == "jwt", self.issuer == issuer, audiences.contains(client), authorized == nil || authorized == client,
            audiences.count == 1 || authorized == client, let begun = time("iat"), let end = time("exp"), abs(now - begun) <= 10 * Self.skew,
            end > now, text("nonce") == nonce
        else { throw Denied.tokenUnfit }
    }
}

/// A key by which a provider signs, as its key set has it.
struct OpenIDKey: Sendable {
    let kid: String?
    private let type: String
    private let curve: String?
    private let declared: String?
    private let jwk: JWK

    /// - Parameter entry: Of the set; keys of other kinds and for other uses are none.
    init?(_ entry: JSONValue) throws {
        struct Members: Decodable {
            let kty: String
            let kid, crv, alg, use: String?
        }
        guard case .success(let members) = try entry.read(as: Members.self), ["RSA", "EC", "OKP"].contains(members.kty), members.use ?? "sig" == "sig"
        else { return nil }
        do { jwk = try JSONDecoder().decode(JWK.self, from: Data(JSON.encode(entry))) } catch is DecodingError { return nil }
        (kid, type, curve, declared) = (members.kid, members.kty, members.crv, members.alg)
    }

    private func fits(_ algorithm: OpenIDToken.Algorithm) -> Bool {
        guard declared == nil || declared == algorithm.rawValue else { return false }
        return switch algorithm {
        case .rs256, .ps256: type == "RSA"
        case .es256: type == "EC" && curve == "P-256"
        case .edDSA: type == "OKP" && curve == "Ed25519"
        }
    }

    /// The one of these that a token of this algorithm names; of several, one that names none is nobody's.
    static func named(_ kid: String?, for algorithm: OpenIDToken.Algorithm, in keys: [OpenIDKey]) -> OpenIDKey? {
        let fitting = keys.filter { $0.fits(algorithm) && (kid == nil || $0.kid == kid) }
        return fitting.count == 1 ? fitting[0] : nil
    }

    /// - Throws: ``Denied`` unless it signed the token.
    func verify(_ token: OpenIDToken) async throws {
        struct Signed: JWTPayload {
            init(from decoder: any Decoder) throws {}
            func encode(to encoder: any Encoder) throws {}
            func verify(using algorithm: some JWTAlgorithm) throws {}
        }
        var jwk = jwk
        jwk.algorithm = JWK.Algorithm(rawValue: token.algorithm.rawValue)
        jwk.keyIdentifier = JWKIdentifier(string: token.kid ?? "only")
        do { _ = try await JWTKeyCollection().add(jwk: jwk).verify(token.text, as: Signed.self) } catch { throw Denied.tokenUnfit }
    }
}
