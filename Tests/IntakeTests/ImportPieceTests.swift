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

/// Sheets on their way: in pieces, across crashes, in any form, and back with a word on each row.
@Suite struct ImportPieceTests {
    /// A household of three for each number; so many that a sheet has several pieces.
    func households(_ numbers: Range<Int>) -> [HouseholdEntry] {
        numbers.map { number in
            var household = entry("\(53_042_700_000 + number)")
            household.members = (0..<3).map { place in
                let sequence = number * 3 + place
                let born = LocalDate(daysSinceEpoch: 10 + sequence / 999).description.replacing("-", with: "")
                return MemberEntry(number: "\(household.number)0\(place + 1)", name: "李\(place)", residentID: residentID(born, sequence % 999 + 1), relation: ["01", "02", "03"][place])
            }
            return household
        }
    }

    func counts(_ report: ImportReport) -> [Int] { [report.rows, report.entered, report.corrected, report.unchanged, report.refused] }

    func accept(_ bench: IntakeBench, _ query: String, _ bytes: [UInt8], type: String? = nil) async throws -> ImportID {
        let answer = try await bench.service.post(
            "/v1/imports?campaign=\(bench.campaign)&\(query)", bytes: bytes, headers: type.map { ["Content-Type": $0] } ?? [:])
        #expect(answer.status == 202, "\(answer.text)")
        return try answer.json(IntakeBench.Accepted.self).import
    }

    @Test func `whoever goes on after a crash loses and repeats nothing`() async throws {
        try await IntakeBench.with { bench in
            let id = try await accept(bench, "kind=registered", bench.registeredSheet(households(1..<1_001)))
            // The database fails in the third piece, as it would for a process that dies there.
            try await bench.service.asOwner(
                """
                CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken off'; END $$;
                CREATE TRIGGER break_off BEFORE INSERT ON import_outcomes FOR EACH ROW WHEN (NEW.line > 2500) EXECUTE FUNCTION break_off();
                """)
            await #expect(throws: PostgresError.self) { try await bench.service.runErrands() }
            let half = try await bench.report(id)
            #expect(half.state == .running)
            #expect(half.totalRows == 3_000)
            #expect((half.rows, half.entered) == (2_004, 668))
            #expect(try await bench.service.told(HouseholdRegistered.self).count == 668)
            // Its lease keeps others away for a while.
            #expect(try await !bench.service.runErrands())
            try await bench.service.asOwner("DROP TRIGGER break_off ON import_outcomes")
            try await bench.service.store.work { try $0.execute("UPDATE imports SET leased_until = clock_timestamp() - interval '1 s'") }
            #expect(counts(try await bench.through(id)) == [3_000, 1_000, 0, 0, 0])
            #expect(try await bench.service.told(HouseholdRegistered.self).count == 1_000)
            #expect(counts(try await bench.imported("registered", bench.registeredSheet(households(1..<1_001)))) == [3_000, 0, 0, 1_000, 0])
        }
    }

    @Test func `an instance that lost its lease changes nothing any more`() async throws {
        try await IntakeBench.with { bench in
            let id = try await accept(bench, "kind=registered", bench.registeredSheet([entry("1")]))
            let job = try #require(try await bench.service.store.work { try $0.claimImport() })
            try await bench.service.store.work { try $0.execute("UPDATE imports SET leased_until = clock_timestamp() - interval '1 s'") }
            #expect(counts(try await bench.through(id)) == [3, 1, 0, 0, 0])
            try await ImportRun(job: job, vault: IntakeBench.vault, settings: ImportSettings(), store: bench.service.store).perform()
            #expect(counts(try await bench.report(id)) == [3, 1, 0, 0, 0])
            #expect(try await bench.service.told(HouseholdRegistered.self).count == 1)
        }
    }

    @Test func `what fails again and again is given up, and holds up no other sheet`() async throws {
        try await IntakeBench.with { bench in
            let id = try await accept(bench, "kind=registered", bench.registeredSheet([entry("1")]))
            try await bench.service.store.work { try $0.execute("UPDATE imports SET attempts = 5") }
            #expect(try await bench.through(id).faults.map(\.code) == ["import.failed"])
            #expect(try await bench.register(entry("1")).entered == 1)
        }
    }

