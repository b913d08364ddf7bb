import Contracts
import Foundation
import Registry
import Testing

/// Every shape that events use.
struct Sample: Codable, Equatable {
    enum Colour: String, Codable, CaseIterable { case red, green = "GREEN" }
    enum Shape: Codable, Equatable { case circle(radius: Int), square(Int, Int), none }
    struct Inner: Codable, Equatable { let at: Instant; let met: Bool }
    struct Nothing: Codable, Equatable {}

    var household = HouseholdID(UUID(uuidString: "0A1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D")!)
    var raw = UUID(uuidString: "FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF")!
    var at = Instant(milliseconds: 1_539_763_200_123)
    var on = LocalDate(daysSinceEpoch: 17_821)
    var colour = Colour.green
    var money = Money(fen: -5)
    var place = DivisionCode("530427001002-03")!
    var name = "王\"小\\明\n\u{1}🀄️ /"
    var small: Int8 = -128
    var large = UInt64(Int64.max)
    var ratio = 0.1
    var yes = true
    var present: Int? = 7
    var absent: String?
    var list = ["a", "", "é"]
    var holes: [Int?] = [1, nil]
    var inner: [Inner] = [Inner(at: Instant(milliseconds: -1), met: false)]
    var shape = [Shape.circle(radius: 2), .square(1, 2), .none]
    var words = ["b": "2", "a": "1", "\u{10000}": "x", "a\"": "q", "": "e"]
    var counts = ["z": ["y": 1, "x": 2], "k": [:]]
    var nothing = Nothing()
}

@Suite struct JSONTests {
    static let text = #"""
        {"household":"0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d","raw":"ffffffff-ffff-4fff-bfff-ffffffffffff",\#
        "at":"2018-10-17T08:00:00.123Z","on":"2018-10-17","colour":"GREEN","money":-5,"place":"530427001002-03",\#
        "name":"王\"小\\明\n\u0001🀄️ /","small":-128,"large":9223372036854775807,"ratio":0.1,"yes":true,"present":7,\#
        "list":["a","","é"],"holes":[1,null],"inner":[{"at":"1969-12-31T23:59:59.999Z","met":false}],\#
        "shape":[{"circle":{"radius":2}},{"square":{"_0":1,"_1":2}},{"none":{}}],\#
        "words":{"":"e","a":"1","a\"":"q","b":"2","𐀀":"x"},"counts":{"k":{},"z":{"x":2,"y":1}},"nothing":{}}
        """#

    @Test func `fields stand in the order of their declaration, dictionaries in the order of their keys`() throws {
        #expect(String(decoding: try JSON.encode(Sample()), as: UTF8.self) == Self.text)
    }

    @Test func `what was written reads back the same, and so does what Foundation wrote`() throws {
        #expect(try JSON.decode(Sample.self, from: Array(Self.text.utf8)) == Sample())
        #expect(try JSON.decode(Sample.self, from: Array(JSONEncoder().encode(Sample()))) == Sample())
    }

    @Test func `Foundation understands what was written`() throws {
        let ours = try JSONSerialization.jsonObject(with: Data(JSON.encode(Sample()))) as? NSDictionary
        // Foundation writes UUIDs in capitals.
        let text = String(decoding: try JSONEncoder().encode(Sample()), as: UTF8.self)
            .replacing(Sample().household.description.uppercased(), with: Sample().household.description)
            .replacing(Sample().raw.uuidString, with: Sample().raw.uuidString.lowercased())
        #expect(ours == (try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary))
    }

    @Test func `spaces, order, unknown fields, nulls and escapes do not matter`() throws {
        struct Two: Codable, Equatable { let a: Int; let b: String?; let c: String? }
        let text = " {\"c\" : null,\r\n\t\"new\": [{\"deep\": [1.5e-3, true]}], \"\\u0062\": \"\\ud83c\\udc04\\/\\b\\f\\t\" , \"a\" : -0 } "
        #expect(try JSON.decode(Two.self, from: Array(text.utf8)) == Two(a: 0, b: "🀄/\u{8}\u{C}\t", c: nil))
    }

    @Test func `a scalar may be the whole document`() throws {
        #expect(try JSON.decode(Int.self, from: Array("7".utf8)) == 7)
        #expect(try JSON.encode("é") == Array("\"é\"".utf8))
        #expect(try JSON.decode(String?.self, from: Array("null".utf8)) == nil)
        #expect(try JSON.encode([Int]()) == Array("[]".utf8))
    }

    @Test func `integers are exact to the last digit and beyond that refused`() throws {
        for value in [Int64.min, .min + 1, -1, 0, 1, 9_007_199_254_740_993, .max] {
            #expect(try JSON.decode(Int64.self, from: JSON.encode(value)) == value)
        }
        #expect(try JSON.decode(UInt64.self, from: Array("18446744073709551615".utf8)) == .max)
        for text in ["9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999999"] {
            #expect(throws: JSON.Failure.self) { try JSON.decode(Int64.self, from: Array(text.utf8)) }
        }
    }

    @Test func `a value without a form in JSON is refused`() throws {
        func code(_ value: some Encodable) -> JSON.Failure.Code? {
            do { _ = try JSON.encode(value) } catch { return (error as? JSON.Failure)?.code }
            return nil
        }
        #expect(code(Double.nan) == .numberRange)
        #expect(code(["a": Double.infinity]) == .numberRange)
        #expect(code(Instant(milliseconds: .max)) == .numberRange)
        #expect(code(LocalDate(daysSinceEpoch: 5_000_000)) == .numberRange)
        #expect(code("a\u{0}b") == .nul)
        #expect(code(Nest(depth: 33)) == .tooDeep)
        #expect(code(Nest(depth: 32)) == nil)
    }

    struct Nest: Codable {
        let inner: [Nest]
        init(depth: Int) { inner = depth > 2 ? [Nest(depth: depth - 2)] : [] }
    }
}

@Suite struct JSONValueTests {
    @Test func `any document keeps its order and its numbers`() throws {
        let text = #"{"b":[1,2.5,-9007199254740993,null,true,"x"],"a":{},"c":[]}"#
        let value = try JSON.decode(JSONValue.self, from: Array(text.utf8))
        #expect(try JSON.encode(value) == Array(text.utf8))
        #expect(value["b"]?.array?.count == 6 && value["c"] == [] && value["d"] == nil)
        #expect(value == ["c": [], "a": [:], "b": [1, .number(2.5), -9_007_199_254_740_993, .null, true, "x"]])
    }

    @Test func `the pretty form is for people and diffs`() throws {
        let value: JSONValue = ["b": [1, ["é": "\n"]], "a": [:], "c": []]
        let text = "{\n  \"b\": [\n    1,\n    {\n      \"é\": \"\\n\"\n    }\n  ],\n  \"a\": {},\n  \"c\": []\n}\n"
        #expect(String(decoding: try value.pretty(), as: UTF8.self) == text)
    }

    @Test func `a member can be set, replaced and taken away`() {
        var object: JSONObject = ["a": 1]
        object["b"] = 2
        object["a"] = 3
        #expect(object.keys == ["a", "b"] && object["a"] == 3)
        object["a"] = nil
        #expect(object.keys == ["b"] && object != ["b": 3])
    }
}
