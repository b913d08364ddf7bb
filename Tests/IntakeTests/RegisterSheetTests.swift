import Contracts
import IntakeDomain
import Registry
import Sheets
import Testing

@Suite struct RegisterSheetTests {
    typealias Column = RegisterSheet.Column

    /// Two persons of one household, and what a test changes in the second.
    func rows(_ changes: [Column: String] = [:], of columns: [Column] = RegisterSheet.Kind.registered.columns) -> [[String]] {
        func row(_ person: Int, _ changes: [Column: String]) -> [String] {
            let cells: [Column: String] = [
                .household: "53042700001", .division: "530427001001-01", .attribute: "01", .mainCause: "01", .status: "0",
                .registeredOn: "2014-06-01", .incomeYear: "2017", .income: "6000.50", .housing: "A", .person: "5304270000\(person)",
                .name: "李安", .residentID: residentID("19700101", person).reveal, .relation: person == 1 ? "01" : "02", .health: "01",
                .residentInsurance: "是", .employeeInsurance: "否",
            ]
            return columns.map { changes[$0] ?? cells[$0] ?? "" }
        }
        return [columns.map(\.rawValue), row(1, [:]), row(2, changes)]
    }

    func read(_ rows: [[String]]) throws -> SheetReading<HouseholdEntry> { try RegisterSheet.Form(.registered, within: subdistrict).read(sheet(rows)) }

    @Test func `a household is its rows together`() throws {
        let reading = try read(rows())
        #expect(reading.faults.isEmpty)
        let entry = try #require(reading.entries.first?.entry)
        #expect(entry.members.map(\.relation) == ["01", "02"])
        #expect(entry.income == YearlyIncome(year: 2017, net: Money(fen: 600_050)))
        #expect(entry.status == .notExited)
        #expect(reading.entries.first?.lines == [2, 3])
    }

    @Test func `labels are as good as codes, and national names as good as headings`() throws {
        var sheet = rows([.relation: "配偶", .health: "长期慢性病、残疾"])
        sheet[0][0] = "AAC001"
        let entry = try #require(try read(sheet).entries.first?.entry)
        #expect(entry.members[1].relation == "02")
        #expect(entry.members[1].particulars.health.codes == ["02", "04"])
    }

    @Test(arguments: [
        ([Column.residentID: "99999919700101001"], "resident-id.length"),
        ([.residentID: "99999919700231001X"], "resident-id.date"),
        ([.residentID: "99999919700101A01X"], "resident-id.characters"),
        ([.residentID: ""], "cell.empty"),
        ([.name: ""], "cell.empty"),
        ([.relation: "01"], "household.two-heads"),
        ([.relation: "42"], "code.unknown"),
        ([.person: "53042700001"], "person.twice"),
        ([.division: "530427001002-01"], "household.differs"),
        ([.registeredOn: "2014-06-02"], "household.differs"),
        ([.workMonths: "5"], "work.place-and-months"),
        ([.workPlace: "01"], "work.place-and-months"),
        ([.workMonths: "13"], "number.range"),
        ([.residentInsurance: "是", .employeeInsurance: "是"], "insurance.both"),
        ([.residentInsurance: "否", .employeeInsurance: "否"], "insurance.neither"),
        ([.residentInsurance: "也许"], "code.unknown"),
        ([.health: "01、02"], "health.excludes"),
        ([.studies: "99"], "code.unknown"),
        ([.clearOut: "X"], "code.unknown"),
    ])
    func `a fault in a person's row is named`(changes: [Column: String], code: String) throws {
        let reading = try read(rows(changes))
        #expect(reading.faults.map(\.code).contains(code))
        #expect(reading.faults.allSatisfy { $0.line == 3 })
        #expect(reading.entries.isEmpty)
        #expect(reading.refused == 1)
    }

    @Test(arguments: [
        (Column.status, "7", "code.unknown"), (.status, "", "cell.empty"), (.status, "1", "exit.year-missing"), (.exitYear, "2016", "exit.year-without-exit"),
        (.registeredOn, "2014-02-30", "date.format"), (.registeredOn, "", "cell.empty"), (.income, "6,000", "money.format"), (.income, "6000.505", "money.format"),
        (.income, "", "income.year"), (.division, "530427002001-01", "division.elsewhere"), (.division, "530427001001", "division.format"),
        (.housing, "E", "code.unknown"), (.mainCause, "98", "code.unknown"), (.circumstance, "R11", "code.unknown"), (.causeOn, "1.9.2018", "date.format"),
    ])
    func `a fault in the household's own cells is named once`(column: Column, value: String, code: String) throws {
        var sheet = rows()
        let place = try #require(RegisterSheet.Kind.registered.columns.firstIndex(of: column))
        for row in 1...2 { sheet[row][place] = value.contains(",") ? "\"\(value)\"" : value }
        let reading = try read(sheet)
        #expect(reading.faults.map(\.code) == [code])
        #expect(reading.faults.first?.line == 2)
    }

