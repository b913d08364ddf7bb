import Registry

/// What the work team found when it visited a household (R5-R8): the facts on which a case is judged.
package struct SurveyFacts: Codable, Equatable, Sendable {
    package var surveyedOn: LocalDate
    package var income: YearlyIncome?
    package var housing: HousingGrade?
    /// What was recorded for each of the six conditions; one that is missing was not looked at.
    package var conditions: [ExitCondition: Compliance]
    /// The household itself says that it has left poverty (R32).
    package var acknowledged: Bool
    package var isAgricultural: Bool
    package var livesHere: Bool
    /// Illness, disaster, schooling or another outside cause, and its day.
    package var cause: String?
    package var causeOn: LocalDate?
    package var mainCause: String?
    package var otherCauses: [String]
    package var plannedExitYear: Int?
    package var circumstance: Circumstance?
    package var clearOut: ClearOut?
    /// What a person decided where the rules refer to one.
    package var judgement: Bool?

    package enum Compliance: String, Codable, CaseIterable, Sendable {
        case met
        case notMet = "not_met"
        case notApplicable = "not_applicable"

        package var label: Label {
            switch self {
            case .met: Label("达标", "met")
            case .notMet: Label("未达标", "not met")
            case .notApplicable: Label("不适用", "not applicable")
            }
        }
    }

    /// A removal circumstance, proven, and when it came about.
    package struct Circumstance: Codable, Equatable, Sendable {
        package let kind: RemovalCircumstance
        package let on: LocalDate?
        /// Its listed exception applies: an exit measure, resettlement, shareholding.
        package let isException: Bool

        package init(_ kind: RemovalCircumstance, on: LocalDate?, isException: Bool = false) {
            (self.kind, self.on, self.isException) = (kind, on, isException)
        }
    }

    /// A person who should never have been counted, and since when.
    package struct ClearOut: Codable, Equatable, Sendable {
        package let person: String
        package let reason: String
        package let on: LocalDate?

        package init(person: String, reason: String, on: LocalDate?) { (self.person, self.reason, self.on) = (person, reason, on) }
    }

    package init(
        surveyedOn: LocalDate, income: YearlyIncome? = nil, housing: HousingGrade? = nil, conditions: [ExitCondition: Compliance] = [:],
        acknowledged: Bool = false, isAgricultural: Bool = true, livesHere: Bool = true, cause: String? = nil, causeOn: LocalDate? = nil,
        mainCause: String? = nil, otherCauses: [String] = [], plannedExitYear: Int? = nil, circumstance: Circumstance? = nil,
        clearOut: ClearOut? = nil, judgement: Bool? = nil
    ) {
        (self.surveyedOn, self.income, self.housing, self.conditions) = (surveyedOn, income, housing, conditions)
        (self.acknowledged, self.isAgricultural, self.livesHere) = (acknowledged, isAgricultural, livesHere)
        (self.cause, self.causeOn, self.mainCause, self.otherCauses) = (cause, causeOn, mainCause, otherCauses)
        (self.plannedExitYear, self.circumstance, self.clearOut) = (plannedExitYear, circumstance, clearOut)
        self.judgement = judgement
    }
}

/// The six conditions of exit (附6条, as section 6 reconstructs them).
package enum ExitCondition: String, Codable, CodingKeyRepresentable, CaseIterable, Comparable, Sendable {
    case income = "C1"
    case water = "C2"
    case housing = "C3"
    case schooling = "C4"
    case medicalInsurance = "C5"
    case pension = "C6"

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
