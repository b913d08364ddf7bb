import Contracts
import Foundation
import Registry

/// As much of a JSON Schema validator as the published schemas use; a keyword it does not know is a failure of its own.
struct SchemaCheck {
    /// Finds what a `$ref` names.
    var resolve: (String) -> JSONValue? = { _ in nil }

    func failures(_ value: JSONValue, _ schema: JSONValue, at place: String = "") -> [String] {
        guard let keywords = schema.object else { return schema == true ? [] : ["\(place): nothing is allowed"] }
        return keywords.members.flatMap { keyword, rule in check(value, keyword, rule, at: place) }
    }

    private func check(_ value: JSONValue, _ keyword: String, _ rule: JSONValue, at place: String) -> [String] {
        func when(_ holds: Bool) -> [String] { holds ? [] : ["\(place): \(keyword)"] }
        switch keyword {
        case "$schema", "$id", "title", "description", "examples": return []
        case "$ref": return rule.string.flatMap(resolve).map { failures(value, $0, at: place) } ?? ["\(place): \(rule) leads nowhere"]
        case "allOf": return (rule.array ?? []).flatMap { failures(value, $0, at: place) }
        case "type": return when(rule.string == value.kind)
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
        case "items": return (value.array ?? []).enumerated().flatMap { failures($1, rule, at: "\(place)/\($0)") }
        case "properties":
            return (rule.object?.members ?? []).flatMap { name, schema in value[name].map { failures($0, schema, at: "\(place)/\(name)") } ?? [] }
        case "required": return (rule.array ?? []).flatMap { when(value[$0.string ?? ""] != nil) }
        case "additionalProperties":
            return rule == true ? [] : (value.object?.members ?? []).flatMap { failures($0.value, rule, at: "\(place)/\($0.key)") }
        default: return ["\(place): unknown keyword \(keyword)"]
        }
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
    func all(_ key: String) -> [JSONValue] {
        switch self {
        case .array(let values): values.flatMap { $0.all(key) }
        case .object(let object): object.members.flatMap { ($0.key == key ? [$0.value] : []) + $0.value.all(key) }
        default: []
        }
    }

    /// What an RFC 6901 pointer leads to.
    func at(_ pointer: some StringProtocol) -> JSONValue? {
        pointer.split(separator: "/").reduce(self as JSONValue?) { value, step in value?[String(step)] }
    }
}
