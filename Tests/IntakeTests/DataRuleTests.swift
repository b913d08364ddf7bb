import Contracts
import Foundation
import IntakeDomain
import Registry
import Testing

/// The rules of section 11, on values.
@Suite struct DataRuleTests {
    @Test(arguments: [
        (["01", "02", "03"], []), (["02", "03"], ["0 household.no-head"]), (["01", "01", "01"], ["1 household.two-heads", "2 household.two-heads"]),
        (["01", "02", "02"], ["2 household.two-spouses"]), ([], ["-1 household.no-head"]), (["03", nil], ["0 household.no-head"]),
    ] as [([String?], [String])])
    func `one head, and at most one spouse`(relations: [String?], breaches: [String]) {
        let found = DataRule.breaches(relations: relations, numbers: relations.indices.map { "\($0)" })
        #expect(found.map { "\($0.member ?? -1) \($0.rule.rawValue)" } == breaches)
    }

    @Test func `a person number stands once`() {
        let found = DataRule.breaches(relations: ["01", "02", "03"], numbers: ["1", "2", "1"])
        #expect(found == [Breach(2, .person, .personTwice)])
    }

    func rule<Value>(_ make: () throws(DataRule) -> Value) -> DataRule? {
        do {
            _ = try make()
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("01", [], nil), ("01", ["02", "03"], nil), (nil, ["02"], .causesWithoutMain), ("01", ["02", "03", "04"], .causesTooMany),
        ("01", ["01"], .causesTwice), ("01", ["02", "02"], .causesTwice),
    ] as [(String?, [String], DataRule?)])
    func `one main cause, and at most two beside it`(main: String?, others: [String], broken: DataRule?) {
        let found = rule { () throws(DataRule) in try PovertyCauses(main: main, others: others) }
        #expect(found == broken)
    }

    @Test(arguments: [
        (nil, 0, nil), ("01", 1, nil), ("01", 12, nil), ("01", 0, .workWithoutPlaceOrMonths), (nil, 3, .workWithoutPlaceOrMonths),
        ("01", 13, .workWithoutPlaceOrMonths),
    ] as [(String?, Int, DataRule?)])
    func `a place of work if and only if there are months`(place: String?, months: Int, broken: DataRule?) {
        let found = rule { () throws(DataRule) in try WorkAway(place: place, months: months) }
        #expect(found == broken)
    }

    @Test(arguments: [(true, true, .insuranceBoth), (false, false, .insuranceNeither), (true, false, nil), (false, true, nil)] as [(Bool, Bool, DataRule?)])
    func `one medical insurance`(residents: Bool, employees: Bool, broken: DataRule?) {
        let found = rule { () throws(DataRule) in try MedicalInsurance(residents: residents, employees: employees) }
        #expect(found == broken)
    }

    @Test(arguments: [([], nil), (["01"], nil), (["02", "04"], nil), (["01", "02"], .healthExcludes)] as [([String], DataRule?)])
    func `healthy is nothing else besides`(codes: [String], broken: DataRule?) {
        let found = rule { () throws(DataRule) in try Health(codes) }
        #expect(found == broken)
    }

