import Registry

// The rows of one household, read as what is on file of it.

extension RegisterSheet {
    /// The household's own columns, from its first row. Nothing if it cannot be told where it is.
    static func household(_ row: inout RowReader<Column>, number: String, _ kind: Kind, within subdistrict: DivisionCode) -> HouseholdEntry? {
        let division = row.parsed(.division, "division.format", "county, subdistrict, community and group, as 530427001001-01") { text in
            DivisionCode(text).flatMap { $0.level == .group ? $0 : nil }
        }
        if row.isEmpty(.division) { _ = row.required(.division) }
        if let division, !subdistrict.contains(division) {
            row.fault(.division, "division.elsewhere", "the group lies outside the subdistrict of the campaign")
        }
        guard let division else {
            // Its other faults are told nevertheless.
            var nowhere = HouseholdEntry(number: number, division: subdistrict, members: [])
            read(&row, kind, into: &nowhere)
            return nil
        }
        var entry = HouseholdEntry(number: number, division: division, members: [])
        read(&row, kind, into: &entry)
        return entry
    }

    private static func read(_ row: inout RowReader<Column>, _ kind: Kind, into entry: inout HouseholdEntry) {
        let incomeYear = row.whole(.incomeYear, in: 2010...2030)
        let income = row.money(.income)
        if row.isEmpty(.incomeYear) != row.isEmpty(.income) {
            row.fault(.incomeYear, "income.year", "every amount names its year, and every year its amount")
        }
        if let incomeYear, let income { entry.income = YearlyIncome(year: incomeYear, net: income) }
        entry.housing = row.vocabulary(.housing) { (grade: HousingGrade) in grade.label.zh }
        entry.floorArea = row.whole(.floorArea, in: 1...2_000)
        entry.water = .init(isSafe: row.yesNo(.safeWater), metres: row.whole(.waterMetres, in: 0...50_000))
        entry.township = row.words(.township, atMost: 50)
        entry.phone = row.phone(.phone)
        let card = row.parsed(.bankCard, "bank-card.format", "a bank card's number has 16 to 19 digits", BankCard.init(_:))
        let bank = row.words(.bank, atMost: 50)
        if bank != nil, row.isEmpty(.bankCard) { row.fault(.bank, .bankWithoutCard) }
        entry.account = card.map { .init(card: $0, bank: bank) }
        entry.traits = .init(
            isMilitary: row.yesNo(.military), hasOnlyChild: row.yesNo(.onlyChild), hasTwoDaughters: row.yesNo(.twoDaughters))
        entry.help = row.words(.help, atMost: 500)
        entry.clues.cause = row.code(.cause, in: Codes.returnCauses)
        entry.clues.causeOn = row.date(.causeOn)
        if kind == .registered { readRegistration(&row, into: &entry) }
    }

    private static func readRegistration(_ row: inout RowReader<Column>, into entry: inout HouseholdEntry) {
        entry.attribute = row.code(.attribute, in: Codes.householdAttributes)
        entry.standard = row.code(.standard, in: Codes.identificationStandards)
        entry.identifiedYear = row.whole(.identifiedYear, in: 2010...2030)
        let main = row.code(.mainCause, in: Codes.povertyCauses)
        let others = row.codes(.otherCauses, in: Codes.povertyCauses)
        if main != nil || (row.isEmpty(.mainCause) && !others.isEmpty) {
            entry.causes = row.ruled(.otherCauses) { () throws(DataRule) in try PovertyCauses(main: main, others: others) }
        }
        entry.returnCause = row.code(.returnCause, in: Codes.returnCauses)
        entry.clues.circumstance = row.vocabulary(.circumstance) { (circumstance: RemovalCircumstance) in circumstance.label.zh }
        let status: ExitStatus? = row.vocabulary(.status) { (status: ExitStatus) in status.label.zh }
        if row.isEmpty(.status) { _ = row.required(.status) }
        entry.exitYear = row.whole(.exitYear, in: 2014...2030)
        if let status, status.isExited, row.isEmpty(.exitYear) {
            row.fault(.exitYear, "exit.year-missing", "a household that has exited names its year")
        }
        if let status, !status.isExited, status != .returned, !row.isEmpty(.exitYear) {
            row.fault(.exitYear, "exit.year-without-exit", "a household that has not exited has no exit year")
        }
        entry.registeredOn = row.date(.registeredOn)
        if row.isEmpty(.registeredOn) { _ = row.required(.registeredOn) }
        entry.status = status
    }

    /// One person's row. Nothing if it cannot be told who they are.
    static func member(_ row: inout RowReader<Column>, _ kind: Kind) -> MemberEntry? {
        let number = row.required(.person)
        let name = row.required(.name)
        let relation = row.code(.relation, in: Codes.relations)
        if row.isEmpty(.relation) { _ = row.required(.relation) }
        let document = document(&row)
        var particulars = particulars(&row)
        let clue = kind == .registered ? row.code(.clearOut, in: Codes.memberClearout) : nil
        guard let document, let relation else { return nil }
        particulars.certificate = particulars.certificate ?? document.certificate
        let member = MemberEntry(
            number: number, name: name, residentID: document.residentID, relation: relation, particulars: particulars, clearOutClue: clue)
        for (column, rule) in member.breaches where !rule.isWarning { row.fault(column, rule) }
        compare(&row, with: member)
        return member
    }

