/// The headers of a record in their order, names and values in one piece of memory.
///
/// A record carries eight or more of them: one allocation for all keeps reading a record below two microseconds. A
/// name may occur twice; looking it up finds the last. A null value reads as an empty one.
package struct Headers: Sendable, Hashable {
    /// For each header: the lengths of name and value (4 bytes each), the name, the value.
    private var bytes: [UInt8] = []
    package private(set) var count = 0

    package init() {}

    package init(reservingBytes capacity: Int) { bytes.reserveCapacity(capacity) }

    package mutating func append(_ name: String, _ value: String) {
        var (name, value) = (name, value)
        name.withUTF8 { name in value.withUTF8 { append(UnsafeRawBufferPointer(name), UnsafeRawBufferPointer($0)) } }
    }

    package mutating func append(_ name: String, _ value: [UInt8]) {
        var name = name
        name.withUTF8 { name in value.withUnsafeBytes { append(UnsafeRawBufferPointer(name), $0) } }
    }

    mutating func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: UInt32(name.count)) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(value.count)) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: name)
        bytes.append(contentsOf: value)
        count += 1
    }

    /// The value as text; nil when there is none of this name, or when it is not UTF-8.
    package subscript(name: String) -> String? {
        find(name) { String(validating: $0, as: UTF8.self) } ?? nil
    }

    /// The value as it came.
    package func bytes(_ name: String) -> [UInt8]? {
        find(name) { Array($0) }
    }

    /// What `parse` reads in the value, in place; nil when there is none of this name.
    package func read<Value>(_ name: String, _ parse: (UnsafeBufferPointer<UInt8>) -> Value?) -> Value? {
        find(name) { $0.withMemoryRebound(to: UInt8.self, parse) } ?? nil
    }

    private func find<Value>(_ name: String, _ take: (UnsafeRawBufferPointer) -> Value) -> Value? {
        var wanted = name
        return wanted.withUTF8 { wanted in
            var found: UnsafeRawBufferPointer?
            return withEach { name, value in
                if name.count == wanted.count, name.elementsEqual(wanted) { found = value }
            } finally: {
                found.map(take)
            }
        }
    }

    /// The buffers are valid until `finally` has returned.
    func withEach<Value>(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void, finally: () -> Value
    ) -> Value {
        bytes.withUnsafeBytes { all in
            var at = 0
            while at < all.count {
                let nameLength = Int(all.loadUnaligned(fromByteOffset: at, as: UInt32.self))
                let valueLength = Int(all.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self))
                let value = at + 8 + nameLength
                body(
                    UnsafeRawBufferPointer(rebasing: all[at + 8..<value]),
                    UnsafeRawBufferPointer(rebasing: all[value..<value + valueLength]))
                at = value + valueLength
            }
            return finally()
        }
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }
}

extension Headers {
    /// All of them, decoded: for showing and storing, not for the fast path.
    package var all: [(name: String, value: [UInt8])] {
        var all: [(name: String, value: [UInt8])] = []
        return withEach { all.append((String(decoding: $0, as: UTF8.self), Array($1))) } finally: { all }
    }
}
