import Contracts
import Registry

/// What one row of the survey tells, and of which household.
package struct SurveyEntry: Equatable, Sendable {
    package let household: String
    package let facts: SurveyFacts

    package init(household: String, facts: SurveyFacts) { (self.household, self.facts) = (household, facts) }
}

/// The survey's table: one row for each household visited.
package enum SurveySheet {
    package enum Column: String, SheetColumn {
        case household = "户编号"
        case surveyedOn = "调查日期"
        case incomeYear = "收入年度"
        case income = "家庭纯收入(元)"
        case housing = "住房等级"
        case c1 = "收入稳定"
        case c2 = "饮水安全"
        case c3 = "住房安全"
        case c4 = "义务教育"
        case c5 = "基本医疗"
        case c6 = "养老保险"
        case acknowledged = "户主认可"
        case agricultural = "农业户籍"
        case livesHere = "农村常住"
        case cause = "变故原因"
        case causeOn = "变故日期"
        case mainCause = "主要致贫原因"
        case otherCauses = "其他致贫原因"
        case plannedExitYear = "计划脱贫年度"
        case circumstance = "剔除情形"
        case circumstanceOn = "情形日期"
        case exception = "例外情形"
        case clearOutPerson = "清退人口编号"
        case clearOutReason = "清退原因"
        case clearOutOn = "清退事实日期"
        case judgement = "人工研判"

        package var element: String? {
            switch self {
            case .household: "AAC001"
            case .mainCause: "AAC007"
            case .otherCauses: "AAC008"
            case .surveyedOn, .incomeYear, .income, .housing, .c1, .c2, .c3, .c4, .c5, .c6, .acknowledged, .agricultural, .livesHere,
                .cause, .causeOn, .plannedExitYear, .circumstance, .circumstanceOn, .exception, .clearOutPerson, .clearOutReason,
                .clearOutOn, .judgement:
                nil
            }
        }

        static let conditions: [(Column, ExitCondition)] = [
            (.c1, .income), (.c2, .water), (.c3, .housing), (.c4, .schooling), (.c5, .medicalInsurance), (.c6, .pension),
        ]
    }

    package struct Form: SheetForm {
        package init() {}

        package var columns: [Column] { Column.allCases }
        package var key: [Column] { [.household] }
        package var hasManyRows: Bool { false }
        package var twice: SheetRow.Unusable { .init("survey.twice", "this household already stands in the sheet") }

        package func read(_ rows: [SheetRow], _ header: SheetHeader<Column>, _ faults: inout [SheetFault]) -> SurveyEntry? {
            var row = RowReader(rows[0], header)
            let read = SurveySheet.entry(&row)
            faults += row.faults
            return read
        }
    }

    private static func entry(_ row: inout RowReader<Column>) -> SurveyEntry? {
        let household = row.required(.household)
        let surveyedOn = row.date(.surveyedOn)
        if row.isEmpty(.surveyedOn) { _ = row.required(.surveyedOn) }
        guard let surveyedOn else { return nil }
        var facts = SurveyFacts(surveyedOn: surveyedOn)
        let incomeYear = row.whole(.incomeYear, in: 2010...2030)
        let income = row.money(.income)
        if row.isEmpty(.incomeYear) != row.isEmpty(.income) {
            row.fault(.incomeYear, "income.year", "every amount names its year, and every year its amount")
        }
        if let incomeYear, let income { facts.income = YearlyIncome(year: incomeYear, net: income) }
        facts.housing = row.vocabulary(.housing) { (grade: HousingGrade) in grade.label.zh }
        for (column, condition) in Column.conditions {
            facts.conditions[condition] = row.vocabulary(column) { (compliance: SurveyFacts.Compliance) in compliance.label.zh }
        }
        facts.acknowledged = row.yesNo(.acknowledged) ?? false
        facts.isAgricultural = row.yesNo(.agricultural) ?? false
        facts.livesHere = row.yesNo(.livesHere) ?? false
        facts.cause = row.code(.cause, in: Codes.returnCauses)
        facts.causeOn = row.date(.causeOn)
        facts.mainCause = row.code(.mainCause, in: Codes.povertyCauses)
        facts.otherCauses = row.codes(.otherCauses, in: Codes.povertyCauses)
        if facts.otherCauses.count > 2 { row.fault(.otherCauses, "causes.too-many", "at most two causes beside the main one") }
        facts.plannedExitYear = row.whole(.plannedExitYear, in: 2018...2030)
        let circumstance: RemovalCircumstance? = row.vocabulary(.circumstance) { $0.label.zh }
        let circumstanceOn = row.date(.circumstanceOn)
        let isException = row.yesNo(.exception) ?? false
        facts.circumstance = circumstance.map { .init($0, on: circumstanceOn, isException: isException) }
        let reason = row.code(.clearOutReason, in: Codes.memberClearout)
        let clearOutOn = row.date(.clearOutOn)
        if row.isEmpty(.clearOutPerson) != row.isEmpty(.clearOutReason) {
            row.fault(.clearOutReason, "clearout.incomplete", "a clear-out names both the person and the reason")
        }
        if let person = row.text(.clearOutPerson), let reason { facts.clearOut = .init(person: person, reason: reason, on: clearOutOn) }
        facts.judgement = row.parsed(.judgement, "code.unknown", "同意 or 不同意") { text in
            switch text {
            case "同意": true
            case "不同意": false
            default: nil
            }
        }
        return SurveyEntry(household: household, facts: facts)
    }
}
