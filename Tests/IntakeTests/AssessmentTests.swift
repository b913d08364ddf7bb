import IntakeDomain
import Registry
import Testing

@Suite struct AssessmentTests {
    func assess(_ kind: CaseKind, members: Int = 3, person: String? = nil, _ facts: SurveyFacts) -> Assessment {
        assess(kind, .registered(.notExited), members: members, person: person, facts)
    }

    func assess(
        _ kind: CaseKind, _ standing: HouseholdRecord.Standing, members: Int = 3, registeredOn: String? = "2014-06-01", person: String? = nil,
        _ facts: SurveyFacts
    ) -> Assessment {
        rules2018.assess(kind, of: person, Surveyed(standing: standing, registeredOn: registeredOn.map(day), members: members, facts: facts))!
    }

    // MARK: Lines

    @Test(arguments: [
        (2_951_99, 1, true), (2_952_00, 1, false), (2_952_01, 1, false),
        // Per head 2,951.9966…, which rounds to the line but lies below it.
        (8_855_99, 3, true), (8_856_00, 3, false), (8_856_01, 3, false),
        (0, 6, true), (-500_00, 2, true),
    ])
    func `below the entry line is strict and never rounded`(fen: Int64, members: Int, isBelow: Bool) {
        #expect(rules2018.isBelowEntryLine(Money(fen: fen), members: members) == isBelow)
    }

    @Test(arguments: [(3_499_99, 1, false), (3_500_00, 1, false), (3_500_01, 1, true), (24_500_00, 7, false), (24_500_01, 7, true)])
    func `above the exit line is strict and never rounded`(fen: Int64, members: Int, isAbove: Bool) {
        #expect(rules2018.isAboveExitLine(Money(fen: fen), members: members) == isAbove)
    }

    // MARK: Exit

    @Test(arguments: [Registry.ExitStatus.notExited, .exitPlanned, .returned])
    func `who meets all six conditions and agrees leaves poverty`(status: Registry.ExitStatus) {
        #expect(assess(.exit, .registered(status), facts()).verdict == .met)
    }

    @Test(arguments: ExitCondition.allCases)
    func `each condition alone keeps a household from leaving`(condition: ExitCondition) {
        let rule = Rule(rawValue: "exit.\(condition.rawValue)")!
        #expect(assess(.exit, facts { $0.conditions[condition] = .notMet }).failures == [rule])
        #expect(assess(.exit, facts { $0.conditions[condition] = nil }).failures == [rule])
        #expect(assess(.exit, facts { $0.conditions[condition] = .notApplicable }).verdict == .met)
    }

