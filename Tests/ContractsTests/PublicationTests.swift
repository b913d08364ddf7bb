import Contracts
import Foundation
import Registry
import TestKit
import Testing

/// The committed contracts are what the sources say, and hold together.
@Suite struct PublicationTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private let files: [String: JSONValue]

    init() throws {
        files = try PublishedContracts.generate(Documentation(readingFrom: root)).mapValues { try JSON.decode(JSONValue.self, from: $0) }
    }

    @Test func `the committed contracts are those of the types`() throws {
        #expect(try PublishedContracts.stale(below: root) == [], "run `lika contracts generate` and commit what it changes")
    }

    @Test func `every event has a schema, a name of its own and a topic that knows it`() throws {
        #expect(Set(Events.all.map { $0.name }).count == Events.all.count)
        #expect(files.count == Events.all.count + 1)
        for event in Events.all {
            let schema = try #require(files["schemas/\(event.name).json"])
            #expect(schema["title"]?.string == event.name && schema["type"] == "object")
            #expect(schema["description"]?.string != event.name, "\(event.name) says nothing about itself")
            #expect(event.name.wholeMatch(of: #/lika\.[a-z]+\.[a-z]+\.[a-z-]+\.v[0-9]+/#) != nil)
            #expect(!event.channels.isEmpty && event.channels.allSatisfy(Topic.all.contains))
        }
        for topic in Topic.all { #expect(topic.name.wholeMatch(of: #/lika\.[a-z]+\.[a-z]+(\.[a-z]+)?\.v[0-9]+/#) != nil) }
    }

    @Test func `every example is valid, is its event, and comes back from its type unchanged`() throws {
        func roundTrip<E: Event>(_ event: E.Type, _ example: JSONValue) throws {
            let value = try JSON.decode(event, from: JSON.encode(example))
            #expect(try JSON.decode(JSONValue.self, from: JSON.encode(value)) == example)
            #expect(event.channels.contains(value.channel))
        }
        for event in Events.all {
            let schema = try #require(files["schemas/\(event.name).json"])
            let example = try #require(schema["examples"]?.array?.first)
            #expect(SchemaCheck().failures(example, schema) == [])
            #expect(example.object?.keys == schema["properties"]?.object?.keys)
            try roundTrip(event, example)
        }
    }

    @Test func `an example that lacks a required field, or has a wrong one, is invalid`() throws {
        for event in Events.all {
            let schema = try #require(files["schemas/\(event.name).json"])
            let example = try #require(schema["examples"]?.array?.first?.object)
            for field in try #require(schema["required"]?.array) {
                var broken = example
                broken[field.string!] = nil
                #expect(SchemaCheck().failures(.object(broken), schema) == [": required"])
                #expect(throws: JSON.Failure.self) { try decode(event, .object(broken)) }
                broken[field.string!] = .number(0.5)
                #expect(SchemaCheck().failures(.object(broken), schema) != [])
                #expect(throws: JSON.Failure.self) { try decode(event, .object(broken)) }
            }
        }
        func decode<E: Event>(_ event: E.Type, _ example: JSONValue) throws { _ = try JSON.decode(event, from: JSON.encode(example)) }
    }

    @Test func `every reference leads somewhere, and every operation and channel uses messages that exist`() throws {
        let document = try #require(files["asyncapi.json"])
        for reference in document.all("$ref").compactMap(\.string) {
            if reference.hasPrefix("#") {
                #expect(document.at(reference.dropFirst()) != nil, "\(reference)")
            } else {
                #expect(files[reference] != nil, "\(reference)")
            }
        }
        #expect(document["channels"]?.object?.keys == Topic.all.map(\.name))
        let carried = Set(document["channels"]?.object?.members.flatMap { $0.value["messages"]?.object?.keys ?? [] } ?? [])
        #expect(carried == Set(Events.all.map { $0.name }))
    }

    @Test func `someone reads every topic, and a department only its own questions`() throws {
        #expect(Set(Subscription.all.flatMap(\.topics)).isSuperset(of: Topic.all.filter { ![.notificationNotice, .verificationDeadline, .verificationRefusal].contains($0) }))
        for subscription in Subscription.all {
            if case .department(let department) = subscription.subscriber { #expect(subscription.topics == [.request(to: department)]) }
        }
    }

    @Test func `what a producer sets as headers is what the document asks for`() throws {
        let document = try #require(files["asyncapi.json"])
        let check = SchemaCheck { reference in document.at(reference.drop { $0 == "#" }) }
        let headers = try #require(document.at("components/messages/\(CaseProposed.name)/headers"))
        let sent: JSONObject = [
            "ce_specversion": "1.0", "ce_id": "01667f3a-5800-7000-8000-351ec05e8db2", "ce_source": "/lika/intake", "ce_type": .string(CaseProposed.name),
            "ce_time": "2018-10-17T08:00:00.000Z", "ce_subject": "01667f3a-5800-7000-8000-351ec05e8db2", "ce_sequence": "0000000001",
            "ce_dataschema": .string(try #require(Events.schemas[CaseProposed.name])),
            "content-type": "application/json", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ]
        #expect(files["schemas/\(CaseProposed.name).json"]?["$id"] == sent["ce_dataschema"])
        #expect(check.failures(.object(sent), headers) == [])
        for wrong in [("ce_sequence", "1"), ("ce_type", "lika.other.v1"), ("ce_dataschema", "urn:other"), ("ce_specversion", "0.3")] as [(String, JSONValue)] {
            var headersSent = sent
            headersSent[wrong.0] = wrong.1
            #expect(check.failures(.object(headersSent), headers).count == 1)
        }
    }
}

@Suite struct SchemaDerivationTests {
    private func schema(_ type: any Event.Type) throws -> JSONValue {
        func of<E: Event>(_ event: E.Type) throws -> JSONValue {
            try JSON.decode(JSONValue.self, from: PublishedContracts.schema(of: event, Documentation(source: Self.source)))
        }
        return try of(type)
    }

    private static let source = """
        /// Something happened,
        /// twice.
        ///
        /// And more about it.
        package struct Happened: Event {
            package static let name = "x"
            /// How many times; never "{".
            package let count: Int
            package struct Part: Codable {
                /// When.
                package let at: Instant
            }
            /// A colour.
            enum Colour { case red }
        }
        """

    @Test func `a schema shows what the type asks for, in the order of declaration`() throws {
        let schema = try schema(Happened.self)
        #expect(schema["description"] == "Something happened, twice.")
        #expect(schema["properties"]?.object?.keys == ["id", "count", "large", "maybe", "tiny", "part", "parts", "colour", "level", "words", "deep", "anything"])
        #expect(schema["required"] == ["id", "count", "large", "part", "parts", "colour", "level", "words", "deep", "anything"])
        let fields = try #require(schema["properties"])
        #expect(fields["count"] == ["type": "integer", "description": "How many times; never \"{\"."])
        #expect(fields["maybe"] == ["type": "string"] && fields["tiny"] == ["type": "integer"])
        #expect(fields["part"]?["properties"]?["at"] == ["type": "string", "format": "date-time", "description": "When."])
        #expect(fields["parts"]?["items"] == fields["part"])
        #expect(fields["colour"] == ["type": "string", "enum": ["red", "green"], "description": "A colour."])
        #expect(fields["level"] == ["type": "integer", "enum": [1, 2]])
        #expect(fields["words"] == ["type": "object", "additionalProperties": ["type": "string"]])
        #expect(fields["deep"] == ["type": "object", "additionalProperties": ["type": "array", "items": ["type": "string", "format": "date"]]])
        #expect(fields["anything"] == [:])
        #expect(SchemaCheck().failures(try #require(schema["examples"]?.array?.first), schema) == [])
    }

    @Test func `a type without a schema says which it is and why`() {
        func failure(_ event: any Event.Type) -> String {
            do { _ = try schema(event) } catch { return "\(error)" }
            return ""
        }
        #expect(failure(Endless.self).contains("it contains itself"))
        #expect(failure(Holey.self).contains("an optional is a field that may be absent, not an element"))
        #expect(failure(Picky.self).contains("Digits: it does not accept"))
        #expect(failure(Dated.self).contains("Date: use Instant or LocalDate"))
        #expect(failure(Open.self).contains("Choice"))
    }
}

protocol Invented: Event {}

extension Invented {
    static var name: String { "lika.test.thing.happened.v1" }
    static var channels: [Topic] { [.intakeCase] }
    var channel: Topic { .intakeCase }
    var key: UUID { UUID() }
    var subject: UUID { UUID() }
}

struct Happened: Invented {
    struct Part: Codable, Equatable, Sendable { let at: Instant }
    enum Colour: String, Codable, CaseIterable, Sendable { case red, green }
    enum Level: Int, Codable, CaseIterable, Sendable { case one = 1, two }

    let id: HouseholdID
    let count: Int
    let large: Int64
    let maybe: String?
    let tiny: Int64?
    let part: Part
    let parts: [Part]
    let colour: Colour
    let level: Level
    let words: [String: String]
    let deep: [String: [LocalDate]]
    let anything: JSONValue
}

struct Endless: Invented { let inner: [Endless] }
struct Holey: Invented { let list: [Int?] }
struct Dated: Invented { let at: Date }
struct Open: Invented {
    enum Choice: Codable, Equatable, Sendable { case a(Int), b }
    let choice: Choice
}
struct Picky: Invented {
    struct Digits: Codable, Equatable, Sendable {
        init(from decoder: any Decoder) throws {
            guard Int(try decoder.singleValueContainer().decode(String.self)) != nil else {
                throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: ""))
            }
        }
        func encode(to encoder: any Encoder) throws {}
    }
    let digits: Digits
}
