import Crypto
import Foundation

/// Identifiers of one unit of work: UUIDv7 (RFC 9562) whose last 32 bits count 1, 2, 3 …, so that all events of one
/// transaction lie in one range of identifiers, its batch.
struct IDSequence {
    /// The identifier with count 0.
    let batch: UUID
    private var count: UInt32 = 0

    init(unixMilliseconds: UInt64 = UInt64(Date().timeIntervalSince1970 * 1000)) {
        var random = SystemRandomNumberGenerator()
        var bytes = UUID().uuid
        withUnsafeMutableBytes(of: &bytes) { bytes in
            for index in 0..<6 { bytes[index] = UInt8(truncatingIfNeeded: unixMilliseconds >> (40 - 8 * UInt64(index))) }
            let middle: UInt64 = random.next()
            for index in 6..<12 { bytes[index] = UInt8(truncatingIfNeeded: middle >> (8 * UInt64(index - 6))) }
            bytes[6] = bytes[6] & 0x0F | 0x70
            bytes[8] = bytes[8] & 0x3F | 0x80
            for index in 12..<16 { bytes[index] = 0 }
        }
        batch = UUID(uuid: bytes)
    }

    mutating func next() -> UUID {
        count += 1
        return Self.member(count, of: batch)
    }

    static func member(_ count: UInt32, of batch: UUID) -> UUID {
        var bytes = batch.uuid
        (bytes.12, bytes.13, bytes.14, bytes.15) = (
            UInt8(truncatingIfNeeded: count >> 24), UInt8(truncatingIfNeeded: count >> 16),
            UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)
        )
        return UUID(uuid: bytes)
    }

    static func batch(of id: UUID) -> UUID { member(0, of: id) }
    static func end(of batch: UUID) -> UUID { member(.max, of: batch) }
}

extension UUID {
    /// A UUIDv5 (RFC 9562): the same name in the same namespace is always the same identifier.
    package init(named name: String, in namespace: UUID) {
        var hash = Insecure.SHA1()
        withUnsafeBytes(of: namespace.uuid) { hash.update(bufferPointer: $0) }
        hash.update(data: Array(name.utf8))
        var digest = Array(hash.finalize().prefix(16))
        digest[6] = digest[6] & 0x0F | 0x50
        digest[8] = digest[8] & 0x3F | 0x80
        self = digest.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
