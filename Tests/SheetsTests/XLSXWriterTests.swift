import Foundation
import Registry
import Sheets
import Testing

@Suite struct XLSXWriterTests {
    static let design = SheetDesign("贫困户", [
        .init("户编号", note: "AAC001"), .init("证件号码"), .init("与户主关系", choices: ["户主", "配偶", "=之子"]),
    ])

    func written(_ rows: [[String]]) throws -> [UInt8] {
        let writer = try XLSXWriter(Self.design)
        for row in rows { try writer.append(row) }
        return try writer.finish()
    }

    @Test func `what is written is read again, digit by digit`() throws {
        let rows = [["53042700001", "99999919700101001X", "户主"], ["00042700002", "999999197001010028", ""]]
        #expect(try XLSXReader.rows(in: written(rows)).map(\.cells) == [["户编号", "证件号码", "与户主关系"]] + rows)
        #expect(try XLSXReader.rows(in: written(rows), sheet: "代码").map(\.cells) == [["户主"], ["配偶"], ["'=之子"]])
    }

    @Test func `nothing that is written is a formula`() throws {
        #expect(try XLSXReader.rows(in: written([["=1+1", "＝1", "@x"]])).last?.cells == ["'=1+1", "'＝1", "'@x"])
    }

    @Test func `a long sheet is written and read whole`() throws {
        let rows = (0..<20_000).map { ["\($0)", "9999991970010100\($0 % 10)X", "户主"] }
        #expect(try XLSXReader.rows(in: written(rows)).dropFirst().map(\.cells) == rows)
    }

    // MARK: Another program

    struct Failure: Error { let status: Int32 }

    func python(_ program: String, _ arguments: String...) throws -> [UInt8] {
        let home = ProcessInfo.processInfo.environment["LIKA_HOME"] ?? ".lika"
        let process = Process()
        process.executableURL = URL(filePath: "\(home)/venv/bin/python")
        process.arguments = ["-c", program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        return Array(output)
    }

    func withFile<T>(_ bytes: [UInt8] = [], _ body: (String) throws -> T) throws -> T {
        let file = FileManager.default.temporaryDirectory.appending(path: "lika-\(UUID().uuidString).xlsx")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try body(file.path(percentEncoded: false))
    }

    @Test func `openpyxl reads what we wrote: text cells, frozen headings, notes and dropdowns`() throws {
        struct Seen: Decodable, Equatable { let cells: [[String?]]; let types: [String]; let frozen: String; let note: String; let bold: Bool; let dropdowns: [String]; let font: String }
        let seen = try withFile(written([["53042700001", "99999919700101001X", "户主"]])) { path in
            try python("""
                import json, sys, openpyxl
                book = openpyxl.load_workbook(sys.argv[1]); sheet = book["贫困户"]
                print(json.dumps({"cells": [[cell.value for cell in row] for row in sheet.iter_rows()], "types": [cell.data_type for cell in sheet[2]],
                    "frozen": sheet.freeze_panes, "note": sheet["A1"].comment.text, "bold": sheet["A1"].font.b, "font": sheet["A2"].font.name,
                    "dropdowns": [str(one.sqref) + " " + one.formula1 for one in sheet.data_validations.dataValidation]}))
                """, path)
        }
        #expect(try JSONDecoder().decode(Seen.self, from: Data(seen)) == Seen(
            cells: [["户编号", "证件号码", "与户主关系"], ["53042700001", "99999919700101001X", "户主"]], types: ["s", "s", "s"], frozen: "A2", note: "AAC001",
            bold: true, dropdowns: ["C2:C1048576 '代码'!$A$1:$A$3"], font: "宋体"))
    }

    @Test func `we read what openpyxl wrote`() throws {
        let rows = try withFile { path in
            _ = try python("""
                import sys, datetime, openpyxl
                book = openpyxl.Workbook(); sheet = book.active
                sheet.append(["户编号", "证件号码", "日期", "金额", "是否", "公式"])
                sheet.append(["001", "99999919700101001X", datetime.date(2018, 10, 17), 6000.5, True, "=1+1"])
                sheet.append(["002", 999999197001010028, datetime.datetime(2018, 10, 17, 9, 30), 2952, False, None])
                sheet["A3"].number_format = "@"
                sheet.merge_cells("A4:B4"); sheet["C4"] = "x"
                book.save(sys.argv[1])
                """, path)
            return try XLSXReader.rows(in: Array(Data(contentsOf: URL(filePath: path))))
        }
        #expect(rows.map { row in row.cells.enumerated().map { row.unusable[$0.offset]?.code ?? $0.element } } == [
            ["户编号", "证件号码", "日期", "金额", "是否", "公式"],
            ["001", "99999919700101001X", "2018-10-17", "6000.5", "TRUE", "cell.formula"],
            ["002", "cell.digits-lost", "cell.time-of-day", "2952", "FALSE", ""],
            ["cell.merged", "cell.merged", "x", "", "", ""],
        ])
    }
}