    @Test func `sheets of one campaign are taken in the order in which they came`() async throws {
        try await IntakeBench.with { bench in
            var renamed = entry("1")
            renamed.members[0].name = "李新"
            let first = try await accept(bench, "kind=registered", bench.registeredSheet([entry("1")]))
            let second = try await accept(bench, "kind=registered", bench.registeredSheet([renamed]))
            let job = try #require(try await bench.service.store.work { try $0.claimImport() })
            #expect(job.id == first)
            #expect(try await bench.service.store.work { try $0.claimImport()?.id } == nil)
            try await bench.service.store.work { try $0.release(job) }
            #expect(try await bench.through(second).corrected == 1)
            #expect(try await bench.report(first).entered == 1)
        }
    }

    @Test func `a dry run comes to the same and keeps nothing`() async throws {
        try await IntakeBench.with { bench in
            var all = households(1..<500)
            // The first person again, in another piece.
            all[498].members[0].residentID = all[0].members[0].residentID
            all[200].members[1].name = ""
            let bytes = bench.registeredSheet(all)
            let dry = try await bench.through(accept(bench, "kind=registered&dry=true", bytes))
            #expect(dry.isDry)
            #expect(try await bench.service.told(HouseholdRegistered.self).isEmpty)
            #expect(try await bench.service.get("/v1/households?campaign=\(bench.campaign)").text == "[]")
            let real = try await bench.imported("registered", bytes)
            #expect(counts(dry) == [1_497, 497, 0, 0, 2])
            #expect(counts(real) == counts(dry))
            #expect(real.faults == dry.faults)
            #expect(real.faults.map(\.code) == ["cell.empty", "person.id-elsewhere"])
        }
    }

