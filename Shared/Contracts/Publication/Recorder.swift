/// The decoder that a type believes to be reading from.
struct Recorder: Decoder {
    let sampler: Sampler
    let recording: Recording

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        recording.open()
        return KeyedDecodingContainer(FieldRecorder<Key>(sampler: sampler, recording: recording))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { ElementRecorder(sampler: sampler, recording: recording) }
    func singleValueContainer() -> any SingleValueDecodingContainer { ValueRecorder(sampler: sampler, recording: recording) }
}

private struct FieldRecorder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let sampler: Sampler
    let recording: Recording

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }

    /// Only who can do without a field asks this. The standard library does for every optional field.
    func decodeNil(forKey key: Key) -> Bool {
        recording.relax(key.stringValue)
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        var (value, schema) = try sampler.field(key.stringValue).sample(type)
        if let description = sampler.description(of: key.stringValue, type) { schema["description"] = description }
        recording.add(key.stringValue, schema)
        return value
    }

    func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> { throw byHand }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw byHand }
    func superDecoder() throws -> any Decoder { throw byHand }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw byHand }
    private var byHand: UnpublishableType { sampler.failure(Key.self, "fields of fields need a type of their own") }
}

private struct ElementRecorder: UnkeyedDecodingContainer {
    let sampler: Sampler
    let recording: Recording
    private(set) var currentIndex = 0

    init(sampler: Sampler, recording: Recording) { (self.sampler, self.recording) = (sampler, recording) }

    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    var isAtEnd: Bool { currentIndex > 0 }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard !isAtEnd else { throw sampler.failure(type, "an array whose elements differ has no schema here") }
        currentIndex += 1
        let (value, schema) = try sampler.sample(type)
        recording.set(["type": "array", "items": .object(schema)])
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type) throws -> KeyedDecodingContainer<Nested> { throw byHand }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw byHand }
    mutating func superDecoder() throws -> any Decoder { throw byHand }
    private var byHand: UnpublishableType { sampler.failure(Self.self, "elements that are read by hand need a type of their own") }
}

private struct ValueRecorder: SingleValueDecodingContainer {
    let sampler: Sampler
    let recording: Recording

    var codingPath: [any CodingKey] { [] }
    func decodeNil() -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (value, schema) = try sampler.sample(type)
        recording.set(schema)
        return value
    }
}
