/// Whether published contracts may follow those that others already rely on.
///
/// Within an event's name only optional fields may be added. Old readers then understand new events, and new readers the
/// old events of a replayed log; and since no step may take anything away, this holds across any number of steps. Readers
/// ignore unknown fields but not unknown values, so an enumeration neither loses nor gains one. Anything else is a new
/// name, `.v2`, told beside the old one for a campaign. What ``Events/retired`` names may go.
package enum Compatibility {
    package enum Rule: String, CaseIterable, Sendable {
        case eventRemoved = "an event was removed"
        case fieldRemoved = "a field was removed"
        case requiredFieldAdded = "a required field was added"
        case madeRequired = "an optional field became required"
        case madeOptional = "a required field became optional"
        case retyped = "the type changed"
        case reformatted = "the format changed"
        case valueRemoved = "a value of an enumeration was removed"
        case valueAdded = "a value of an enumeration was added"
        case constrained = "what a value must satisfy changed"
        case topicRemoved = "a topic was removed"
        case topicMoved = "a topic's address or number of partitions changed"
        case messageRemoved = "an event no longer travels in a topic"
        case keyChanged = "the key of a message changed"
    }

    package struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// Path of the published file.
        package let file: String
        /// RFC 6901 pointer into the file as it was.
        package let pointer: String
        package let rule: Rule

        package var description: String { "\(file)#\(pointer): \(rule.rawValue)" }
    }

    /// Both are files by their path, as ``PublishedContracts`` generates them.
    package static func problems(old: [String: [UInt8]], new: [String: [UInt8]], retired: Set<String> = Events.retired) throws -> [Problem] {
        try old.keys.sorted().flatMap { file in
            guard let before = old[file], let after = new[file] else {
                let isRetired = retired.contains { file.hasSuffix("/\($0).json") }
                return isRetired ? [] : [Problem(file: file, pointer: "", rule: .eventRemoved)]
            }
            let (old, new) = (try JSON.decode(JSONValue.self, from: before), try JSON.decode(JSONValue.self, from: after))
            let found = old["asyncapi"] == nil ? problems(oldSchema: old, newSchema: new) : problems(oldDocument: old, newDocument: new)
            return found.filter { found in found.rule != .topicRemoved || !retired.contains { found.pointer == "/channels/\($0)" } }
                .map { Problem(file: file, pointer: $0.pointer, rule: $0.rule) }
        }
    }

    /// Of the schemas of one event.
    package static func problems(old: JSONValue, new: JSONValue) -> [Problem] {
        problems(oldSchema: old, newSchema: new).map { Problem(file: old["title"]?.string ?? "", pointer: $0.pointer, rule: $0.rule) }
    }
}

private typealias Finding = (pointer: String, rule: Compatibility.Rule)

/// Schemas.
extension Compatibility {
    private static let annotations: Set<String> = ["title", "description", "examples"]

    private static func problems(oldSchema old: JSONValue, newSchema new: JSONValue, at pointer: String = "") -> [Finding] {
        guard let before = old.object, let after = new.object else { return old == new ? [] : [(pointer, .constrained)] }
        var found: [Finding] = []
        for keyword in before.keys + after.keys.filter({ before[$0] == nil }) where !annotations.contains(keyword) {
            let (old, new, place) = (before[keyword], after[keyword], "\(pointer)/\(keyword)")
            switch keyword {
            case "properties": found += fields(old: before, new: after, at: pointer)
            case "required": break
            case "items", "additionalProperties": found += problems(oldSchema: old ?? .null, newSchema: new ?? .null, at: place)
            case "enum": found += values(old: old?.array, new: new?.array, at: place)
            case "type": if old != new { found.append((place, .retyped)) }
            case "format": if old != new { found.append((place, .reformatted)) }
            default: if old != new { found.append((place, .constrained)) }
            }
        }
        return found
    }

    private static func fields(old: JSONObject, new: JSONObject, at pointer: String) -> [Finding] {
        let (before, after) = (old["properties"]?.object ?? [:], new["properties"]?.object ?? [:])
        func isRequired(_ name: String, _ schema: JSONObject) -> Bool { schema["required"]?.array?.contains(.string(name)) == true }
        var found: [Finding] = []
        for (name, schema) in before.members {
            let place = "\(pointer)/properties/\(name)"
            guard let newSchema = after[name] else {
                found.append((place, .fieldRemoved))
                continue
            }
            switch (isRequired(name, old), isRequired(name, new)) {
            case (false, true): found.append((place, .madeRequired))
            case (true, false): found.append((place, .madeOptional))
            case (true, true), (false, false): break
            }
            found += problems(oldSchema: schema, newSchema: newSchema, at: place)
        }
        for name in after.keys where before[name] == nil && isRequired(name, new) {
            found.append(("\(pointer)/properties/\(name)", .requiredFieldAdded))
        }
        return found
    }

    private static func values(old: [JSONValue]?, new: [JSONValue]?, at pointer: String) -> [Finding] {
        guard let old, let new else { return [(pointer, .constrained)] }
        var found: [Finding] = []
        if old.contains(where: { !new.contains($0) }) { found.append((pointer, .valueRemoved)) }
        if new.contains(where: { !old.contains($0) }) { found.append((pointer, .valueAdded)) }
        return found
    }
}

/// The AsyncAPI document.
extension Compatibility {
    private static func problems(oldDocument old: JSONValue, newDocument new: JSONValue) -> [Finding] {
        var found: [Finding] = []
        for (name, before) in old["channels"]?.object?.members ?? [] {
            let place = "/channels/\(name)"
            guard let after = new["channels"]?[name] else {
                found.append((place, .topicRemoved))
                continue
            }
            let moved = before["address"] != after["address"] || before["bindings"]?["kafka"]?["partitions"] != after["bindings"]?["kafka"]?["partitions"]
            if moved { found.append((place, .topicMoved)) }
            for event in before["messages"]?.object?.keys ?? [] where after["messages"]?[event] == nil {
                found.append(("\(place)/messages/\(event)", .messageRemoved))
            }
        }
        for (name, before) in old["components"]?["messages"]?.object?.members ?? [] {
            guard let after = new["components"]?["messages"]?[name] else { continue }
            func key(_ message: JSONValue) -> [JSONValue?] { ["type", "format"].map { message["bindings"]?["kafka"]?["key"]?[$0] } }
            if key(before) != key(after) { found.append(("/components/messages/\(name)", .keyChanged)) }
        }
        return found
    }
}
