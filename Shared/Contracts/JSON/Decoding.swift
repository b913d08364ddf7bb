import Foundation
import Registry

extension Tape {
    /// Any decodable value. Those that fill most fields are read in place; all others read themselves.
    func decode<Value: Decodable>(_ type: Value.Type, at index: Int) throws -> Value {
        if Value.self == String.self { return same(try string(at: index)) }
        if Value.self == UUID.self { return same(try parsed(at: index, UUID.init(utf8:))) }
        if Value.self == Instant.self { return same(try parsed(at: index, Instant.init(utf8:))) }
        if Value.self == LocalDate.self { return same(try parsed(at: index, LocalDate.init(utf8:))) }
        if Value.self == Int.self { return same(try integer(Int.self, at: index)) }
        if Value.self == JSONValue.self { return same(try value(at: index)) }
        do {
            return try Value(from: NodeDecoder(tape: self, index: index))
        } catch let failure as JSON.Failure {
            throw failure
        } catch {
            // Such an error quotes the value, so its text goes no further.
            throw failure(Value.self is any RawRepresentable.Type ? .unknownValue : .invalidValue, at: index)
        }
    }

    /// The type system does not know that the two are one type; the line that calls this has just compared them. A
    /// dynamic cast would cost more than reading the value.
    private func same<A, B>(_ value: A) -> B { unsafeBitCast(value, to: B.self) }
}

struct NodeDecoder: Decoder, SingleValueDecodingContainer {
    let tape: Tape
    let index: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard tape.nodes[index].kind == .object else { throw tape.mismatch(at: index) }
        return KeyedDecodingContainer(ObjectDecoder<Key>(tape: tape, object: index))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard tape.nodes[index].kind == .array else { throw tape.mismatch(at: index) }
        return ArrayDecoder(tape: tape, array: index)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { tape.isNull(index) }
    func decode(_ type: Bool.Type) throws -> Bool { try tape.bool(at: index) }
    func decode(_ type: String.Type) throws -> String { try tape.string(at: index) }
    func decode(_ type: Double.Type) throws -> Double { try tape.double(at: index) }
    func decode(_ type: Float.Type) throws -> Float { Float(try tape.double(at: index)) }
    func decode(_ type: Int.Type) throws -> Int { try tape.integer(type, at: index) }
    func decode(_ type: Int8.Type) throws -> Int8 { try tape.integer(type, at: index) }
    func decode(_ type: Int16.Type) throws -> Int16 { try tape.integer(type, at: index) }
    func decode(_ type: Int32.Type) throws -> Int32 { try tape.integer(type, at: index) }
    func decode(_ type: Int64.Type) throws -> Int64 { try tape.integer(type, at: index) }
    func decode(_ type: UInt.Type) throws -> UInt { try tape.integer(type, at: index) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try tape.integer(type, at: index) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try tape.integer(type, at: index) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try tape.integer(type, at: index) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try tape.integer(type, at: index) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try tape.decode(type, at: index) }
}

private struct ObjectDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let tape: Tape
    let object: Int

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { tape.keys(of: object).compactMap { Key(stringValue: tape.nodes[$0].unescaped(in: tape.text)) } }

    func contains(_ key: Key) -> Bool { tape.member(key.stringValue, of: object) != nil }

    private func member(_ key: Key) throws -> Int {
        guard let index = tape.member(key.stringValue, of: object) else {
            throw tape.failure(.missing, at: object, missing: Pointer.name(key.stringValue))
        }
        return index
    }

    /// Nothing for an absent field and for `null`.
    private func present(_ key: Key) -> Int? {
        guard let index = tape.member(key.stringValue, of: object), !tape.isNull(index) else { return nil }
        return index
    }

    func decodeNil(forKey key: Key) throws -> Bool { tape.isNull(try member(key)) }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try tape.bool(at: try member(key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try tape.string(at: try member(key)) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try tape.integer(type, at: try member(key)) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try tape.decode(type, at: try member(key)) }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(key).map(tape.bool(at:)) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try present(key).map(tape.string(at:)) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try present(key).map { try tape.integer(type, at: $0) } }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try present(key).map { try tape.decode(type, at: $0) }
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        try NodeDecoder(tape: tape, index: try member(key)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try NodeDecoder(tape: tape, index: try member(key)).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { NodeDecoder(tape: tape, index: object) }
    func superDecoder(forKey key: Key) throws -> any Decoder { NodeDecoder(tape: tape, index: try member(key)) }
}

private struct ArrayDecoder: UnkeyedDecodingContainer {
    private let tape: Tape
    private let array: Int
    private var element: Int
    private(set) var currentIndex = 0

    init(tape: Tape, array: Int) {
        (self.tape, self.array, element) = (tape, array, array + 1)
    }

    var codingPath: [any CodingKey] { [] }
    /// Not counted: elements are found one after the other.
    var count: Int? { nil }
    var isAtEnd: Bool { element == Int(tape.nodes[array].next) }

    private mutating func next() throws -> Int {
        guard !isAtEnd else { throw tape.failure(.missing, at: array, missing: String(currentIndex)) }
        defer {
            element = Int(tape.nodes[element].next)
            currentIndex += 1
        }
        return element
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd else { throw tape.failure(.missing, at: array, missing: String(currentIndex)) }
        guard tape.isNull(element) else { return false }
        _ = try next()
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try tape.decode(type, at: try next()) }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        try NodeDecoder(tape: tape, index: try next()).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try NodeDecoder(tape: tape, index: try next()).unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { NodeDecoder(tape: tape, index: try next()) }
}
