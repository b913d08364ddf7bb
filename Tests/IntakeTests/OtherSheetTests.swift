import Contracts
import IntakeDomain
import Registry
import Testing

@Suite struct SurveySheetTests {
    typealias Column = SurveySheet.Column

    func read(_ changes: [Column: String] = [:], twice: Bool = false) throws -> SheetReading<SurveyEntry> {
        let cells: [Column: String] = [
            .household: "53042700001", .surveyedOn: "2018-10-12", .incomeYear: "2018", .income: "12000", .housing: "B", .c1: "达标",
            .c2: "met", .c3: "达标", .c4: "不适用", .c5: "未达标", .c6: "达标", .acknowledged: "是", .agricultural: "是", .livesHere: "是",
        ]
        let row = Column.allCases.map { changes[$0] ?? cells[$0] ?? "" }
        return try SurveySheet.Form().read(sheet([Column.allCases.map(\.rawValue), row] + (twice ? [row] : [])))
    }

    @Test func `a row is the facts of one household`() throws {
        let facts = try #require(try read([.circumstance: "R03", .circumstanceOn: "2016-01-02", .exception: "是"]).entries.first?.entry.facts)
        #expect(facts.conditions[.schooling] == .notApplicable)
        #expect(facts.conditions[.medicalInsurance] == .notMet)
        #expect(facts.circumstance == .init(.costlyVehicle, on: day("2016-01-02"), isException: true))
        #expect(facts.judgement == nil)
    }

    @Test(arguments: [
        ([Column.surveyedOn: ""], "cell.empty"), ([.income: "x"], "money.format"), ([.incomeYear: ""], "income.year"),
        ([.c1: "maybe"], "code.unknown"), ([.otherCauses: "01、02、03"], "causes.too-many"), ([.clearOutPerson: "1"], "clearout.incomplete"),
        ([.judgement: "也许"], "code.unknown"), ([.plannedExitYear: "2017"], "number.range"),
    ])
    func `a fault is named`(changes: [Column: String], code: String) throws {
        let reading = try read(changes)
        #expect(reading.faults.map(\.code) == [code])
        #expect(reading.refused == 1)
    }

    @Test func `a household stands once`() throws {
        let reading = try read(twice: true)
        #expect(reading.entries.count == 1)
        #expect(reading.faults.map(\.code) == ["survey.twice"])
    }
}

@Suite struct ChangeSheetTests {
    typealias Column = ChangeSheet.Column

    func read(_ changes: [Column: String]) throws -> SheetReading<MemberChange> {
        let cells: [Column: String] = [
            .household: "53042700001", .person: "5304270000103", .reason: "D01", .on: "2018-05-01", .evidence: "ZM-1",
        ]
        return try ChangeSheet.Form().read(sheet([Column.allCases.map(\.rawValue), Column.allCases.map { changes[$0] ?? cells[$0] ?? "" }]))
    }

    @Test func `who goes needs no more than a number and a reason`() throws {
        let change = try #require(try read([:]).entries.first?.entry)
        #expect(change.newcomer == nil)
        #expect(change.reason == "D01")
    }

    @Test func `who comes brings name, number and relation`() throws {
        let change = try #require(try read([.reason: "新生儿", .name: "李芳", .residentID: residentID("20180301").reveal, .relation: "04"]).entries.first?.entry)
        #expect(change.reason == "A01")
        #expect(change.newcomer?.relation == "04")
    }

    @Test(arguments: [
        ([Column.reason: "Z01"], "code.unknown"), ([.on: "soon"], "date.format"), ([.evidence: ""], "cell.empty"),
        ([.reason: "A01", .name: "李芳", .residentID: "1", .relation: "04"], "resident-id.length"),
        ([.reason: "A01", .name: "李芳", .residentID: "999999201803010029", .relation: "01"], "change.newcomer-head"),
    ])
    func `a fault is named`(changes: [Column: String], code: String) throws {
        #expect(try read(changes).faults.map(\.code).contains(code))
    }
}

@Suite struct CampaignPlanTests {
    func fault(_ change: (inout CampaignPlan) -> Void) -> [String] {
        var plan = plan2018()
        change(&plan)
        do {
            _ = try plan.checked()
            return []
        } catch { return error.faults.map(\.code) }
    }

    @Test func `every fault of a plan is told at once`() {
        #expect(fault { _ in } == [])
        let codes = fault { plan in
            plan.subdistrict = DivisionCode("530427")!
            plan.entryLine = .zero
            plan.publicityDays = 0
            plan.stages.append(.init(id: "analysis", from: day("2018-10-09"), to: day("2018-10-06")))
            plan.verificationDueOn = day("2018-11-11")
        }
        #expect(codes == ["plan.subdistrict", "plan.line", "plan.days", "plan.stage-order", "plan.stage-twice", "plan.verification"])
    }
}
