import Registry

/// A rule by which a case is judged; the raw value travels as reason.
package enum Rule: String, Codable, CaseIterable, Sendable {
    case someoneLeft = "household.someone-left"
    case exitOfNotExited = "exit.not-exited"
    case c1 = "exit.C1"
    case c2 = "exit.C2"
    case c3 = "exit.C3"
    case c4 = "exit.C4"
    case c5 = "exit.C5"
    case c6 = "exit.C6"
    case acknowledged = "exit.acknowledged"
    case noRemoval = "removal.none-holds"
    case returnOfExited = "return.exited-earlier"
    case conditionBroken = "return.condition-unmet"
    case causeThisYear = "cause.this-year"
    case notRegistered = "new.not-registered"
    case agriculturalResident = "new.agricultural-resident"
    case inNeed = "new.in-need"
    case underEntryLine = "new.under-entry-line"
    case guaranteeUnmet = "new.guarantee-unmet"
    case mainCause = "new.main-cause"
    case otherCauses = "new.other-causes"
    case plannedExitYear = "new.planned-exit-year"
    case surveyComplete = "survey.complete"
    case incomeOfTheYear = "survey.income-year"
    case onRegister = "removal.on-register"
    case circumstanceProven = "removal.circumstance-proven"
    case circumstanceOfHousehold = "removal.circumstance-of-household"
    case noException = "removal.no-exception"
    case beforeRegistration = "removal.before-registration"
    case clearOutProven = "clearout.proven"
    case wronglyCounted = "clearout.before-registration"
    case someoneRemains = "clearout.someone-remains"

    /// What it asks, as a person reads it.
    package var label: Label {
        switch self {
        case .someoneLeft: Label("户内仍有家庭成员", "somebody is left in the household")
        case .exitOfNotExited: Label("属于未脱贫的建档立卡户", "registered and not exited")
        case .c1: Label("人均纯收入稳定超过当年脱贫标准", "net income per head is above the year's exit line")
        case .c2: Label("饮水安全有保障", "safe water")
        case .c3: Label("住房安全稳固（A级或B级）", "safe, stable housing, of grade A or B")
        case .c4: Label("义务教育无辍学", "no dropout in compulsory schooling")
        case .c5: Label("全员参加基本医疗保险", "all members have basic medical insurance")
        case .c6: Label("符合条件者参加养老保险", "all eligible members have pension insurance")
        case .acknowledged: Label("农户本人认可脱贫", "the household itself says that it has left poverty")
        case .noRemoval: Label("不存在应剔除情形", "no removal circumstance holds")
        case .returnOfExited: Label("属于以前年度脱贫户", "exited in an earlier year")
        case .conditionBroken: Label("至少一项脱贫条件不再达标", "at least one of the six conditions is broken")
        case .causeThisYear: Label("当年发生因病、因灾、因学等变故", "illness, disaster, schooling or another outside cause of this year")
        case .notRegistered: Label("未建档立卡", "not on the register")
        case .agriculturalResident: Label("农业户籍且农村常住", "agricultural registration, and lives in the countryside")
        case .inNeed: Label("收入低于标准且保障有缺口", "under the entry line, and a guarantee unmet")
        case .underEntryLine: Label("人均纯收入低于当年识别标准", "net income per head is below the year's entry line")
        case .guaranteeUnmet: Label("“三保障”等至少一项未达标", "at least one guarantee is unmet")
        case .mainCause: Label("主要致贫原因已确定", "the main poverty cause is fixed")
        case .otherCauses: Label("其他致贫原因不超过两项", "at most two other causes")
        case .plannedExitYear: Label("计划脱贫年度已确定且在本年度之后", "a planned exit year after this one is fixed")
        case .surveyComplete: Label("收入和各项保障均已调查登记", "income and every guarantee are recorded")
        case .incomeOfTheYear: Label("收入年度为本年度", "the income is of the campaign's year")
        case .onRegister: Label("属于建档立卡户", "on the register")
        case .circumstanceProven: Label("剔除情形及其发生日期已查实", "a removal circumstance is proven, with its date")
        case .circumstanceOfHousehold: Label("剔除情形针对整户而非个人", "the circumstance concerns the household, not one person")
        case .noException: Label("不适用该情形的例外（例外者按正常脱贫）", "its listed exception, by which it is a normal exit, does not apply")
        case .beforeRegistration: Label("情形发生于建档立卡当日或之前", "it came about on or before the day of registration")
        case .clearOutProven: Label("清退对象、原因及日期已查实", "person, reason and date of the clear-out are proven")
        case .wronglyCounted: Label("事实发生于建档立卡当日或之前", "the fact dates from on or before the day of registration")
        case .someoneRemains: Label("清退后户内仍有其他成员", "somebody remains in the household afterwards")
        }
    }

    /// Where it is written.
    package var source: String {
        switch self {
        case .someoneLeft: "domain section 5: if nobody is left, a household closing decision"
        case .exitOfNotExited, .returnOfExited, .notRegistered, .onRegister, .agriculturalResident: "plan, part two; domain section 5, guards"
        case .c1: "plan, 附6条; domain section 6, condition 1 and the year's exit line, above is strict"
        case .c2: "plan, 附6条; domain section 6, condition 2"
        case .c3: "plan, 附6条; domain section 6, condition 3: grades C and D fail, and what nobody assessed never counts as met"
        case .c4: "plan, 附6条; domain section 6, condition 4"
        case .c5: "plan, 附6条; domain section 6, condition 5"
        case .c6: "plan, 附6条; domain section 6, condition 6"
        case .acknowledged: "R32; domain section 5, the household's own acknowledgement"
        case .noRemoval: "R5; domain section 12, 10: removal and exit both possible, the listed exceptions decide, then a person"
        case .circumstanceProven: "R5; domain section 6, ten removal circumstances"
        case .conditionBroken, .causeThisYear: "plan, part two 2 and 3; domain section 5, guards"
        case .inNeed: "domain section 6, entry: both fail, eligible; one fails, refer to a person; none, not eligible"
        case .underEntryLine: "plan, part two 3: 2,952 yuan, below is strict"
        case .guaranteeUnmet: "plan, part two 3; domain section 6, entry"
        case .mainCause, .plannedExitYear: "R8"
        case .otherCauses: "R8; domain section 11: other causes at most two"
        case .surveyComplete: "R6, R9; domain section 6: each item is recorded"
        case .incomeOfTheYear: "domain section 12, 1: 2017 alone warns"
        case .circumstanceOfHousehold: "domain section 6: item 9 and part of 8 concern persons"
        case .noException: "domain section 6: normal exit instead of removal"
        case .beforeRegistration: "domain section 5: after registration without exception a person decides"
        case .clearOutProven: "domain section 5, guard of clear-out"
        case .wronglyCounted: "domain section 5: on or before registration an error, afterwards a natural decrease"
        case .someoneRemains: "domain section 5, clear-out: remaining members"
        }
    }

    static func condition(_ condition: ExitCondition) -> Rule {
        switch condition {
        case .income: .c1
        case .water: .c2
        case .housing: .c3
        case .schooling: .c4
        case .medicalInsurance: .c5
        case .pension: .c6
        }
    }
}