    @Test func `a figure or a grade overrules what was ticked`() {
        #expect(assess(.exit, facts(income: Money(yuan: 3_500) * 3)).failures == [.c1])
        #expect(assess(.exit, facts(income: Money(yuan: 3_500) * 3 + Money(fen: 1))).verdict == .met)
        #expect(assess(.exit, facts { $0.income = nil }).failures == [.c1])
        for grade in [HousingGrade.c, .d, .notAssessed, nil] { #expect(assess(.exit, facts { $0.housing = grade }).failures == [.c3]) }
        #expect(assess(.exit, facts { $0.housing = .b }).verdict == .met)
    }

    @Test func `nobody leaves against their own word, twice, or with a removal circumstance`() {
        #expect(assess(.exit, facts { $0.acknowledged = false }).failures == [.acknowledged])
        #expect(assess(.exit, .registered(.exited), facts()).failures == [.exitOfNotExited])
        #expect(assess(.exit, .outside, facts()).failures == [.exitOfNotExited])
        #expect(assess(.exit, facts { $0.circumstance = .init(.villageCadre, on: day("2014-01-01")) }).failures == [.noRemoval])
        #expect(assess(.exit, facts { $0.circumstance = .init(.villageCadre, on: day("2016-01-01")) }).verdict == .met)
    }

    @Test func `an income of another year warns and no more`() {
        let assessment = assess(.exit, facts { $0.income = YearlyIncome(year: 2017, net: Money(yuan: 20_000)) })
        #expect(assessment.verdict == .met)
        #expect(assessment.warnings == [.incomeOfTheYear])
    }

    // MARK: Return

    @Test(arguments: [Registry.ExitStatus.exited, .stablyExited])
    func `who left earlier returns when something of this year broke a condition`(status: Registry.ExitStatus) {
        let broken = facts {
            $0.conditions[.schooling] = .notMet
            ($0.cause, $0.causeOn) = ("03", day("2018-03-01"))
        }
        #expect(assess(.return, .registered(status), broken).verdict == .met)
    }

    @Test func `a return needs an earlier exit, a broken condition and a cause of this year`() {
        func broken(_ causeOn: String?) -> SurveyFacts {
            facts {
                $0.housing = .d
                ($0.cause, $0.causeOn) = ("04", causeOn.map(day))
            }
        }
        #expect(assess(.return, .registered(.notExited), broken("2018-01-01")).failures == [.returnOfExited])
        #expect(assess(.return, .registered(.exited), broken("2017-12-31")).failures == [.causeThisYear])
        #expect(assess(.return, .registered(.exited), broken("2018-12-31")).verdict == .met)
        #expect(assess(.return, .registered(.exited), broken(nil)).failures == [.causeThisYear])
        #expect(assess(.return, .registered(.exited), facts { ($0.cause, $0.causeOn) = ("01", day("2018-02-02")) }).failures == [.conditionBroken])
    }

    // MARK: New

    /// A household that something befell this year.
    func newcomer(income: Money, unprotected: Bool, _ change: (inout SurveyFacts) -> Void = { _ in }) -> SurveyFacts {
        facts(income: income) {
            ($0.cause, $0.causeOn, $0.mainCause, $0.plannedExitYear) = ("01", day("2018-04-04"), "01", 2020)
            if unprotected { $0.conditions[.medicalInsurance] = .notMet }
            change(&$0)
        }
    }

    @Test(arguments: [
        (Money(fen: 8_855_99), true, Assessment.Verdict.met), (Money(fen: 8_855_99), false, .referred),
        (Money(fen: 8_856_00), true, .referred), (Money(fen: 8_856_00), false, .notMet),
    ])
    func `both fail: eligible; one: a person decides; none: not eligible`(income: Money, unprotected: Bool, verdict: Assessment.Verdict) {
        #expect(assess(.new, .outside, registeredOn: nil, newcomer(income: income, unprotected: unprotected)).verdict == verdict)
    }

    @Test func `a dangerous house is an unmet guarantee`() {
        #expect(assess(.new, .outside, newcomer(income: .zero, unprotected: false) { $0.housing = .c }).verdict == .met)
        #expect(assess(.new, .outside, newcomer(income: .zero, unprotected: false) { $0.housing = .b }).verdict == .referred)
    }

    static let guards: [(Rule, @Sendable (inout SurveyFacts) -> Void)] = [
        (Rule.agriculturalResident, { $0.isAgricultural = false }), (.agriculturalResident, { $0.livesHere = false }),
        (.causeThisYear, { $0.causeOn = day("2017-04-04") }), (.causeThisYear, { $0.cause = nil }), (.mainCause, { $0.mainCause = nil }),
        (.plannedExitYear, { $0.plannedExitYear = nil }), (.plannedExitYear, { $0.plannedExitYear = 2018 }),
        (.noRemoval, { $0.circumstance = .init(.costlyVehicle, on: nil) }), (.surveyComplete, { $0.income = nil }),
        (.surveyComplete, { $0.conditions[.water] = nil }),
    ]

    @Test(arguments: guards)
    func `each guard of entry alone refuses`(rule: Rule, change: @Sendable (inout SurveyFacts) -> Void) {
        let assessment = assess(.new, .outside, newcomer(income: .zero, unprotected: true) { change(&$0) })
        #expect(assessment.verdict == .notMet)
        #expect(assessment.failures == [rule])
    }

    @Test func `who is registered already is not new`() {
        #expect(assess(.new, .registered(.exited), newcomer(income: .zero, unprotected: true)).failures == [.notRegistered])
    }

    // MARK: Removal

    static let circumstances: [(RemovalCircumstance, String, Bool, Assessment.Verdict)] = [
        // On or before registration it should never have been registered, whatever the circumstance.
        (.publicEmployee, "2014-06-01", false, .met), (.villageCadre, "2013-01-01", false, .met), (.costlyVehicle, "2014-06-01", true, .met),
        (.largeProducer, "2014-06-01", false, .met), (.fraudOrOther, "2014-06-01", false, .met), (.emptyRegistration, "2014-06-01", false, .met),
        (.splitOrMerged, "2014-06-01", false, .met), (.operatingCompany, "2014-06-01", false, .met), (.urbanProperty, "2014-06-01", false, .met),
        // A post gained afterwards is a normal exit by itself.
        (.publicEmployee, "2014-06-02", false, .notMet), (.villageCadre, "2017-01-01", false, .notMet),
        // Afterwards the listed exception decides, and without one a person.
        (.costlyVehicle, "2014-06-02", true, .notMet), (.costlyVehicle, "2014-06-02", false, .referred),
        (.urbanProperty, "2014-06-02", true, .notMet), (.urbanProperty, "2014-06-02", false, .referred), (.urbanProperty, "2014-06-01", true, .notMet),
        (.operatingCompany, "2014-06-02", true, .notMet), (.operatingCompany, "2014-06-02", false, .referred),
        (.largeProducer, "2014-06-02", true, .referred), (.fraudOrOther, "2018-01-01", false, .referred),
        // Persons, not households.
        (.goneOrApart, "2013-01-01", false, .notMet),
    ]

    @Test(arguments: circumstances)
    func `the date of a circumstance and its listed exceptions decide removal`(
        circumstance: RemovalCircumstance, on: String, isException: Bool, verdict: Assessment.Verdict
    ) {
        let found = facts { $0.circumstance = .init(circumstance, on: day(on), isException: isException) }
        #expect(assess(.removal, found).verdict == verdict)
        #expect(assess(.removal, .registered(.exited), found).verdict == verdict)
        #expect(assess(.removal, .outside, found).failures == [.onRegister])
    }

    @Test func `a circumstance without a date is not proven`() {
        #expect(assess(.removal, facts()).failures == [.circumstanceProven])
        #expect(assess(.removal, facts { $0.circumstance = .init(.publicEmployee, on: nil) }).failures == [.circumstanceProven])
    }

    // MARK: Clear-out

    func apart(_ on: String?) -> SurveyFacts { facts { $0.clearOut = .init(person: "2", reason: "K01", on: on.map(day)) } }

    @Test func `wrongly counted on the day of registration, gone by nature the day after`() {
        #expect(assess(.clearOut, person: "2", apart("2014-06-01")).verdict == .met)
        #expect(assess(.clearOut, person: "2", apart("2014-06-02")).failures == [.wronglyCounted])
    }

    @Test func `a clear-out is proven for its own person only`() {
        #expect(assess(.clearOut, person: "3", apart("2014-06-01")).failures == [.clearOutProven])
        #expect(assess(.clearOut, person: "2", apart(nil)).failures == [.clearOutProven])
        #expect(assess(.clearOut, .outside, person: "2", apart("2014-06-01")).failures == [.onRegister])
    }

    @Test func `the last person of a household goes to a person`() {
        #expect(assess(.clearOut, members: 1, person: "2", apart("2014-06-01")).verdict == .referred)
    }

    @Test func `natural changes are not surveyed`() {
        #expect(rules2018.assess(.naturalChange, Surveyed(standing: .outside, registeredOn: nil, members: 1, facts: facts())) == nil)
    }

    @Test(arguments: Rule.allCases) func `every rule says where it is written`(rule: Rule) {
        #expect(!rule.source.isEmpty)
    }
}

@Suite struct RosterTests {
    func kinds(_ status: Registry.ExitStatus?, _ change: (inout HouseholdEntry) -> Void) -> [CaseKind] {
        var household = entry(status: status)
        change(&household)
        return Roster.proposals(for: household, under: rules2018).map(\.kind)
    }

