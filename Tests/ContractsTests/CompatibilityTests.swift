import Contracts
import Testing

@Suite struct CompatibilityTests {
    private static let event: JSONValue = [
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:lika:schema:x.v1", "title": "x.v1", "description": "A fact.",
        "type": "object",
        "properties": [
            "id": ["type": "string", "format": "uuid"],
            "kind": ["type": "string", "enum": ["A", "B"]],
            "count": ["type": "integer"],
            "place": ["type": "string", "pattern": "^[0-9]+$"],
            "note": ["type": "string"],
            "words": ["type": "object", "additionalProperties": ["type": "string"]],
            "parts": [
                "type": "array",
                "items": [
                    "type": "object", "properties": ["at": ["type": "string", "format": "date-time"]], "required": ["at"], "additionalProperties": true,
                ],
            ],
        ],
        "required": ["id", "kind", "count", "place", "words", "parts"], "additionalProperties": true, "examples": [["id": "1"]],
    ]

    /// A change of the document at a path; nothing takes the member away.
    private static func changed(_ path: String, _ change: (JSONValue?) -> JSONValue?) -> JSONValue {
        func apply(_ value: JSONValue?, _ steps: ArraySlice<Substring>) -> JSONValue? {
            guard let step = steps.first else { return change(value) }
            var object = value?.object ?? [:]
            object[String(step)] = apply(object[String(step)], steps.dropFirst())
            return .object(object)
        }
        return apply(event, path.split(separator: "/")[...])!
    }

    private static func appending(_ element: JSONValue) -> (JSONValue?) -> JSONValue? { { .array(($0?.array ?? []) + [element]) } }
    private static func without(_ element: JSONValue) -> (JSONValue?) -> JSONValue? { { .array($0?.array?.filter { $0 != element } ?? []) } }

    private static let allowed: [(String, JSONValue)] = [
        ("nothing", event),
        ("an optional field", changed("properties/more") { _ in ["type": "integer"] }),
        ("an optional field deeper down", changed("properties/parts/items/properties/more") { _ in ["type": "integer"] }),
        ("an optional object with required fields", changed("properties/more") { _ in ["type": "object", "properties": ["a": ["type": "string"]], "required": ["a"]] }),
        ("words", changed("description") { _ in "Another fact." }),
        ("words about a field", changed("properties/note/description") { _ in "What." }),
        ("examples", changed("examples") { _ in [] }),
        ("the order of required fields", changed("required") { .array(Array($0!.array!.reversed())) }),
        ("the order of values", changed("properties/kind/enum") { _ in ["B", "A"] }),
    ]

