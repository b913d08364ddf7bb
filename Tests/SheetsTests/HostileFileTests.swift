import Foundation
import Registry
import Sheets
import Testing

/// Files that were made to harm, and files that came to harm.
@Suite struct HostileFileTests {
    typealias S = Specimen

    func code(_ bytes: [UInt8], _ change: (inout SheetLimits) -> Void = { _ in }) -> String? {
        var limits = SheetLimits()
        change(&limits)
        do {
            _ = try XLSXReader.rows(in: bytes, limits)
            return nil
        } catch { return error.code }
    }

    static let plain = S(rows: S.row(1, S.text("A1", "x")))

    func with(_ name: String, _ text: String = "x") -> [UInt8] {
        var specimen = Self.plain
        specimen.replace(name, text)
        return specimen.bytes()
    }

    @Test func `the specimen as such is good`() { #expect(code(Self.plain.bytes()) == nil) }

    @Test func `a part that inflates beyond its measure is stopped`() {
        let bomb = S(rows: S.row(1, S.text("A1", "x")), after: String(repeating: " ", count: 40 << 20))
        #expect(code(bomb.bytes()) == "sheet.bomb")
        #expect(code(bomb.bytes()) { ($0.ratio, $0.inflatedBytes) = (10_000, 1 << 20) } == "sheet.too-large")
        #expect(code(Self.plain.bytes()) { $0.archiveBytes = 100 } == "sheet.too-large")
    }

    @Test func `entities never grow, and no document type is read`() {
        let laughs = "<!DOCTYPE w [<!ENTITY a \"haha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
        #expect(code(S(rows: S.row(1, S.text("A1", "&c;")), prologue: laughs).bytes()) == "sheet.document-type")
        #expect(code(S(rows: S.row(1, S.text("A1", "&e;")), prologue: "<!DOCTYPE w [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>").bytes()) == "sheet.document-type")
        #expect(code(S(rows: S.row(1, S.text("A1", "x")), prologue: "<!DOCTYPE w SYSTEM \"http://127.0.0.1/x.dtd\">").bytes()) == "sheet.document-type")
        #expect(code(S(rows: S.row(1, S.text("A1", "&undeclared;"))).bytes()) == "sheet.damaged")
    }

    @Test(arguments: [
        ("../../etc/passwd", "sheet.path"), ("/etc/passwd", "sheet.path"), ("xl\\..\\x", "sheet.path"), ("C:/x", "sheet.path"),
        ("xl/vbaProject.bin", "sheet.macros"), ("xl/macrosheets/sheet1.xml", "sheet.macros"), ("xl/externalLinks/externalLink1.xml", "sheet.external-links"),
        ("xl/embeddings/oleObject1.bin", "sheet.nested"), ("inner.zip", "sheet.nested"), ("xl/a.XLSX", "sheet.nested"),
    ])
    func `a part that a sheet does not need is refused`(name: String, expected: String) {
        #expect(code(with(name)) == expected)
    }

    @Test func `a workbook that says it has macros or other files is refused`() {
        let types = { (type: String) in "<Types><Override PartName=\"/xl/workbook.xml\" ContentType=\"\(type)\"/></Types>" }
        #expect(code(with("[Content_Types].xml", types("application/vnd.ms-excel.sheet.macroEnabled.main+xml"))) == "sheet.macros")
        #expect(code(with("[Content_Types].xml", types("application/vnd.ms-excel.sheet.binary.macroEnabled.main"))) == "sheet.macros")
        let relation = "<Relationships><Relationship Id=\"r1\" Type=\"x/externalLink\" Target=\"y\"/></Relationships>"
        #expect(code(with("xl/_rels/workbook.xml.rels", relation)) == "sheet.external-links")
    }

    @Test func `there are limits to parts, rows, columns, cells, merges and texts`() {
        var many = Self.plain
        for number in 0..<200 { many.add("xl/media/\(number).png", "x") }
        #expect(code(many.bytes()) == "sheet.too-many-parts")
        let rows = (1...3).map { S.row($0, S.text("A\($0)", "abcd")) }.joined()
        #expect(code(S(rows: rows).bytes()) { $0.rows = 2 } == "sheet.too-long")
        #expect(code(S(rows: rows).bytes()) { $0.cellBytes = 3 } == "sheet.cell-too-long")
        #expect(code(S(rows: S.row(1, S.text("IW1", "x"))).bytes()) == "sheet.too-wide")
        #expect(code(S(rows: S.row(1, S.text("XFD1", "x"))).bytes()) == "sheet.too-wide")
        #expect(code(S(rows: rows, after: "<mergeCell ref=\"A1:A2\"/><mergeCell ref=\"B1:B2\"/>").bytes()) { $0.mergedRanges = 1 } == "sheet.merged")
        #expect(code(S(rows: rows, shared: "<si><t>abcdefghij</t></si>").bytes()) { $0.sharedBytes = 10 } == "sheet.too-large")
    }

    @Test func `a password, an old workbook and a truncated file have their own errors`() {
        #expect(code(Self.plain.bytes(password: "x")) == "sheet.encrypted")
        let compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 1_000)
        #expect(code(compound) == "sheet.old-format")
        #expect(code(compound + "EncryptedPackage".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == "sheet.encrypted")
        #expect(code(Array(Self.plain.bytes().dropLast(100))) == "sheet.damaged")
        #expect(code([]) == "sheet.damaged")
        #expect(code(Array("户编号,姓名\n".utf8)) == "sheet.damaged")
    }