    @Test func `the report names the encoding, declared or found`() async throws {
        try await IntakeBench.with { bench in
            let text = String(decoding: bench.registeredSheet([entry("1")]), as: UTF8.self)
            let chinese = Array(try #require(text.data(using: String.Encoding(rawValue: 0x8000_0632))))
            for type in [nil, "text/csv; charset=GB18030", "text/csv; charset=\"gbk\""] {
                let report = try await bench.through(accept(bench, "kind=registered", chinese, type: type))
                #expect(report.encoding == .gb18030)
                #expect(report.refused == 0)
            }
            #expect(try await bench.through(accept(bench, "kind=registered", chinese, type: "text/csv; charset=utf-8")).faults.map(\.code) == ["sheet.encoding"])
            #expect(try await bench.imported("registered", bench.registeredSheet([entry("1")])).encoding == .utf8)
            let unknown = try await bench.service.post(
                "/v1/imports?campaign=\(bench.campaign)&kind=registered", bytes: chinese, headers: ["Content-Type": "text/csv; charset=big5"])
            #expect(unknown.status == 422)
        }
    }

    func workbook(_ rows: [[String]]) throws -> [UInt8] {
        let writer = try XLSXWriter(SheetDesign("贫困户", rows[0].map { .init($0) }))
        for row in rows.dropFirst() { try writer.append(row) }
        return try writer.finish()
    }

    @Test func `a workbook is as good as a text, and comes back as one with a word on each row`() async throws {
        try await IntakeBench.with { bench in
            var nameless = entry("2", from: 10)
            nameless.members[1].name = ""
            let rows = try CSVReader.rows(in: bench.registeredSheet([entry("1"), nameless])).map(\.cells)
            let id = try await accept(bench, "kind=registered&sheet=%E8%B4%AB%E5%9B%B0%E6%88%B7", workbook(rows))
            #expect(counts(try await bench.through(id)) == [6, 1, 0, 0, 1])
            let back = try XLSXReader.rows(in: try await bench.service.get("/v1/imports/\(id)/sheet").body)
            #expect(back.map { Array($0.cells.suffix(2)) } == [
                ["导入状态", "导入说明"], ["已导入", ""], ["已导入", ""], ["已导入", ""],
                ["未导入", ""], ["未导入", "姓名: 此格须填写 this cell must be filled (cell.empty)"], ["未导入", ""],
            ])
            #expect(back.map { Array($0.cells.dropLast(2)) } == rows)
        }
    }

    @Test func `what comes back is mended and sent again as it is`() async throws {
        try await IntakeBench.with { bench in
            let id = try await accept(bench, "kind=registered", bench.registeredSheet([entry("1")]))
            _ = try await bench.through(id)
            let back = try await bench.service.get("/v1/imports/\(id)/sheet").body
            let again = try await accept(bench, "kind=registered", back)
            let report = try await bench.through(again)
            #expect(counts(report) == [3, 0, 0, 1, 0])
            #expect(report.ignoredColumns == ["导入状态", "导入说明"])
            let rows = try CSVReader.rows(in: try await bench.service.get("/v1/imports/\(again)/sheet").body)
            #expect(rows[0].cells.count { $0 == "导入状态" } == 1)
            #expect(rows.dropFirst().allSatisfy { $0.cells.suffix(2) == ["无变化", ""] })
        }
    }

    @Test func `a sheet's bytes are sealed, and destroyed when their time is over`() async throws {
        try await IntakeBench.with { bench in
            let id = try await accept(bench, "kind=registered", bench.registeredSheet([entry("1")]))
            #expect(try await bench.service.get("/v1/imports/\(id)/sheet").status == 409)
            try await bench.service.store.work { try $0.execute("UPDATE timers SET due = lika_now() - interval '1 s'") }
            // What is still to be taken is kept.
            try await bench.service.fireTimers()
            #expect(try await bench.through(id).entered == 1)
            #expect(try await bench.service.store.work { work in
                try work.query("SELECT sealed FROM upload_pieces").allSatisfy { row in
                    let sealed: Bytes = try row["sealed"]
                    return Data(sealed.array).range(of: Data("姓名".utf8)) == nil
                }
            })
            try await bench.service.store.work { try $0.execute("UPDATE timers SET due = lika_now() - interval '1 s'") }
            try await bench.service.fireTimers()
            #expect(try await bench.service.get("/v1/imports/\(id)/sheet").text.contains("intake.import-expired"))
            #expect(try await bench.service.store.work { try $0.first("SELECT 1 AS one FROM upload_pieces") == nil })
            #expect(try await bench.report(id).entered == 1)
        }
    }

    @Test func `a large body is put down in pieces, and the same request again gives the same import`() async throws {
        try await IntakeBench.with { bench in
            let bytes = bench.registeredSheet(households(1..<3_001))
            #expect(bytes.count > 3 * Spool.pieceSize)
            let key = UUID().uuidString
            let first = try await bench.send("registered", bytes, key: key)
            #expect(try await bench.send("registered", bytes, key: key).body == first.body)
            #expect(try await bench.send("registered", Array(bytes.dropLast()), key: key).status == 422)
            #expect(counts(try await bench.through(first.json(IntakeBench.Accepted.self).import)) == [9_000, 3_000, 0, 0, 0])
            let large = [UInt8](repeating: 65, count: ImportSettings().bytes + 1)
            #expect(try await bench.send("registered", large).status == 413)
        }
    }

    @Test func `the same change twice in a sheet is a fault, not a failure`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("53042700001"))
            let row = ["53042700001", "5304270000103", "D01", "2018-05-01", "ZM-1", "", "", ""]
            let report = try await bench.imported("changes", bench.changeSheet([row, row]))
            #expect(report.faults.map(\.code) == ["change.twice"])
            #expect((report.entered, report.refused) == (1, 1))
        }
    }

    @Test func `faults come in pages`() async throws {
        try await IntakeBench.with { bench in
            var all = households(1..<4)
            for place in all.indices { all[place].members[1].name = "" }
            let report = try await bench.imported("registered", bench.registeredSheet(all))
            #expect(report.faultCount == 3)
            let page = try await bench.service.get("/v1/imports/\(report.import)?limit=2").json(ImportReport.self)
            let rest = try await bench.service.get("/v1/imports/\(report.import)?limit=2&after=2").json(ImportReport.self)
            #expect(page.faults + rest.faults == report.faults)
        }
    }

    @Test(arguments: ImportKind.allCases) func `a template has exactly the headings that its import asks for`(kind: ImportKind) async throws {
        try await IntakeBench.with { bench in
            let workbook = try XLSXReader.rows(in: try await bench.service.get("/v1/templates/\(kind.rawValue)").body)
            let text = try CSVReader.rows(in: try await bench.service.get("/v1/templates/\(kind.rawValue)?format=csv").body)
            #expect(workbook.map(\.cells) == text.map(\.cells))
            let report = try await bench.imported(kind.rawValue, try await bench.service.get("/v1/templates/\(kind.rawValue)").body)
            #expect(report.state == .done)
            #expect(report.ignoredColumns == [])
            #expect(try await bench.service.get("/v1/templates/other").status == 404)
        }
    }
}
