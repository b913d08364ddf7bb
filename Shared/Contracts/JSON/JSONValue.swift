/// Any JSON value, for documents that have no type of their own.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// Members in the order in which they were written, which is how they are written again. Equality ignores the order.
package struct JSONObject: Sendable {
    package private(set) var members: [(key: String, value: JSONValue)]

    /// Of members with one key the last counts.
    package init(_ members: [(String, JSONValue)] = []) {
        self.members = []
        self.members.reserveCapacity(members.count)
        for (key, value) in members { self.members.append((key, value)) }
    }

    package var keys: [String] { members.map(\.key) }
    package var isEmpty: Bool { members.isEmpty }

    package subscript(_ key: String) -> JSONValue? {
        get { members.last { $0.key == key }?.value }
        set {
            let place = members.lastIndex { $0.key == key }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONObject: Equatable {
    package static func == (a: Self, b: Self) -> Bool {
        a.members.count == b.members.count && a.members.allSatisfy { b[$0.key] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}

extension JSONValue {
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// A member of an object; nothing for anything else.
    package subscript(_ key: String) -> JSONValue? { object?[key] }
}

extension JSONValue: Codable {
    /// Only ``JSON`` reads it, and does so without coming here: a decoder cannot say what kind of value comes next.
    package init(from decoder: any Decoder) throws {
        guard let node = decoder as? NodeDecoder else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "only JSON.decode reads a JSONValue"))
        }
        self = try node.tape.value(at: node.index)
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value): try value.encode(to: encoder)
        case .integer(let value): try value.encode(to: encoder)
        case .number(let value): try value.encode(to: encoder)
        case .string(let value): try value.encode(to: encoder)
        case .array(let values): try values.encode(to: encoder)
        case .object(let object):
            var container = encoder.container(keyedBy: MemberKey.self)
            for (key, value) in object.members { try container.encode(value, forKey: MemberKey(stringValue: key)) }
        }
    }

    private struct MemberKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension JSONValue {
    /// For documents that people read and compare: two spaces a level, one member a line, a line feed at the end.
    package func pretty() throws -> [UInt8] { Array((try indented("") + "\n").utf8) }

    private func indented(_ margin: String) throws -> String {
        let deeper = margin + "  "
        func lines(_ parts: [String], _ open: String, _ close: String) -> String {
            parts.isEmpty ? open + close : "\(open)\n\(deeper)\(parts.joined(separator: ",\n" + deeper))\n\(margin)\(close)"
        }
        switch self {
        case .array(let values): return lines(try values.map { try $0.indented(deeper) }, "[", "]")
        case .object(let object):
            return lines(try object.members.map { "\(try JSONValue.string($0.key).indented("")): \(try $0.value.indented(deeper))" }, "{", "}")
        default: return String(decoding: try JSON.encode(self), as: UTF8.self)
        }
    }
}
