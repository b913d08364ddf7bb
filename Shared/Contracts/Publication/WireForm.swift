import Foundation
import Registry

/// Why a type cannot be published: it decodes itself in a way that no schema shows.
package struct UnpublishableType: Error, CustomStringConvertible {
    package let type: String
    package let reason: String

    package var description: String { "\(type): \(reason)" }
}

/// A value whose form on the wire is not to be found by decoding it, with a valid value for a field of the given name.
protocol WireForm: Decodable {
    static var schema: JSONObject { get }
    static func example(of field: String) throws -> Self
}

extension String: WireForm {
    static var schema: JSONObject { ["type": "string"] }

    /// Invented people, an unassigned area; for other fields their own name.
    static func example(of field: String) -> String { examples[field] ?? field }

    private static let examples = [
        "headName": "张三", "name": "张三", "signatory": "李四", "post": "所长", "idNumber": "990000199001011239", "ruleSet": "2018.1",
        "requestDigest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "medium": "sms",
    ]
}

extension Bool: WireForm {
    static var schema: JSONObject { ["type": "boolean"] }
    static func example(of field: String) -> Bool { true }
}

extension Double: WireForm {
    static var schema: JSONObject { ["type": "number"] }
    static func example(of field: String) -> Double { 0.5 }
}

extension Int: WireForm {
    static var schema: JSONObject { ["type": "integer"] }
    static func example(of field: String) -> Int { field == "year" ? 2018 : 1 }
}

extension Int64: WireForm {
    static var schema: JSONObject { ["type": "integer"] }
    static func example(of field: String) -> Int64 { 1 }
}

extension JSONValue: WireForm {
    static var schema: JSONObject { [:] }
    static func example(of field: String) -> JSONValue { .object(JSONObject()) }
}

extension UUID: WireForm {
    static var schema: JSONObject { ["type": "string", "format": "uuid"] }

    /// The same for a field of one name in every event, so that examples fit together.
    static func example(of field: String) -> UUID {
        let hash = field.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let words = ((0x0166_7F3A_5800_7000 as UInt64).bigEndian, (0x8000_0000_0000_0000 | hash >> 16).bigEndian)
        return UUID(uuid: unsafeBitCast(words, to: uuid_t.self))
    }
}

extension Instant: WireForm {
    static var schema: JSONObject { ["type": "string", "format": "date-time"] }
    static func example(of field: String) -> Instant { Instant(milliseconds: 1_539_763_200_000) }
}

extension LocalDate: WireForm {
    static var schema: JSONObject { ["type": "string", "format": "date"] }
    static func example(of field: String) -> LocalDate { LocalDate(Instant.example(of: field)) }
}

extension Money: WireForm {
    static var schema: JSONObject { ["type": "integer", "description": "Fen, 1/100 yuan."] }
    static func example(of field: String) -> Money { Money(yuan: 2952) }
}

extension DivisionCode: WireForm {
    static var schema: JSONObject { ["type": "string", "pattern": "^[0-9]{6}([0-9]{3}([0-9]{3}(-[0-9]{2})?)?)?$"] }

    static func example(of field: String) throws -> DivisionCode {
        guard let group = DivisionCode("530427001002-03") else { throw UnpublishableType(type: "DivisionCode", reason: "its example is none") }
        return group
    }
}
