import IntakeDomain
import Registry

/// Everything that one sample round begins with, made from a seed alone.
struct SampleRound {
    let seed: UInt64
    let year = 2018
    private(set) var registered: [HouseholdEntry] = []
    private(set) var notRegistered: [HouseholdEntry] = []
    private(set) var surveys: [SurveyEntry] = []
    private(set) var changes: [MemberChange] = []
    private(set) var measures: [HouseholdMeasure] = []
    private(set) var tips: [SampleTip] = []
    private(set) var findings: [SampleFinding] = []
    private(set) var secondVisits: [SampleSecondVisit] = []
    private(set) var expected = SampleExpectation()
    var people: SamplePeople
    private var situations: [String: SampleSituation] = [:]

    static let subdistrict = "530427001"
    static let communities = 3
    static let groups = 4

    /// The places of the round with names that no real place there has.
    static let divisions: [Division] = {
        let names = ["东门社区", "河边社区", "上营社区"], groups = ["第一居民小组", "第二居民小组", "第三居民小组", "第四居民小组"]
        var all = [(String(subdistrict.prefix(6)), "示范县"), (subdistrict, "古城街道")]
        for community in 1...communities {
            let code = subdistrict + SamplePeople.padded(community, 3)
            all.append((code, names[community - 1]))
            all += (1...Self.groups).map { ("\(code)-\(SamplePeople.padded($0, 2))", groups[$0 - 1]) }
        }
        return all.compactMap { code, name in DivisionCode(code).map { Division(code: $0, name: name) } }
    }()

    init(seed: UInt64, households: Int) {
        self.seed = seed
        people = SamplePeople(seed: seed, year: year)
        for (place, situation) in people.random.shuffled(SampleSituation.all(for: households)).enumerated() {
            add(situation, place)
        }
        let quiet = people.random.shuffled(registered.filter { [.poor, .steady].contains(situations[$0.number]) })
        addClearOuts(quiet, count: max(1, households / 50))
        addChanges(quiet.reversed(), count: max(2, households / 30))
        addFindings()
        addSecondVisits()
        addTips()
        count(households)
    }

    func entries(in situation: (SampleSituation) -> Bool) -> [HouseholdEntry] {
        (registered + notRegistered).filter { situations[$0.number].map(situation) ?? false }
    }

    // MARK: Households

    private mutating func add(_ situation: SampleSituation, _ place: Int) {
        let community = place % Self.communities + 1
        let group = place / Self.communities % Self.groups + 1
        let code = "\(Self.subdistrict)\(SamplePeople.padded(community, 3))-\(SamplePeople.padded(group, 2))"
        guard let division = DivisionCode(code) else { return }
        let serial = SamplePeople.padded(place + 1, 5)
        let number = situation.standing == .notRegistered ? "W530427\(serial)" : "530427\(serial)"
        let members = people.family(of: number, size: people.random.number(2...6))
        var entry = HouseholdEntry(number: number, division: division, members: members)
        entry.housing = people.random.chance(60) ? .a : .b
        entry.income = YearlyIncome(year: year - 1, net: income(perHead: 1_800...3_100, members.count))
        switch situation.standing {
        case .notExited, .exited:
            entry.status = situation.standing == .exited ? .exited : .notExited
            entry.exitYear = situation.standing == .exited ? people.random.number(2015...2017) : nil
            entry.registeredOn = day(people.random.pick([2013, 2014]), 1...12)
            entry.attribute = people.random.pick(["01", "04"])
            let cause = people.random.pick(["01", "02", "03", "07", "08", "09"])
            let others = people.details.chance(30) ? ["10"] : []
            do { entry.causes = try PovertyCauses(main: cause, others: others) } catch { preconditionFailure(error.rawValue) }
            if situation.standing == .exited { entry.income = YearlyIncome(year: year - 1, net: income(perHead: 4_000...9_000, members.count)) }
        case .notRegistered:
            entry.income = YearlyIncome(year: year - 1, net: income(perHead: 5_000...15_000, members.count))
        }
        people.fill(&entry)
        if situation.standing != .notRegistered { measures += people.measures(for: entry) }
        let facts = show(situation, in: &entry)
        situations[number] = situation
        if situation.standing == .notRegistered { notRegistered.append(entry) } else { registered.append(entry) }
        if let facts { surveys.append(SurveyEntry(household: number, facts: facts)) }
        note(situation)
    }

