import Contracts
import Foundation
import Kafka
import Registry

/// What the kit sends, and what must come of it.
struct ConformanceTrial: Sendable {
    enum Expected: Sendable {
        /// The findings by member, in any order.
        case answer(CheckOutcome, [Finding])
        case silence
    }

    struct Finding: Hashable, Sendable {
        let member: UUID
        let field: String
        let outcome: CheckOutcome
        let code: String
    }

    /// The rule that this record tries.
    let rule: ConformanceRule
    let record: OutgoingRecord
    let expected: Expected
    /// Nothing for what is no request.
    let asked: Asked?

    struct Asked: Sendable {
        let request: UUID
        let household: UUID
        let topic: String
        let members: Set<UUID>
        /// Names and ID numbers, which must not come back.
        let secrets: [String]
        let sentAt: Instant
        let traceparent: String?
    }
}

/// Makes the records. All ids are new each time, so that one department may be tried again and again.
struct ConformanceTrials {
    let department: String
    let sealing: PublicKey?
    private(set) var all: [ConformanceTrial] = []
    private let campaign = UUID()
    private var clock = Instant(milliseconds: 1_539_997_323_456)

    private var topic: String { "lika.verification.request.\(department.lowercased()).v1" }

    init(department: String, sealing: PublicKey?) throws {
        (self.department, self.sealing) = (department, sealing)
        try make()
    }

    // MARK: People of nobody's: the area 999999 is assigned to none

    private struct Person {
        let member = UUID()
        let name: String
        let number: String
    }

    private static func person(_ name: String, born: String, _ sequence: Int) -> Person {
        let text = String(sequence)
        let digits = "999999\(born)\(String(repeating: "0", count: 3 - text.count))\(text)"
        return Person(name: name, number: digits + String(ResidentID.checkCharacter(digits.compactMap(\.wholeNumberValue))))
    }

    /// Whom the department knows to have a car, and whom it cannot find.
    private static let driver = person("王甲", born: "19800101", 1)
    private static let stranger = person("李乙", born: "19820202", 2)

    /// What the department's data file must hold for the trials: `lika conformance --facts` prints it.
    static let facts = """
        {"\(driver.number)": {"VEHICLE": {"outcome": "discrepant", "code": "VEHICLE_OVER_30000", "field": "vehicle"},
                                "RELATIONS": {"outcome": "discrepant", "code": "RELATION_DIFFERS", "field": "relation", "remark": "户主之子"}},
         "\(stranger.number)": {"RESIDENCE": {"outcome": "cannot_determine", "code": "NO_RECORD", "field": "residence"},
                                "RELATIONS": {"outcome": "cannot_determine", "code": "NO_RECORD", "field": "relation"}}}
        """

    private static func car(_ person: Person) -> [ConformanceTrial.Finding] {
        [.init(member: person.member, field: "vehicle", outcome: .discrepant, code: "VEHICLE_OVER_30000")]
    }

    // MARK: The trials

    private mutating func make() throws {
        let (driver, stranger) = (Self.driver, Self.stranger)
        try ask(.answered, "PENSION", [driver, stranger], .answer(.consistent, []))
        try ask(.answered, "VEHICLE", [driver, stranger], .answer(.discrepant, Self.car(driver)))
        try ask(
            .answered, "RESIDENCE", [driver, stranger],
            .answer(.cannotDetermine, [.init(member: stranger.member, field: "residence", outcome: .cannotDetermine, code: "NO_RECORD")]))
        try ask(
            .worstFinding, "RELATIONS", [stranger, driver],
            .answer(
                .discrepant,
                [
                    .init(member: stranger.member, field: "relation", outcome: .cannotDetermine, code: "NO_RECORD"),
                    .init(member: driver.member, field: "relation", outcome: .discrepant, code: "RELATION_DIFFERS"),
                ]))
        // Without a trace there is none to go on.
        try ask(.answered, "VEHICLE", [stranger], .answer(.consistent, []), traced: false)

        // Kafka delivers at least once: the very same record again, at once.
        try ask(.duplicate, "VEHICLE", [driver], .answer(.discrepant, Self.car(driver)))
        if let sent = all.last { all.append(sent) }

        // The household's data changed after sending: another request takes the place of the first.
        let household = UUID()
        try ask(.superseded, "VEHICLE", [stranger], .answer(.consistent, []), of: household)
        let replaced = all.last?.asked?.request
        try ask(
            .superseded, "VEHICLE", [stranger, driver], .answer(.discrepant, Self.car(driver)), of: household,
            with: ["replaces": .string(replaced?.lowercased ?? "")])

        var crowd = (0..<199).map { Self.person("众\($0)", born: "19\(50 + $0 % 40)0\(1 + $0 % 9)1\($0 % 10)", 100 + $0) }
        crowd.insert(driver, at: 57)
        try ask(.huge, "VEHICLE", crowd, .answer(.discrepant, Self.car(driver)))

        try ask(
            .unknownFields, "VEHICLE", [driver], .answer(.discrepant, Self.car(driver)),
            with: [
                "declared": ["vehicle": "无"], "sealedPersons": .null, "urgency": 3, "remark": "三轮车\n\"不算\" 🚲", "later": .null,
                "nested": ["is": ["ignored": .array([1, .number(2.5), true, .null])]],
            ])
        try ask(
            .minorVersion, "VEHICLE", [driver], .answer(.discrepant, Self.car(driver)), with: ["since": "v1.9"],
            headers: [
                ("ce_dataschema", Array("https://schemas.invalid/lika.verification.request.sent.v1.9.json".utf8)),
                ("ce_expirytime", Array("2018-11-03T00:00:00.000Z".utf8)), ("x-binary", [0xff, 0x00, 0xfe]), ("x-empty", []),
            ])
        try makeStrangers()
        try makeSealed()
    }

