import Contracts
import Crypto
import Foundation
import JWTKit
import Registry

/// Signs and reads the embedded issuer's tokens: JWTs with Ed25519, those for access in the form of RFC 9068.
package struct Tokens: Sendable {
    package enum Use: String, Codable, Sendable {
        case access = "at+jwt"
        case session = "session+jwt"

        /// Seconds.
        var lifetime: Double {
            switch self {
            case .access: 15 * 60
            case .session: 8 * 3_600
            }
        }
    }

    /// The key is not 32 bytes in Base64.
    package struct KeyUnfit: Error { package init() {} }

    private let keys: JWTKeyCollection
    /// Seals what a browser brings back and no token is needed for. Of the same key, so that every instance knows it.
    let secret: SymmetricKey

    /// - Parameter key: 32 random bytes in Base64, which sign for whomever their holder names.
    package init(key: String) async throws {
        guard let seed = Data(base64Encoded: key), seed.count == 32 else { throw KeyUnfit() }
        secret = HKDF<SHA256>.deriveKey(inputKeyMaterial: SymmetricKey(data: seed), info: Data("lika browser".utf8), outputByteCount: 32)
        keys = await JWTKeyCollection().add(eddsa: EdDSA.PrivateKey(backing: try Curve25519.Signing.PrivateKey(rawRepresentation: seed)))
    }

    static let issuer = "lika-embedded"

    private struct Claims: JWTPayload {
        static let audience = "lika"

        let iss: String
        let aud: String
        let sub: String
        let exp: Double
        let iat: Double
        let roles: Set<Role>
        let jurisdictions: Reach
        /// As the header's `typ`, which a reader must not have to trust.
        let use: Use

        func verify(using algorithm: some JWTAlgorithm) throws {
            guard iss == Tokens.issuer, aud == Self.audience, exp > Date().timeIntervalSince1970, exp - iat <= use.lifetime, Principal.isAccount(sub)
            else { throw Denied.tokenUnfit }
        }
    }

    /// A token that says who this is, for as long as its use allows.
    package func issue(_ principal: Principal, _ use: Use, at now: Date = Date()) async throws -> String {
        let began = now.timeIntervalSince1970.rounded(.down)
        let claims = Claims(
            iss: Tokens.issuer, aud: Claims.audience, sub: principal.account, exp: began + use.lifetime, iat: began, roles: principal.roles,
            jurisdictions: principal.reach, use: use)
        return try await keys.sign(claims, header: ["typ": .string(use.rawValue)])
    }

    /// - Throws: ``Denied`` for what is forged, over, or meant for another use.
    package func principal(_ token: String, _ use: Use) async throws(Denied) -> Principal {
        do {
            let claims = try await keys.verify(token, as: Claims.self)
            guard claims.use == use else { throw Denied.tokenUnfit }
            return Principal(account: claims.sub, roles: claims.roles, reach: claims.jurisdictions)
        } catch { throw Denied.tokenUnfit }
    }
}
