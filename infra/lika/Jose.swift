import Contracts
import Crypto
import Foundation
import Registry

// JOSE as far as departments and the office need it: Ed25519 to sign (RFC 8037), ECDH-ES and A256GCM to seal (RFC 7518). Written
// beside the verification service's own, not from it: what checks departments must not share the service's mistakes.

/// The public half of a key (RFC 7517).
struct PublicKey: Codable, Equatable, Sendable {
    let crv: String
    let kty: String
    let x: String
    var y: String?
    var kid: String = ""
    var use: String?
    var alg: String?

    struct Unusable: Error, CustomStringConvertible {
        let what: String
        var description: String { what }
    }

    init(reading file: URL) throws {
        guard FileManager.default.fileExists(atPath: file.path) else { throw Unusable(what: "there is no key \(file.path)") }
        self = try JSON.decode(from: Array(Data(contentsOf: file)))
    }

    init(_ key: Curve25519.Signing.PublicKey) {
        (crv, kty, x) = ("Ed25519", "OKP", Array(key.rawRepresentation).base64url)
        kid = Base64URL.thumbprint(#"{"crv":"Ed25519","kty":"OKP","x":"\#(x)"}"#)
        (use, alg) = ("sig", "EdDSA")
    }

    init(_ key: P256.KeyAgreement.PublicKey) {
        let point = Array(key.rawRepresentation)
        (crv, kty, x) = ("P-256", "EC", Array(point.prefix(32)).base64url)
        let y = Array(point.suffix(32)).base64url
        self.y = y
        kid = Base64URL.thumbprint(#"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#)
        (use, alg) = ("enc", "ECDH-ES")
    }

    /// For signatures.
    var signing: Curve25519.Signing.PublicKey {
        get throws {
            guard kty == "OKP", crv == "Ed25519", let raw = [UInt8](base64url: x) else { throw Unusable(what: "key \(kid) is no Ed25519 key") }
            return try Curve25519.Signing.PublicKey(rawRepresentation: raw)
        }
    }

    /// To seal to.
    var sealing: P256.KeyAgreement.PublicKey {
        get throws {
            guard kty == "EC", crv == "P-256", let x = [UInt8](base64url: x), let y = y.flatMap([UInt8].init(base64url:)) else {
                throw Unusable(what: "key \(kid) is no P-256 key")
            }
            return try P256.KeyAgreement.PublicKey(rawRepresentation: x + y)
        }
    }
}

/// The two private keys of a department or of the office, as the reference clients keep them: PKCS #8 in PEM, for their owner only.
struct KeyPair: Sendable {
    let signing: Curve25519.Signing.PrivateKey
    let opening: P256.KeyAgreement.PrivateKey
    /// Of the key to sign with.
    let kid: String

    var publicSigning: PublicKey { PublicKey(signing.publicKey) }
    var publicSealing: PublicKey { PublicKey(opening.publicKey) }

    init() { self.init(Curve25519.Signing.PrivateKey(), P256.KeyAgreement.PrivateKey()) }

    private init(_ signing: Curve25519.Signing.PrivateKey, _ opening: P256.KeyAgreement.PrivateKey) {
        (self.signing, self.opening, kid) = (signing, opening, PublicKey(signing.publicKey).kid)
    }

    init(reading folder: URL, _ name: String) throws {
        func pem(_ file: String) throws -> String {
            let file = folder.appending(path: file)
            guard FileManager.default.fileExists(atPath: file.path) else { throw PublicKey.Unusable(what: "there is no key \(file.path)") }
            return try String(contentsOf: file, encoding: .utf8)
        }
        let text = try pem("\(name).key").split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        guard let der = Data(base64Encoded: text), der.starts(with: Self.ed25519), der.count >= Self.ed25519.count + 32 else {
            throw PublicKey.Unusable(what: "\(name).key is no Ed25519 key in PKCS #8")
        }
        self.init(
            try Curve25519.Signing.PrivateKey(rawRepresentation: der.dropFirst(Self.ed25519.count).prefix(32)),
            try P256.KeyAgreement.PrivateKey(pemRepresentation: pem("\(name).enc.key")))
    }

    /// Reads them, or makes them where there are none yet.
    init(in folder: URL, _ name: String) throws {
        if FileManager.default.fileExists(atPath: folder.appending(path: "\(name).key").path) {
            try self.init(reading: folder, name)
        } else {
            self.init()
            try write(to: folder, name)
        }
    }

    /// The private halves, and the public ones as `<name>.jwk.json` and `<name>.enc.jwk.json`.
    func write(to folder: URL, _ name: String) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let der = Data(Self.ed25519) + signing.rawRepresentation
        let pem = "-----BEGIN PRIVATE KEY-----\n\(der.base64EncodedString())\n-----END PRIVATE KEY-----\n"
        for (file, text) in [("\(name).key", pem), ("\(name).enc.key", opening.pemRepresentation + "\n")] {
            let path = folder.appending(path: file).path
            guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]) else {
                throw PublicKey.Unusable(what: "cannot write \(path)")
            }
        }
        for (file, key) in [("\(name).jwk.json", publicSigning), ("\(name).enc.jwk.json", publicSealing)] {
            try Data(JSON.encode(key)).write(to: folder.appending(path: file))
        }
    }

    /// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410).
    private static let ed25519: [UInt8] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
}

