import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import IntakeDomain
import Logging
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// One household read, edited, looked at in full, on a real PostgreSQL.
@Suite struct HouseholdServiceTests {
    struct View: Decodable {
        let version: Int
        let standing: String
        let exitStatus: String?
        let fields: [String: String]
        let members: [Member]
        let measures: [Measure]
        let breaches: [Breach]
        let said: Said

        struct Member: Decodable { let member: MemberID; let number: String; let name: String; let relation: String; let state: String; let fields: [String: String]? }
        struct Measure: Decodable, Equatable { let year: Int; let measure: String; let effect: String }
        struct Breach: Decodable { let field: String; let code: String; let isWarning: Bool }
        struct Said: Decodable { let actor: String; let reason: String }
    }

    struct History: Decodable {
        let changes: [Change]
        struct Change: Decodable { let actor: String; let reason: String; let fields: [Field] }
        struct Field: Decodable, Equatable { let person: String?; let field: String; let before: String?; let after: String? }
    }

    struct Edited: Decodable { let version: Int; let fields: [String] }

    struct Rig {
        let bench: IntakeBench
        let household: HouseholdID

        func view(at day: String? = nil) async throws -> View {
            let answer = try await bench.service.get("/v1/households/\(household)\(day.map { "?at=\($0)" } ?? "")")
            #expect(answer.status == 200, "\(answer.text)")
            return try answer.json(View.self)
        }

        func patch(_ body: String, version: Int?, actor: String? = "clerk", key: String = UUID().uuidString) async throws -> TestService.Answer {
            var headers = ["Idempotency-Key": key]
            headers["If-Match"] = version.map { "\"\($0)\"" }
            headers["Lika-Actor"] = actor
            return try await bench.service.call(.patch, "/v1/households/\(household)", Array(body.utf8), headers)
        }

        func history() async throws -> [History.Change] {
            try await bench.service.get("/v1/households/\(household)/history").json(History.self).changes
        }

        func ask(_ path: String, _ body: String, actor: String? = "clerk") async throws -> TestService.Answer {
            try await bench.service.call(.post, path, Array(body.utf8), actor.map { ["Lika-Actor": $0] } ?? [:])
        }

        func disclosures() async throws -> [String] {
            try await bench.service.store.work { work in
                try work.query("SELECT kind, actor, purpose, persons FROM disclosures ORDER BY id").map {
                    "\(try $0["kind", as: String.self]) \(try $0["actor", as: String.self]) \(try $0["purpose", as: String.self]) \(try $0["persons", as: Int.self])"
                }
            }
        }
    }

