import Contracts
import Registry

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
    /// Judges the guard of a case's kind (section 5). Natural changes are not surveyed: the police's answer decides them.
    package func assess(_ kind: CaseKind, of person: String? = nil, _ surveyed: Surveyed) -> Assessment? {
        switch kind {
        case .exit: Assessment(kind, by: self, exitLines(surveyed))
        case .return: Assessment(kind, by: self, returnLines(surveyed))
        case .new: Assessment(kind, by: self, newLines(surveyed))
        case .removal: Assessment(kind, by: self, removalLines(surveyed))
        case .clearOut: Assessment(kind, by: self, clearOutLines(of: person, surveyed))
        case .naturalChange: nil
        }
    }

    /// Not exited, each of the six conditions met or not applicable, and nothing for which it would have to be struck off.
    private func exitLines(_ surveyed: Surveyed) -> [Assessment.Line] {
        let isNotExited =
            switch surveyed.standing {
            case .registered(let status): !status.isExited
            case .outside, .struckOff, .closed: false
            }
        return [line(.exitOfNotExited, isNotExited, surveyed.standing.comparison), someoneLeft(surveyed)]
            + conditionLines(surveyed)
            + [
                line(.acknowledged, surveyed.facts.acknowledged, .stated(what: .acknowledged, holds: surveyed.facts.acknowledged)),
                .init(.noRemoval, .noneHolds, removalLines(surveyed)),
                incomeOfTheYear(surveyed),
            ]
    }

    /// Exited earlier, a condition broken, and by something that befell the household this year.
    private func returnLines(_ surveyed: Surveyed) -> [Assessment.Line] {
        let isExited =
            switch surveyed.standing {
            case .registered(let status): status.isExited
            case .outside, .struckOff, .closed: false
            }
        return [
            line(.returnOfExited, isExited, surveyed.standing.comparison), someoneLeft(surveyed),
            .init(.conditionBroken, .someFails, conditionLines(surveyed)), causeThisYear(surveyed.facts), incomeOfTheYear(surveyed),
        ]
    }

    /// Under the line *and* a guarantee unmet: eligible. One of them: a person decides. Neither: not eligible.
    private func newLines(_ surveyed: Surveyed) -> [Assessment.Line] {
        let facts = surveyed.facts
        let guarantees = ExitCondition.allCases.filter { $0 != .income }
        let isComplete = facts.income != nil && guarantees.allSatisfy { facts.conditions[$0] != nil }
        let isPoor = facts.income.map { isBelowEntryLine($0.net, members: surveyed.members) } ?? false
        let bar = facts.circumstance.flatMap { $0.kind.level == .person ? nil : $0 }
        return [
            line(.notRegistered, surveyed.standing == .outside, surveyed.standing.comparison), someoneLeft(surveyed),
            .init(
                .agriculturalResident, facts.isAgricultural && facts.livesHere ? .met : .notMet,
                .stated(what: .agricultural, holds: facts.isAgricultural), .stated(what: .livesHere, holds: facts.livesHere)),
            causeThisYear(facts),
            line(.mainCause, facts.mainCause != nil, .mainCause(code: facts.mainCause)),
            line(.otherCauses, facts.otherCauses.count <= 2, .causes(count: facts.otherCauses.count, atMost: 2)),
            line(.plannedExitYear, facts.plannedExitYear.map { $0 > year } ?? false, .year(found: facts.plannedExitYear, campaign: year)),
            line(.noRemoval, bar == nil, .circumstance(kind: facts.circumstance?.kind, exception: facts.circumstance?.isException ?? false)),
            line(.surveyComplete, isComplete, [income(surveyed, against: entryLine)] + guarantees.map { .recorded(as: facts.conditions[$0]) }),
            .init(
                .inNeed, .allOrPerson,
                [
                    line(.underEntryLine, isPoor, income(surveyed, against: entryLine)),
                    .init(.guaranteeUnmet, .someFails, guarantees.map { conditionLine($0, surveyed) }),
                ], if: isComplete),
            incomeOfTheYear(surveyed),
        ]
    }

    /// The listed exceptions decide; what came about after registration without one goes to a person, never to automatic
    /// removal, and so does what nobody can date against it.
    private func removalLines(_ surveyed: Surveyed) -> [Assessment.Line] {
        let (circumstance, registeredOn) = (surveyed.facts.circumstance, surveyed.registeredOn)
        let named = Comparison.circumstance(kind: circumstance?.kind, exception: circumstance?.isException ?? false)
        let days = Comparison.day(on: circumstance?.on, registeredOn: registeredOn)
        let start = line(.onRegister, surveyed.standing.isRegistered, surveyed.standing.comparison)
        guard surveyed.standing.isRegistered else { return [start] + notAsked([.circumstanceProven, .circumstanceOfHousehold, .noException, .beforeRegistration]) }
        guard let circumstance, let on = circumstance.on else {
            return [start, .init(.circumstanceProven, .notMet, named, days)] + notAsked([.circumstanceOfHousehold, .noException, .beforeRegistration])
        }
        let proven = [start, Assessment.Line(.circumstanceProven, .met, named, days)]
        guard circumstance.kind.level != .person else {
            return proven + [.init(.circumstanceOfHousehold, .notMet, named)] + notAsked([.noException, .beforeRegistration])
        }
        let ofHousehold = proven + [.init(.circumstanceOfHousehold, .met, named)]
        guard !circumstance.isExcepted(registeredOn: registeredOn) else {
            return ofHousehold + [.init(.noException, .notMet, named, days)] + notAsked([.beforeRegistration])
        }
        let isBefore = registeredOn.map { on <= $0 } ?? false
        return ofHousehold + [.init(.noException, .met, named, days), .init(.beforeRegistration, isBefore ? .met : .referred, days)]
    }

    private func clearOutLines(of person: String?, _ surveyed: Surveyed) -> [Assessment.Line] {
        let found = surveyed.facts.clearOut
        let named = Comparison.clearOut(person: found?.person, ofCase: person, reason: found?.reason)
        let start = line(.onRegister, surveyed.standing.isRegistered, surveyed.standing.comparison)
        guard surveyed.standing.isRegistered else { return [start] + notAsked([.clearOutProven, .wronglyCounted, .someoneRemains]) }
        let days = Comparison.day(on: found?.on, registeredOn: surveyed.registeredOn)
        guard let found, found.person == person, let on = found.on else {
            return [start, .init(.clearOutProven, .notMet, named, days)] + notAsked([.wronglyCounted, .someoneRemains])
        }
        let outcome: Assessment.Outcome =
            switch Departure(on: on, registeredOn: surveyed.registeredOn) {
            case .clearOut: .met
            case .naturalDecrease: .notMet
            case .undecided: .referred
            }
        return [
            start, .init(.clearOutProven, .met, named, days), .init(.wronglyCounted, outcome, days),
            .init(.someoneRemains, surveyed.members > 1 ? .met : .referred, .members(count: surveyed.members, atLeast: 2)),
        ]
    }

    // MARK: Lines that several kinds share

    private func line(_ rule: Rule, _ isMet: Bool, _ compared: Comparison) -> Assessment.Line { .init(rule, isMet ? .met : .notMet, compared) }

    private func line(_ rule: Rule, _ isMet: Bool, _ compared: [Comparison]) -> Assessment.Line {
        .init(rule, isMet ? .met : .notMet, compared: compared)
    }

    private func notAsked(_ rules: [Rule]) -> [Assessment.Line] { rules.map { .init($0, .notApplicable) } }

    private func someoneLeft(_ surveyed: Surveyed) -> Assessment.Line {
        line(.someoneLeft, surveyed.members > 0, .members(count: surveyed.members, atLeast: 1))
    }

    private func causeThisYear(_ facts: SurveyFacts) -> Assessment.Line {
        line(.causeThisYear, facts.cause != nil && facts.causeOn?.year == year, .cause(code: facts.cause, on: facts.causeOn, year: year))
    }

    private func incomeOfTheYear(_ surveyed: Surveyed) -> Assessment.Line {
        let found = surveyed.facts.income?.year
        return .init(.incomeOfTheYear, found.map { $0 == year ? .met : .warned } ?? .notApplicable, .year(found: found, campaign: year))
    }

    private func income(_ surveyed: Surveyed, against line: Money) -> Comparison {
        .income(net: surveyed.facts.income?.net, year: surveyed.facts.income?.year, line: line, members: surveyed.members)
    }

    private func conditionLines(_ surveyed: Surveyed) -> [Assessment.Line] { ExitCondition.allCases.map { conditionLine($0, surveyed) } }

    /// Fails if it is recorded as unmet, not recorded, or contradicted by a figure or grade. Income needs its figure always;
    /// a house that nobody has graded is not safe by being ticked.
    private func conditionLine(_ condition: ExitCondition, _ surveyed: Surveyed) -> Assessment.Line {
        let facts = surveyed.facts
        let recorded = facts.conditions[condition]
        let rule = Rule.condition(condition)
        switch condition {
        case .income:
            let isOver = facts.income.map { isAboveExitLine($0.net, members: surveyed.members) } ?? false
            return .init(rule, isOver ? recorded.outcome : .notMet, .recorded(as: recorded), income(surveyed, against: exitLine))
        case .housing:
            let outcome: Assessment.Outcome =
                switch facts.housing?.isSafe {
                case true?: recorded.outcome
                case false?: .notMet
                case nil: recorded == .notApplicable ? .notApplicable : .notMet
                }
            return .init(rule, outcome, .recorded(as: recorded), .housing(grade: facts.housing))
        case .water, .schooling, .medicalInsurance, .pension:
            return .init(rule, recorded.outcome, .recorded(as: recorded))
        }
    }
}

