import Contracts
import Crypto
import Foundation
import Registry
import VerificationDomain

/// A signature that travels beside what it signs: `<protected>..<signature>` (RFC 7515, appendix F), by Ed25519 (RFC 8037).
///
/// Only the exact bytes count; nothing is parsed and written again before it is verified.
struct DetachedJWS {
    let algorithm: String
    let kid: String
    private let protected: Substring
    private let signature: [UInt8]

    /// The only kind of thing that a department signs for us, so that no other signature of its key can pass for one.
    static let type = "verification-result+jws"

    private struct Protected: Decodable {
        let alg: String
        let kid: String
        let typ: String
        /// Extensions that must be understood; we understand none.
        let crit: [String]?
    }

    /// Nothing, if the text is no detached JWS of a result.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false).map { Substring($0) }
        guard parts.count == 3, parts[1].isEmpty, let header = [UInt8](base64url: parts[0]), let signature = [UInt8](base64url: parts[2])
        else { return nil }
        do {
            let protected = try JSON.decode(Protected.self, from: header)
            guard protected.typ == Self.type, protected.crit == nil else { return nil }
            (algorithm, kid) = (protected.alg, protected.kid)
        } catch { return nil }
        (protected, self.signature) = (parts[0], signature)
    }

    func holds(over value: [UInt8], by key: DepartmentKey) -> Bool {
        let signed = Data(protected.utf8) + [UInt8(ascii: ".")] + Data(value.base64url.utf8)
        do {
            return try Curve25519.Signing.PublicKey(rawRepresentation: key.publicKey).isValidSignature(signature, for: signed)
        } catch { return false }
    }
}

extension Signature {
    /// Reads the header `jws` of a result that came as `value`.
    init(_ header: String?, over value: [UInt8], key: (String) throws -> DepartmentKey?) rethrows {
        guard let header else { self = .missing; return }
        guard let jws = DetachedJWS(header) else { self = .unreadable; return }
        let holds = try key(jws.kid).map { jws.holds(over: value, by: $0) } ?? false
        self = .read(algorithm: jws.algorithm, kid: jws.kid, holds: holds)
    }
}

extension Fingerprint {
    init(of bytes: [UInt8]) { self.init(SHA256.hash(data: bytes)) }
}