    @Test func `a wrong check character is named`() throws {
        let right = residentID("19700101", 2).reveal
        let reading = try read(rows([.residentID: right.dropLast() + (right.hasSuffix("1") ? "2" : "1")]))
        #expect(reading.faults.map(\.code) == ["resident-id.check-character"])
    }

    @Test func `every fault of a row is named at once`() throws {
        let reading = try read(rows([.residentID: "1", .name: "", .relation: "42", .workMonths: "99"]))
        #expect(Set(reading.faults.map(\.code)).isSuperset(of: ["resident-id.length", "cell.empty", "code.unknown", "number.range"]))
    }

    @Test func `no reason quotes what stands in the sheet`() throws {
        let reading = try read(rows([.residentID: "99999919700231001X", .name: "", .relation: "SECRET", .income: "SECRET"]))
        #expect(reading.faults.allSatisfy { !$0.reason.contains("SECRET") && !$0.reason.contains("999999") })
    }

    @Test func `without a head the household is refused`() throws {
        var sheet = rows()
        let relation = try #require(RegisterSheet.Kind.registered.columns.firstIndex(of: .relation))
        sheet[1][relation] = "03"
        #expect(try read(sheet).faults.map(\.code) == ["household.no-head"])
    }

    @Test func `a faulty household does not stop the others`() throws {
        var sheet = rows([.name: ""])
        let good = rows().dropFirst().map { row in row.map { $0.hasPrefix("53042700001") ? $0 : $0.replacing("5304270000", with: "5304270009") } }
        sheet += good.map { row in ["53042799999"] + row.dropFirst() }
        let reading = try read(sheet)
        #expect(reading.entries.map(\.entry.number) == ["53042799999"])
        #expect(reading.refused == 1)
    }

    @Test func `a row of another width is one fault`() throws {
        var sheet = rows()
        sheet[2].removeLast(3)
        #expect(try read(sheet).faults.map(\.code).contains("row.width"))
    }

    @Test func `missing and doubled columns are all named and nothing is read`() throws {
        var sheet = rows()
        for row in sheet.indices { sheet[row].removeFirst(2) }
        sheet[0][0] = "姓名"
        let invalid = #expect(throws: Invalid.self) { try read(sheet) }
        #expect(invalid?.faults.map(\.pointer) == ["1/姓名", "1/户编号", "1/区划代码", "1/贫困户属性"])
    }

    @Test func `a household's rows that stand apart are refused, and the first of them taken`() throws {
        var sheet = rows()
        let other = rows().dropFirst().map { row in ["53042799999"] + row.dropFirst().map { $0.replacing("5304270000", with: "5304270009") } }
        sheet += other + [sheet[2]]
        let reading = try read(sheet)
        #expect(reading.entries.map(\.lines) == [[2, 3], [4, 5]])
        #expect(reading.faults.contains(SheetFault(6, "户编号", "household.apart", "rows of this household stand further up; the rows of one household stand one below the other")))
        #expect(reading.refused == 1)
    }

    @Test func `a cell that nobody can vouch for is one fault, and its row's other cells are read`() throws {
        var cells = try CSVReader.rows(in: sheet(rows([.name: ""])))
        let place = try #require(RegisterSheet.Kind.registered.columns.firstIndex(of: .residentID))
        var row = cells[2].cells
        row[place] = ""
        cells[2] = SheetRow(line: 3, cells: row, unusable: [place: .init("cell.digits-lost", "x")])
        #expect(try RegisterSheet.Form(.registered, within: subdistrict).read(cells).faults.map(\.code) == ["cell.digits-lost", "cell.empty"])
        cells[0] = SheetRow(line: 1, cells: cells[0].cells, unusable: [0: .init("cell.merged", "x")])
        #expect(throws: Invalid.self) { try RegisterSheet.Form(.registered, within: subdistrict).read(cells) }
    }

    @Test func `unknown columns are told and ignored`() throws {
        var sheet = rows()
        sheet[0].append("备注")
        for row in 1...2 { sheet[row].append("x") }
        let stream = try SheetStream(RegisterSheet.Form(.registered, within: subdistrict), headings: SheetRow(line: 1, cells: sheet[0]))
        #expect(stream.header.ignored == ["备注"])
        #expect(try read(sheet).entries.count == 1)
    }

    @Test func `who is not registered needs no columns of the register`() throws {
        let columns = RegisterSheet.Kind.notRegistered.columns
        #expect(!columns.contains(.status) && !columns.contains(.registeredOn))
        let reading = try RegisterSheet.Form(.notRegistered, within: subdistrict).read(sheet(rows([:], of: columns)))
        #expect(reading.faults.isEmpty)
        #expect(reading.entries.first?.entry.status == nil)
    }
}
