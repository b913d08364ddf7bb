import Registry

/// A rule that the data of a household keep (domain.md section 11); the raw value is the public code of its breach.
package enum DataRule: String, Error, CaseIterable, Sendable {
    case noHead = "household.no-head"
    case twoHeads = "household.two-heads"
    case twoSpouses = "household.two-spouses"
    case personTwice = "person.twice"
    case causesWithoutMain = "causes.without-main"
    case causesTooMany = "causes.too-many"
    case causesTwice = "causes.twice"
    case healthExcludes = "health.excludes"
    case workWithoutPlaceOrMonths = "work.place-and-months"
    case insuranceBoth = "insurance.both"
    case insuranceNeither = "insurance.neither"
    case sexDiffers = "person.sex-differs"
    case birthDiffers = "person.birth-differs"
    case certificateDiffers = "certificate.another-person"
    case countDiffers = "household.count-differs"
    case headDiffers = "household.head-differs"
    case bankWithoutCard = "bank.without-card"
    case nameMasked = "name.masked"
    // These warn: whoever looks may let it stand.
    case areaUnassigned = "resident-id.area-unassigned"
    case cardCheckDigit = "bank-card.check-digit"
    case relationOfOtherSex = "relation.other-sex"

    /// In words for a clerk, without any value.
    package var reason: String {
        switch self {
        case .noHead, .twoHeads: "exactly one person is the head"
        case .twoSpouses: "at most one person is the head's spouse"
        case .personTwice: "this person number stands twice in the household"
        case .causesWithoutMain: "other causes stand beside a main one"
        case .causesTooMany: "at most two causes beside the main one"
        case .causesTwice: "a cause stands once"
        case .healthExcludes: "healthy excludes every other state of health"
        case .workWithoutPlaceOrMonths: "a place of work if and only if there are months of work"
        case .insuranceBoth, .insuranceNeither: "exactly one of residents' and employees' medical insurance"
        case .sexDiffers: "the ID number says otherwise: its 17th digit is odd for males"
        case .birthDiffers: "the ID number says otherwise: digits 7 to 14 are the day of birth"
        case .certificateDiffers: "a disability certificate's number begins with the person's own ID number"
        case .countDiffers: "the household has another number of persons"
        case .headDiffers: "the person who is the head is another"
        case .bankWithoutCard: "a bank goes with a card's number"
        case .nameMasked: "a masked name cannot be saved"
        case .areaUnassigned: "no province has the first two digits"
        case .cardCheckDigit: "the last digit is not the check digit of the others"
        case .relationOfOtherSex: "the ID number is that of the other sex"
        }
    }

    /// Does not keep anything out.
    package var isWarning: Bool {
        switch self {
        case .areaUnassigned, .cardCheckDigit, .relationOfOtherSex: true
        case .noHead, .twoHeads, .twoSpouses, .personTwice, .causesWithoutMain, .causesTooMany, .causesTwice, .healthExcludes,
            .workWithoutPlaceOrMonths, .insuranceBoth, .insuranceNeither, .sexDiffers, .birthDiffers, .certificateDiffers, .countDiffers,
            .headDiffers, .bankWithoutCard, .nameMasked:
            false
        }
    }
}

/// Where a rule is broken.
package struct Breach: Equatable, Sendable {
    /// The person's place in the household, or nothing if the fault is the household's.
    package let member: Int?
    package let column: RegisterSheet.Column
    package let rule: DataRule

    package init(_ member: Int?, _ column: RegisterSheet.Column, _ rule: DataRule) { (self.member, self.column, self.rule) = (member, column, rule) }
}

extension DataRule {
    /// What only the persons together can break. Nothing stands for what cannot be read.
    package static func breaches(relations: [String?], numbers: [String?]) -> [Breach] {
        func places(_ relation: String) -> [Int] { relations.indices.filter { relations[$0] == relation } }
        var breaches: [Breach] = places(Relation.head).isEmpty ? [Breach(relations.isEmpty ? nil : 0, .relation, .noHead)] : []
        breaches += places(Relation.head).dropFirst().map { Breach($0, .relation, .twoHeads) }
        breaches += places(Relation.spouse).dropFirst().map { Breach($0, .relation, .twoSpouses) }
        var seen: Set<String> = []
        for (place, number) in numbers.enumerated() {
            if let number, !seen.insert(number).inserted { breaches.append(Breach(place, .person, .personTwice)) }
        }
        return breaches
    }
}

extension HouseholdEntry {
    /// Every breach of the rules in what is on file, hard ones and warnings. What types make impossible is not among them.
    package var breaches: [Breach] {
        var breaches = DataRule.breaches(relations: members.map(\.relation), numbers: members.map(\.number))
        if account?.card.hasCheckDigit == false { breaches.append(Breach(nil, .bankCard, .cardCheckDigit)) }
        for (place, member) in members.enumerated() {
            if member.particulars.insurance == nil { breaches.append(Breach(place, .residentInsurance, .insuranceNeither)) }
            breaches += member.breaches.map { Breach(place, $0.0, $0.1) }
        }
        return breaches
    }
}

extension MemberEntry {
    /// What the fields of one person say against each other.
    var breaches: [(RegisterSheet.Column, DataRule)] {
        var breaches: [(RegisterSheet.Column, DataRule)] = []
        if name.contains("*") || name.contains("＊") { breaches.append((.name, .nameMasked)) }
        if let certificate = particulars.certificate, certificate.residentID != residentID { breaches.append((.certificate, .certificateDiffers)) }
        if !residentID.hasAssignedArea { breaches.append((.residentID, .areaUnassigned)) }
        if let sex = Relation.sex(of: relation), sex != residentID.sex { breaches.append((.relation, .relationOfOtherSex)) }
        return breaches
    }
}
