import Registry

/// A household as a sheet tells of it: what is on file about it before this year's survey.
package struct HouseholdEntry: Codable, Equatable, Sendable {
    /// The national system's household number (AAC001), or a number given locally to one that is not registered.
    package var number: String
    /// Down to the residents' group.
    package var division: DivisionCode
    /// Nothing for a household that is not registered.
    package var status: ExitStatus?
    package var exitYear: Int?
    /// When it came on the register: facts before and after this day weigh differently (section 5).
    package var registeredOn: LocalDate?
    package var attribute: String?
    package var mainCause: String?
    package var income: YearlyIncome?
    package var housing: HousingGrade?
    /// What the poverty analysis (R4) knows before anyone has visited.
    package var clues: Clues
    package var members: [MemberEntry]

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
        attribute: String? = nil, mainCause: String? = nil, income: YearlyIncome? = nil, housing: HousingGrade? = nil,
        clues: Clues = Clues(), members: [MemberEntry]
    ) {
        (self.number, self.division, self.status, self.exitYear, self.registeredOn) = (number, division, status, exitYear, registeredOn)
        (self.attribute, self.mainCause, self.income, self.housing) = (attribute, mainCause, income, housing)
        (self.clues, self.members) = (clues, members)
    }

    package var head: MemberEntry? { members.first { $0.relation == Relation.head } }
}

/// What a household earned, net, in one year.
package struct YearlyIncome: Codable, Equatable, Sendable {
    package let year: Int
    package let net: Money

    package init(year: Int, net: Money) { (self.year, self.net) = (year, net) }
}

/// A person as a sheet tells of them.
package struct MemberEntry: Codable, Equatable, Sendable {
    /// The national system's person number, which stays when name or ID number are corrected.
    package var number: String
    package var name: String
    package var residentID: ResidentID
    /// A code of the national system's own list, see ``Relation``.
    package var relation: String
    package var health: [String]
    package var studies: String?
    package var workPlace: String?
    package var workMonths: Int
    package var residentInsurance: Bool
    package var employeeInsurance: Bool
    /// Why they seem never to have belonged to the household.
    package var clearOutClue: String?

    package init(
        number: String, name: String, residentID: ResidentID, relation: String, health: [String] = ["01"], studies: String? = nil,
        workPlace: String? = nil, workMonths: Int = 0, residentInsurance: Bool = true, employeeInsurance: Bool = false,
        clearOutClue: String? = nil
    ) {
        (self.number, self.name, self.residentID, self.relation) = (number, name, residentID, relation)
        (self.health, self.studies, self.workPlace, self.workMonths) = (health, studies, workPlace, workMonths)
        (self.residentInsurance, self.employeeInsurance, self.clearOutClue) = (residentInsurance, employeeInsurance, clearOutClue)
    }
}

/// The two relations to the head that rules speak of, in the national system's numbering (not GB/T 4761).
package enum Relation {
    package static let head = "01"
    package static let spouse = "02"
    package static let other = "99"
}

extension HouseholdEntry {
    /// What differs in `corrected`, by field name and never by value. Persons are paired by their numbers.
    package func fields(changedIn corrected: HouseholdEntry) -> [String] {
        var fields: Set<String> = []
        func note<Value: Equatable>(_ name: String, _ old: Value, _ new: Value) {
            if old != new { fields.insert(name) }
        }
        note("division", division, corrected.division)
        note("status", status, corrected.status)
        note("exitYear", exitYear, corrected.exitYear)
        note("registeredOn", registeredOn, corrected.registeredOn)
        note("attribute", attribute, corrected.attribute)
        note("mainCause", mainCause, corrected.mainCause)
        note("income", income, corrected.income)
        note("housing", housing, corrected.housing)
        note("clues", clues, corrected.clues)
        let others = Dictionary(corrected.members.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        for member in members {
            guard let other = others[member.number] else { continue }
            note("member.name", member.name, other.name)
            note("member.idNumber", member.residentID, other.residentID)
            note("member.relation", member.relation, other.relation)
            note("member.health", member.health, other.health)
            note("member.studies", member.studies, other.studies)
            note("member.work", [member.workPlace ?? "", "\(member.workMonths)"], [other.workPlace ?? "", "\(other.workMonths)"])
            note("member.insurance", [member.residentInsurance, member.employeeInsurance], [other.residentInsurance, other.employeeInsurance])
            note("member.clearOutClue", member.clearOutClue, other.clearOutClue)
        }
        return fields.sorted()
    }
}
