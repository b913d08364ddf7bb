import Contracts
import Crypto
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Keeps the keys of what must not lie open, and recognises persons without knowing their numbers.
///
/// Every household has a data key of its own, which seals whatever is said of it; the data keys lie in the table
/// `household_keys`, each wrapped (AES key wrap, RFC 3394) by a key from file. Whoever deletes a household's data key makes
/// all its cells unreadable, in every copy of the tables.
///
/// The file may hold several keys, oldest first. The newest wraps; the older ones only open, until nothing lies under them.
/// From the first one the index is derived too, so it stays: under another, no person would be recognised.
struct Vault: Sendable {
    /// The name of the key from file that wraps.
    let newest: String
    private let wrapping: [String: SymmetricKey]
    private let index: SymmetricKey
    /// Seals files on their way into the books.
    let uploading: SymmetricKey

    /// The bytes of the keys, if `text` is one or more of them, each 32 bytes in base64, one a line and none twice.
    static func material(_ text: String) -> [[UInt8]]? {
        let lines = text.split(whereSeparator: \.isWhitespace)
        let keys = lines.compactMap { Data(base64Encoded: String($0)).map(Array.init) }.filter { $0.count == 32 }
        return keys.isEmpty || keys.count < lines.count || Set(keys).count < keys.count ? nil : keys
    }

    init(_ first: [UInt8], _ later: [[UInt8]] = []) {
        let keys = ([first] + later).map { (name: Self.name(of: $0), key: Self.derived("wrap", from: $0)) }
        newest = keys.last?.name ?? ""
        wrapping = Dictionary(keys.map { ($0.name, $0.key) }, uniquingKeysWith: { $1 })
        (index, uploading) = (Self.derived("index", from: first), Self.derived("upload", from: first))
    }

    /// HKDF (RFC 5869) under a label, so that no key has two uses.
    private static func derived(_ use: String, from material: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: SymmetricKey(data: material), info: Data("lika.intake.\(use)".utf8), outputByteCount: 32)
    }

    /// What a key is called where nobody may see it.
    private static func name(of material: [UInt8]) -> String {
        derived("name", from: material).withUnsafeBytes { SHA256.hash(data: $0).prefix(4).hexadecimal }
    }

    /// The names of the keys that open and no longer wrap.
    var older: [String] { wrapping.keys.filter { $0 != newest }.sorted() }

    /// A value that cannot be opened: another key's, another cell's, damaged, or of a household whose key is gone. Says
    /// nothing more.
    struct Unopenable: Error {}

    // MARK: Data keys

    func newKey(_ id: UUID) throws -> WrappedKey { try wrap(SymmetricKey(size: .bits256), id) }

    func open(_ wrapped: WrappedKey) throws -> HouseholdKey {
        guard let key = wrapping[wrapped.under] else { throw Unopenable() }
        do { return HouseholdKey(id: wrapped.id, key: try AES.KeyWrap.unwrap(wrapped.bytes.array, using: key)) } catch { throw Unopenable() }
    }

    /// The same data key under the newest key: what it sealed stays as it is.
    func rewrap(_ wrapped: WrappedKey) throws -> WrappedKey { try wrap(open(wrapped).key, wrapped.id) }

    private func wrap(_ key: SymmetricKey, _ id: UUID) throws -> WrappedKey {
        guard let wrapper = wrapping[newest] else { throw Unopenable() }
        return WrappedKey(id: id, under: newest, bytes: Bytes(Array(try AES.KeyWrap.wrap(key, using: wrapper))))
    }

    // MARK: Index

    /// The keyed hash of an ID number (HMAC-SHA-256), of whatever spelling.
    func hash(_ residentID: ResidentID) -> PersonHash {
        let text = residentID.reveal
        // Only a number that was typed in full-width digits needs the table of all scripts.
        let plain = text.utf8.allSatisfy { $0 < 128 } ? text : text.precomposedStringWithCompatibilityMapping
        return PersonHash(code("person", Array(plain.uppercased().utf8)))
    }

    /// Equal for equal values only; useless to who has not the key, since an income alone is soon guessed.
    func fingerprint(_ value: some Encodable) throws -> String { try code("entry", JSON.encode(value)) }

    private func code(_ use: String, _ bytes: [UInt8]) -> String { mac(use, bytes).hexadecimal }

    private func mac(_ use: String, _ bytes: [UInt8]) -> [UInt8] {
        var mac = HMAC<SHA256>(key: index)
        mac.update(data: Array("\(use)\0".utf8))
        mac.update(data: bytes)
        return Array(mac.finalize())
    }

    // MARK: Tips

    /// What is recognised of a tip and lies nowhere open.
    enum TipSign: String {
        case receipt = "tip.receipt"
        /// The key under which it was sent, and what was sent.
        case sending = "tip.sending"
        case content = "tip.content"
        /// The sender's network, for a day.
        case client = "tip.client"
    }

    func hash(_ sign: TipSign, _ text: String) -> String { code(sign.rawValue, Array(text.utf8)) }

    /// The receipt code of a tip: random to whoever lacks this vault's key or the key under which the tip was sent. So it is
    /// kept nowhere, and yet told once more to a sender whom the first answer did not reach.
    func receiptCode(of tip: TipID, sentUnder key: String) -> ReceiptCode { ReceiptCode(mac("tip.code", Array("\(tip) \(key)".utf8))) }
}