    @Test(arguments: [
        "<row r=\"2\"/><row r=\"1\"/>", "<row r=\"x\"/>", "<row r=\"1\"><c r=\"B1\"/><c r=\"A1\"/></row>", "<row r=\"1\"><c r=\"A2\"/></row>",
        "<row r=\"1\"><c r=\"A1\"><v>1</v></row>", "<row r=\"99999999999999999999\"/>", "<row r=\"1\"><c r=\"AAAAAAAAAAAAA1\"><v>1</v></c></row>",
    ])
    func `rows and cells out of order are damage, not a guess`(rows: String) {
        #expect(code(S(rows: rows).bytes()) == "sheet.damaged")
    }

    @Test func `no cut and no flipped bit brings the reader down`() throws {
        let shared = (0..<50).map { "<si><t>text \($0)</t></si>" }.joined()
        let rows = (1...50).map { S.row($0, S.text("A\($0)", "户\($0)"), "<c r=\"B\($0)\" t=\"s\"><v>\($0 - 1)</v></c>", S.number("C\($0)", "43390", style: 1)) }.joined()
        let bytes = S(rows: rows, after: "<mergeCells><mergeCell ref=\"A2:A4\"/></mergeCells>", shared: shared, styles: XLSXReaderTests.styles).bytes()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 { _ = code(Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))) }
        for _ in 0..<1_000 {
            var flipped = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) { flipped[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
            _ = code(flipped)
        }
    }

    @Test func `no cut and no flipped bit in what a workbook holds brings the reader down`() throws {
        var random = SystemRandomNumberGenerator()
        let specimen = S(rows: S.row(1, S.text("A1", "户"), S.number("B1", "1", style: 1)), after: "<mergeCell ref=\"A1:B1\"/>", shared: "<si><t>x</t></si>", styles: XLSXReaderTests.styles)
        for _ in 0..<500 {
            var broken = specimen
            let part = Int.random(in: broken.parts.indices, using: &random)
            var content = broken.parts[part].content
            if Bool.random(using: &random) { content.removeLast(Int.random(in: 0..<content.count, using: &random)) }
            for _ in 0..<3 { content[Int.random(in: content.indices, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            broken.parts[part].content = content
            _ = code(broken.bytes())
        }
    }
}