    @Test func `what readers do not notice may change`() {
        for (what, new) in Self.allowed { #expect(Compatibility.problems(old: Self.event, new: new).isEmpty, "\(what)") }
    }

    private static let refused: [(Compatibility.Rule, String, JSONValue)] = [
        (.fieldRemoved, "/properties/note", changed("properties/note") { _ in nil }),
        (.fieldRemoved, "/properties/parts/items/properties/at", changed("properties/parts/items/properties/at") { _ in nil }),
        (.requiredFieldAdded, "/properties/more", changed("required", appending("more")).adding("more", ["type": "integer"])),
        (.madeRequired, "/properties/note", changed("required", appending("note"))),
        (.madeOptional, "/properties/count", changed("required", without("count"))),
        (.madeOptional, "/properties/parts/items/properties/at", changed("properties/parts/items/required") { _ in [] }),
        (.retyped, "/properties/count/type", changed("properties/count/type") { _ in "number" }),
        (.retyped, "/properties/words/additionalProperties/type", changed("properties/words/additionalProperties/type") { _ in "integer" }),
        (.reformatted, "/properties/id/format", changed("properties/id/format") { _ in nil }),
        (.reformatted, "/properties/parts/items/properties/at/format", changed("properties/parts/items/properties/at/format") { _ in "date" }),
        (.reformatted, "/properties/note/format", changed("properties/note/format") { _ in "uuid" }),
        (.valueRemoved, "/properties/kind/enum", changed("properties/kind/enum", without("B"))),
        (.valueAdded, "/properties/kind/enum", changed("properties/kind/enum", appending("C"))),
        (.constrained, "/properties/note/enum", changed("properties/note/enum") { _ in ["only"] }),
        (.constrained, "/properties/place/pattern", changed("properties/place/pattern") { _ in "^[0-9]{6}$" }),
        (.constrained, "/properties/count/minimum", changed("properties/count/minimum") { _ in 1 }),
        (.constrained, "/$id", changed("$id") { _ in "urn:lika:schema:y.v1" }),
        (.constrained, "/additionalProperties", changed("additionalProperties") { _ in false }),
        (.constrained, "/properties/words/additionalProperties", changed("properties/words/additionalProperties") { _ in true }),
    ]

    @Test func `each change that a reader would notice is refused by its rule, once`() {
        for (rule, pointer, new) in Self.refused {
            #expect(Compatibility.problems(old: Self.event, new: new).map(\.description) == ["x.v1#\(pointer): \(rule.rawValue)"])
        }
    }

    private static let document: JSONValue = [
        "asyncapi": "3.1.0",
        "channels": ["t": ["address": "t", "messages": ["x.v1": [:], "y.v1": [:]], "bindings": ["kafka": ["partitions": 12]]]],
        "components": ["messages": ["x.v1": ["bindings": ["kafka": ["key": ["type": "string", "format": "uuid", "description": "a"]]]]]],
    ]

    @Test func `topics keep their address, partitions, messages and keys`() throws {
        func problems(_ old: String, _ new: String) throws -> [Compatibility.Problem] {
            let text = String(decoding: try JSON.encode(Self.document), as: UTF8.self)
            return try Compatibility.problems(old: ["asyncapi.json": Array(text.utf8)], new: ["asyncapi.json": Array(text.replacing(old, with: new).utf8)])
        }
        #expect(try problems("\"description\":\"a\"", "\"description\":\"b\"").isEmpty)
        #expect(try problems("\"y.v1\":{}", "\"y.v1\":{},\"z.v1\":{}").isEmpty)
        #expect(try problems("\"t\":{", "\"u\":{").map(\.rule) == [.topicRemoved])
        #expect(try problems("\"partitions\":12", "\"partitions\":24").map(\.rule) == [.topicMoved])
        #expect(try problems("\"address\":\"t\"", "\"address\":\"u\"").map(\.rule) == [.topicMoved])
        #expect(try problems(",\"y.v1\":{}", "").map(\.pointer) == ["/channels/t/messages/y.v1"])
        #expect(try problems("\"format\":\"uuid\"", "\"format\":\"email\"").map(\.rule) == [.keyChanged])
    }

    @Test func `an event's file may come but not go`() throws {
        let files = ["schemas/x.v1.json": try Self.event.pretty()]
        #expect(try Compatibility.problems(old: [:], new: files).isEmpty)
        #expect(try Compatibility.problems(old: files, new: [:]).map(\.description) == ["schemas/x.v1.json#: an event was removed"])
        #expect(try Compatibility.problems(old: files, new: [:], retired: ["x.v1"]).isEmpty)
    }

    @Test func `a name that was retired is never given again`() {
        #expect(Events.retired.isDisjoint(with: Events.all.map { $0.name } + Topic.all.map(\.name)))
    }

    @Test func `every rule is broken somewhere above`() {
        let elsewhere: Set<Compatibility.Rule> = [.eventRemoved, .topicRemoved, .topicMoved, .messageRemoved, .keyChanged]
        #expect(Set(Self.refused.map(\.0)).union(elsewhere) == Set(Compatibility.Rule.allCases))
    }
}

extension JSONValue {
    fileprivate func adding(_ field: String, _ schema: JSONValue) -> JSONValue {
        var object = object!, properties = object["properties"]!.object!
        properties[field] = schema
        object["properties"] = .object(properties)
        return .object(object)
    }
}
