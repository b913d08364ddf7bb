import Foundation
import Registry

/// Writes any encodable value. Those that fill most fields are written directly; all others write themselves through
/// the containers below, which put text into the output at once and are closed when their value has returned.
struct ValueEncoder: Encoder {
    let output: Output
    /// How many containers were open when the value that uses this encoder began.
    private let depth: Int

    init(_ output: Output) { (self.output, depth) = (output, output.depth) }

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func write<Value: Encodable>(_ value: Value) throws {
        if Value.self == String.self { return output.write(same(value) as String) }
        if Value.self == UUID.self { return output.write(same(value) as UUID) }
        if Value.self == Instant.self { return output.write(same(value) as Instant) }
        if Value.self == LocalDate.self { return output.write(same(value) as LocalDate) }
        let before = output.count
        try value.encode(to: self)
        // A value that wrote nothing is one without fields.
        if output.count == before { _ = output.open(object: true) }
        output.close(downTo: depth)
    }

    /// As in decoding: the line that calls this has just compared the types.
    private func same<A, B>(_ value: A) -> B { unsafeBitCast(value, to: B.self) }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(ObjectEncoder<Key>(output, at: depth + 1, sorted: ObjectIdentifier(type) == DictionaryKey.type))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { ArrayEncoder(output, at: depth + 1) }
    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension ValueEncoder: SingleValueEncodingContainer {
    func encodeNil() { output.writeNull() }
    func encode(_ value: Bool) { output.write(value) }
    func encode(_ value: String) { output.write(value) }
    func encode(_ value: Double) { output.write(value) }
    func encode(_ value: Float) { output.write(Double(value)) }
    func encode(_ value: Int) { output.write(value) }
    func encode(_ value: Int8) { output.write(value) }
    func encode(_ value: Int16) { output.write(value) }
    func encode(_ value: Int32) { output.write(value) }
    func encode(_ value: Int64) { output.write(value) }
    func encode(_ value: UInt) { output.write(value) }
    func encode(_ value: UInt8) { output.write(value) }
    func encode(_ value: UInt16) { output.write(value) }
    func encode(_ value: UInt32) { output.write(value) }
    func encode(_ value: UInt64) { output.write(value) }
    func encode(_ value: some Encodable) throws { try write(value) }
}

/// The place of a container in the output.
private struct Slot {
    let output: Output
    private let depth: Int
    private let serial: Int

    init(_ output: Output, at depth: Int, object isObject: Bool, sorted: Bool = false) {
        (self.output, self.depth) = (output, depth)
        serial = output.opened(at: depth, object: isObject) ?? output.open(object: isObject, sorted: sorted)
    }

    /// An encoder for the next element or, with a key, the next member.
    func begin(_ key: String? = nil) -> ValueEncoder {
        output.begin(key, at: depth, serial: serial)
        return ValueEncoder(output)
    }
}

private struct ObjectEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    private let slot: Slot

    init(_ output: Output, at depth: Int, sorted: Bool) { slot = Slot(output, at: depth, object: true, sorted: sorted) }

    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { slot.begin(key.stringValue).encodeNil() }
    func encode(_ value: Bool, forKey key: Key) { slot.begin(key.stringValue).encode(value) }
    func encode(_ value: String, forKey key: Key) { slot.begin(key.stringValue).encode(value) }
    func encode(_ value: Int, forKey key: Key) { slot.begin(key.stringValue).encode(value) }
    func encode(_ value: some Encodable, forKey key: Key) throws { try slot.begin(key.stringValue).write(value) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        slot.begin(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { slot.begin(key.stringValue).unkeyedContainer() }
    func superEncoder() -> any Encoder { slot.begin("super") }
    func superEncoder(forKey key: Key) -> any Encoder { slot.begin(key.stringValue) }
}

private struct ArrayEncoder: UnkeyedEncodingContainer {
    private let slot: Slot
    private(set) var count = 0

    init(_ output: Output, at depth: Int) { slot = Slot(output, at: depth, object: false) }

    var codingPath: [any CodingKey] { [] }

    private mutating func begin() -> ValueEncoder {
        count += 1
        return slot.begin()
    }

    mutating func encodeNil() { begin().encodeNil() }
    mutating func encode(_ value: some Encodable) throws { try begin().write(value) }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> { begin().container(keyedBy: type) }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { begin().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { begin() }
}

/// The key type that the standard library's dictionaries write themselves with. It is not public, so it is learned once
/// by letting an empty dictionary ask for its container.
private final class DictionaryKey: Encoder {
    static let type: ObjectIdentifier? = {
        let probe = DictionaryKey()
        // An empty dictionary writes no member, so nothing can fail.
        do { try [String: Int]().encode(to: probe) } catch { return nil }
        return probe.asked
    }()

    private var asked: ObjectIdentifier?
    private let output = Output()

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        asked = ObjectIdentifier(type)
        return KeyedEncodingContainer(ObjectEncoder<Key>(output, at: 1, sorted: false))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { ValueEncoder(output).unkeyedContainer() }
    func singleValueContainer() -> any SingleValueEncodingContainer { ValueEncoder(output) }
}
