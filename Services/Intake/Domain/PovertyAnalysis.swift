import Contracts
import Registry

/// What is on file of a household that makes a work team look at it (R4, R6), before anyone has visited.
package enum Sign: String, Codable, CaseIterable, Sendable {
    case aboveExitLine = "income.above-exit-line"
    case notAboveExitLine = "income.not-above-exit-line"
    case belowEntryLine = "income.below-entry-line"
    case dangerousHouse = "housing.dangerous"
    case houseNotAssessed = "housing.not-assessed"
    case befallenThisYear = "cause.this-year"
    case uninsured = "insurance.none"
    case ill = "health.ill"
    case outOfSchool = "schooling.out-of-school"
    case poorBySchooling = "schooling.cause"
    case circumstance = "removal.clue"
    case member = "clearout.clue"
    case farAboveExitLine = "income.far-above"
    case employed = "insurance.employee"
    /// Not from the file: a person proposed it.
    case proposedByPerson = "proposed.by-person"

    package var label: Label {
        switch self {
        case .aboveExitLine: Label("上年人均纯收入超过脱贫标准", "last year's income per head is above the exit line")
        case .notAboveExitLine: Label("已脱贫但人均纯收入未超过脱贫标准", "exited, yet income per head is not above the exit line")
        case .belowEntryLine: Label("人均纯收入低于识别标准", "income per head is below the entry line")
        case .dangerousHouse: Label("住房为C级或D级危房", "dangerous house, grade C or D")
        case .houseNotAssessed: Label("住房未鉴定", "the house has not been assessed")
        case .befallenThisYear: Label("当年发生变故", "something befell it this year")
        case .uninsured: Label("有成员无医疗保险记录", "a member of whom no medical insurance is on file")
        case .ill: Label("有成员患病或残疾", "a member is ill or disabled")
        case .outOfSchool: Label("义务教育阶段成员不在校", "a member of compulsory school age is not at school")
        case .poorBySchooling: Label("因学致贫", "poverty caused by schooling")
        case .circumstance: Label("疑似存在剔除情形", "a removal circumstance seems to hold")
        case .member: Label("有成员疑似应清退", "a member seems wrongly counted")
        case .farAboveExitLine: Label("人均纯收入为脱贫标准的数倍", "income per head is a multiple of the exit line")
        case .employed: Label("有成员参加城镇职工医疗保险", "a member has employee medical insurance")
        case .proposedByPerson: Label("由人员提出", "proposed by a person")
        }
    }

    package var source: String {
        switch self {
        case .aboveExitLine: "R5: any that meet the standard but have not exited"
        case .notAboveExitLine: "R7: whether exits really and stably hold"
        case .belowEntryLine, .dangerousHouse, .houseNotAssessed, .uninsured, .ill, .outOfSchool, .poorBySchooling: "R6: non-registered key households, and the guarantees"
        case .befallenThisYear: "plan, part two 2 and 3"
        case .circumstance: "R5: any removal circumstance"
        case .member: "domain section 12, 7: clear-outs"
        case .farAboveExitLine, .employed: "R4: rich households posing as poor (富户戴穷帽)"
        case .proposedByPerson: "R4"
        }
    }
}

