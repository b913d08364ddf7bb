import Registry

/// A household as it is on file: what a sheet told of it, and clerks have corrected since.
package struct HouseholdEntry: Codable, Equatable, Sendable {
    /// The national system's household number (AAC001), or a number given locally to one that is not registered.
    package var number: String
    /// Down to the residents' group.
    package var division: DivisionCode
    /// The township as people write it (AAR025).
    package var township: String?
    /// Nothing for a household that is not registered.
    package var status: ExitStatus?
    package var exitYear: Int?
    /// When it came on the register: facts before and after this day weigh differently (section 5).
    package var registeredOn: LocalDate?
    /// The year of a new identification (AAR041).
    package var identifiedYear: Int?
    /// By whose standard it was identified (AAC005).
    package var standard: String?
    package var attribute: String?
    package var causes: PovertyCauses?
    /// Why it returned to poverty (AAC009).
    package var returnCause: String?
    package var income: YearlyIncome?
    package var housing: HousingGrade?
    /// Square metres.
    package var floorArea: Int?
    package var water: Water
    package var phone: PhoneNumber?
    package var account: BankAccount?
    package var traits: Traits
    /// What help it has received, in words.
    package var help: String?
    /// What the poverty analysis (R4) knows before anyone has visited.
    package var clues: Clues
    package var members: [MemberEntry]

    /// Condition 2 (section 6): safe, and not more than a kilometre away.
    package struct Water: Codable, Equatable, Sendable {
        package var isSafe: Bool?
        /// How far it is fetched.
        package var metres: Int?

        package init(isSafe: Bool? = nil, metres: Int? = nil) { (self.isSafe, self.metres) = (isSafe, metres) }
    }

    package struct BankAccount: Codable, Equatable, Sendable {
        package let card: BankCard
        package let bank: String?

        package init(card: BankCard, bank: String?) { (self.card, self.bank) = (card, bank) }
    }

    /// Families that the state honours or planned for.
    package struct Traits: Codable, Equatable, Sendable {
        /// Of a martyr or a soldier (AAC012).
        package var isMilitary: Bool?
        /// With an only child (AAC013).
        package var hasOnlyChild: Bool?
        /// With two daughters (AAC014).
        package var hasTwoDaughters: Bool?

        package init(isMilitary: Bool? = nil, hasOnlyChild: Bool? = nil, hasTwoDaughters: Bool? = nil) {
            (self.isMilitary, self.hasOnlyChild, self.hasTwoDaughters) = (isMilitary, hasOnlyChild, hasTwoDaughters)
        }
    }

    package struct Clues: Codable, Equatable, Sendable {
        /// A removal circumstance that seems to hold.
        package var circumstance: RemovalCircumstance?
        /// Illness, disaster, schooling: what befell the household, and when.
        package var cause: String?
        package var causeOn: LocalDate?

        package init(circumstance: RemovalCircumstance? = nil, cause: String? = nil, causeOn: LocalDate? = nil) {
            (self.circumstance, self.cause, self.causeOn) = (circumstance, cause, causeOn)
        }
    }

    package init(
        number: String, division: DivisionCode, status: ExitStatus? = nil, exitYear: Int? = nil, registeredOn: LocalDate? = nil,
        attribute: String? = nil, causes: PovertyCauses? = nil, income: YearlyIncome? = nil, housing: HousingGrade? = nil,
        clues: Clues = Clues(), members: [MemberEntry]
    ) {
        (self.number, self.division, self.status, self.exitYear, self.registeredOn) = (number, division, status, exitYear, registeredOn)
        (self.attribute, self.causes, self.income, self.housing) = (attribute, causes, income, housing)
        (self.water, self.traits, self.clues, self.members) = (Water(), Traits(), clues, members)
    }

    package var head: MemberEntry? { members.first { $0.relation == Relation.head } }
}

/// What a household earned, net, in one year.
package struct YearlyIncome: Codable, Equatable, Sendable {
    package let year: Int
    package let net: Money

    package init(year: Int, net: Money) { (self.year, self.net) = (year, net) }
}

/// Why a household is poor: exactly one main cause (AAC007), and at most two others beside it (AAC008).
package struct PovertyCauses: Codable, Equatable, Sendable {
    package let main: String
    package let others: [String]

    package init(main: String?, others: [String] = []) throws(DataRule) {
        guard let main else { throw .causesWithoutMain }
        guard others.count <= 2 else { throw .causesTooMany }
        guard Set(others + [main]).count == others.count + 1 else { throw .causesTwice }
        (self.main, self.others) = (main, others)
    }
}

extension HouseholdEntry {
    /// What differs in `corrected`, by field name and never by value. Persons are paired by their numbers.
    package func fields(changedIn corrected: HouseholdEntry) -> [String] {
        var fields: Set<String> = []
        let others = Dictionary(corrected.members.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        for column in RegisterSheet.Column.allCases where !column.isDerived {
            let isChanged =
                column.isHouseholds
                ? RegisterSheet.cell(column, of: self) != RegisterSheet.cell(column, of: corrected)
                : members.contains { member in
                    others[member.number].map { RegisterSheet.cell(column, of: member) != RegisterSheet.cell(column, of: $0) } ?? false
                }
            if isChanged { fields.insert(column.isHouseholds ? column.field : "member.\(column.field)") }
        }
        return fields.sorted()
    }
}
