import Registry

/// A person as they are on file.
package struct MemberEntry: Codable, Equatable, Sendable {
    /// The national system's person number, which stays when name or ID number are corrected.
    package var number: String
    package var name: String
    package var residentID: ResidentID
    /// A code of the national system's own list, see ``Relation``.
    package var relation: String
    package var particulars: Particulars
    /// Why they seem never to have belonged to the household.
    package var clearOutClue: String?

    package init(
        number: String, name: String, residentID: ResidentID, relation: String,
        particulars: Particulars = Particulars(health: .healthy, insurance: .residents), clearOutClue: String? = nil
    ) {
        (self.number, self.name, self.residentID, self.relation) = (number, name, residentID, relation)
        (self.particulars, self.clearOutClue) = (particulars, clearOutClue)
    }
}

/// What is on file of a person beside who they are.
package struct Particulars: Codable, Equatable, Sendable {
    /// The national system's code, which is not that of GB/T 3304.
    package var ethnicity: String?
    package var education: String?
    package var studies: String?
    /// Why a child does not go to school, or no longer.
    package var dropout: String?
    package var health: Health
    /// The kind of disability, in words.
    package var disability: String?
    package var certificate: DisabilityCertificate?
    package var skill: String?
    package var work: WorkAway?
    /// The kind of public-welfare post, in words.
    package var publicPost: String?
    package var politics: String?
    /// Nothing of a newcomer whom nobody has asked yet.
    package var insurance: MedicalInsurance?
    package var hasSeriousIllnessCover: Bool?
    package var hasPension: Bool?
    package var isOnSubsistence: Bool?
    package var isInExtremePoverty: Bool?
    package var phone: PhoneNumber?

    package init(health: Health = .unknown, studies: String? = nil, work: WorkAway? = nil, insurance: MedicalInsurance? = nil) {
        (self.health, self.studies, self.work, self.insurance) = (health, studies, work, insurance)
    }
}

/// The medical insurance that somebody has: never both, and never neither (section 11).
package enum MedicalInsurance: String, Codable, CaseIterable, Sendable {
    case residents, employees

    package init(residents: Bool, employees: Bool) throws(DataRule) {
        switch (residents, employees) {
        case (true, true): throw .insuranceBoth
        case (false, false): throw .insuranceNeither
        case (true, false): self = .residents
        case (false, true): self = .employees
        }
    }
}

/// Work away from home: a place if and only if there are months (section 11).
package struct WorkAway: Codable, Equatable, Sendable {
    package let place: String
    /// 1 to 12.
    package let months: Int

    package init?(place: String?, months: Int) throws(DataRule) {
        switch (place, months) {
        case (nil, 0): return nil
        case (let place?, 1...12): (self.place, self.months) = (place, months)
        default: throw .workWithoutPlaceOrMonths
        }
    }
}

/// States of health, of which there may be several, but none beside "healthy". Empty if nobody has told.
package struct Health: Codable, Equatable, Sendable {
    package let codes: [String]

    private static let well = "01"
    package static let healthy = Health(unchecked: [well])
    package static let unknown = Health(unchecked: [])

    private init(unchecked codes: [String]) { self.codes = codes }

    package init(_ codes: [String]) throws(DataRule) {
        guard !codes.contains(Self.well) || codes.count == 1 else { throw .healthExcludes }
        self.codes = codes
    }
}

/// The relations to the head that rules speak of, in the national system's numbering (not GB/T 4761).
package enum Relation {
    package static let head = "01"
    package static let spouse = "02"
    package static let other = "99"

    /// Which sex a relation is of: a son is male.
    static func sex(of relation: String) -> ResidentID.Sex? {
        switch relation {
        case "03", "06", "07", "09", "11", "13", "15", "17", "19": .male
        case "04", "05", "08", "10", "12", "14", "16", "18", "20": .female
        default: nil
        }
    }
}