    /// Gives the household the clues for the roster and tells what the survey will find.
    private mutating func show(_ situation: SampleSituation, in entry: inout HouseholdEntry) -> SurveyFacts? {
        let count = entry.members.count
        let good = income(perHead: 4_000...9_000, count)
        var facts = SurveyFacts(
            surveyedOn: LocalDate(year: year, month: 10, day: people.random.number(10...14)) ?? LocalDate(daysSinceEpoch: 0),
            income: YearlyIncome(year: year, net: good), housing: .a,
            conditions: Dictionary(uniqueKeysWithValues: ExitCondition.allCases.map { ($0, .met) }))
        switch situation {
        case .ordinary:
            return nil
        case .poor:
            facts.income = YearlyIncome(year: year, net: income(perHead: 2_000...3_300, count))
            facts.conditions[.income] = .notMet
        case .exitMet:
            entry.income = YearlyIncome(year: year - 1, net: good)
            facts.acknowledged = true
            // The least that is above the line: one fen more than the line times the persons.
            if people.random.chance(10) { facts.income = YearlyIncome(year: year, net: Money(yuan: 3_500) * count + Money(fen: 1)) }
            if people.random.chance(20) { facts.conditions[.pension] = .notApplicable }
        case .exitUnmet(let which):
            entry.income = YearlyIncome(year: year - 1, net: good)
            facts.acknowledged = which % 6 != 4
            switch which % 6 {
            case 0: facts.income = YearlyIncome(year: year, net: Money(yuan: 3_500) * count)
            case 1: facts.housing = .c
            case 2: facts.conditions[.schooling] = .notMet
            case 3: facts.conditions[.medicalInsurance] = .notMet
            case 4: break
            default: facts.conditions[.water] = nil
            }
        case .removalMet, .removalOfExited:
            let circumstance = people.random.pick([RemovalCircumstance.publicEmployee, .villageCadre, .costlyVehicle, .urbanProperty, .operatingCompany, .largeProducer, .splitOrMerged])
            entry.clues.circumstance = circumstance
            facts.circumstance = .init(circumstance, on: entry.registeredOn.map { $0 - people.random.number(0...400) })
        case .removalExcepted:
            entry.clues.circumstance = .costlyVehicle
            facts.circumstance = .init(.costlyVehicle, on: entry.registeredOn.map { $0 + people.random.number(200...900) }, isException: true)
        case .removalReferred(let judgement):
            entry.clues.circumstance = .largeProducer
            facts.circumstance = .init(.largeProducer, on: entry.registeredOn.map { $0 + people.random.number(200...900) })
            facts.judgement = judgement
        case .steady:
            break
        case .returnMet(let which):
            befall(&entry, &facts, cause: ["01", "04", "03"][which % 3])
            switch which % 3 {
            case 0: facts.income = YearlyIncome(year: year, net: income(perHead: 1_500...3_400, count))
            case 1: facts.housing = .d
            default: facts.conditions[.schooling] = .notMet
            }
        case .returnUnmet:
            befall(&entry, &facts, cause: "01")
        case .newMet(let which):
            apply(&entry, &facts, cause: ["01", "03", "04"][which % 3])
            // The most that is below the line: one fen less than the line times the persons.
            facts.income = YearlyIncome(year: year, net: which == 0 ? Money(yuan: 2_952) * count - Money(fen: 1) : income(perHead: 1_000...2_900, count))
            switch which % 3 {
            case 0: facts.conditions[.medicalInsurance] = .notMet
            case 1: facts.conditions[.schooling] = .notMet
            default: facts.housing = .d
            }
        case .newReferred(let judgement):
            apply(&entry, &facts, cause: "01")
            facts.income = YearlyIncome(year: year, net: Money(yuan: 2_952) * count)
            facts.conditions[.medicalInsurance] = .notMet
            facts.judgement = judgement
        case .newUnmet(let which):
            apply(&entry, &facts, cause: "03")
            if which % 2 == 0 {
                facts.income = YearlyIncome(year: year, net: income(perHead: 4_000...6_000, count))
            } else {
                facts.income = YearlyIncome(year: year, net: income(perHead: 1_000...2_900, count))
                facts.conditions[.water] = .notMet
                facts.livesHere = false
            }
        }
        return facts
    }

    private mutating func befall(_ entry: inout HouseholdEntry, _ facts: inout SurveyFacts, cause: String) {
        (entry.clues.cause, entry.clues.causeOn) = (cause, day(year, 1...9))
        (facts.cause, facts.causeOn) = (cause, entry.clues.causeOn)
    }

    private mutating func apply(_ entry: inout HouseholdEntry, _ facts: inout SurveyFacts, cause: String) {
        befall(&entry, &facts, cause: cause)
        entry.income = YearlyIncome(year: year - 1, net: income(perHead: 1_500...2_800, entry.members.count))
        facts.mainCause = cause
        facts.otherCauses = people.random.chance(40) ? ["09"] : []
        facts.plannedExitYear = year + 2
    }