    /// The ID number, which a disability certificate begins with.
    private static func document(_ row: inout RowReader<Column>) -> (residentID: ResidentID, certificate: DisabilityCertificate?)? {
        switch row.code(.idType, in: Codes.idDocumentTypes) {
        case nil, residentIDCard:
            return row.residentID(.residentID).map { ($0, nil) }
        case disabilityCard:
            return row.certificate(.residentID).map { ($0.residentID, $0) }
        default:
            row.fault(.idType, "document.without-id", "only a resident ID, or a certificate that contains one, tells who somebody is")
            return nil
        }
    }

    private static func particulars(_ row: inout RowReader<Column>) -> Particulars {
        var particulars = Particulars()
        particulars.ethnicity = row.code(.ethnicity, in: Codes.ethnicity)
        particulars.education = row.code(.education, in: Codes.education)
        particulars.studies = row.code(.studies, in: Codes.studentStatus)
        particulars.dropout = row.words(.dropout, atMost: 100)
        let health = row.codes(.health, in: Codes.health)
        particulars.health = row.ruled(.health) { () throws(DataRule) in try Health(health) } ?? .unknown
        particulars.disability = row.words(.disability, atMost: 50)
        particulars.certificate = row.certificate(.certificate)
        particulars.skill = row.code(.skill, in: Codes.labourSkill)
        let (place, months) = (row.code(.workPlace, in: Codes.workPlace), row.whole(.workMonths, in: 0...12))
        if row.isEmpty(.workPlace) == (place == nil), row.isEmpty(.workMonths) == (months == nil) {
            particulars.work = row.ruled(.workPlace) { () throws(DataRule) in try WorkAway(place: place, months: months ?? 0) } ?? nil
        }
        particulars.publicPost = row.words(.publicPost, atMost: 50)
        particulars.politics = row.words(.politics, atMost: 50)
        let (residents, employees) = (row.yesNo(.residentInsurance), row.yesNo(.employeeInsurance))
        if row.isEmpty(.residentInsurance) { _ = row.required(.residentInsurance) }
        if row.isEmpty(.employeeInsurance) { _ = row.required(.employeeInsurance) }
        if let residents, let employees {
            particulars.insurance = row.ruled(.residentInsurance) { () throws(DataRule) in
                try MedicalInsurance(residents: residents, employees: employees)
            }
        }
        particulars.hasSeriousIllnessCover = row.yesNo(.seriousIllnessCover)
        particulars.hasPension = row.yesNo(.pension)
        particulars.isOnSubsistence = row.yesNo(.subsistence)
        particulars.isInExtremePoverty = row.yesNo(.extremePoverty)
        particulars.phone = row.phone(.memberPhone)
        return particulars
    }

    /// Columns that only repeat what the ID number says must say the same.
    private static func compare(_ row: inout RowReader<Column>, with member: MemberEntry) {
        if let sex = row.code(.sex, in: Codes.sex), sex != sexCode(member.residentID.sex) { row.fault(.sex, .sexDiffers) }
        if let bornOn = row.date(.bornOn), bornOn != member.residentID.birthDate { row.fault(.bornOn, .birthDiffers) }
    }

    /// Columns of the household that only repeat what its persons' rows say.
    static func compare(_ row: inout RowReader<Column>, with entry: HouseholdEntry) {
        if let count = row.whole(.memberCount, in: 1...99), count != entry.members.count { row.fault(.memberCount, .countDiffers) }
        guard let head = entry.head else { return }
        for (column, own) in [(Column.headPerson, head.number), (.headName, head.name), (.headID, head.residentID.reveal)] {
            if let said = row.text(column), said != own { row.fault(column, .headDiffers) }
        }
    }
}

extension RowReader {
    mutating func fault(_ column: Column, _ rule: DataRule) { fault(column, rule.rawValue, rule.reason) }

    /// What a type makes of the cell, or the rule of the type that it breaks.
    mutating func ruled<Value>(_ column: Column, _ make: () throws(DataRule) -> Value) -> Value? {
        do { return try make() } catch {
            fault(column, error)
            return nil
        }
    }

    /// Free text: short, since it is to be read in a table.
    mutating func words(_ column: Column, atMost limit: Int) -> String? {
        parsed(column, "text.too-long", "at most \(limit) characters") { $0.count <= limit ? $0 : nil }
    }

    mutating func phone(_ column: Column) -> PhoneNumber? {
        parsed(column, "phone.format", "a mobile has eleven digits; another number is written with its area code", PhoneNumber.init(_:))
    }

    mutating func certificate(_ column: Column) -> DisabilityCertificate? {
        parsed(column, "certificate.format", "a disability certificate's number is a resident ID, the kind and the grade", DisabilityCertificate.init(_:))
    }

    mutating func residentID(_ column: Column) -> ResidentID? {
        let text = required(column)
        if text.isEmpty { return nil }
        do {
            return try ResidentID(checking: text)
        } catch {
            fault(column, error.rawValue, Self.reason(error))
            return nil
        }
    }

    private static func reason(_ problem: ResidentID.Problem) -> String {
        switch problem {
        case .length: "a resident ID has 18 characters"
        case .characters: "a resident ID is 17 digits and a digit or X"
        case .date: "digits 7 to 14 are no day of birth"
        case .checkCharacter: "the check character does not fit"
        }
    }
}
