import Foundation
import IntakeDomain
import Registry
import Testing

/// What an assessment says of itself, line by line.
@Suite struct AssessmentLineTests {
    func assess(
        _ kind: CaseKind, members: Int = 3, registeredOn: String? = "2014-06-01", person: String? = nil, _ facts: SurveyFacts
    ) throws -> Assessment {
        try assess(kind, .registered(.notExited), members: members, registeredOn: registeredOn, person: person, facts)
    }

    func assess(
        _ kind: CaseKind, _ standing: HouseholdRecord.Standing, members: Int = 3, registeredOn: String? = "2014-06-01",
        person: String? = nil, _ facts: SurveyFacts
    ) throws -> Assessment {
        try #require(
            rules2018.assess(kind, of: person, Surveyed(standing: standing, registeredOn: registeredOn.map(day), members: members, facts: facts)))
    }

    // MARK: Both sides of the lines, for one to seven persons

    /// Needy but for the income: something befell it, and a guarantee is unmet.
    func needy(_ income: Money) -> SurveyFacts {
        facts(income: income) {
            ($0.cause, $0.causeOn, $0.mainCause, $0.plannedExitYear) = ("01", day("2018-04-04"), "01", 2020)
            $0.conditions[.medicalInsurance] = .notMet
        }
    }

    /// One fen around the line, whatever remainder it leaves per head, and 2,951.99, 2,952.00 and 2,952.01 for each person.
    @Test(arguments: 1...7) func `the entry line holds to the fen`(members: Int) throws {
        let line = Money(yuan: 2_952) * members
        for (income, verdict) in [
            (line - Money(fen: 1), Assessment.Verdict.met), (line, .referred), (line + Money(fen: 1), .referred),
            (Money(fen: 2_951_99) * members, .met), (Money(fen: 2_952_01) * members, .referred), (line - Money(fen: Int64(members) - 1), members == 1 ? .referred : .met),
        ] {
            let assessment = try assess(.new, .outside, members: members, registeredOn: nil, needy(income))
            #expect(assessment.verdict == verdict, "\(income.fen) fen among \(members)")
            let need = try #require(assessment.lines.first { $0.rule == .inNeed }?.parts.first)
            #expect(need.compared == [.income(net: income, year: 2018, line: Money(yuan: 2_952), members: members)])
            #expect(need.compared.first?.label.en == "net income of 2018 \(income.fen) fen, against 295200 × \(members) = \(295_200 * members) fen")
        }
    }

    @Test(arguments: 1...7) func `reaching the exit line is not yet above it`(members: Int) throws {
        let line = Money(yuan: 3_500) * members
        #expect(try assess(.exit, members: members, facts(income: line - Money(fen: 1))).failures == [.c1])
        #expect(try assess(.exit, members: members, facts(income: line)).failures == [.c1])
        #expect(try assess(.exit, members: members, facts(income: line + Money(fen: 1))).verdict == .met)
    }

    @Test func `nobody is left to leave, return or enter`() throws {
        #expect(try assess(.exit, members: 0, facts()).failures == [.someoneLeft])
        #expect(try assess(.return, .registered(.exited), members: 0, facts { ($0.housing, $0.cause, $0.causeOn) = (.d, "01", day("2018-01-01")) }).failures == [.someoneLeft])
        #expect(try assess(.new, .outside, members: 0, needy(.zero)).failures.contains(.someoneLeft))
    }

    @Test(arguments: [("2017-12-31", false), ("2018-01-01", true), ("2018-12-31", true), ("2019-01-01", false)])
    func `a cause is of this year or it is none`(causeOn: String, isMet: Bool) throws {
        let found = needy(.zero)
        var dated = found
        dated.causeOn = day(causeOn)
        #expect(try assess(.new, .outside, dated).failures == (isMet ? [] : [.causeThisYear]))
    }

    @Test func `a household has one main cause and at most two others`() throws {
        func causes(_ others: [String]) throws -> [Rule] {
            var found = needy(.zero)
            found.otherCauses = others
            return try assess(.new, .outside, found).failures
        }
        #expect(try causes(["02", "09"]).isEmpty)
        #expect(try causes(["02", "03", "09"]) == [.otherCauses])
    }

    @Test func `what concerns one person does not keep a household from entering`() throws {
        var found = needy(.zero)
        found.circumstance = .init(.goneOrApart, on: day("2018-01-01"))
        #expect(try assess(.new, .outside, found).verdict == .met)
        found.circumstance = .init(.largeProducer, on: day("2018-01-01"))
        #expect(try assess(.new, .outside, found).failures == [.noRemoval])
    }

    // MARK: Removal

    /// The day before registration, the day itself, the day after; without and with the listed exception.
    static let circumstances: [(RemovalCircumstance, before: [Assessment.Verdict], after: [Assessment.Verdict])] = [
        (.publicEmployee, [.met, .met], [.notMet, .notMet]), (.villageCadre, [.met, .met], [.notMet, .notMet]),
        (.costlyVehicle, [.met, .met], [.referred, .notMet]), (.urbanProperty, [.met, .notMet], [.referred, .notMet]),
        (.operatingCompany, [.met, .notMet], [.referred, .notMet]), (.largeProducer, [.met, .met], [.referred, .referred]),
        (.splitOrMerged, [.met, .met], [.referred, .referred]), (.emptyRegistration, [.met, .met], [.referred, .referred]),
        (.goneOrApart, [.notMet, .notMet], [.notMet, .notMet]), (.fraudOrOther, [.met, .met], [.referred, .referred]),
    ]

    @Test(arguments: circumstances)
    func `each of the ten, around the day of registration, without and with its exception`(
        circumstance: RemovalCircumstance, before: [Assessment.Verdict], after: [Assessment.Verdict]
    ) throws {
        for (isException, place) in [(false, 0), (true, 1)] {
            for (on, verdict) in [("2014-05-31", before[place]), ("2014-06-01", before[place]), ("2014-06-02", after[place])] {
                let found = facts { $0.circumstance = .init(circumstance, on: day(on), isException: isException) }
                #expect(try assess(.removal, found).verdict == verdict, "\(circumstance) on \(on), exception \(isException)")
                // Exit and removal are both possible: what would be struck off does not leave, what a person decides waits.
                let exit: Assessment.Verdict = verdict == .met ? .notMet : verdict == .referred ? .referred : .met
                let assessment = try assess(.exit, found)
                #expect(assessment.verdict == exit)
                #expect(assessment.failures == (exit == .met ? [] : [.noRemoval]))
            }
        }
    }

    @Test func `all ten circumstances are looked at`() {
        #expect(Set(Self.circumstances.map(\.0)) == Set(RemovalCircumstance.allCases))
        #expect(RemovalCircumstance.allCases.filter { $0.exception != nil } == [.publicEmployee, .villageCadre, .costlyVehicle, .urbanProperty, .operatingCompany])
    }

    @Test func `without a day of registration nothing is struck off or cleared out by itself`() throws {
        let found = facts { $0.circumstance = .init(.publicEmployee, on: day("2010-01-01")) }
        let removal = try assess(.removal, registeredOn: nil, found)
        #expect((removal.verdict, removal.failures) == (.referred, [.beforeRegistration]))
        let apart = facts { $0.clearOut = .init(person: "2", reason: "K01", on: day("2010-01-01")) }
        let clearOut = try assess(.clearOut, registeredOn: nil, person: "2", apart)
        #expect((clearOut.verdict, clearOut.failures) == (.referred, [.wronglyCounted]))
    }

    @Test(arguments: [("2014-05-31", Departure.clearOut), ("2014-06-01", .clearOut), ("2014-06-02", .naturalDecrease)])
    func `error on the day of registration, nature the day after`(on: String, departure: Departure) throws {
        #expect(Departure(on: day(on), registeredOn: day("2014-06-01")) == departure)
        #expect(Departure(on: day(on), registeredOn: nil) == .undecided)
        let apart = facts { $0.clearOut = .init(person: "2", reason: "K03", on: day(on)) }
        #expect(try assess(.clearOut, person: "2", apart).verdict == (departure == .clearOut ? .met : .notMet))
        let change = MemberChange(household: "1", person: "2", reason: "D01", on: day(on), evidence: "ZM-1", newcomer: nil)
        #expect(household().faults(proposing: change, isVerified: false).map(\.1) == (departure == .clearOut ? ["change.before-registration"] : []))
    }

    @Test(arguments: [("2000-10-10", true), ("2000-10-11", false), ("2000-10-09", true), ("2000-02-29", true)])
    func `one is of age on one's eighteenth birthday`(born: String, isAdult: Bool) {
        #expect(member("1", "03", born: born).isAdult(on: day("2018-10-10")) == isAdult)
    }

    // MARK: Whatever is asked

    /// Invented facts, each side of each question often.
    struct Dice {
        var state: UInt64
        mutating func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % sides
        }
        mutating func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }
        mutating func surveyed() -> Surveyed {
            let members = roll(5)
            let line = pick([Money(yuan: 2_952), Money(yuan: 3_500)]) * members
            let days = [nil, day("2014-05-31"), day("2014-06-01"), day("2014-06-02"), day("2018-03-03")]
            var facts = SurveyFacts(surveyedOn: day("2018-10-12"))
            facts.income = roll(6) == 0 ? nil : YearlyIncome(year: 2017 + roll(2), net: line + Money(fen: Int64(roll(3) - 1)))
            facts.housing = pick([nil] + HousingGrade.allCases.map(Optional.some))
            for condition in ExitCondition.allCases { facts.conditions[condition] = pick([nil, .met, .met, .met, .notMet, .notApplicable]) }
            facts.acknowledged = roll(3) > 0
            (facts.isAgricultural, facts.livesHere) = (roll(4) > 0, roll(4) > 0)
            (facts.cause, facts.causeOn) = (pick([nil, "01", "03"]), pick(days))
            (facts.mainCause, facts.plannedExitYear) = (pick([nil, "01", "01"]), pick([nil, 2018, 2020, 2020]))
            facts.otherCauses = Array(["02", "03", "09"].prefix(roll(4)))
            if roll(2) == 0 { facts.circumstance = .init(pick(RemovalCircumstance.allCases), on: pick(days), isException: roll(2) == 0) }
            if roll(2) == 0 { facts.clearOut = .init(person: pick(["1", "2"]), reason: "K01", on: pick(days)) }
            let standings: [HouseholdRecord.Standing] = [.outside, .struckOff, .closed] + Registry.ExitStatus.allCases.map { .registered($0) }
            return Surveyed(standing: pick(standings), registeredOn: pick([nil, day("2014-06-01"), day("2014-06-01")]), members: members, facts: facts)
        }
    }

    /// The rules of a kind, each of which has a line in every assessment of it.
    static let rules: [CaseKind: [Rule]] = {
        let conditions: [Rule] = [.c1, .c2, .c3, .c4, .c5, .c6]
        let removal: [Rule] = [.onRegister, .circumstanceProven, .circumstanceOfHousehold, .noException, .beforeRegistration]
        return [
            .exit: [.exitOfNotExited, .someoneLeft] + conditions + [.acknowledged, .noRemoval] + removal + [.incomeOfTheYear],
            .return: [.returnOfExited, .someoneLeft, .conditionBroken] + conditions + [.causeThisYear, .incomeOfTheYear],
            .new: [
                .notRegistered, .someoneLeft, .agriculturalResident, .causeThisYear, .mainCause, .otherCauses, .plannedExitYear, .noRemoval,
                .surveyComplete, .inNeed, .underEntryLine, .guaranteeUnmet, .c2, .c3, .c4, .c5, .c6, .incomeOfTheYear,
            ],
            .removal: removal, .clearOut: [.onRegister, .clearOutProven, .wronglyCounted, .someoneRemains],
        ]
    }()

    @Test(arguments: [CaseKind.exit, .return, .new, .removal, .clearOut])
    func `the verdict follows from the lines alone, and each rule has its line`(kind: CaseKind) throws {
        var dice = Dice(state: 2018)
        var seen: [Assessment.Verdict: Int] = [:]
        for _ in 0..<4_000 {
            let surveyed = dice.surveyed()
            let assessment = try #require(rules2018.assess(kind, of: "2", surveyed))
            seen[assessment.verdict, default: 0] += 1
            #expect(assessment.ruleSet == "2018.2")
            #expect(assessment.lines.flatMap(\.flattened).map(\.rule) == Self.rules[kind])
            let outcomes = assessment.lines.map(\.outcome)
            let expected: Assessment.Verdict = outcomes.contains(.notMet) ? .notMet : outcomes.contains(.referred) ? .referred : .met
            #expect(assessment.verdict == expected)
            #expect(assessment.failures.isEmpty == (expected == .met))
            for line in assessment.lines.flatMap(\.flattened) {
                // What was asked says what it compared, or of which parts it is the sum.
                if line.outcome != .notApplicable { #expect(!line.compared.isEmpty || (line.sum != nil && !line.parts.isEmpty), "\(line.rule)") }
                if let sum = line.sum, line.outcome != .notApplicable { #expect(sum.outcome(of: line.parts.map(\.outcome)) == line.outcome) }
            }
        }
        #expect(Set(seen.keys).contains(.notMet))
        #expect(seen.keys.count >= 2, "\(seen)")
    }
}