    @Test func `what types make impossible aside, an entry tells all its breaches`() throws {
        var household = entry()
        household.members[0].name = "李*"
        household.members[1].relation = "01"
        household.members[1].particulars.certificate = DisabilityCertificate("\(residentID("19700101", 9).reveal)41")
        household.members[2].particulars.insurance = nil
        household.account = .init(card: try #require(BankCard("9999000000000001")), bank: nil)
        let hard = household.breaches.filter { !$0.rule.isWarning }
        #expect(hard.map(\.rule) == [.twoHeads, .nameMasked, .certificateDiffers, .insuranceNeither])
        #expect(hard.map(\.member) == [1, 0, 1, 2])
        let warnings = household.breaches.filter(\.rule.isWarning)
        #expect(warnings.filter { $0.rule == .areaUnassigned }.count == 3)
        #expect(warnings.contains(Breach(nil, .bankCard, .cardCheckDigit)))
    }

    @Test func `a son who is a woman warns`() {
        var household = entry()
        household.members[2].residentID = residentID("20000101", 2)
        #expect(household.breaches.contains(Breach(2, .relation, .relationOfOtherSex)))
    }

    @Test func `no reason is empty, and no two rules have one code`() {
        #expect(DataRule.allCases.allSatisfy { !$0.reason.isEmpty })
        #expect(Set(DataRule.allCases.map(\.rawValue)).count == DataRule.allCases.count)
    }
}

/// Everything on file, in its written form and back.
@Suite struct RegisterColumnTests {
    /// A household in which every field is filled.
    static func full() throws -> HouseholdEntry {
        var household = entry(persons: 2)
        household.township = "示例街道"
        (household.standard, household.identifiedYear, household.attribute) = ("01", 2014, "04")
        (household.causes, household.returnCause) = (try PovertyCauses(main: "01", others: ["02", "09"]), "04")
        (household.status, household.exitYear) = (.exited, 2016)
        household.income = YearlyIncome(year: 2017, net: Money(fen: 600_050))
        (household.housing, household.floorArea, household.water) = (.b, 80, .init(isSafe: true, metres: 300))
        household.phone = PhoneNumber("0877-7012345")
        household.account = .init(card: try #require(BankCard("9999000000000000")), bank: "示例银行")
        household.traits = .init(isMilitary: false, hasOnlyChild: true, hasTwoDaughters: false)
        household.help = "发放补助"
        household.clues = .init(circumstance: .costlyVehicle, cause: "01", causeOn: day("2018-03-04"))
        for place in household.members.indices {
            var particulars = Particulars(
                health: try Health(["02", "04"]), studies: "01", work: try WorkAway(place: "03", months: 7), insurance: .employees)
            (particulars.ethnicity, particulars.education, particulars.dropout) = ("18", "02", "照顾家人")
            particulars.disability = "肢体"
            particulars.certificate = DisabilityCertificate("\(household.members[place].residentID.reveal)42")
            (particulars.skill, particulars.publicPost, particulars.politics) = ("05", "护林员", "群众")
            (particulars.hasSeriousIllnessCover, particulars.hasPension) = (true, false)
            (particulars.isOnSubsistence, particulars.isInExtremePoverty) = (false, true)
            particulars.phone = PhoneNumber("14012341234")
            household.members[place].particulars = particulars
            household.members[place].clearOutClue = "K01"
        }
        return household
    }

    func sheetRows(_ household: HouseholdEntry) -> [[String]] {
        let columns = RegisterSheet.Kind.registered.columns
        return [columns.map(\.rawValue)] + household.members.map { member in columns.map { RegisterSheet.cell($0, household, member) } }
    }

    @Test func `what is written is read again, every field of it`() throws {
        let household = try Self.full()
        let rows = sheetRows(household)
        #expect(rows[1].allSatisfy { !$0.isEmpty })
        let reading = try RegisterSheet.Form(.registered, within: subdistrict).read(sheet(rows))
        #expect(reading.faults.isEmpty)
        #expect(reading.entries.map(\.entry) == [household])
    }

    @Test func `every element and label of the national system has a column`() {
        let elements = Set(RegisterSheet.Column.allCases.compactMap(\.element))
        #expect(Set(Codes.householdElements.codes.compactMap(\.code)).subtracting(elements) == [])
        func plain(_ text: String) -> String { text.precomposedStringWithCompatibilityMapping }
        let headings = Set(RegisterSheet.Column.allCases.map { plain($0.rawValue) })
        #expect(Set(Codes.memberColumns.map(plain)).subtracting(headings) == [])
        for code in Codes.householdElements.codes {
            #expect(RegisterSheet.Column.allCases.first { $0.element == code.code }?.rawValue == code.zh)
        }
    }

    @Test func `a field has one name among those of its kind`() {
        for isHouseholds in [true, false] {
            let names = RegisterSheet.Column.allCases.filter { $0.isHouseholds == isHouseholds }.map(\.field)
            #expect(Set(names).count == names.count)
        }
    }

    @Test func `a table without the optional columns is read`() throws {
        let household = entry()
        let columns = RegisterSheet.Kind.registered.columns.filter(\.isRequired)
        let rows = [columns.map(\.rawValue)] + household.members.map { member in columns.map { RegisterSheet.cell($0, household, member) } }
        let reading = try RegisterSheet.Form(.registered, within: subdistrict).read(sheet(rows))
        #expect(reading.faults.isEmpty)
        #expect(reading.entries.first?.entry.phone == nil)
    }

    func faults(_ column: RegisterSheet.Column, _ value: String, rows changed: [Int]) throws -> [String] {
        var rows = try sheetRows(Self.full())
        let place = try #require(RegisterSheet.Kind.registered.columns.firstIndex(of: column))
        for row in changed { rows[row][place] = value }
        return try RegisterSheet.Form(.registered, within: subdistrict).read(sheet(rows)).faults.map(\.code)
    }

    @Test(arguments: [
        (RegisterSheet.Column.sex, "01", "person.sex-differs"), (.bornOn, "1970-01-02", "person.birth-differs"), (.ethnicity, "58", "code.unknown"),
        (.education, "07", "code.unknown"), (.skill, "06", "code.unknown"), (.memberPhone, "140****1234", "phone.format"),
        (.certificate, "123", "certificate.format"), (.idType, "03", "document.without-id"), (.pension, "maybe", "code.unknown"), (.name, "李*", "name.masked"),
    ])
    func `a fault of a person's field is named`(column: RegisterSheet.Column, value: String, code: String) throws {
        #expect(try faults(column, value, rows: [2]) == [code])
    }

    @Test(arguments: [
        (RegisterSheet.Column.otherCauses, "02、03、04", "causes.too-many"), (.otherCauses, "01", "causes.twice"), (.mainCause, "", "causes.without-main"),
        (.bankCard, "12", "bank-card.format"), (.phone, "123", "phone.format"), (.standard, "09", "code.unknown"), (.waterMetres, "-1", "number.range"),
        (.memberCount, "3", "household.count-differs"), (.headName, "王明", "household.head-differs"), (.headPerson, "9", "household.head-differs"),
        (.floorArea, "0", "number.range"), (.safeWater, "x", "code.unknown"), (.bankCard, "", "bank.without-card"), (.returnCause, "55", "code.unknown"),
    ])
    func `a fault of the household's field is named once`(column: RegisterSheet.Column, value: String, code: String) throws {
        #expect(try faults(column, value, rows: [1, 2]) == [code])
    }

    @Test func `a certificate may stand in place of the ID number`() throws {
        var rows = try sheetRows(Self.full())
        let columns = RegisterSheet.Kind.registered.columns
        let number = "\(residentID("19700101", 2).reveal)43"
        for (column, value) in [(RegisterSheet.Column.idType, "残疾人证"), (.residentID, number), (.certificate, "")] {
            rows[2][try #require(columns.firstIndex(of: column))] = value
        }
        let reading = try RegisterSheet.Form(.registered, within: subdistrict).read(sheet(rows))
        #expect(reading.faults.isEmpty)
        let member = try #require(reading.entries.first?.entry.members.last)
        #expect(member.residentID == residentID("19700101", 2))
        #expect(member.particulars.certificate?.reveal == number)
    }
}

@Suite struct MeasureSheetTests {
    func read(_ rows: [String]...) throws -> SheetReading<HouseholdMeasure> {
        try MeasureSheet.Form().read(sheet([MeasureSheet.Column.allCases.map(\.rawValue)] + rows))
    }

    @Test func `a row is a household's measure of a year, and what came of it`() throws {
        let reading = try read(["1", "2016", "教育帮扶", "获得资助"], ["1", "2017", "EDU", "获得资助"])
        #expect(reading.entries.map(\.entry.measure) == ["EDU", "EDU"])
        #expect(reading.faults.isEmpty)
    }

    @Test(arguments: [
        (["", "2016", "EDU", "x"], "cell.empty"), (["1", "2013", "EDU", "x"], "number.range"), (["1", "2019", "EDU", "x"], "number.range"),
        (["1", "2016", "NONE", "x"], "code.unknown"), (["1", "2016", "EDU", ""], "cell.empty"),
    ])
    func `a fault is named`(row: [String], code: String) throws {
        #expect(try read(row).faults.map(\.code) == [code])
    }

    @Test func `a measure of a year stands once`() throws {
        #expect(try read(["1", "2016", "EDU", "a"], ["1", "2016", "EDU", "b"]).faults.map(\.code) == ["measure.twice"])
    }
}
