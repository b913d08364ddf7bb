import Registry

/// Which questions a field of the register is part of: when it changes, the answers to them are about data that are no more.
///
/// The fields have the names that ``HouseholdCorrected`` gives them; those of persons begin with `member.`. Who is asked about
/// is found by name and ID number, so these concern everybody. What a household's own word is good for alone, or what only the
/// work team judges (causes, income, help), concerns nobody: no department compares it. Decided here, from the meaning of the
/// fields and of domain.md section 7, as Attachment 6 is lost.
package enum ConcernedTopics {
    /// Nothing for a field that is not of the register.
    package static func of(_ field: String) -> Set<VerificationTopic>? { byField[field] }

    /// A field that this version does not know may concern anybody.
    package static func of(_ fields: [String]) -> Set<VerificationTopic> {
        fields.reduce(into: []) { $0.formUnion(of($1) ?? everything) }
    }

    private static let everything = Set(VerificationTopic.allCases)

    private static let byField: [String: Set<VerificationTopic>] = {
        var table: [String: Set<VerificationTopic>] = [:]
        func add(_ fields: [String], _ topics: Set<VerificationTopic>) { for field in fields { table[field] = topics } }
        // Households.
        add(["division"], [.residence, .housing, .water])
        add(["attribute"], [.subsistence])
        add(["memberCount", "headPerson", "headName", "headID"], [.residence, .relations])
        add(["onlyChild", "twoDaughters"], [.relations])
        add(["housing", "floorArea"], [.housing, .realEstate])
        add(["safeWater", "waterMetres"], [.water])
        add(["cause", "causeOn"], [.health, .schooling])
        add(
            [
                "number", "township", "standard", "identifiedYear", "mainCause", "otherCauses", "returnCause", "status", "exitYear",
                "registeredOn", "phone", "bankCard", "bank", "military", "incomeYear", "income", "help", "circumstance",
            ], [])
        // Persons.
        add(["member.name", "member.idNumber", "member.sex", "member.bornOn", "member.idType"], everything)
        add(["member.ethnicity"], [.residence])
        add(["member.relation"], [.residence, .relations])
        add(["member.education", "member.studies", "member.dropout"], [.schooling])
        add(["member.health"], [.health])
        add(["member.disability", "member.certificate"], [.disability])
        add(["member.workPlace", "member.workMonths"], [.workAway])
        add(["member.publicPost"], [.publicPost, .fiscalPay])
        add(["member.residentInsurance", "member.employeeInsurance", "member.seriousIllnessCover"], [.medicalInsurance])
        add(["member.pension"], [.pension])
        add(["member.subsistence", "member.extremePoverty"], [.subsistence])
        add(["member.number", "member.skill", "member.politics", "member.memberPhone", "member.clearOut"], [])
        return table
    }()
}