/// What the poverty analysis makes of one household.
package struct PovertyAnalysis: Equatable, Sendable {
    /// What goes on the rosters, and as clear-outs.
    package let proposals: [Proposal]
    /// Why it belongs to the key-check scope (重点核查范围); empty if it does not.
    package let keyCheck: [Sign]
    /// Why a household on the register may be a rich one posing as poor (富户戴穷帽).
    package let rich: [Sign]

    /// How many times the exit line an income per head is when it makes one doubt that the household is poor. The plan names no
    /// figure; this one is decided here.
    package static let farAbove = 3

    /// - Parameter day: On which ages are counted.
    package init(of entry: HouseholdEntry, under rules: RuleSet, on day: LocalDate) {
        proposals = Roster.proposals(for: entry, under: rules)
        guard !entry.members.isEmpty else {
            (keyCheck, rich) = ([], [])
            return
        }
        let standing: [Sign] =
            switch entry.status {
            case nil: Self.needs(entry, rules, day)
            case let status? where status.isExited: Self.unstable(entry, rules)
            case _?: Self.unfit(entry, rules)
            }
        keyCheck = standing
        rich = entry.status == nil ? [] : Self.richness(entry, rules)
    }

    /// R6: not registered, but in need by what is on file.
    private static func needs(_ entry: HouseholdEntry, _ rules: RuleSet, _ day: LocalDate) -> [Sign] {
        let members = entry.members
        return signs(
            (.belowEntryLine, entry.income.map { rules.isBelowEntryLine($0.net, members: members.count) } ?? false),
            (.dangerousHouse, entry.housing?.isSafe == false), (.befallenThisYear, Roster.isBefallen(entry, rules)),
            (.uninsured, members.contains { $0.particulars.insurance == nil }),
            (.ill, members.contains { ![.healthy, .unknown].contains($0.particulars.health) }),
            (.outOfSchool, members.contains { isOutOfSchool($0, on: day) }),
            (.poorBySchooling, [entry.causes?.main, entry.clues.cause].contains(schooling) || entry.causes?.others.contains(schooling) == true))
    }

    /// The code of schooling, among the causes of poverty as among those of a return.
    private static let schooling = "03"

    /// R7: exited, but what is on file says otherwise.
    private static func unstable(_ entry: HouseholdEntry, _ rules: RuleSet) -> [Sign] {
        signs(
            (.notAboveExitLine, entry.income.map { !rules.isAboveExitLine($0.net, members: entry.members.count) } ?? false),
            (.dangerousHouse, entry.housing?.isSafe == false), (.befallenThisYear, Roster.isBefallen(entry, rules)),
            (.circumstance, entry.clues.circumstance != nil), (.member, entry.members.contains { $0.clearOutClue != nil }))
    }

    /// R5: not exited; does it meet the standard, or should it never have been registered?
    private static func unfit(_ entry: HouseholdEntry, _ rules: RuleSet) -> [Sign] {
        signs(
            (.aboveExitLine, entry.income.map { rules.isAboveExitLine($0.net, members: entry.members.count) } ?? false),
            (.houseNotAssessed, entry.housing == .notAssessed), (.circumstance, entry.clues.circumstance != nil),
            (.member, entry.members.contains { $0.clearOutClue != nil }))
    }

    private static func richness(_ entry: HouseholdEntry, _ rules: RuleSet) -> [Sign] {
        signs(
            (.farAboveExitLine, entry.income.map { $0.net > rules.exitLine * (entry.members.count * farAbove) } ?? false),
            (.circumstance, entry.clues.circumstance.map(\.isOfWealth) ?? false), (.employed, entry.members.contains { $0.particulars.insurance == .employees }))
    }

    /// Six to fifteen years old, and not a student ("01") or dropped out. Birthdays count on their day.
    private static func isOutOfSchool(_ member: MemberEntry, on day: LocalDate) -> Bool {
        let born = member.residentID.birthDate
        let hadBirthday = (day.month, day.day) >= (born.month, born.day)
        return (6...15).contains(day.year - born.year - (hadBirthday ? 0 : 1)) && (member.particulars.studies == "01" || member.particulars.dropout != nil)
    }

    private static func signs(_ candidates: (Sign, Bool)...) -> [Sign] { candidates.filter(\.1).map(\.0) }
}

extension RemovalCircumstance {
    /// Speaks of means, not of how the household came on the register.
    package var isOfWealth: Bool {
        switch self {
        case .publicEmployee, .villageCadre, .costlyVehicle, .urbanProperty, .operatingCompany, .largeProducer: true
        case .splitOrMerged, .emptyRegistration, .goneOrApart, .fraudOrOther: false
        }
    }
}

/// Why a case was proposed, as it stood then: kept sealed, since clues are income and health.
package struct ProposalBasis: Codable, Equatable, Sendable {
    package let signs: [SignShown]
    package let clues: HouseholdEntry.Clues?
    package let income: YearlyIncome?
    package let housing: HousingGrade?
    /// The account of the person who proposed it.
    package let by: String?
    package let reason: String?

    /// A sign with its wording of that time.
    package struct SignShown: Codable, Equatable, Sendable {
        package let sign: String
        package let wording: Wording
        package let source: String

        package init(_ sign: Sign) { (self.sign, wording, source) = (sign.rawValue, Wording(sign.label), sign.source) }
    }

    private init(
        signs: [SignShown], clues: HouseholdEntry.Clues? = nil, income: YearlyIncome? = nil, housing: HousingGrade? = nil, by: String? = nil,
        reason: String? = nil
    ) {
        (self.signs, self.clues, self.income, self.housing, self.by, self.reason) = (signs, clues, income, housing, by, reason)
    }

    /// From the analysis of what is on file.
    package init(_ proposal: Proposal, of entry: HouseholdEntry) {
        self.init(signs: proposal.signs.map(SignShown.init), clues: entry.clues, income: entry.income, housing: entry.housing)
    }

    package init(by account: String, reason: String) { self.init(signs: [SignShown(.proposedByPerson)], by: account, reason: reason) }

    /// Of a case from before proposals were kept.
    package static let unknown = ProposalBasis(signs: [])

    /// Without figures, causes and a person's words.
    package var withheld: ProposalBasis { ProposalBasis(signs: [], by: by) }
}