    /// An amount per head that divides evenly into nothing.
    private mutating func income(perHead range: ClosedRange<Int>, _ members: Int) -> Money {
        Money(yuan: Int64(people.random.number(range))) * members + Money(fen: Int64(people.random.number(0...99)))
    }

    private mutating func day(_ year: Int, _ months: ClosedRange<Int>) -> LocalDate? {
        LocalDate(year: year, month: people.random.number(months), day: people.random.number(1...28))
    }

    // MARK: Members

    /// Persons wrongly counted, one of them the head, and one who went only after registration.
    private mutating func addClearOuts(_ quiet: [HouseholdEntry], count: Int) {
        for (place, household) in quiet.filter({ $0.members.count >= 3 }).prefix(count).enumerated() {
            guard let at = registered.firstIndex(where: { $0.number == household.number }),
                let survey = surveys.firstIndex(where: { $0.household == household.number }), let registeredOn = household.registeredOn
            else { continue }
            let reason = place == 0 ? "K03" : people.random.pick(["K01", "K02", "K04", "K05"])
            let isWrong = place != 1
            let member = place == 0 ? 0 : household.members.count - 1
            registered[at].members[member].clearOutClue = reason
            var facts = surveys[survey].facts
            facts.clearOut = .init(
                person: household.members[member].number, reason: reason,
                on: isWrong ? registeredOn - people.random.number(0...300) : registeredOn + people.random.number(30...900))
            surveys[survey] = SurveyEntry(household: household.number, facts: facts)
            expected.note("CLEAROUT", isWrong ? .met : .notMet)
        }
    }

    /// Births, marriages, deaths; one of a head, and two that the police will not confirm.
    private mutating func addChanges(_ quiet: [HouseholdEntry], count: Int) {
        let cleared = Set(registered.filter { $0.members.contains { $0.clearOutClue != nil } }.map(\.number))
        let candidates = quiet.filter { !cleared.contains($0.number) }
        let refused = max(1, count / 10)
        for (place, household) in candidates.prefix(count).enumerated() {
            var on = day(year, 1...9) ?? LocalDate(daysSinceEpoch: 0)
            let evidence = "ZM-\(year)-\(SamplePeople.padded(place + 1, 4))"
            let isRefused = place >= count - refused
            let residentID: ResidentID
            if place % 2 == 0 {
                let isMarriage = place % 4 == 2
                residentID = people.residentID(age: isMarriage ? people.random.number(22...35) : 0, isMale: false, bornIn: 1...9)
                if !isMarriage { on = residentID.birthDate }
                changes.append(
                    MemberChange(
                        household: household.number, person: household.number + SamplePeople.padded(household.members.count + 1, 2),
                        reason: isMarriage ? "A02" : "A01", on: on, evidence: evidence,
                        newcomer: .init(name: people.name(), residentID: residentID, relation: isMarriage ? "05" : "08")))
                expected.increases += isRefused ? 0 : 1
            } else {
                let member = household.members[place == 1 ? 0 : household.members.count - 1]
                residentID = member.residentID
                changes.append(
                    MemberChange(
                        household: household.number, person: member.number, reason: people.random.pick(["D01", "D02", "D03"]), on: on,
                        evidence: evidence, newcomer: nil))
                expected.decreases += isRefused ? 0 : 1
            }
            if isRefused {
                findings.append(
                    SampleFinding(
                        .police, .residence, residentID, household.number, code: "residence.differs", field: "residence",
                        remark: "户籍登记与申报不一致"))
            }
            expected.note("NATURAL", isRefused ? .notMet : .met)
        }
    }

    // MARK: What comes in later

    /// Persons about whom a department knows something else than the household said.
    private mutating func addFindings() {
        func add(_ situation: (SampleSituation) -> Bool, at place: Int, _ department: Department, _ topic: VerificationTopic, _ code: String, _ remark: String) {
            let households = entries(in: situation)
            guard !households.isEmpty else { return }
            let household = households[place % households.count]
            findings.append(
                SampleFinding(department, topic, household.members[0].residentID, household.number, code: code, field: topic.rawValue.lowercased(), remark: remark))
        }
        let isExit = { $0 == SampleSituation.exitMet }
        let isNew = { (situation: SampleSituation) in if case .newMet = situation { true } else { false } }
        let isReturn = { (situation: SampleSituation) in if case .returnMet = situation { true } else { false } }
        let isPoor = { $0 == SampleSituation.poor }
        add(isExit, at: 3, .police, .vehicle, "vehicle.registered", "名下登记有机动车")
        add(isExit, at: 17, .finance, .fiscalPay, "pay.found", "有财政供养记录")
        add(isExit, at: 41, .economy, .business, "business.found", "有经营实体登记")
        add(isNew, at: 1, .police, .vehicle, "vehicle.registered", "名下登记有机动车")
        add(isNew, at: 5, .land, .realEstate, "estate.found", "名下登记有房产")
        add(isNew, at: 5, .planning, .realEstate, "estate.found", "有建房许可")
        add(isReturn, at: 2, .socialSecurity, .medicalInsurance, "insurance.differs", "参保状态不一致")
        add(isPoor, at: 1, .culture, .schooling, "schooling.differs", "就学状态不一致")
        add(isPoor, at: 4, .disabled, .disability, "certificate.none", "无残疾证登记")
        add(isPoor, at: 9, .civilAffairs, .subsistence, "subsistence.differs", "低保登记不一致")
        add(isPoor, at: 12, .agriculture, .water, "water.differs", "饮水工程记录不一致")
        add(isPoor, at: 15, .health, .health, "health.differs", "健康状况记录不一致")
        add(isPoor, at: 18, .market, .business, "business.found", "有个体工商户登记")
    }