extension Assessment.Line {
    init(_ rule: Rule, _ outcome: Assessment.Outcome, compared: [Comparison]) {
        (self.rule, self.outcome, self.compared, sum, parts) = (rule, outcome, compared, nil, [])
    }
}

extension SurveyFacts.Compliance? {
    /// What was not recorded is not met.
    fileprivate var outcome: Assessment.Outcome {
        switch self {
        case .met?: .met
        case .notMet?, nil: .notMet
        case .notApplicable?: .notApplicable
        }
    }
}

extension SurveyFacts.Circumstance {
    /// Whether the listed exception makes it a normal exit instead of a removal (section 6), circumstance by circumstance.
    fileprivate func isExcepted(registeredOn: LocalDate?) -> Bool {
        let isAfter = if let on, let registeredOn { on > registeredOn } else { false }
        switch kind {
        // The post was gained after registration: the day alone decides.
        case .publicEmployee: return isAfter
        case .villageCadre: return isAfter
        // Bought after registration, and as an exit measure.
        case .costlyVehicle: return isAfter && isException
        // Resettled into town: judged by the exit standard.
        case .urbanProperty: return isException
        // A share held with land, assets, support funds or a small loan, as an exit measure.
        case .operatingCompany: return isException
        case .largeProducer, .splitOrMerged, .emptyRegistration, .goneOrApart, .fraudOrOther: return false
        }
    }
}
