import Contracts
import Registry

/// The year's lines, as numbers that decide.
package struct RuleSet: Equatable, Sendable {
    package let year: Int
    package let entryLine: Money
    package let exitLine: Money

    package init(year: Int, entryLine: Money, exitLine: Money) {
        (self.year, self.entryLine, self.exitLine) = (year, entryLine, exitLine)
    }

    /// Named in every assessment, so that an old one can be read by the rules of its time.
    package var name: String { "\(year).1" }

    /// "Below" is strict. The line is multiplied, the income never divided, so that nothing is rounded.
    package func isBelowEntryLine(_ net: Money, members: Int) -> Bool { net < entryLine * members }
    /// "Above" is strict too.
    package func isAboveExitLine(_ net: Money, members: Int) -> Bool { net > exitLine * members }
}

/// What the rules say of a case, and which of them failed.
package struct Assessment: Equatable, Sendable {
    package enum Verdict: String, Codable, CaseIterable, Sendable {
        case met
        case notMet = "not_met"
        /// Rules alone do not decide: a person does.
        case referred
    }

    package let verdict: Verdict
    package let failures: [Rule]
    /// Do not decide, but a reader should know.
    package let warnings: [Rule]

    init(_ verdict: Verdict, _ failures: [Rule], warnings: [Rule] = []) {
        (self.verdict, self.failures, self.warnings) = (verdict, failures, warnings)
    }
}