    /// The firm that the economic bureau knows of was there before the household came on the register: its exit becomes a removal.
    private mutating func addSecondVisits() {
        for finding in findings where finding.department == .economy {
            guard var facts = surveys.first(where: { $0.household == finding.household })?.facts,
                let registeredOn = registered.first(where: { $0.number == finding.household })?.registeredOn,
                let visitedOn = LocalDate(year: year, month: 10, day: 27)
            else { continue }
            facts.surveyedOn = visitedOn
            facts.circumstance = .init(.operatingCompany, on: registeredOn - 120)
            secondVisits.append(SampleSecondVisit(number: finding.household, kind: CaseKind.exit.rawValue, outcome: CaseKind.removal.rawValue, facts: facts))
        }
    }

    private mutating func addTips() {
        func add(_ situation: (SampleSituation) -> Bool, at place: Int, _ kind: CaseKind, _ level: String, _ outcome: String, _ text: (HouseholdEntry) -> String) {
            let households = entries(in: situation)
            guard !households.isEmpty else { return }
            let household = households[place % households.count]
            tips.append(SampleTip(number: household.number, kind: kind.rawValue, level: level, outcome: outcome, text: text(household)))
        }
        let isExit = { $0 == SampleSituation.exitMet }
        let isNew = { (situation: SampleSituation) in if case .newMet = situation { true } else { false } }
        let isRemoval = { $0 == SampleSituation.removalMet }
        add(isExit, at: 7, .exit, "community", "dismissed") { _ in "这户人家去年才盖房，怎么就算脱贫了？" }
        add(isExit, at: 11, .exit, "community", "upheld") { _ in "这户的收入是虚报的，老人看病花了很多钱。" }
        add(isNew, at: 8, .new, "community", "dismissed") { _ in "他家在城里有亲戚帮忙，不应该纳入。" }
        add(isNew, at: 10, .new, "community", "partly_upheld") { _ in "家里有人外出打工，收入没有说全。" }
        // Free text is untrusted: this one quotes a number that must not travel any further.
        add(isRemoval, at: 2, .removal, "community", "dismissed") { "身份证 \($0.members[0].residentID.reveal) 的这个人没有车，车是借的。" }
        add(isExit, at: 23, .exit, "subdistrict", "dismissed") { _ in "我们组的人都不知道开过会。" }
        add(isExit, at: 29, .exit, "subdistrict", "upheld") { _ in "这户住的还是危房。" }
    }

    // MARK: Counting

    private mutating func note(_ situation: SampleSituation) {
        switch situation {
        case .poor, .steady, .ordinary: break
        case .exitMet: expected.note("EXIT", .met)
        case .exitUnmet: expected.note("EXIT", .notMet)
        case .removalMet, .removalOfExited: expected.note("REMOVAL", .met)
        case .removalExcepted: expected.note("REMOVAL", .notMet)
        case .removalReferred(let judgement): expected.note("REMOVAL", judgement ? .met : .notMet)
        case .returnMet: expected.note("RETURN", .met)
        case .returnUnmet: expected.note("RETURN", .notMet)
        case .newMet: expected.note("NEW", .met)
        case .newReferred(let judgement): expected.note("NEW", judgement ? .met : .notMet)
        case .newUnmet: expected.note("NEW", .notMet)
        }
    }

    private mutating func count(_ households: Int) {
        expected.seed = seed
        expected.households = registered.count + notRegistered.count
        expected.members = (registered + notRegistered).map(\.members.count).reduce(0, +)
        expected.registeredHouseholds = registered.count
        expected.registeredPersons = registered.map(\.members.count).reduce(0, +)
        expected.exitedHouseholds = registered.count { $0.status == .exited }
        expected.tips = tips.count
        expected.discrepant = findings.map { .init(household: $0.household, department: $0.department, topic: $0.topic) }
    }
}