/// A JSON Web Signature by Ed25519 (RFC 7515).
enum Signed {
    struct Protected: Codable {
        let alg: String
        let kid: String
        let typ: String
        var crit: [String]?
    }

    struct Invalid: Error, CustomStringConvertible {
        let what: String
        var description: String { what }
    }

    static let result = "verification-result+jws"

    /// The signature beside the bytes: `<protected>..<signature>`.
    static func detached(_ value: [UInt8], type: String, by keys: KeyPair) throws -> String {
        let (protected, signature) = try sign(value, type, keys)
        return "\(protected)..\(signature)"
    }

    /// The signature around the bytes.
    static func compact(_ value: [UInt8], type: String, by keys: KeyPair) throws -> String {
        let (protected, signature) = try sign(value, type, keys)
        return "\(protected).\(value.base64url).\(signature)"
    }

    private static func sign(_ value: [UInt8], _ type: String, _ keys: KeyPair) throws -> (String, String) {
        let protected = try JSON.encode(Protected(alg: "EdDSA", kid: keys.kid, typ: type)).base64url
        return (protected, Array(try keys.signing.signature(for: Data("\(protected).\(value.base64url)".utf8))).base64url)
    }

    /// Throws unless the detached signature is `key`'s over exactly these bytes.
    static func verify(_ jws: String, over value: [UInt8], type: String, by key: PublicKey) throws {
        let parts = jws.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty else { throw Invalid(what: "not a detached signature <protected>..<signature>") }
        try verify(parts[0], value, parts[2], type, key)
    }

    /// What is signed, if it is `key`'s signature.
    static func opened(_ jws: String, type: String, by key: PublicKey) throws -> [UInt8] {
        let parts = jws.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let value = [UInt8](base64url: parts[1]) else { throw Invalid(what: "not a signed text") }
        try verify(parts[0], value, parts[2], type, key)
        return value
    }

    private static func verify(_ protected: Substring, _ value: [UInt8], _ signature: Substring, _ type: String, _ key: PublicKey) throws {
        guard let header = [UInt8](base64url: protected), let signature = [UInt8](base64url: signature) else {
            throw Invalid(what: "the signature is not base64url without padding")
        }
        let said = try JSON.decode(Protected.self, from: header)
        guard said.alg == "EdDSA" || said.alg == "Ed25519" else { throw Invalid(what: "alg is \(said.alg), not EdDSA or Ed25519") }
        guard said.kid == key.kid else { throw Invalid(what: "kid is not that of the registered key") }
        guard said.typ == type else { throw Invalid(what: "typ is not \(type)") }
        guard said.crit == nil else { throw Invalid(what: "crit names extensions") }
        guard try key.signing.isValidSignature(signature, for: Data("\(protected).\(value.base64url)".utf8)) else {
            throw Invalid(what: "the signature is not that key's over these bytes")
        }
    }
}

