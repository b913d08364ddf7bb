import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets
import TestKit
import Testing

@testable import Intake

/// Sheets out, on a real PostgreSQL.
@Suite struct ExportTests {
    struct Wish: Encodable {
        let campaign: CampaignID
        let kind: ExportKind
        var format = SheetFormat.csv
        var within: String?
        var purpose = "年度核对"
    }

    func ask(_ wish: Wish, of bench: IntakeBench, actor: String? = "clerk") async throws -> TestService.Answer {
        try await bench.service.post("/v1/exports", wish, headers: actor.map { ["Lika-Actor": $0] } ?? [:])
    }

    func report(_ id: ExportID, _ bench: IntakeBench) async throws -> ExportReport { try await bench.service.get("/v1/exports/\(id)").json(ExportReport.self) }

    /// The rows of the sheet, its headings first.
    func rows(_ kind: ExportKind, of bench: IntakeBench, within: String? = nil) async throws -> [[String]] {
        let id = try await ask(Wish(campaign: bench.campaign, kind: kind, within: within), of: bench).json(ExportReport.self).export
        try await bench.service.runErrands()
        return try CSVReader.rows(in: try await bench.service.get("/v1/exports/\(id)/file").body).map(\.cells)
    }

    func column(_ heading: String, of rows: [[String]]) throws -> [String] {
        let place = try #require(rows[0].firstIndex(of: heading))
        return rows.dropFirst().map { $0[place] }
    }

