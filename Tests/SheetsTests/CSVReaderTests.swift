import Registry
import Sheets
import Testing

@Suite struct CSVReaderTests {
    func cells(_ text: String) throws -> [[String]] { try CSVReader.rows(in: Array(text.utf8)).map(\.cells) }

    func refusal(_ bytes: [UInt8], _ encoding: SheetEncoding = .utf8, _ change: (inout SheetLimits) -> Void = { _ in }) -> SheetRefusal? {
        var limits = SheetLimits()
        change(&limits)
        do {
            _ = try CSVReader.rows(in: bytes, encoding, limits)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
        ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
        ("a,b\rc,d\r", [["a", "b"], ["c", "d"]]),
        ("\"a,1\",\"say \"\"hi\"\"\"\n", [["a,1", "say \"hi\""]]),
        ("\"two\nlines\",b\n", [["two\nlines", "b"]]),
        (",\n\n,,x\n", [["", "", "x"]]),
        ("\"\",\"\"\n\"\",y", [["", "y"]]),
        ("户编号,姓名\n1,李安\n", [["户编号", "姓名"], ["1", "李安"]]),
    ])
    func `reads what RFC 4180 and editors write`(text: String, expected: [[String]]) throws {
        #expect(try cells(text) == expected)
    }

    @Test(arguments: ["\u{FEFF}a,b\n", "\u{FEFF}\"a\",b\n"])
    func `a byte order mark is no part of the first cell`(text: String) throws {
        #expect(try cells(text) == [["a", "b"]])
    }

    @Test func `a mark inside the sheet is kept`() throws {
        #expect(try cells("a\n\u{FEFF}b\n") == [["a"], ["\u{FEFF}b"]])
    }

    @Test func `a row knows the line it begins on, whatever stands in cells before it`() throws {
        let rows = try CSVReader.rows(in: Array("a\r\n\"x\ny\",1\r\n\r\nb\r\n".utf8))
        #expect(rows.map(\.line) == [1, 2, 5])
    }

    @Test func `pieces may end anywhere`() throws {
        let bytes = Array("\u{FEFF}户,\"a\"\"b\"\r\n\"c\r\nd\",é\r\n".utf8)
        let whole = try CSVReader.rows(in: bytes)
        for cut in 0...bytes.count {
            var reader = try CSVReader()
            #expect(try reader.read(Array(bytes[..<cut])) + reader.read(Array(bytes[cut...])) + reader.finish() == whole)
        }
    }

    /// 户,李\n龘\n in GB18030; the last character needs four bytes of it in part of the standard's history.
    static let chinese: [UInt8] = [0xBB, 0xA7, 0x2C, 0xC0, 0xEE, 0x0A, 0x81, 0x39, 0xEE, 0x39, 0x0A]

    @Test func `GB18030 is read where it is said, also in pieces that end within a character`() throws {
        let whole = try CSVReader.rows(in: Self.chinese, .gb18030)
        #expect(whole.map(\.cells) == [["户", "李"], ["㐀"]])
        for cut in 0...Self.chinese.count {
            var reader = try CSVReader(.gb18030)
            #expect(try reader.read(Array(Self.chinese[..<cut])) + reader.read(Array(Self.chinese[cut...])) + reader.finish() == whole)
        }
    }

    @Test func `another encoding is refused as a whole, with its line`() {
        #expect(refusal(Self.chinese) == SheetRefusal("sheet.encoding", at: "1", "the file is not UTF-8 throughout; save the sheet as CSV in UTF-8"))
        #expect(refusal(Array("a\nb\n".utf8) + [0xC0, 0xEE, 0x0A])?.place == "3")
        #expect(refusal([0x61, 0xFF, 0xFF, 0x0A], .gb18030)?.code == "sheet.encoding")
        #expect(refusal([0x61, 0x0A, 0xC0], .gb18030)?.code == "sheet.encoding")
        #expect(refusal(Array("a,b\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }))?.code == "sheet.not-text")
    }

    @Test(arguments: [
        ("a,\"b\n", "sheet.open-quote"), ("a\"b,c\n", "sheet.stray-quote"), ("\"a\"b,c\n", "sheet.stray-quote"), ("a\0,b\n", "sheet.not-text"),
    ])
    func `what would be a guess is refused`(text: String, code: String) {
        #expect(refusal(Array(text.utf8))?.code == code)
    }

    @Test func `a sheet has limits`() {
        func limited(_ text: String) -> String? { refusal(Array(text.utf8)) { ($0.columns, $0.cellBytes, $0.rows) = (2, 3, 2) }?.code }
        #expect(limited("a,b,c\n") == "sheet.too-wide")
        #expect(limited("abcd\n") == "sheet.cell-too-long")
        #expect(limited("\"abcd\"\n") == "sheet.cell-too-long")
        #expect(limited("a\nb\nc\n") == "sheet.too-long")
        #expect(limited("abc,abc\na\n") == nil)
    }

    @Test func `what is written is read again, and begins with the mark that spreadsheet programs look for`() throws {
        var writer = CSVWriter()
        writer.append(["户编号", "a,b", "say \"hi\"", "two\nlines"])
        writer.append(["", "x", "", ""])
        #expect(writer.bytes.starts(with: [0xEF, 0xBB, 0xBF]))
        #expect(try CSVReader.rows(in: writer.bytes).map(\.cells) == [["户编号", "a,b", "say \"hi\"", "two\nlines"], ["", "x", "", ""]])
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠A"])
    func `nothing that is written is a formula`(text: String) throws {
        var writer = CSVWriter()
        writer.append([text, "a\0b"])
        #expect(try CSVReader.rows(in: writer.bytes).map(\.cells) == [["'" + text, "ab"]])
    }
}