    @Test func `above the line in a safe house: exit`() {
        #expect(kinds(.notExited) { $0.income = YearlyIncome(year: 2017, net: Money(yuan: 3_500) * 3 + Money(fen: 1)) } == [.exit])
        #expect(kinds(.notExited) { $0.income = YearlyIncome(year: 2017, net: Money(yuan: 3_500) * 3) } == [])
        #expect(kinds(.notExited) { ($0.income, $0.housing) = (YearlyIncome(year: 2017, net: Money(yuan: 90_000)), .c) } == [])
    }

    @Test func `exited and befallen this year: return`() {
        #expect(kinds(.exited) { ($0.clues.cause, $0.clues.causeOn) = ("01", day("2018-01-01")) } == [.return])
        #expect(kinds(.exited) { ($0.clues.cause, $0.clues.causeOn) = ("01", day("2017-12-31")) } == [])
    }

    @Test func `not registered, befallen, and poor or in a dangerous house: new`() {
        func befallen(_ household: inout HouseholdEntry, _ income: Money, _ grade: HousingGrade) {
            (household.clues.cause, household.clues.causeOn) = ("01", day("2018-01-01"))
            (household.income, household.housing) = (YearlyIncome(year: 2017, net: income), grade)
        }
        #expect(kinds(nil) { befallen(&$0, Money(fen: 8_855_99), .a) } == [.new])
        #expect(kinds(nil) { befallen(&$0, Money(fen: 8_856_00), .a) } == [])
        #expect(kinds(nil) { befallen(&$0, Money(yuan: 90_000), .d) } == [.new])
        #expect(kinds(nil) { $0.income = YearlyIncome(year: 2017, net: .zero) } == [])
    }

    @Test func `a removal circumstance comes before exit, and a member's case runs beside it`() {
        let found = kinds(.notExited) {
            $0.income = YearlyIncome(year: 2017, net: Money(yuan: 90_000))
            $0.clues.circumstance = .costlyVehicle
            $0.members[1].clearOutClue = "K01"
        }
        #expect(found == [.removal, .clearOut])
    }

    @Test func `a circumstance of persons makes no household's case`() {
        #expect(kinds(.notExited) { $0.clues.circumstance = .goneOrApart } == [])
    }
}