    @Test func `a table that went out comes in again and changes nothing`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.imported("registered", bench.registeredSheet([try RegisterColumnTests.full(), entry("2", from: 10)]))
            for format in [SheetFormat.csv, .xlsx] {
                let id = try await ask(Wish(campaign: bench.campaign, kind: .registered, format: format), of: bench).json(ExportReport.self).export
                #expect(try await bench.service.get("/v1/exports/\(id)/file").status == 409)
                try await bench.service.runErrands()
                let report = try await report(id, bench)
                #expect((report.state, report.done, report.total) == (.done, 2, 2))
                let file = try await bench.service.get("/v1/exports/\(id)/file")
                #expect(file.headers["content-disposition"] == "attachment; filename=\"registered.\(format.rawValue)\"")
                #expect(file.headers["cache-control"] == "no-store")
                let again = try await bench.imported("registered", file.body)
                #expect((again.unchanged, again.refused, again.ignoredColumns) == (2, 0, []))
            }
        }
    }

    @Test func `numbers in full go to a named account only, and each household is noted`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"), entry("2", from: 10))
            #expect(try await ask(Wish(campaign: bench.campaign, kind: .registered), of: bench, actor: nil).status == 400)
            #expect(try await ask(Wish(campaign: bench.campaign, kind: .registered, purpose: ""), of: bench).status == 422)
            _ = try await rows(.registered, of: bench)
            _ = try await rows(.households, of: bench)
            let noted = try await bench.service.store.work { work in
                try work.query("SELECT kind, actor, purpose, persons FROM disclosures").map {
                    "\(try $0["kind", as: String.self]) \(try $0["actor", as: String.self]) \(try $0["purpose", as: String.self]) \(try $0["persons", as: Int.self])"
                }
            }
            #expect(noted == ["export clerk 年度核对 3", "export clerk 年度核对 3"])
        }
    }

    @Test func `what is carried about holds no number in full`() async throws {
        try await IntakeBench.with { bench in
            let full = try RegisterColumnTests.full()
            _ = try await bench.imported("registered", bench.registeredSheet([full]))
            for kind in ExportKind.allCases where !kind.isIdentifying {
                let text = try await rows(kind, of: bench).joined().joined(separator: "|")
                for secret in full.members.map(\.residentID.reveal) + ["14012341234", "0877-7012345", "9999000000000000"] {
                    #expect(!text.contains(secret), "\(kind)")
                }
            }
        }
    }

    @Test func `the comparison form has what is on file in words, and room for what is found`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"))
            let form = try await rows(.comparison, of: bench)
            let schooling = try #require(form.first { $0[4] == "与户主关系" && $0[2] == entry("1").members[1].number })
            #expect(schooling[5] == Codes.relations["02"]?.zh)
            #expect(Set(try column("核实值", of: form)) == [""])
            #expect(form.contains { $0[4] == "证件号码" && $0[5].contains("*") })
            #expect(!form.contains { $0[4] == "剔除线索" || $0[4] == "清退线索" }, "a form for the household's eyes holds no suspicion")
        }
    }

    @Test func `the checklist of a household is what has changed since the campaign began`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"), entry("2", from: 10))
            #expect(try await rows(.checklist, of: bench).count == 1)
            var corrected = entry("1")
            corrected.housing = .c
            corrected.members[1].name = "李新"
            _ = try await bench.register(corrected)
            let lines = try await rows(.checklist, of: bench).dropFirst()
            #expect(lines.map { Array($0[1...5]) } == [
                ["", "", "住房等级", "", "C"], [corrected.members[1].number, "", "姓名", entry("1").members[1].name, "李新"],
            ])
        }
    }

    @Test func `who is new to the register is entered whole`() async throws {
        try await IntakeBench.with { bench in
            var household = entry("9")
            (household.status, household.registeredOn, household.attribute, household.causes) = (nil, nil, nil, nil)
            _ = try await bench.imported("not_registered", bench.registeredSheet([household], .notRegistered))
            let lines = try await rows(.checklist, of: bench).dropFirst()
            #expect(lines.contains { $0[3] == "区划代码" && $0[4].isEmpty && $0[5] == household.division.code })
            #expect(lines.filter { $0[3] == "姓名" }.map { $0[5] } == household.members.map(\.name))
        }
    }

    @Test func `rosters show what became of each case, and a sheet keeps to its division`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready(), entry("2", from: 10))
            #expect(try await bench.command("rosters").status == 201)
            let cases = try await rows(.cases, of: bench)
            #expect(cases.dropFirst().map { [$0[0], $0[1], $0[5]] } == [[CaseKind.exit.label.zh, ready().number, "已列入名单"]])
            #expect(try await rows(.cases, of: bench, within: "530427001002").count == 1)
            #expect(try await rows(.households, of: bench, within: "530427001001").count == 3)
        }
    }

    @Test func `an instance that dies leaves its export to another, which begins anew`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"))
            let id = try await ask(Wish(campaign: bench.campaign, kind: .households), of: bench).json(ExportReport.self).export
            let lost = try #require(try await bench.service.store.work { try $0.claimExport() })
            #expect(try await !bench.service.runErrands())
            try await bench.service.store.work { try $0.execute("UPDATE exports SET leased_until = clock_timestamp() - interval '1 s'") }
            try await bench.service.runErrands()
            // The first one wakes up and finds that it is no longer its own.
            try await ExportRun(job: lost, vault: IntakeBench.vault, settings: ImportSettings(), store: bench.service.store).perform()
            let report = try await report(id, bench)
            #expect((report.state, report.rows, report.done) == (.done, 1, 1))
            #expect(try await bench.service.get("/v1/exports/\(id)/file").status == 200)
        }
    }

    @Test func `a sheet is sealed, and destroyed when its time is over`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"))
            let id = try await ask(Wish(campaign: bench.campaign, kind: .registered), of: bench).json(ExportReport.self).export
            try await bench.service.runErrands()
            #expect(try await bench.service.store.work { work in
                try work.query("SELECT sealed FROM upload_pieces").allSatisfy { Data(try $0["sealed", as: Bytes.self].array).range(of: Data("户编号".utf8)) == nil }
            })
            try await bench.service.store.work { try $0.execute("UPDATE timers SET due = lika_now() - interval '1 s'") }
            try await bench.service.fireTimers()
            #expect(try await bench.service.get("/v1/exports/\(id)/file").text.contains("intake.export-expired"))
            #expect(try await report(id, bench).purpose == "年度核对")
        }
    }
}

@Suite struct EntryChecklistTests {
    @Test func `clues and what is derived from other columns are nobody's to enter`() {
        var now = entry("1")
        now.clues.circumstance = .costlyVehicle
        now.members[0].clearOutClue = "D01"
        #expect(EntryChecklist.lines(from: entry("1"), to: now).isEmpty)
    }

    @Test func `who has come is entered with every field, and who has gone is taken out with every field`() {
        let (three, two) = (entry("1"), entry("1", persons: 2))
        let gone = EntryChecklist.lines(from: three, to: two)
        #expect(Set(gone.map(\.person)) == [three.members[2].number])
        #expect(gone.allSatisfy { $0.after.isEmpty && !$0.before.isEmpty })
        let come = EntryChecklist.lines(from: two, to: three)
        #expect(come.map(\.after) == gone.map(\.before))
    }
}
