import Contracts
import Foundation
import Registry

/// As much of a JSON Schema validator as the published schemas use; a keyword it does not know is a failure of its own.
package struct SchemaCheck: Sendable {
    /// Finds what a `$ref` names.
    private let resolve: @Sendable (String) -> JSONValue?
    /// Whether an object with named properties has no others: readers ignore what they do not know, but a description that
    /// does not know what is sent is wrong.
    private let isClosed: Bool

    package init(isClosed: Bool = false, resolve: @escaping @Sendable (String) -> JSONValue? = { _ in nil }) {
        (self.isClosed, self.resolve) = (isClosed, resolve)
    }

    package func failures(_ value: JSONValue, _ schema: JSONValue, at place: String = "") -> [String] {
        keywordFailures(value, schema, at: place) + (isClosed ? unnamed(in: value, schema, at: place) : [])
    }

    private func keywordFailures(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        guard let keywords = schema.object else { return schema == true ? [] : ["\(place): nothing is allowed"] }
        return keywords.members.flatMap { keyword, rule in check(value, keyword, rule, at: place) }
    }

    private func check(_ value: JSONValue, _ keyword: String, _ rule: JSONValue, at place: String) -> [String] {
        func when(_ holds: Bool) -> [String] { holds ? [] : ["\(place): \(keyword)"] }
        func limited(_ measure: Int?, _ isWithin: (Int64, Int64) -> Bool) -> [String] {
            guard let measure, let limit = rule.integer else { return [] }
            return when(isWithin(Int64(measure), limit))
        }
        switch keyword {
        case "$schema", "$id", "title", "description", "examples", "default": return []
        case "$ref": return rule.string.flatMap(resolve).map { keywordFailures(value, $0, at: place) } ?? ["\(place): \(rule) leads nowhere"]
        case "allOf": return (rule.array ?? []).flatMap { keywordFailures(value, $0, at: place) }
        case "anyOf": return when(rule.array?.contains { failures(value, $0, at: place).isEmpty } == true)
        case "type": return when(rule.string == value.kind || rule.array?.contains(.string(value.kind)) == true)
        case "const": return when(value == rule)
        case "enum": return when(rule.array?.contains(value) == true)
        case "pattern":
            guard let pattern = rule.string, let text = value.string else { return [] }
            return when(text.range(of: pattern, options: .regularExpression) != nil)
        case "format":
            switch rule.string {
            case "uuid": return when(value.string.flatMap { UUID(uuidString: $0) } != nil)
            case "date-time": return when(value.string.flatMap { Instant($0) } != nil)
            case "date": return when(value.string.flatMap { LocalDate($0) } != nil)
            case "uri-reference": return when(value.string.flatMap { URL(string: $0) } != nil)
            default: return ["\(place): unknown format"]
            }
        case "minimum": return limited(value.integer.map(Int.init), >=)
        case "maximum": return limited(value.integer.map(Int.init), <=)
        case "minLength": return limited(value.string?.unicodeScalars.count, >=)
        case "maxLength": return limited(value.string?.unicodeScalars.count, <=)
        case "minItems": return limited(value.array?.count, >=)
        case "maxItems": return limited(value.array?.count, <=)
        case "minProperties": return limited(value.object?.members.count, >=)
        case "maxProperties": return limited(value.object?.members.count, <=)
        case "items": return (value.array ?? []).enumerated().flatMap { failures($1, rule, at: "\(place)/\($0)") }
        case "properties":
            return (rule.object?.members ?? []).flatMap { name, schema in value[name].map { failures($0, schema, at: "\(place)/\(name)") } ?? [] }
        case "required": return (rule.array ?? []).flatMap { when(value[$0.string ?? ""] != nil) }
        case "additionalProperties":
            return rule == true ? [] : (value.object?.members ?? []).flatMap { failures($0.value, rule, at: "\(place)/\($0.key)") }
        case "propertyNames": return (value.object?.keys ?? []).flatMap { failures(.string($0), rule, at: "\(place)/\($0)") }
        default: return ["\(place): unknown keyword \(keyword)"]
        }
    }

    /// Members of an object that its schema does not name.
    private func unnamed(in value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        guard let object = value.object, let names = names(in: schema), !names.isEmpty else { return [] }
        return object.keys.filter { !names.contains($0) }.map { "\(place)/\($0): unnamed" }
    }

    /// The properties that a schema names; nothing if it allows any others.
    private func names(in schema: JSONValue) -> Set<String>? {
        var names: Set<String> = []
        for (keyword, rule) in schema.object?.members ?? [] {
            switch keyword {
            case "properties": names.formUnion(rule.object?.keys ?? [])
            case "additionalProperties", "anyOf": return nil
            case "$ref", "allOf":
                for part in rule.array ?? [rule.string.flatMap(resolve) ?? [:]] {
                    guard let others = self.names(in: part) else { return nil }
                    names.formUnion(others)
                }
            default: break
            }
        }
        return names
    }
}

extension JSONValue {
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// Every value of this key, wherever it stands.
    package func all(_ key: String) -> [JSONValue] {
        switch self {
        case .array(let values): values.flatMap { $0.all(key) }
        case .object(let object): object.members.flatMap { ($0.key == key ? [$0.value] : []) + $0.value.all(key) }
        default: []
        }
    }

    /// What an RFC 6901 pointer leads to.
    package func at(_ pointer: some StringProtocol) -> JSONValue? {
        pointer.split(separator: "/").reduce(self as JSONValue?) { value, step in value?[String(step)] }
    }
}
