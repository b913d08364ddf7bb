import Registry

// What is on file, as the cells of a table: the one written form of each field, for tables, edits and history.

extension RegisterSheet {
    package static func cell(_ column: Column, _ entry: HouseholdEntry, _ member: MemberEntry) -> String {
        column.isHouseholds ? cell(column, of: entry) : cell(column, of: member)
    }

    /// A household's own column; empty for a person's.
    package static func cell(_ column: Column, of entry: HouseholdEntry) -> String {
        switch column {
        case .household: entry.number
        case .division: entry.division.code
        case .attribute: entry.attribute ?? ""
        case .township: entry.township ?? ""
        case .standard: entry.standard ?? ""
        case .identifiedYear: number(entry.identifiedYear)
        case .mainCause: entry.causes?.main ?? ""
        case .otherCauses: entry.causes?.others.joined(separator: "、") ?? ""
        case .returnCause: entry.returnCause ?? ""
        case .status: entry.status?.rawValue ?? ""
        case .exitYear: number(entry.exitYear)
        case .registeredOn: entry.registeredOn?.description ?? ""
        case .memberCount: "\(entry.members.count)"
        case .headPerson: entry.head?.number ?? ""
        case .headName: entry.head?.name ?? ""
        case .headID: entry.head?.residentID.reveal ?? ""
        case .phone: entry.phone?.reveal ?? ""
        case .bankCard: entry.account?.card.reveal ?? ""
        case .bank: entry.account?.bank ?? ""
        case .military: yesNo(entry.traits.isMilitary)
        case .onlyChild: yesNo(entry.traits.hasOnlyChild)
        case .twoDaughters: yesNo(entry.traits.hasTwoDaughters)
        case .incomeYear: number(entry.income?.year)
        case .income: entry.income?.net.description ?? ""
        case .housing: entry.housing?.rawValue ?? ""
        case .floorArea: number(entry.floorArea)
        case .safeWater: yesNo(entry.water.isSafe)
        case .waterMetres: number(entry.water.metres)
        case .help: entry.help ?? ""
        case .circumstance: entry.clues.circumstance?.rawValue ?? ""
        case .cause: entry.clues.cause ?? ""
        case .causeOn: entry.clues.causeOn?.description ?? ""
        case .person, .name, .sex, .bornOn, .idType, .residentID, .ethnicity, .relation, .education, .studies, .dropout, .health, .disability,
            .certificate, .skill, .workPlace, .workMonths, .publicPost, .politics, .residentInsurance, .employeeInsurance,
            .seriousIllnessCover, .pension, .subsistence, .extremePoverty, .memberPhone, .clearOut:
            ""
        }
    }

    /// A person's own column; empty for a household's.
    package static func cell(_ column: Column, of member: MemberEntry) -> String {
        switch column {
        case .person: member.number
        case .name: member.name
        case .sex: sexCode(member.residentID.sex)
        case .bornOn: member.residentID.birthDate.description
        case .idType: residentIDCard
        case .residentID: member.residentID.reveal
        case .ethnicity: member.particulars.ethnicity ?? ""
        case .relation: member.relation
        case .education: member.particulars.education ?? ""
        case .studies: member.particulars.studies ?? ""
        case .dropout: member.particulars.dropout ?? ""
        case .health: member.particulars.health.codes.joined(separator: "、")
        case .disability: member.particulars.disability ?? ""
        case .certificate: member.particulars.certificate?.reveal ?? ""
        case .skill: member.particulars.skill ?? ""
        case .workPlace: member.particulars.work?.place ?? ""
        case .workMonths: number(member.particulars.work?.months)
        case .publicPost: member.particulars.publicPost ?? ""
        case .politics: member.particulars.politics ?? ""
        case .residentInsurance: yesNo(member.particulars.insurance.map { $0 == .residents })
        case .employeeInsurance: yesNo(member.particulars.insurance.map { $0 == .employees })
        case .seriousIllnessCover: yesNo(member.particulars.hasSeriousIllnessCover)
        case .pension: yesNo(member.particulars.hasPension)
        case .subsistence: yesNo(member.particulars.isOnSubsistence)
        case .extremePoverty: yesNo(member.particulars.isInExtremePoverty)
        case .memberPhone: member.particulars.phone?.reveal ?? ""
        case .clearOut: member.clearOutClue ?? ""
        case .household, .division, .attribute, .township, .standard, .identifiedYear, .mainCause, .otherCauses, .returnCause, .status,
            .exitYear, .registeredOn, .memberCount, .headPerson, .headName, .headID, .phone, .bankCard, .bank, .military, .onlyChild,
            .twoDaughters, .incomeYear, .income, .housing, .floorArea, .safeWater, .waterMetres, .help, .circumstance, .cause, .causeOn:
            ""
        }
    }

    /// Of the list of ID documents.
    static let residentIDCard = "01"
    static let disabilityCard = "02"

    static func sexCode(_ sex: ResidentID.Sex) -> String {
        switch sex {
        case .male: "01"
        case .female: "02"
        }
    }

    private static func number(_ value: Int?) -> String { value.map(String.init) ?? "" }
    private static func yesNo(_ value: Bool?) -> String { value.map { $0 ? "是" : "否" } ?? "" }
}