    /// What is no request of this department's. Each is followed by a good one in the same partition: when that is answered, the
    /// department has passed over what came before.
    private mutating func makeStrangers() throws {
        let driver = Self.driver
        for type in ["lika.verification.request.sent.v2", "lika.verification.request.sent-back.v1", "lika.verification.request.withdrawn.v1"] {
            let household = UUID()
            try ask(.otherTypes, "VEHICLE", [driver], .silence, of: household, type: type)
            try ask(.otherTypes, "VEHICLE", [driver], .answer(.discrepant, Self.car(driver)), of: household)
        }
        let household = UUID()
        let broken: [[UInt8]?] = [
            nil, [], Array("\u{ff} not json".utf8), [0xff, 0xfe], Array("null".utf8), Array("[]".utf8), Array(#"{"request":"#.utf8),
            Array(repeating: UInt8(ascii: "["), count: 100_000),
        ]
        for value in broken { poison(value, of: household) }
        for (field, wrong) in [("request", JSONValue.string("no uuid")), ("request", 7), ("topic", .null), ("persons", "nobody"), ("persons", [7]), ("department", .null)] {
            try ask(.malformed, "VEHICLE", [driver], .silence, of: household, with: [field: wrong])
        }
        try ask(.malformed, "VEHICLE", [driver], .silence, of: household, leavingOut: "ce_time")
        try ask(.malformed, "VEHICLE", [driver], .answer(.discrepant, Self.car(driver)), of: household)

        let stray = UUID()
        try ask(.otherDepartments, "VEHICLE", [driver], .silence, of: stray, with: ["department": "ELSEWHERE"])
        try ask(.otherDepartments, "VEHICLE", [driver], .answer(.discrepant, Self.car(driver)), of: stray)
    }

    private mutating func makeSealed() throws {
        guard let sealing else { return }
        let driver = Self.driver
        try ask(.sealed, "VEHICLE", [driver], .answer(.discrepant, Self.car(driver)), sealing: sealing)
        let household = UUID()
        let whole = try Sealed.seal(JSON.encode([RequestSent.Person]()), to: sealing)
        let broken = [
            try Sealed.seal(JSON.encode([RequestSent.Person]()), to: KeyPair().publicSealing), String(whole.dropLast(8)) + "AAAAAAAA",
            "not.a.sealed.text", "",
        ]
        for text in broken where !text.isEmpty {
            try ask(.sealedForOthers, "VEHICLE", [driver], .silence, of: household, with: ["persons": [], "sealedPersons": .string(text)])
        }
        try ask(.sealedForOthers, "VEHICLE", [driver], .answer(.discrepant, Self.car(driver)), of: household, sealing: sealing)
    }

    // MARK: One record

    private mutating func ask(
        _ rule: ConformanceRule, _ topic: String, _ persons: [Person], _ expected: ConformanceTrial.Expected, of household: UUID = UUID(),
        with changes: JSONObject = [:], type: String = RequestSent.name, headers more: [(String, [UInt8])] = [], leavingOut: String? = nil,
        traced: Bool = true, sealing: PublicKey? = nil
    ) throws {
        let request = UUID()
        clock = clock + 1
        let people = persons.map { RequestSent.Person(member: MemberID($0.member), name: $0.name, idNumber: $0.number) }
        var value: JSONObject = [
            "request": .string(request.lowercased), "household": .string(household.lowercased), "campaign": .string(campaign.lowercased),
            "department": .string(department), "topic": .string(topic), "population": "registered", "dueOn": "2018-11-02",
            "persons": .array(sealing == nil ? people.map(Self.written) : []),
        ]
        if let sealing { value["sealedPersons"] = .string(try Sealed.seal(JSON.encode(people), to: sealing, for: request.lowercased)) }
        for (field, change) in changes.members { value[field] = change }
        let traceparent = traced ? "00-\(request.lowercased.replacing("-", with: ""))-b7ad6b7169203331-01" : nil
        var headers = Headers()
        let attributes = [
            ("ce_specversion", "1.0"), ("ce_id", UUID().lowercased), ("ce_source", "/lika/verification"), ("ce_type", type), ("ce_time", clock.description),
            ("ce_subject", request.lowercased), ("ce_sequence", "0000000001"), ("content-type", "application/json"), ("traceparent", traceparent),
        ]
        for (name, text) in attributes where name != leavingOut { if let text { headers.append(name, text) } }
        for (name, bytes) in more { headers.append(name, bytes) }
        all.append(
            ConformanceTrial(
                rule: rule,
                record: OutgoingRecord(topic: self.topic, key: Array(household.lowercased.utf8), value: try JSON.encode(JSONValue.object(value)), headers: headers),
                expected: expected,
                asked: .init(
                    request: request, household: household, topic: topic, members: Set(persons.map(\.member)),
                    secrets: persons.flatMap { [$0.number, $0.name] }, sentAt: clock, traceparent: traceparent)))
    }

    private mutating func poison(_ value: [UInt8]?, of household: UUID) {
        let headers: Headers = [
            "ce_specversion": "1.0", "ce_id": UUID().lowercased, "ce_source": "/lika/verification", "ce_type": RequestSent.name,
            "ce_time": clock.description, "content-type": "application/json",
        ]
        let record = OutgoingRecord(topic: topic, key: Array(household.lowercased.utf8), value: value, headers: headers)
        all.append(ConformanceTrial(rule: .malformed, record: record, expected: .silence, asked: nil))
    }

    private static func written(_ person: RequestSent.Person) -> JSONValue {
        ["member": .string(person.member.description), "name": .string(person.name), "idNumber": .string(person.idNumber)]
    }
}
