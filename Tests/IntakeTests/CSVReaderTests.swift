import Contracts
import IntakeDomain
import Testing

@Suite struct CSVReaderTests {
    func cells(_ text: String) throws -> [[String]] { try CSVReader.records(in: Array(text.utf8)).map(\.cells) }

    func refusal(_ bytes: [UInt8], _ limits: CSVReader.Limits = .init()) -> Invalid.Fault? {
        do {
            _ = try CSVReader.records(in: bytes, limits)
            return nil
        } catch { return error.faults.first }
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

    @Test func `a record knows the line it begins on, whatever stands in cells before it`() throws {
        let records = try CSVReader.records(in: Array("a\r\n\"x\ny\",1\r\n\r\nb\r\n".utf8))
        #expect(records.map(\.line) == [1, 2, 5])
    }

    @Test func `chunks may end anywhere`() throws {
        let bytes = Array("\u{FEFF}户,\"a\"\"b\"\r\n\"c\r\nd\",é\r\n".utf8)
        let whole = try CSVReader.records(in: bytes)
        for cut in 0...bytes.count {
            var reader = CSVReader()
            var records: [CSVReader.Record] = []
            try reader.feed(Array(bytes[..<cut])) { record throws(Invalid) in records.append(record) }
            try reader.feed(Array(bytes[cut...])) { record throws(Invalid) in records.append(record) }
            try reader.finish { record throws(Invalid) in records.append(record) }
            #expect(records == whole)
        }
    }

    @Test func `another encoding is refused as a whole, with its line`() {
        // 户 and 李 in GB18030.
        #expect(refusal([0xBB, 0xA7, 0x2C, 0xC0, 0xEE, 0x0A]) == .init("1", "sheet.encoding", "the file is not UTF-8; save the sheet as CSV in UTF-8"))
        #expect(refusal(Array("a\nb\n".utf8) + [0xC0, 0xEE, 0x0A])?.pointer == "3")
        #expect(refusal(Array("a,b\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }))?.code == "sheet.not-text")
    }

    @Test(arguments: [
        ("a,\"b\n", "sheet.open-quote"), ("a\"b,c\n", "sheet.stray-quote"), ("\"a\"b,c\n", "sheet.stray-quote"), ("a\0,b\n", "sheet.not-text"),
    ])
    func `what would be a guess is refused`(text: String, code: String) {
        #expect(refusal(Array(text.utf8))?.code == code)
    }

    @Test func `a sheet has limits`() {
        let limits = CSVReader.Limits(columns: 2, cellBytes: 3, records: 2)
        #expect(refusal(Array("a,b,c\n".utf8), limits)?.code == "sheet.too-wide")
        #expect(refusal(Array("abcd\n".utf8), limits)?.code == "sheet.cell-too-long")
        #expect(refusal(Array("a\nb\nc\n".utf8), limits)?.code == "sheet.too-long")
        #expect(refusal(Array("abc,abc\na\n".utf8), limits) == nil)
    }
}