    func with(_ entries: [HouseholdEntry] = [entry()], _ body: @escaping @Sendable (Rig) async throws -> Void) async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.imported("registered", bench.registeredSheet(entries))
            let household = try #require(try await bench.service.told(HouseholdRegistered.self).first).household
            try await body(Rig(bench: bench, household: household))
        }
    }

    // MARK: Reading

    @Test func `a household is shown with all its fields, and nobody's name or number in full`() async throws {
        try await with([RegisterColumnTests.full()]) { rig in
            let full = try RegisterColumnTests.full()
            let answer = try await rig.bench.service.get("/v1/households/\(rig.household)")
            let view = try answer.json(View.self)
            #expect(view.fields["housing"] == "B")
            #expect(view.fields["income"] == "6000.50")
            #expect(view.fields["phone"] == "087*****2345")
            #expect(view.fields["bankCard"] == "9999********0000")
            #expect(view.members.map(\.name) == ["李*", "李*"])
            #expect(view.members[0].fields?["idNumber"]?.hasPrefix("999999***") == true)
            #expect(view.members[0].fields?["memberPhone"] == "140****1234")
            #expect(view.breaches.contains { $0.code == "resident-id.area-unassigned" && $0.isWarning })
            for secret in full.members.map(\.residentID.reveal) + ["14012341234", "0877-7012345", "9999000000000000", "李0"] {
                #expect(!answer.text.contains(secret))
            }
            #expect(try await rig.bench.service.get("/v1/households/\(UUID())").status == 404)
        }
    }

    @Test func `the version is in the ETag`() async throws {
        try await with { rig in
            let version = try await rig.view().version
            try await Application(responder: rig.bench.service.responder, logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }).test(.router) { client in
                try await client.execute(uri: "/v1/households/\(rig.household)", method: .get) { response in
                    #expect(response.headers[.eTag] == "\"\(version)\"")
                }
            }
        }
    }

    @Test func `a list shows surnames, and finds by place and standing`() async throws {
        try await with { rig in
            let path = "/v1/households?campaign=\(rig.bench.campaign)"
            let all = try await rig.bench.service.get(path).text
            #expect(all.contains(#""headName":"李*""#))
            #expect(try await rig.bench.service.get(path + "&within=530427001001&standing=registered").text == all)
            #expect(try await rig.bench.service.get(path + "&within=530427001002").text == "[]")
            #expect(try await rig.bench.service.get(path + "&standing=closed").text == "[]")
            #expect(try await rig.bench.service.get(path + "&within=x").status == 422)
        }
    }

    // MARK: Editing

    @Test func `an edit is told by field names and kept with who and why, before and after`() async throws {
        try await with { rig in
            let before = try await rig.view()
            let member = before.members[1]
            let answer = try await rig.patch(
                #"{"reason":"入户核实","household":{"housing":"B","phone":"14012341234"},"members":{"\#(member.member)":{"education":"02","pension":true,"health":["02","04"]}}}"#,
                version: before.version)
            #expect(answer.status == 200, "\(answer.text)")
            let edited = try answer.json(Edited.self)
            #expect(edited.fields == ["housing", "member.education", "member.health", "member.pension", "phone"])
            #expect(edited.version == before.version + 1)
            let after = try await rig.view()
            #expect((after.version, after.fields["housing"], after.members[1].fields?["health"]) == (edited.version, "B", "02、04"))
            #expect((after.said.actor, after.said.reason) == ("clerk", "入户核实"))
            #expect(try await rig.bench.service.told(HouseholdCorrected.self).map(\.fields) == [edited.fields])
            let change = try #require(try await rig.history().last)
            #expect((change.actor, change.reason) == ("clerk", "入户核实"))
            #expect(change.fields.contains(.init(person: nil, field: "phone", before: nil, after: "140****1234")))
            #expect(change.fields.contains(.init(person: member.number, field: "health", before: "01", after: "02、04")))
        }
    }

    @Test func `two clerks cannot overwrite each other`() async throws {
        try await with { rig in
            let version = try await rig.view().version
            #expect(try await rig.patch(#"{"reason":"a","household":{"housing":"B"}}"#, version: nil).status == 428)
            #expect(try await rig.patch(#"{"reason":"a","household":{"housing":"B"}}"#, version: version).status == 200)
            let late = try await rig.patch(#"{"reason":"b","household":{"housing":"C"}}"#, version: version)
            #expect(late.status == 412 && late.text.contains("changed-meanwhile"))
            #expect(try await rig.view().fields["housing"] == "B")
            let together = try await withThrowingTaskGroup(of: Int.self) { group in
                for housing in ["A", "C", "D"] {
                    group.addTask { try await rig.patch(#"{"reason":"c","household":{"housing":"\#(housing)"}}"#, version: version + 1).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted()
            }
            #expect(together == [200, 412, 412])
        }
    }

    @Test func `the same edit sent again has the same answer and no second effect`() async throws {
        try await with { rig in
            let version = try await rig.view().version
            let key = UUID().uuidString
            let first = try await rig.patch(#"{"reason":"a","household":{"housing":"B"}}"#, version: version, key: key)
            #expect(try await rig.patch(#"{"reason":"a","household":{"housing":"B"}}"#, version: version, key: key).text == first.text)
            #expect(try await rig.history().count == 2)
        }
    }

    @Test func `an edit needs an account and a reason, and says all its faults`() async throws {
        try await with { rig in
            let view = try await rig.view()
            #expect(try await rig.patch(#"{"reason":"a","household":{"housing":"B"}}"#, version: view.version, actor: nil).status == 400)
            #expect(try await rig.patch(#"{"reason":" ","household":{"housing":"B"}}"#, version: view.version).status == 422)
            let member = view.members[2].member
            let answer = try await rig.patch(
                #"{"reason":"a","household":{"housing":"E","status":"1"},"members":{"\#(member)":{"idNumber":"999999***********X"}}}"#, version: view.version)
            #expect(answer.status == 422)
            #expect(answer.text.contains("/household/status") && answer.text.contains("field.fixed"))
            let masked = try await rig.patch(
                #"{"reason":"a","household":{"income":6000},"members":{"\#(member)":{"name":"李*"}}}"#, version: view.version)
            #expect(masked.status == 422 && masked.text.contains("/household/income"))
            #expect(try await rig.bench.service.told(HouseholdCorrected.self).isEmpty)
            #expect(try await rig.view().version == view.version)
        }
    }

    @Test func `what is shown masked cannot be saved back`() async throws {
        try await with([RegisterColumnTests.full()]) { rig in
            let view = try await rig.view()
            let member = view.members[0]
            for field in ["name", "idNumber", "certificate", "memberPhone"] {
                let shown = try #require(member.fields?[field])
                let answer = try await rig.patch(#"{"reason":"a","members":{"\#(member.member)":{"\#(field)":"\#(shown)"}}}"#, version: view.version)
                #expect(answer.status == 422, "\(field)")
                #expect(answer.text.contains("/members/\(member.member)/\(field)"))
            }
            for field in ["phone", "bankCard"] {
                let shown = try #require(view.fields[field])
                #expect(try await rig.patch(#"{"reason":"a","household":{"\#(field)":"\#(shown)"}}"#, version: view.version).status == 422, "\(field)")
            }
        }
    }

    @Test func `another head is named in one step`() async throws {
        try await with { rig in
            let view = try await rig.view()
            let (old, new) = (view.members[0].member, view.members[1].member)
            #expect(try await rig.patch(#"{"reason":"a","members":{"\#(new)":{"relation":"01"}}}"#, version: view.version).text.contains("household.two-heads"))
            let both = #"{"reason":"户主变更","members":{"\#(new)":{"relation":"01"},"\#(old)":{"relation":"02"}}}"#
            #expect(try await rig.patch(both, version: view.version).status == 200)
            #expect(try await rig.bench.service.told(HouseholdCorrected.self).map(\.headName) == ["李1"])
            #expect(try await rig.view().members.map(\.relation) == ["02", "01", "03"])
        }
    }

    @Test func `a corrected number is a new person to look for, and nobody else's`() async throws {
        try await with([entry("1"), entry("2", from: 10)]) { rig in
            let view = try await rig.view()
            let member = view.members[1].member
            func correct(_ number: ResidentID) async throws -> TestService.Answer {
                try await rig.patch(#"{"reason":"a","members":{"\#(member)":{"idNumber":"\#(number.reveal)"}}}"#, version: view.version)
            }
            #expect(try await correct(residentID("19700101", 11)).text.contains("person.id-elsewhere"))
            #expect(try await correct(residentID("19700101", 3)).text.contains("person.id-twice"))
            #expect(try await correct(residentID("19810101", 4)).status == 200)
            let found = try await rig.ask("/v1/households/search", #"{"idNumber":"\#(residentID("19810101", 4).reveal)","purpose":"核对"}"#)
            #expect(found.text.contains("\(member)"))
            #expect(try await rig.ask("/v1/members/\(member)/reveal", #"{"purpose":"核对"}"#).text.contains(residentID("19810101", 4).reveal))
        }
    }

    @Test func `two numbers that were mixed up change places in one step`() async throws {
        try await with { rig in
            let view = try await rig.view()
            let (a, b) = (view.members[1].member, view.members[2].member)
            let swapped = #"{"reason":"a","members":{"\#(a)":{"idNumber":"\#(residentID("19700101", 3).reveal)"},"\#(b)":{"idNumber":"\#(residentID("19700101", 2).reveal)"}}}"#
            let answer = try await rig.patch(swapped, version: view.version)
            #expect(answer.status == 200, "\(answer.text)")
        }
    }

    @Test func `the sheet of before does not undo an edit, and a corrected one says so in the history`() async throws {
        try await with { rig in
            let version = try await rig.view().version
            #expect(try await rig.patch(#"{"reason":"a","household":{"housing":"B"}}"#, version: version).status == 200)
            #expect(try await rig.bench.register(entry()).unchanged == 1)
            #expect(try await rig.view().fields["housing"] == "B")
            var corrected = entry()
            corrected.housing = .c
            #expect(try await rig.bench.register(corrected).corrected == 1)
            let change = try #require(try await rig.history().last)
            #expect(change.reason.hasPrefix("import "))
            #expect(change.fields == [.init(person: nil, field: "housing", before: "B", after: "C")])
        }
    }

    @Test func `who has joined by a case is shown, edited and kept, and who has gone is not on file any more`() async throws {
        try await with { rig in
            let birth = [entry().number, "\(entry().number)99", "A01", "2018-03-01", "ZM-1", "李芳", residentID("20180301", 2).reveal, "04"]
            let death = [entry().number, entry().members[0].number, "D01", "2018-03-01", "ZM-2", "", "", ""]
            _ = try await rig.bench.imported("changes", rig.bench.changeSheet([birth, death]))
            try await rig.bench.verify(rig.household, .consistent)
            let view = try await rig.view()
            #expect(view.members.map(\.state) == ["ended", "active", "active", "active"])
            #expect(view.members[0].fields == nil)
            #expect(view.members[1].relation == "01")
            #expect(view.breaches.contains { $0.code == "insurance.neither" && !$0.isWarning })
            let newborn = view.members[3]
            #expect(newborn.fields?["bornOn"] == "2018-03-01")
            let answer = try await rig.patch(
                #"{"reason":"a","members":{"\#(newborn.member)":{"residentInsurance":true,"employeeInsurance":false,"ethnicity":"18"}}}"#, version: view.version)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try await rig.view().members[3].fields?["ethnicity"] == "18")
            let standing = try await rig.history().filter { $0.actor == "lika" }
            #expect(standing.allSatisfy { $0.reason == VerificationCompleted.name })
            #expect(standing.flatMap(\.fields).contains(.init(person: entry().members[0].number, field: "state", before: "active", after: "ended")))
        }
    }

    @Test func `who is struck off is archived`() async throws {
        try await with { rig in
            try await rig.bench.service.store.work { work in
                try work.decide(HouseholdRecord.self, rig.household) { try $0.marking(.removal, by: CaseID(UUID()), year: 2018, at: october10) }
            }
            let view = try await rig.view()
            #expect(view.standing == "struck_off")
            let answer = try await rig.patch(#"{"reason":"a","household":{"housing":"B"}}"#, version: view.version)
            #expect(answer.status == 409 && answer.text.contains("intake.household-archived"))
        }
    }

    @Test func `a household is shown as it stood on any day`() async throws {
        try await with { rig in
            try await rig.bench.service.store.work { work in
                // What was said today is put three days back.
                try work.execute("UPDATE entries SET at = at - interval '3 days'")
                try work.execute("UPDATE household_states SET at = at - interval '3 days'")
            }
            let version = try await rig.view().version
            #expect(try await rig.patch(#"{"reason":"a","household":{"housing":"B"}}"#, version: version).status == 200)
            try await rig.bench.service.store.work { work in
                try work.decide(HouseholdRecord.self, rig.household) { try $0.marking(.exit, by: CaseID(UUID()), year: 2018, at: october10) }
            }
            let today = try await rig.bench.service.store.work { try $0.today }
            let (now, then) = (try await rig.view(at: "\(today)"), try await rig.view(at: "\(today - 1)"))
            #expect((now.fields["housing"], now.exitStatus) == ("B", "1"))
            #expect((then.fields["housing"], then.exitStatus) == (nil, "0"))
            #expect(try await rig.bench.service.get("/v1/households/\(rig.household)?at=\(today - 9)").status == 404)
            #expect(try await rig.bench.service.get("/v1/households/\(rig.household)?at=2018-02-30").status == 422)
        }
    }

    // MARK: In full

    @Test func `a full number is revealed for a purpose, which is noted in the same transaction and cannot be undone`() async throws {
        try await with([RegisterColumnTests.full()]) { rig in
            let member = try await rig.view().members[0].member
            let full = try RegisterColumnTests.full()
            let answer = try await rig.ask("/v1/members/\(member)/reveal", #"{"purpose":"核对身份证"}"#)
            #expect(answer.text.contains(full.members[0].residentID.reveal) && answer.text.contains("14012341234") && answer.text.contains("李0"))
            #expect(try await rig.ask("/v1/households/\(rig.household)/reveal", #"{"purpose":"发放补助"}"#).text.contains("9999000000000000"))
            #expect(try await rig.ask("/v1/members/\(member)/reveal", #"{"purpose":""}"#).status == 422)
            #expect(try await rig.ask("/v1/members/\(member)/reveal", #"{"purpose":"x y"}"#, actor: nil).status == 400)
            #expect(try await rig.ask("/v1/members/\(UUID())/reveal", #"{"purpose":"x y"}"#).status == 404)
            #expect(try await rig.disclosures() == ["reveal clerk 核对身份证 1", "reveal clerk 发放补助 0"])
            #expect(try await rig.bench.service.store.work { try $0.query("SELECT key FROM replies WHERE body::text LIKE '%39393939%'").count } == 0)
        }
    }

    @Test func `a person is found by number, in whatever spelling, and the search is noted`() async throws {
        try await with { rig in
            let number = residentID().reveal
            let found = try await rig.ask("/v1/households/search", #"{"idNumber":"\#(number.lowercased())","purpose":"来访"}"#)
            #expect(found.text.contains("\(rig.household)") && !found.text.contains(number))
            #expect(try await rig.ask("/v1/households/search", #"{"idNumber":"\#(residentID("19990101", 5).reveal)","purpose":"来访"}"#).text == "[]")
            #expect(try await rig.ask("/v1/households/search", #"{"idNumber":"123","purpose":"来访"}"#).status == 422)
            #expect(try await rig.disclosures() == ["search clerk 来访 1", "search clerk 来访 0"])
        }
    }

    @Test func `nothing of an edit lies open in any table`() async throws {
        try await with { rig in
            let view = try await rig.view()
            let number = residentID("19850505", 6).reveal
            let edit = #"{"reason":"a","household":{"phone":"14098765432","bankCard":"9999111122223333"},"members":{"\#(view.members[1].member)":{"idNumber":"\#(number)"}}}"#
            #expect(try await rig.patch(edit, version: view.version).status == 200)
            _ = try await rig.ask("/v1/households/search", #"{"idNumber":"\#(number)","purpose":"来访"}"#)
            let open = try await rig.bench.service.store.work { work in
                try work.query("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()").filter { row in
                    let table: String = try row["table_name"]
                    return try work.first(
                        "SELECT 1 AS found FROM \(unsafe: table) t WHERE t::text ~ \("\(number)|14098765432|9999111122223333") LIMIT 1") != nil
                }.map { try $0["table_name", as: String.self] }
            }
            #expect(open == [])
        }
    }

    // MARK: Measures

    @Test func `measures come in by year, and a replaced statement stays on file`() async throws {
        try await with { rig in
            func measures(_ rows: [String]...) -> [UInt8] { sheet([MeasureSheet.Column.allCases.map(\.rawValue)] + rows) }
            let number = entry().number
            let first = try await rig.bench.imported("measures", measures([number, "2016", "EDU", "获得资助"], [number, "2017", "WATER", "通水"], ["9", "2016", "EDU", "x"]))
            #expect((first.entered, first.refused) == (2, 1))
            #expect(first.faults.map(\.code) == ["household.unknown"])
            let second = try await rig.bench.imported("measures", measures([number, "2016", "EDU", "两人获得资助"], [number, "2017", "WATER", "通水"]))
            #expect((second.entered, second.corrected, second.unchanged) == (0, 1, 1))
            #expect(try await rig.view().measures == [
                .init(year: 2016, measure: "EDU", effect: "两人获得资助"), .init(year: 2017, measure: "WATER", effect: "通水"),
            ])
            #expect(try await rig.bench.service.store.work { try $0.query("SELECT year FROM measures").count } == 3)
        }
    }
}
