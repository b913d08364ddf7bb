/// The keys of one object so far, to find the one that comes twice.
///
/// Objects are small, so a word of bits says for most keys that they are new, and the rest are compared with those
/// before. A large object, which someone may have built to keep us busy, gets a real set.
struct KeySet {
    private static let small = 32

    private var bits: UInt64 = 0
    private var count = 0
    private var large: Set<[UInt8]> = []

    /// Of the length, the beginning and the end. Who makes keys that share them makes us compare, not err.
    func hash(_ key: Node, in text: UnsafeBufferPointer<UInt8>) -> UInt32 {
        if key.kind == .escaped { return key.bytes(in: text).withUnsafeBytes(hash) }
        return hash(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[key.range]))
    }

    private func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var (first, last): (UInt64, UInt64) = (0, 0)
        if bytes.count >= 8 {
            first = bytes.loadUnaligned(as: UInt64.self)
            last = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
        } else {
            for byte in bytes { first = first << 8 | UInt64(byte) }
        }
        let mixed = (first &+ last &* 31 &+ UInt64(bytes.count)) &* 0x9E37_79B9_7F4A_7C15
        return UInt32(truncatingIfNeeded: mixed >> 32)
    }

    /// False if the object has this key already.
    mutating func insert(
        _ key: Int, of object: Int, _ nodes: UnsafeMutableBufferPointer<Node>, _ text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        count += 1
        if count > Self.small {
            if large.isEmpty { forEachKey(of: object, before: key, nodes) { large.insert($0.bytes(in: text)) } }
            return large.insert(nodes[key].bytes(in: text)).inserted
        }
        let bit: UInt64 = 1 << UInt64(nodes[key].mark >> 26)
        if bits & bit == 0 {
            bits |= bit
            return true
        }
        var isNew = true
        forEachKey(of: object, before: key, nodes) { other in
            if other.mark == nodes[key].mark, other.bytes(in: text) == nodes[key].bytes(in: text) { isNew = false }
        }
        return isNew
    }

    private func forEachKey(of object: Int, before end: Int, _ nodes: UnsafeMutableBufferPointer<Node>, _ visit: (Node) -> Void) {
        var key = object + 1
        while key < end {
            visit(nodes[key])
            key = Int(nodes[key + 1].next)
        }
    }
}