/// A rule by which a case is judged; the raw value travels as reason.
package enum Rule: String, Codable, CaseIterable, Sendable {
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
    case underEntryLine = "new.under-entry-line"
    case guaranteeUnmet = "new.guarantee-unmet"
    case mainCause = "new.main-cause"
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

    /// Where it is written.
    package var source: String {
        switch self {
        case .exitOfNotExited, .returnOfExited, .notRegistered, .onRegister, .agriculturalResident: "plan, part two; domain section 5, guards"
        case .c1: "plan, 附6条; domain section 6, condition 1 and the year's exit line, above is strict"
        case .c2: "plan, 附6条; domain section 6, condition 2"
        case .c3: "plan, 附6条; domain section 6, condition 3: grades C and D fail"
        case .c4: "plan, 附6条; domain section 6, condition 4"
        case .c5: "plan, 附6条; domain section 6, condition 5"
        case .c6: "plan, 附6条; domain section 6, condition 6"
        case .acknowledged: "R32; domain section 5, the household's own acknowledgement"
        case .noRemoval, .circumstanceProven: "R5; domain section 6, ten removal circumstances"
        case .conditionBroken, .causeThisYear: "plan, part two 2 and 3; domain section 5, guards"
        case .underEntryLine: "plan, part two 3: 2,952 yuan, below is strict"
        case .guaranteeUnmet: "plan, part two 3; domain section 6, entry"
        case .mainCause, .plannedExitYear: "R8"
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

/// What the guard of a case is asked about.
package struct Surveyed: Equatable, Sendable {
    package let standing: HouseholdRecord.Standing
    package let registeredOn: LocalDate?
    /// The divisor of per-capita income.
    package let members: Int
    package let facts: SurveyFacts

    package init(standing: HouseholdRecord.Standing, registeredOn: LocalDate?, members: Int, facts: SurveyFacts) {
        (self.standing, self.registeredOn, self.members, self.facts) = (standing, registeredOn, members, facts)
    }

    package init(_ record: HouseholdRecord, _ facts: SurveyFacts) {
        self.init(standing: record.standing, registeredOn: record.registeredOn, members: record.active.count, facts: facts)
    }
}

extension RuleSet {
    /// Judges the guard of a case's kind (section 5). Natural changes are not surveyed.
    package func assess(_ kind: CaseKind, of person: String? = nil, _ surveyed: Surveyed) -> Assessment? {
        switch kind {
        case .exit: assessExit(surveyed)
        case .return: assessReturn(surveyed)
        case .new: assessNew(surveyed)
        case .removal: assessRemoval(surveyed)
        case .clearOut: assessClearOut(of: person, surveyed)
        case .naturalChange: nil
        }
    }

    /// Not exited, and each of the six conditions met or not applicable.
    private func assessExit(_ surveyed: Surveyed) -> Assessment {
        var failures: [Rule] = []
        switch surveyed.standing {
        case .registered(let status) where !status.isExited: break
        case .registered, .outside, .struckOff, .closed: failures.append(.exitOfNotExited)
        }
        failures += unmetConditions(surveyed)
        if !surveyed.facts.acknowledged { failures.append(.acknowledged) }
        if removal(surveyed).verdict == .met { failures.append(.noRemoval) }
        return Assessment(failures.isEmpty ? .met : .notMet, failures, warnings: warnings(surveyed))
    }

    /// Exited earlier, a condition broken, and by something that befell the household this year.
    private func assessReturn(_ surveyed: Surveyed) -> Assessment {
        var failures: [Rule] = []
        switch surveyed.standing {
        case .registered(let status) where status.isExited: break
        case .registered, .outside, .struckOff, .closed: failures.append(.returnOfExited)
        }
        if unmetConditions(surveyed).isEmpty { failures.append(.conditionBroken) }
        if !isBefallen(surveyed.facts) { failures.append(.causeThisYear) }
        return Assessment(failures.isEmpty ? .met : .notMet, failures, warnings: warnings(surveyed))
    }

    /// Under the line *and* a guarantee unmet: eligible. One of them: a person decides. Neither: not eligible.
    private func assessNew(_ surveyed: Surveyed) -> Assessment {
        let facts = surveyed.facts
        var failures: [Rule] = []
        if surveyed.standing != .outside { failures.append(.notRegistered) }
        if !facts.isAgricultural || !facts.livesHere { failures.append(.agriculturalResident) }
        if !isBefallen(facts) { failures.append(.causeThisYear) }
        if facts.mainCause == nil { failures.append(.mainCause) }
        if facts.plannedExitYear.map({ $0 <= year }) ?? true { failures.append(.plannedExitYear) }
        if facts.circumstance != nil { failures.append(.noRemoval) }
        guard let income = facts.income, ExitCondition.allCases.allSatisfy({ $0 == .income || facts.conditions[$0] != nil }) else {
            return Assessment(.notMet, failures + [.surveyComplete], warnings: warnings(surveyed))
        }
        let isPoor = isBelowEntryLine(income.net, members: surveyed.members)
        let isUnprotected = unmetConditions(surveyed).contains { $0 != .c1 }
        let doubts: [Rule] = (isPoor ? [] : [.underEntryLine]) + (isUnprotected ? [] : [.guaranteeUnmet])
        guard failures.isEmpty else { return Assessment(.notMet, failures + doubts, warnings: warnings(surveyed)) }
        switch (isPoor, isUnprotected) {
        case (true, true): return Assessment(.met, [], warnings: warnings(surveyed))
        case (true, false), (false, true): return Assessment(.referred, doubts, warnings: warnings(surveyed))
        case (false, false): return Assessment(.notMet, doubts, warnings: warnings(surveyed))
        }
    }

    private func assessRemoval(_ surveyed: Surveyed) -> Assessment {
        switch surveyed.standing {
        case .registered: removal(surveyed)
        case .outside, .struckOff, .closed: Assessment(.notMet, [.onRegister])
        }
    }

    /// The listed exceptions decide; what came about after registration without one goes to a person, never to automatic removal.
    private func removal(_ surveyed: Surveyed) -> Assessment {
        guard let circumstance = surveyed.facts.circumstance, let on = circumstance.on else { return Assessment(.notMet, [.circumstanceProven]) }
        guard circumstance.kind.level != .person else { return Assessment(.notMet, [.circumstanceOfHousehold]) }
        let isAfter = surveyed.registeredOn.map { on > $0 } ?? false
        switch circumstance.kind {
        case .publicEmployee, .villageCadre:
            return isAfter ? Assessment(.notMet, [.noException]) : Assessment(.met, [])
        case .costlyVehicle:
            if isAfter && circumstance.isException { return Assessment(.notMet, [.noException]) }
        case .urbanProperty, .operatingCompany:
            if circumstance.isException { return Assessment(.notMet, [.noException]) }
        case .largeProducer, .splitOrMerged, .emptyRegistration, .goneOrApart, .fraudOrOther:
            break
        }
        return isAfter ? Assessment(.referred, [.beforeRegistration]) : Assessment(.met, [])
    }

    private func assessClearOut(of person: String?, _ surveyed: Surveyed) -> Assessment {
        guard case .registered = surveyed.standing else { return Assessment(.notMet, [.onRegister]) }
        guard let clearOut = surveyed.facts.clearOut, clearOut.person == person, let on = clearOut.on else {
            return Assessment(.notMet, [.clearOutProven])
        }
        if let registeredOn = surveyed.registeredOn, on > registeredOn { return Assessment(.notMet, [.wronglyCounted]) }
        return surveyed.members > 1 ? Assessment(.met, []) : Assessment(.referred, [.someoneRemains])
    }

    /// Recorded as unmet, not recorded, or contradicted by a figure or grade.
    private func unmetConditions(_ surveyed: Surveyed) -> [Rule] {
        let facts = surveyed.facts
        return ExitCondition.allCases.filter { condition in
            let isRecorded = facts.conditions[condition] == .met || facts.conditions[condition] == .notApplicable
            switch condition {
            case .income:
                let isOver = facts.income.map { isAboveExitLine($0.net, members: surveyed.members) } ?? false
                return !(isRecorded && isOver)
            case .housing:
                return !(isRecorded && facts.housing?.isSafe != false)
            case .water, .schooling, .medicalInsurance, .pension:
                return !isRecorded
            }
        }.map(Rule.condition)
    }

    private func isBefallen(_ facts: SurveyFacts) -> Bool { facts.cause != nil && facts.causeOn?.year == year }

    private func warnings(_ surveyed: Surveyed) -> [Rule] {
        surveyed.facts.income.map { $0.year == year ? [] : [.incomeOfTheYear] } ?? []
    }
}