/// A household's data key as it lies in the table: useless without the key from file that it names.
struct WrappedKey: Equatable, Sendable {
    let id: UUID
    let under: String
    let bytes: Bytes
}

/// A household's data key. Seals and opens that household's cells, and no other's.
///
/// A sealed value is `version | algorithm | key's id, 16 bytes | nonce, 12 | ciphertext | tag, 16`, by AES-256-GCM with the
/// cell's address as associated data: it opens in no other column and no other row. The algorithm has a number, since
/// another may be demanded (SM4).
struct HouseholdKey: Sendable {
    let id: UUID
    fileprivate let key: SymmetricKey

    private static let version: UInt8 = 2
    private static let aesGCM: UInt8 = 1

    private var head: [UInt8] { [Self.version, Self.aesGCM] + withUnsafeBytes(of: id.uuid, Array.init) }

    func seal(_ value: some Encodable, in cell: Cell) throws -> Bytes {
        let box = try AES.GCM.seal(JSON.encode(value), using: key, authenticating: cell.address)
        return Bytes(head + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag))
    }

    func open<Value: Decodable>(_ sealed: Bytes, in cell: Cell, as type: Value.Type = Value.self) throws -> Value {
        guard sealed.array.starts(with: head) else { throw Vault.Unopenable() }
        let opened: Data
        do {
            opened = try AES.GCM.open(AES.GCM.SealedBox(combined: Data(sealed.array.dropFirst(head.count))), using: key, authenticating: cell.address)
        } catch { throw Vault.Unopenable() }
        return try JSON.decode(type, from: Array(opened))
    }
}

/// Where a sealed value lies: schema, table, column and row.
struct Cell {
    let address: [UInt8]

    private init(_ column: String, _ row: String) { address = Array("intake.\(column)/\(row)".utf8) }

    static func entry(_ household: HouseholdID, version: Int) -> Cell { Cell("entries.sealed", "\(household)/\(version)") }
    static func identifier(_ member: MemberID) -> Cell { Cell("identifiers.sealed", "\(member)") }
    static func effect(_ measure: MeasureKey, version: Int) -> Cell {
        Cell("measures.effect", "\(measure.household)/\(measure.year)/\(measure.measure)/\(version)")
    }
    static func position(_ location: LocationID, version: Int) -> Cell { Cell("location_steps.sealed", "\(location)/\(version)") }
    /// The first visit lies where the one survey lay that used to stand for all of them.
    static func visit(_ number: Int, of household: HouseholdID, in campaign: CampaignID) -> Cell {
        number == 1 ? Cell("surveys.sealed", "\(campaign)/\(household)") : Cell("visits.sealed", "\(campaign)/\(household)/\(number)")
    }
    static func surveyConflict(_ id: UUID) -> Cell { Cell("survey_conflicts.sealed", id.lowercased) }
    static func proposal(_ id: CaseID) -> Cell { Cell("proposals.sealed", "\(id)") }
    static func assessment(_ id: UUID) -> Cell { Cell("assessments.sealed", id.lowercased) }
    static func judgement(_ id: UUID) -> Cell { Cell("judgements.sealed", id.lowercased) }
    static func tip(_ tip: TipID) -> Cell { Cell("tip_papers.sealed", "\(tip)") }
    static func tipster(_ tip: TipID) -> Cell { Cell("tipsters.sealed", "\(tip)") }
    static func tipAct(_ tip: TipID, _ number: Int) -> Cell { Cell("tip_acts.sealed", "\(tip)/\(number)") }
}
