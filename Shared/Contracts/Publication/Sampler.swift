import Foundation
import Registry

/// Finds the JSON Schema of a type, and a value of it, by letting the type decode itself from nothing: what it asks for
/// is what it consists of.
struct Sampler {
    let documentation: Documentation
    /// The field whose value is wanted.
    private let field: String
    /// The types around it, outermost first.
    private let types: [any Decodable.Type]

    init(_ documentation: Documentation) { self.init(documentation, field: "value", types: []) }

    private init(_ documentation: Documentation, field: String, types: [any Decodable.Type]) {
        (self.documentation, self.field, self.types) = (documentation, field, types)
    }

    func sample<Value: Decodable>(_ type: Value.Type) throws -> (value: Value, schema: JSONObject) {
        if let form = type as? any WireForm.Type {
            return (try cast(form.example(of: field), to: type), form.schema)
        }
        if let cases = type as? any Enumeration.Type {
            return try enumeration(cases, as: type)
        }
        if let dictionary = type as? any TextKeyed.Type {
            let (value, schema) = try dictionary.sample(self)
            return (try cast(value, to: type), schema)
        }
        guard type != Date.self else { throw failure(type, "use Instant or LocalDate") }
        guard !(type is any Nullable.Type) else { throw failure(type, "an optional is a field that may be absent, not an element") }
        guard !types.contains(where: { $0 == type }) else { throw failure(type, "it contains itself") }
        guard types.count < JSON.maximumDepth else { throw failure(type, "it is nested too deeply") }
        let recording = Recording()
        let inside = Sampler(documentation, field: field, types: types + [type])
        do {
            let value = try Value(from: Recorder(sampler: inside, recording: recording))
            return (value, recording.schema)
        } catch let failure as UnpublishableType {
            throw failure
        } catch {
            throw failure(type, "it does not accept the values that its parts accept; give it a WireForm")
        }
    }

    /// The sampler of a field of the innermost type.
    func field(_ name: String) -> Sampler { Sampler(documentation, field: name, types: types) }

    /// What the field's own comment says, or else that of its type.
    func description(of name: String, _ type: any Any.Type) -> JSONValue? {
        guard let owner = types.last else { return nil }
        return (documentation["\(Self.path(owner)).\(name)"] ?? documentation[Self.path(type)]).map { .string($0) }
    }

    /// `Contracts.RequestSent.Person` is `RequestSent.Person` in the sources.
    static func path(_ type: any Any.Type) -> String { String(reflecting: type).split(separator: ".").dropFirst().joined(separator: ".") }

    func failure(_ type: any Any.Type, _ reason: String) -> UnpublishableType { UnpublishableType(type: Self.path(type), reason: reason) }

    private func enumeration<Value>(_ cases: any Enumeration.Type, as type: Value.Type) throws -> (Value, JSONObject) {
        func values<Cases: Enumeration>(_: Cases.Type) -> [(Cases, JSONValue?)] { Cases.allCases.map { ($0, JSONValue(raw: $0.rawValue)) } }
        let all: [(value: any Enumeration, raw: JSONValue?)] = values(cases)
        guard let first = all.first, all.allSatisfy({ $0.raw != nil }) else {
            throw failure(type, "an enumeration needs values, and they must be texts or whole numbers")
        }
        let kind = first.raw?.string == nil ? "integer" : "string"
        return (try cast(first.value, to: type), ["type": .string(kind), "enum": .array(all.compactMap(\.raw))])
    }

    private func cast<Value>(_ value: Any, to type: Value.Type) throws -> Value {
        guard let value = value as? Value else { throw failure(type, "it is not what it says") }
        return value
    }
}

private typealias Enumeration = CaseIterable & RawRepresentable

extension JSONValue {
    fileprivate init?(raw: some Any) {
        switch raw {
        case let text as String: self = .string(text)
        case let number as any BinaryInteger: self = .integer(Int64(number))
        default: return nil
        }
    }
}

private protocol Nullable {}
extension Optional: Nullable {}

private protocol TextKeyed {
    static func sample(_ sampler: Sampler) throws -> (Any, JSONObject)
}

extension Dictionary: TextKeyed where Key == String, Value: Decodable {
    static func sample(_ sampler: Sampler) throws -> (Any, JSONObject) {
        let (value, schema) = try sampler.sample(Value.self)
        return (["field": value], ["type": "object", "additionalProperties": .object(schema)])
    }
}

/// What a type has asked for so far.
final class Recording {
    private(set) var schema = JSONObject()
    private var properties = JSONObject()
    private var optional: Set<String> = []

    func set(_ schema: JSONObject) { self.schema = schema }

    /// A type that asked for a keyed container is an object, with or without fields.
    func open() { schema = object }

    /// This field may be absent.
    func relax(_ name: String) { optional.insert(name) }

    func add(_ name: String, _ property: JSONObject) {
        properties[name] = .object(property)
        schema = object
    }

    private var object: JSONObject {
        [
            "type": "object", "properties": .object(properties),
            "required": .array(properties.keys.filter { !optional.contains($0) }.map { .string($0) }), "additionalProperties": true,
        ]
    }
}
