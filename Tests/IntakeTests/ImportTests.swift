import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

@Suite struct ImportTests {
    @Test func `a sheet's households come into the books and are told`() async throws {
        try await IntakeBench.with { bench in
            let report = try await bench.register(entry("1"), entry("2", from: 10))
            #expect((report.rows, report.entered, report.refused) == (6, 2, 0))
            let told = try await bench.service.told(HouseholdRegistered.self)
            #expect(told.map(\.memberCount) == [3, 3])
            #expect(told.allSatisfy { $0.population == .registered && $0.campaign == bench.campaign })
        }
    }

    @Test func `the same sheet again changes nothing, under another key too`() async throws {
        try await IntakeBench.with { bench in
            let bytes = bench.registeredSheet([entry("1"), entry("2", from: 10)])
            let key = UUID().uuidString
            let first = try await bench.send("registered", bytes, key: key)
            #expect(try await bench.send("registered", bytes, key: key).body == first.body)
            #expect(try await bench.imported("registered", bytes).unchanged == 2)
            #expect(try await bench.imported("registered", Array("\u{FEFF}".utf8) + bytes).unchanged == 2)
            #expect(try await bench.service.told(HouseholdRegistered.self).count == 2)
            #expect(try await bench.service.told(HouseholdCorrected.self).isEmpty)
        }
    }

    @Test func `the same sheet from two sides at once comes in once`() async throws {
        try await IntakeBench.with { bench in
            let bytes = bench.registeredSheet([entry("1"), entry("2", from: 10)])
            let reports = try await withThrowingTaskGroup(of: ImportReport.self) { group in
                for _ in 0..<4 { group.addTask { try await bench.imported("registered", bytes) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(reports.map(\.entered).reduce(0, +) == 2)
            #expect(reports.map(\.unchanged).reduce(0, +) == 6)
            #expect(try await bench.service.told(HouseholdRegistered.self).count == 2)
        }
    }

    @Test func `a corrected row is told by field names, and a stale person cannot be smuggled in`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"))
            var corrected = entry("1")
            corrected.members[1].residentID = residentID("19800808", 77)
            corrected.members[1].name = "李新"
            #expect(try await bench.register(corrected).corrected == 1)
            #expect(try await bench.service.told(HouseholdCorrected.self).map(\.fields) == [["member.idNumber", "member.name"]])
            #expect(try await bench.register(corrected).unchanged == 1)
            let report = try await bench.register(entry("1", persons: 4))
            #expect(report.faults.map(\.code) == ["person.unknown"])
        }
    }

    @Test func `good rows are taken and every fault of the others is named`() async throws {
        try await IntakeBench.with { bench in
            var (nameless, headless) = (entry("2", from: 10), entry("3", from: 20))
            nameless.members[1].name = ""
            headless.members[0].relation = "03"
            let report = try await bench.register(entry("1"), nameless, headless, entry("4", from: 30))
            #expect((report.entered, report.refused) == (2, 2))
            #expect(report.faults == [
                SheetFault(6, "姓名", "cell.empty", "this cell must be filled"),
                SheetFault(8, "与户主关系", "household.no-head", "exactly one person is the head"),
            ])
        }
    }

    @Test func `nobody stands in two households, in one sheet or in two`() async throws {
        try await IntakeBench.with { bench in
            #expect(try await bench.register(entry("1"), entry("2", from: 3)).faults == [
                SheetFault(5, "证件号码", "person.id-elsewhere", "this person already belongs to another household")
            ])
            let report = try await bench.imported("not_registered", bench.registeredSheet([entry("9", status: nil, from: 2)], .notRegistered))
            #expect(report.faults.map(\.line) == [2, 3])
            #expect(report.refused == 1)
        }
    }

    @Test(arguments: [
        ([UInt8]([0x61, 0xFF, 0xFF, 0x0A]), "sheet.encoding"), (Array("PK\u{3}\u{4}\0\0".utf8), "sheet.damaged"), (Array("a\0b".utf8), "sheet.not-text"),
        (Array("户编号,\"x".utf8), "sheet.open-quote"), (Array("\n".utf8), "sheet.empty"), (Array("户编号\n".utf8), "sheet.column-missing"),
    ])
    func `what cannot be read is one clear error and changes nothing`(bytes: [UInt8], code: String) async throws {
        try await IntakeBench.with { bench in
            let report = try await bench.imported("registered", bytes)
            #expect(report.state == .refused)
            #expect(report.faults.first?.code == code)
            #expect((report.rows, report.entered) == (0, 0))
        }
    }

    @Test func `a sheet that breaks off far below changes nothing`() async throws {
        try await IntakeBench.with { bench in
            let report = try await bench.imported("registered", bench.registeredSheet([entry("1")]) + Array("\n\"".utf8))
            #expect(report.faults.map(\.code) == ["sheet.open-quote"])
            #expect(try await bench.service.told(HouseholdRegistered.self).isEmpty)
        }
    }

    @Test func `nothing is no sheet`() async throws {
        try await IntakeBench.with { bench in
            let answer = try await bench.send("registered", [])
            #expect(answer.status == 422)
            #expect(answer.text.contains("sheet.empty"))
            #expect(try await bench.service.get("/v1/imports?campaign=\(bench.campaign)").text == "[]")
        }
    }

    @Test func `a missing campaign or kind is told`() async throws {
        try await IntakeBench.with { bench in
            let unknown = try await bench.service.post("/v1/imports?campaign=\(UUID())&kind=survey", bytes: [1])
            #expect(unknown.status == 404)
            #expect(try await bench.send("other", [1]).status == 422)
        }
    }

    @Test func `a plan is issued once for a year, and its faults are named`() async throws {
        try await IntakeBench.with { bench in
            #expect(try await bench.service.post("/v1/campaigns", plan2018()).status == 409)
            var plan = plan2018()
            (plan.year, plan.publicityDays, plan.stages) = (2019, 0, [])
            let answer = try await bench.service.post("/v1/campaigns", plan)
            #expect(answer.status == 422)
            #expect(answer.text.contains("/publicityDays") && answer.text.contains("/stages"))
            #expect(try await bench.service.told(CampaignIssued.self).count == 1)
        }
    }

    @Test func `no ID number lies open in any table`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready())
            try await bench.survey(["53042700001": facts()])
            _ = try await bench.command("rosters")
            let number = residentID().reveal
            let found = try await bench.service.store.work { work in
                try work.query("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()").filter { row in
                    let table: String = try row["table_name"]
                    return try work.first("SELECT 1 AS found FROM \(unsafe: table) t WHERE t::text LIKE \("%\(number)%") LIMIT 1") != nil
                }.map { try $0["table_name", as: String.self] }
            }
            #expect(found == [])
        }
    }
}
