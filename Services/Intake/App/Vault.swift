import Contracts
import Crypto
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Seals what must not lie open, and recognises persons without knowing their numbers.
///
/// A sealed value is `format | algorithm | key | nonce | ciphertext | tag` and bound to its cell: it opens in no other row.
struct Vault: Sendable {
    private let sealing: SymmetricKey
    private let hashing: SymmetricKey
    /// The first bytes of the key's own hash: which key sealed a value.
    private let name: [UInt8]

    private static let format: UInt8 = 1
    private static let aesGCM: UInt8 = 1

    /// The key's bytes, if `text` is 32 bytes in base64.
    static func material(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.count == 32 else { return nil }
        return Array(data)
    }

    init(_ material: [UInt8]) {
        let key = SymmetricKey(data: material)
        func derived(_ use: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Data("lika.intake.\(use)".utf8), outputByteCount: 32)
        }
        (sealing, hashing) = (derived("seal"), derived("hash"))
        name = derived("name").withUnsafeBytes { Array(SHA256.hash(data: $0).prefix(4)) }
    }

    /// A value that cannot be opened: another key's, another cell's, or damaged. Says nothing more.
    struct Unopenable: Error {}

    func seal(_ value: some Encodable, in cell: Cell) throws -> Bytes {
        let box = try AES.GCM.seal(JSON.encode(value), using: sealing, authenticating: cell.address)
        return Bytes([Self.format, Self.aesGCM] + name + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag))
    }

    func open<Value: Decodable>(_ sealed: Bytes, in cell: Cell, as type: Value.Type = Value.self) throws -> Value {
        let (head, body) = (sealed.array.prefix(2 + name.count), sealed.array.dropFirst(2 + name.count))
        guard Array(head) == [Self.format, Self.aesGCM] + name else { throw Unopenable() }
        let opened: Data
        do { opened = try AES.GCM.open(AES.GCM.SealedBox(combined: Data(body)), using: sealing, authenticating: cell.address) } catch {
            throw Unopenable()
        }
        return try JSON.decode(type, from: Array(opened))
    }

    /// The keyed hash of an ID number.
    func hash(_ residentID: ResidentID) -> PersonHash { PersonHash(code("person", Array(residentID.reveal.utf8))) }

    /// Equal for equal values only; useless to who has not the key, since an income alone is soon guessed.
    func fingerprint(_ value: some Encodable) throws -> String { try code("entry", JSON.encode(value)) }

    private func code(_ use: String, _ bytes: [UInt8]) -> String {
        var mac = HMAC<SHA256>(key: hashing)
        mac.update(data: Array("\(use)\0".utf8))
        mac.update(data: bytes)
        return mac.finalize().map { byte in byte < 16 ? "0\(String(byte, radix: 16))" : String(byte, radix: 16) }.joined()
    }
}

/// Where a sealed value lies.
struct Cell {
    let address: [UInt8]

    private init(_ column: String, _ row: String) { address = Array("\(column)/\(row)".utf8) }

    static func entry(_ household: HouseholdID) -> Cell { Cell("entries.sealed", "\(household)") }
    static func identifier(_ member: MemberID) -> Cell { Cell("identifiers.sealed", "\(member)") }
    static func survey(_ campaign: CampaignID, _ household: HouseholdID) -> Cell { Cell("surveys.sealed", "\(campaign)/\(household)") }
    static func surveyConflict(_ id: UUID) -> Cell { Cell("survey_conflicts.sealed", id.lowercased) }
    static func proposal(_ id: CaseID) -> Cell { Cell("proposals.sealed", "\(id)") }
    static func assessment(_ id: UUID) -> Cell { Cell("assessments.sealed", id.lowercased) }
    static func judgement(_ id: UUID) -> Cell { Cell("judgements.sealed", id.lowercased) }
}
