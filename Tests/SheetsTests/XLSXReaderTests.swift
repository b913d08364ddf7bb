import Registry
import Sheets
import Testing

@Suite struct XLSXReaderTests {
    typealias S = Specimen

    /// The text of each cell, or the code of why there is none.
    func cells(_ specimen: Specimen, sheet: String? = nil) throws -> [[String]] {
        try XLSXReader.rows(in: specimen.bytes(), sheet: sheet).map { row in
            row.cells.enumerated().map { row.unusable[$0.offset]?.code ?? $0.element }
        }
    }

    @Test func `texts are inline, shared, rich, and never what is only said aloud`() throws {
        let shared = "<si><t>李安</t></si><si><r><t>王</t></r><r><t xml:space=\"preserve\"> 小</t></r><rPh><t>wang</t></rPh></si>"
        let rows = S.row(1, S.text("A1", "a &lt; b"), "<c r=\"B1\" t=\"s\"><v>0</v></c>", "<c r=\"D1\" t=\"s\"><v>1</v></c>", "<c r=\"E1\" t=\"s\"><v>2</v></c>")
        #expect(try cells(S(rows: rows, shared: shared)) == [["a < b", "李安", "", "王 小", "cell.unreadable"]])
    }

    @Test func `numbers are what a person sees, and a number too long for the program is not taken`() throws {
        let numbers = ["6000.5", "6000.1000000000004", "53042700001", "1E3", "-3", "530427199001011234", "0.1"]
        let rows = S.row(1, numbers.enumerated().map { S.number("\("ABCDEFG".map(String.init)[$0.offset])1", $0.element) }.joined())
        #expect(try cells(S(rows: rows)) == [["6000.5", "6000.1", "53042700001", "1000", "-3", "cell.digits-lost", "0.1"]])
    }

    static let styles = """
        <numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/><numFmt numFmtId="165" formatCode="0.00&quot;yd&quot;"/>\
        <numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts>\
        <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="31"/></cellXfs>
        """

    @Test func `days are numbers with a day's format, or written out`() throws {
        let rows = S.row(1, S.number("A1", "43390", style: 1), S.number("B1", "43390", style: 2), S.number("C1", "43390", style: 3), S.number("D1", "43390.25", style: 1), S.number("E1", "0.5", style: 4))
            + S.row(2, S.number("A2", "1", style: 1), S.number("B2", "59", style: 5), S.number("C2", "60", style: 1), S.number("D2", "61", style: 1), S.number("E2", "-1", style: 1))
            + S.row(3, S.text("A3", "2018-10-17"), "<c r=\"B3\" t=\"d\"><v>2018-10-17T00:00:00</v></c>", "<c r=\"C3\" t=\"d\"><v>2018-10-17T09:00:00</v></c>")
        #expect(try cells(S(rows: rows, styles: Self.styles)) == [
            ["2018-10-17", "2018-10-17", "43390", "cell.time-of-day", "cell.time-of-day"],
            ["1900-01-01", "1900-02-28", "date.format", "1900-03-01", "date.format"],
            ["2018-10-17", "2018-10-17", "cell.time-of-day", "", ""],
        ])
        let of1904 = S(rows: S.row(1, S.number("A1", "0", style: 1), S.number("B1", "41928", style: 1)), styles: Self.styles, workbook: "<workbookPr date1904=\"1\"/>")
        #expect(try cells(of1904) == [["1904-01-01", "2018-10-17"]])
    }

    @Test func `what cannot be vouched for is the fault of its cell`() throws {
        let rows = S.row(1, S.text("A1", "x"), "<c r=\"B1\"><f>1+1</f><v>2</v></c>", "<c r=\"C1\" t=\"e\"><v>#N/A</v></c>", "<c r=\"D1\" t=\"b\"><v>1</v></c>", "<c r=\"E1\" t=\"str\"><f>A1</f><v>x</v></c>")
        #expect(try cells(S(rows: rows)) == [["x", "cell.formula", "cell.error", "TRUE", "cell.formula"]])
        let reasons = try XLSXReader.rows(in: S(rows: rows).bytes())[0].unusable.values.map(\.reason)
        #expect(reasons.contains { $0.contains("paste it as values") })
    }

    @Test func `merged cells are faults of the rows they cover, of no others`() throws {
        let rows = S.row(1, S.text("A1", "h"), S.text("B1", "i")) + S.row(2, S.text("A2", "1"), S.text("B2", "x")) + S.row(3, S.text("B3", "y")) + S.row(5, S.text("A5", "2"), S.text("B5", "z"))
        let merged = S(rows: rows, after: "<mergeCells><mergeCell ref=\"A2:A4\"/></mergeCells>")
        #expect(try cells(merged) == [["h", "i"], ["cell.merged", "x"], ["cell.merged", "y"], ["2", "z"]])
        #expect(try XLSXReader.outline(of: merged.bytes()).merges.count == 1)
    }

    @Test func `rows keep their numbers, empty ones are none, and short ones are as wide as the headings`() throws {
        let rows = S.row(2, S.text("A2", "a"), S.text("B2", "b"), S.text("C2", "c")) + S.row(3, "<c r=\"A3\" s=\"1\"/>", S.text("B3", "  ")) + S.row(7, S.text("A7", "d")) + "<row><c t=\"inlineStr\"><is><t>e</t></is></c></row>"
        let read = try XLSXReader.rows(in: S(rows: rows).bytes())
        #expect(read.map(\.line) == [2, 7, 8])
        #expect(read.map(\.cells) == [["a", "b", "c"], ["d", "", ""], ["e", "", ""]])
    }

    @Test func `a million blank rows cost nothing and do not count`() throws {
        let blank = (2...1_000_000).map { "<row r=\"\($0)\" spans=\"1:24\"><c r=\"A\($0)\" s=\"1\"/></row>" }.joined()
        let specimen = S(rows: S.row(1, S.text("A1", "h")) + blank + S.row(1_000_001, S.text("A1000001", "end")))
        #expect(try XLSXReader.rows(in: specimen.bytes()).map(\.line) == [1, 1_000_001])
    }

    @Test func `a sheet is found by its name`() throws {
        let specimen = S(rows: S.row(1, S.text("A1", "x")))
        #expect(try cells(specimen, sheet: "A&B") == [["x"]])
        #expect(throws: SheetRefusal("sheet.no-such-sheet", "the workbook has no sheet of this name")) { try cells(specimen, sheet: "C") }
    }

    @Test func `doubled headings are read as they stand, for the sheet's kind to name them`() throws {
        #expect(try cells(S(rows: S.row(1, S.text("A1", "姓名"), S.text("B1", "姓名")))) == [["姓名", "姓名"]])
    }
}
