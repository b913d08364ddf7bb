import Contracts
import Registry

/// The two electronic tables of households (R11): one row for each person, the household's own columns repeated on each.
package enum RegisterSheet {
    package enum Column: String, SheetColumn {
        case household = "户编号"
        case division = "区划代码"
        case attribute = "贫困户属性"
        case mainCause = "主要致贫原因"
        case status = "脱贫状态"
        case exitYear = "脱贫年度"
        case registeredOn = "建档日期"
        case incomeYear = "收入年度"
        case income = "家庭纯收入(元)"
        case housing = "住房等级"
        case circumstance = "剔除线索"
        case cause = "变故原因"
        case causeOn = "变故日期"
        case person = "人口编号"
        case name = "姓名"
        case residentID = "证件号码"
        case relation = "与户主关系"
        case health = "健康状况"
        case studies = "在校生状况"
        case workPlace = "务工所在地"
        case workMonths = "务工时间(月)"
        case residentInsurance = "是否参加城乡居民基本医疗保险"
        case employeeInsurance = "是否参加城镇职工基本医疗保险"
        case clearOut = "清退线索"

        package var element: String? {
            switch self {
            case .household: "AAC001"
            case .attribute: "AAC006"
            case .mainCause: "AAC007"
            case .status: "AAR010"
            case .exitYear: "AAC023"
            case .division, .registeredOn, .incomeYear, .income, .housing, .circumstance, .cause, .causeOn, .person, .name, .residentID,
                .relation, .health, .studies, .workPlace, .workMonths, .residentInsurance, .employeeInsurance, .clearOut:
                nil
            }
        }

        /// Repeated on every row of the household.
        var isHouseholds: Bool {
            switch self {
            case .household, .division, .attribute, .mainCause, .status, .exitYear, .registeredOn, .incomeYear, .income, .housing,
                .circumstance, .cause, .causeOn:
                true
            case .person, .name, .residentID, .relation, .health, .studies, .workPlace, .workMonths, .residentInsurance,
                .employeeInsurance, .clearOut:
                false
            }
        }

        /// Means something only for households on the register.
        package var isForRegistered: Bool {
            switch self {
            case .attribute, .mainCause, .status, .exitYear, .registeredOn, .circumstance, .clearOut: true
            case .household, .division, .incomeYear, .income, .housing, .cause, .causeOn, .person, .name, .residentID, .relation,
                .health, .studies, .workPlace, .workMonths, .residentInsurance, .employeeInsurance:
                false
            }
        }
    }

    package enum Kind: String, Codable, CaseIterable, Sendable {
        case registered
        case notRegistered = "not_registered"

        package var columns: [Column] { Column.allCases.filter { self == .registered || !$0.isForRegistered } }
    }

    /// A household with a fault in any of its rows is left out entirely, since persons are a divisor.
    package struct Form: SheetForm {
        package let kind: Kind
        /// Nothing outside belongs into the campaign's books.
        package let subdistrict: DivisionCode

        package init(_ kind: Kind, within subdistrict: DivisionCode) { (self.kind, self.subdistrict) = (kind, subdistrict) }

        package var columns: [Column] { kind.columns }
        package var key: [Column] { [.household] }
        package var hasManyRows: Bool { true }
        package var twice: SheetRow.Unusable {
            .init("household.apart", "rows of this household stand further up; the rows of one household stand one below the other")
        }

        package func read(_ rows: [SheetRow], _ header: SheetHeader<Column>, _ faults: inout [SheetFault]) -> HouseholdEntry? {
            RegisterSheet.household(rows, header, kind, subdistrict, &faults)
        }
    }

    private static func household(
        _ rows: [SheetRow], _ header: SheetHeader<Column>, _ kind: Kind, _ subdistrict: DivisionCode, _ faults: inout [SheetFault]
    ) -> HouseholdEntry? {
        var first = RowReader(rows[0], header, isAgain: true)
        let division = first.parsed(.division, "division.format", "county, subdistrict, community and group, as 530427001001-01") { text in
            DivisionCode(text).flatMap { $0.level == .group ? $0 : nil }
        }
        if first.isEmpty(.division) { _ = first.required(.division) }
        if let division, !subdistrict.contains(division) {
            first.fault(.division, "division.elsewhere", "the group lies outside the subdistrict of the campaign")
        }
        var entry = division.map { HouseholdEntry(number: header.text(.household, of: rows[0]), division: $0, members: []) }
        let incomeYear = first.whole(.incomeYear, in: 2010...2030)
        let income = first.money(.income)
        if (first.isEmpty(.incomeYear)) != (first.isEmpty(.income)) {
            first.fault(.incomeYear, "income.year", "every amount names its year, and every year its amount")
        }
        if let incomeYear, let income { entry?.income = YearlyIncome(year: incomeYear, net: income) }
        entry?.housing = first.vocabulary(.housing) { (grade: HousingGrade) in grade.label.zh }
        entry?.clues.cause = first.code(.cause, in: Codes.returnCauses)
        entry?.clues.causeOn = first.date(.causeOn)
        if kind == .registered { readRegistration(&first, into: &entry) }

        var members: [MemberEntry] = []
        var memberFaults: [SheetFault] = []
        for record in rows {
            var row = RowReader(record, header)
            if record.line != rows[0].line { compare(record, with: rows[0], header, kind, &row) }
            if let member = member(&row, kind) { members.append(member) }
            memberFaults += row.faults
        }
        faults += first.faults + memberFaults
        checkTogether(members, rows, header, &faults)
        entry?.members = members
        return entry
    }

    private static func readRegistration(_ row: inout RowReader<Column>, into entry: inout HouseholdEntry?) {
        entry?.attribute = row.code(.attribute, in: Codes.householdAttributes)
        entry?.mainCause = row.code(.mainCause, in: Codes.povertyCauses)
        entry?.clues.circumstance = row.vocabulary(.circumstance) { (circumstance: RemovalCircumstance) in circumstance.label.zh }
        let status: ExitStatus? = row.vocabulary(.status) { (status: ExitStatus) in status.label.zh }
        if row.isEmpty(.status) { _ = row.required(.status) }
        let exitYear = row.whole(.exitYear, in: 2014...2030)
        if let status, status.isExited, row.isEmpty(.exitYear) {
            row.fault(.exitYear, "exit.year-missing", "a household that has exited names its year")
        }
        if let status, !status.isExited, status != .returned, !row.isEmpty(.exitYear) {
            row.fault(.exitYear, "exit.year-without-exit", "a household that has not exited has no exit year")
        }
        let registeredOn = row.date(.registeredOn)
        if row.isEmpty(.registeredOn) { _ = row.required(.registeredOn) }
        entry?.status = status
        entry?.exitYear = exitYear
        entry?.registeredOn = registeredOn
    }

    private static func compare(
        _ record: SheetRow, with first: SheetRow, _ header: SheetHeader<Column>, _ kind: Kind, _ row: inout RowReader<Column>
    ) {
        for column in kind.columns where column.isHouseholds && header.text(column, of: record) != header.text(column, of: first) {
            row.fault(column, "household.differs", "the rows of one household must agree; its first is line \(first.line)")
        }
    }

    private static func member(_ row: inout RowReader<Column>, _ kind: Kind) -> MemberEntry? {
        let number = row.required(.person)
        let name = row.required(.name)
        let relation = row.code(.relation, in: Codes.relations)
        if row.isEmpty(.relation) { _ = row.required(.relation) }
        let residentID = row.residentID(.residentID)
        let health = row.codes(.health, in: Codes.health)
        if health.contains("01"), health.count > 1 {
            row.fault(.health, "health.excludes", "healthy excludes every other state of health")
        }
        let studies = row.code(.studies, in: Codes.studentStatus)
        let workPlace = row.code(.workPlace, in: Codes.workPlace)
        let months = row.whole(.workMonths, in: 0...12) ?? 0
        if (months > 0) == row.isEmpty(.workPlace) {
            row.fault(.workPlace, "work.place-and-months", "a place of work if and only if there are months of work")
        }
        let resident = row.yesNo(.residentInsurance)
        let employee = row.yesNo(.employeeInsurance)
        if row.isEmpty(.residentInsurance) { _ = row.required(.residentInsurance) }
        if row.isEmpty(.employeeInsurance) { _ = row.required(.employeeInsurance) }
        if let resident, let employee, resident == employee {
            row.fault(
                .residentInsurance, resident ? "insurance.both" : "insurance.neither",
                "exactly one of residents' and employees' medical insurance")
        }
        let clue = kind == .registered ? row.code(.clearOut, in: Codes.memberClearout) : nil
        guard let relation, let residentID, let resident, let employee else { return nil }
        return MemberEntry(
            number: number, name: name, residentID: residentID, relation: relation, health: health, studies: studies,
            workPlace: workPlace, workMonths: months, residentInsurance: resident, employeeInsurance: employee, clearOutClue: clue)
    }

    /// What only the household's rows together can break. Rows that are themselves faulty are counted by their cells.
    private static func checkTogether(
        _ members: [MemberEntry], _ rows: [SheetRow], _ header: SheetHeader<Column>, _ faults: inout [SheetFault]
    ) {
        func lines(_ column: Column, of value: String, _ list: CodeList) -> [Int] {
            rows.filter { record in
                let text = header.text(column, of: record)
                return (list[text] ?? list.labelled(text))?.code == value
            }.map(\.line)
        }
        func fault(_ line: Int, _ column: Column, _ code: String, _ reason: String) {
            faults.append(SheetFault(line, column.rawValue, code, reason))
        }
        let heads = lines(.relation, of: Relation.head, Codes.relations)
        if heads.isEmpty { fault(rows[0].line, .relation, "household.no-head", "exactly one person is the head") }
        for line in heads.dropFirst() { fault(line, .relation, "household.two-heads", "exactly one person is the head") }
        for line in lines(.relation, of: Relation.spouse, Codes.relations).dropFirst() {
            fault(line, .relation, "household.two-spouses", "at most one person is the head's spouse")
        }
        var persons: Set<String> = []
        for record in rows {
            let person = header.text(.person, of: record)
            if !person.isEmpty, !persons.insert(person).inserted {
                fault(record.line, .person, "person.twice", "this person number stands twice in the household")
            }
        }
    }
}

extension ExitStatus {
    /// Off help, or only kept on policies.
    package var isExited: Bool {
        switch self {
        case .exited, .stablyExited: true
        case .notExited, .exitPlanned, .returned: false
        }
    }
}

extension RowReader {
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
