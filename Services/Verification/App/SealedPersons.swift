import Contracts
import Crypto
import Foundation
import Registry
import VerificationDomain

/// Persons sealed to a department's key: a JWE in compact form (RFC 7516), by ECDH-ES on P-256 with A256GCM (RFC 7518), which
/// the JOSE libraries of all languages open. The plain text is the JSON of the persons.
///
/// Made with swift-crypto, whose primitives are BoringSSL's: what JWE adds is one derivation of a key and one line of text. A C
/// library for it would bring a second OpenSSL, a JSON parser and manual memory to the one place where all ID numbers pass.
enum SealedPersons {
    static let type = "verification-persons+jwe"
    private static let algorithm = "ECDH-ES"
    private static let encryption = "A256GCM"

    private struct Protected: Encodable {
        let alg = SealedPersons.algorithm
        let enc = SealedPersons.encryption
        let typ = SealedPersons.type
        let kid: String
        let epk: EphemeralKey
        /// What the key is agreed on for: this request. So the persons of one request cannot be put into another.
        let apu: String
        let apv: String
    }

    private struct EphemeralKey: Encodable {
        let kty = "EC"
        let crv = "P-256"
        let x: String
        let y: String

        init(_ key: P256.KeyAgreement.PublicKey) {
            let coordinates = Array(key.rawRepresentation)
            (x, y) = (Array(coordinates.prefix(32)).base64url, Array(coordinates.suffix(32)).base64url)
        }
    }

    /// Each time by a fresh ephemeral key, so that neither key nor nonce is ever used twice.
    static func seal(_ persons: [RequestSent.Person], to key: DepartmentKey, for request: RequestID) throws -> String {
        let recipient = try P256.KeyAgreement.PublicKey(rawRepresentation: key.publicKey)
        let ephemeral = P256.KeyAgreement.PrivateKey()
        let (from, to) = (Array("\(request)".utf8), Array(key.id.utf8))
        let protected = try JSON.encode(
            Protected(kid: key.id, epk: EphemeralKey(ephemeral.publicKey), apu: from.base64url, apv: to.base64url)).base64url
        let agreed = try ephemeral.sharedSecretFromKeyAgreement(with: recipient).withUnsafeBytes(Array.init)
        let contentKey = ConcatKDF.key(from: agreed, for: encryption, from, to, bits: 256)
        let box = try AES.GCM.seal(JSON.encode(persons), using: SymmetricKey(data: contentKey), authenticating: Data(protected.utf8))
        // The second part, an encrypted key, is empty: the key is agreed on, not sent.
        return "\(protected)..\(Array(box.nonce).base64url).\(Array(box.ciphertext).base64url).\(Array(box.tag).base64url)"
    }
}

/// The key derivation of ECDH-ES (RFC 7518, section 4.6; NIST SP 800-56A, section 5.8.1): one round of SHA-256, which is all that
/// a key of up to 256 bits needs.
enum ConcatKDF {
    static func key(from secret: [UInt8], for algorithm: String, _ partyU: [UInt8], _ partyV: [UInt8], bits: Int) -> [UInt8] {
        func counted(_ bytes: [UInt8]) -> [UInt8] { bigEndian(bytes.count) + bytes }
        let round = bigEndian(1) + secret + counted(Array(algorithm.utf8)) + counted(partyU) + counted(partyV) + bigEndian(bits)
        return Array(SHA256.hash(data: round).prefix(bits / 8))
    }

    private static func bigEndian(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(number).bigEndian, Array.init) }
}