/// A compact JSON Web Encryption (RFC 7516) by ECDH-ES on P-256 and A256GCM.
enum Sealed {
    struct Protected: Codable {
        let alg: String
        let enc: String
        var kid: String?
        var cty: String?
        /// For whom and by whom the key was agreed on (RFC 7518, section 4.6.1).
        var apu: String?
        var apv: String?
        let epk: PublicPoint
    }

    struct PublicPoint: Codable {
        let crv: String
        let kty: String
        let x: String
        let y: String
    }

    struct Unopened: Error, CustomStringConvertible {
        let what: String
        var description: String { what }
    }

    /// - Parameter name: What it is for, bound into the key together with the key's id.
    static func seal(_ text: [UInt8], to key: PublicKey, holding type: String? = nil, for name: String? = nil) throws -> String {
        let ephemeral = P256.KeyAgreement.PrivateKey()
        let point = PublicKey(ephemeral.publicKey)
        let (apu, apv) = (name.map { Array($0.utf8) }, name.map { _ in Array(key.kid.utf8) })
        let header = Protected(
            alg: "ECDH-ES", enc: "A256GCM", kid: key.kid, cty: type, apu: apu?.base64url, apv: apv?.base64url,
            epk: PublicPoint(crv: point.crv, kty: point.kty, x: point.x, y: point.y ?? ""))
        let protected = try JSON.encode(header).base64url
        let content = contentKey(try ephemeral.sharedSecretFromKeyAgreement(with: key.sealing), apu: apu ?? [], apv: apv ?? [])
        let box = try AES.GCM.seal(Data(text), using: content, authenticating: Data(protected.utf8))
        return "\(protected)..\(Array(box.nonce).base64url).\(Array(box.ciphertext).base64url).\(Array(box.tag).base64url)"
    }

    static func open(_ token: String, with key: P256.KeyAgreement.PrivateKey) throws -> [UInt8] {
        let parts = token.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[1].isEmpty else { throw Unopened(what: "not a compact JWE of ECDH-ES") }
        let bytes = parts.map { [UInt8](base64url: $0) }
        guard let header = bytes[0], let nonce = bytes[2], let text = bytes[3], let tag = bytes[4] else { throw Unopened(what: "not base64url") }
        let said = try JSON.decode(Protected.self, from: header)
        guard said.alg == "ECDH-ES", said.enc == "A256GCM" else { throw Unopened(what: "sealed by \(said.alg) and \(said.enc), not ECDH-ES and A256GCM") }
        if let kid = said.kid, kid != PublicKey(key.publicKey).kid { throw Unopened(what: "sealed to another key (kid \(kid))") }
        let sender = try PublicKey(said.epk).sealing
        func name(_ text: String?) -> [UInt8] { text.flatMap { [UInt8](base64url: $0) } ?? [] }
        let content = contentKey(try key.sharedSecretFromKeyAgreement(with: sender), apu: name(said.apu), apv: name(said.apv))
        let box = try AES.GCM.SealedBox(nonce: AES.GCM.Nonce(data: nonce), ciphertext: text, tag: tag)
        do { return Array(try AES.GCM.open(box, using: content, authenticating: Data(parts[0].utf8))) } catch {
            throw Unopened(what: "it was changed after sealing, or sealed to another key")
        }
    }

    /// The one-step key derivation of NIST SP 800-56A as RFC 7518, section 4.6.2 sets it up.
    private static func contentKey(_ secret: SharedSecret, apu: [UInt8], apv: [UInt8]) -> SymmetricKey {
        func number(_ value: Int) -> [UInt8] { [UInt8(value >> 24 & 255), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)] }
        var hash = SHA256()
        hash.update(data: number(1))
        secret.withUnsafeBytes { hash.update(bufferPointer: $0) }
        for name in [Array("A256GCM".utf8), apu, apv] { hash.update(data: number(name.count) + name) }
        hash.update(data: number(256))
        return SymmetricKey(data: hash.finalize())
    }
}

extension PublicKey {
    init(_ point: Sealed.PublicPoint) { (crv, kty, x, y) = (point.crv, point.kty, point.x, point.y) }
}

enum Base64URL {
    /// RFC 7638, of the canonical form.
    static func thumbprint(_ canonical: String) -> String { Array(SHA256.hash(data: Data(canonical.utf8))).base64url }
}
