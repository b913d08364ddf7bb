import Contracts
import Foundation
import IntakeDomain
import Registry

/// The files of a sample round, by name, as bytes.
///
/// | file | content |
/// | --- | --- |
/// | `registered.csv`, `not-registered.csv` | the two tables of households, one row a person: headings of ``RegisterSheet`` |
/// | `divisions.csv` | what the places are called: headings of ``DivisionSheet`` |
/// | `survey.csv` | one row for each household visited: headings of ``SurveySheet`` |
/// | `measures.csv` | what helped which household in which year: headings of ``MeasureSheet`` |
/// | `changes.csv` | natural changes, one row a person: headings of ``ChangeSheet`` |
/// | `tips.json` | tips to be given, each with the case it speaks of and its outcome |
/// | `second-visits.json` | what the work team finds where a department's answer makes it another case |
/// | `departments/<department>.json` | what that department knows otherwise: `{"<ID number>": {"<TOPIC>": {outcome, code, field, remark}}}` |
/// | `expected.json` | what intake must count, and every faulty row |
///
/// A department that holds nothing about a person and topic finds it consistent.
struct SampleFiles {
    private(set) var files: [String: [UInt8]] = [:]
    private(set) var expected: SampleExpectation

    init(_ round: SampleRound) throws {
        var round = round
        let bad = try SampleFaults(&round)
        expected = round.expected
        write("registered.csv", RegisterSheet.Kind.registered.columns.map(\.rawValue), bad.registered, mark: true)
        write(
            "not-registered.csv", RegisterSheet.Kind.notRegistered.columns.map(\.rawValue),
            round.notRegistered.flatMap { Self.rows($0, .notRegistered).map { SampleRow($0) } })
        write("divisions.csv", DivisionSheet.Column.allCases.map(\.rawValue), SampleRound.divisions.map { SampleRow([$0.code.code, $0.name]) })
        write("measures.csv", MeasureSheet.Column.allCases.map(\.rawValue), bad.measures)
        write("survey.csv", SurveySheet.Column.allCases.map(\.rawValue), bad.surveys)
        write("changes.csv", ChangeSheet.Column.allCases.map(\.rawValue), bad.changes)
        try write("tips.json", round.tips)
        try write("second-visits.json", round.secondVisits)
        for department in Department.asked {
            var answers: [String: [String: SampleFinding.Answer]] = [:]
            for finding in round.findings where finding.department == department {
                answers[finding.residentID.reveal, default: [:]][finding.topic.rawValue] = finding.answer
            }
            try write("departments/\(department.slug).json", answers)
        }
        try write("expected.json", expected)
    }

    private mutating func write(_ name: String, _ headings: [String], _ rows: [SampleRow], mark: Bool = false) {
        // A byte order mark and CRLF, as spreadsheets save "CSV UTF-8"; the other files have neither.
        var text = (mark ? "\u{FEFF}" : "") + Self.line(headings, mark)
        for (place, row) in rows.enumerated() {
            text += Self.line(row.cells, mark)
            if let code = row.fault { expected.faults.append(.init(file: name, line: place + 2, code: code)) }
        }
        files[name] = Array(text.utf8)
    }

    private mutating func write(_ name: String, _ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        files[name] = try Array(encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    static func line(_ cells: [String], _ isFromSpreadsheet: Bool) -> String {
        cells.map { cell in
            cell.contains { ",\"\r\n".contains($0) } ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
        }.joined(separator: ",") + (isFromSpreadsheet ? "\r\n" : "\n")
    }

    // MARK: Rows

    static func rows(_ entry: HouseholdEntry, _ kind: RegisterSheet.Kind) -> [[String]] {
        entry.members.map { member in kind.columns.map { RegisterSheet.cell($0, entry, member) } }
    }

    static func row(_ survey: SurveyEntry) -> [String] {
        let facts = survey.facts
        func condition(_ condition: ExitCondition) -> String { facts.conditions[condition]?.rawValue ?? "" }
        func yes(_ flag: Bool) -> String { flag ? "是" : "否" }
        return SurveySheet.Column.allCases.map { column in
            switch column {
            case .household: survey.household
            case .surveyedOn: facts.surveyedOn.description
            case .incomeYear: facts.income.map { "\($0.year)" } ?? ""
            case .income: facts.income?.net.description ?? ""
            case .housing: facts.housing?.rawValue ?? ""
            case .c1: condition(.income)
            case .c2: condition(.water)
            case .c3: condition(.housing)
            case .c4: condition(.schooling)
            case .c5: condition(.medicalInsurance)
            case .c6: condition(.pension)
            case .acknowledged: yes(facts.acknowledged)
            case .agricultural: yes(facts.isAgricultural)
            case .livesHere: yes(facts.livesHere)
            case .cause: facts.cause ?? ""
            case .causeOn: facts.causeOn?.description ?? ""
            case .mainCause: facts.mainCause ?? ""
            case .otherCauses: facts.otherCauses.joined(separator: "、")
            case .plannedExitYear: facts.plannedExitYear.map(String.init) ?? ""
            case .circumstance: facts.circumstance?.kind.rawValue ?? ""
            case .circumstanceOn: facts.circumstance?.on?.description ?? ""
            case .exception: facts.circumstance.map { yes($0.isException) } ?? ""
            case .clearOutPerson: facts.clearOut?.person ?? ""
            case .clearOutReason: facts.clearOut?.reason ?? ""
            case .clearOutOn: facts.clearOut?.on?.description ?? ""
            case .judgement: facts.judgement.map { $0 ? "同意" : "不同意" } ?? ""
            }
        }
    }

    static func row(_ measure: HouseholdMeasure) -> [String] { [measure.household, "\(measure.year)", measure.measure, measure.effect] }

    static func row(_ change: MemberChange) -> [String] {
        [
            change.household, change.person, change.reason, change.on.description, change.evidence, change.newcomer?.name ?? "",
            change.newcomer?.residentID.reveal ?? "", change.newcomer?.relation ?? "",
        ]
    }
}

/// One row of a sheet, and the code of the fault that was put into it.
struct SampleRow {
    var cells: [String]
    var fault: String?

    init(_ cells: [String], fault: String? = nil) { (self.cells, self.fault) = (cells, fault) }
}

/// Rows that intake must refuse by name while it takes all the others: each has exactly one fault, and no two the same.
struct SampleFaults {
    private(set) var registered: [SampleRow]
    private(set) var surveys: [SampleRow]
    private(set) var changes: [SampleRow]
    private(set) var measures: [SampleRow]

    private typealias Column = RegisterSheet.Column

    init(_ round: inout SampleRound) throws {
        registered = round.registered.flatMap { SampleFiles.rows($0, .registered).map { SampleRow($0) } }
        surveys = round.surveys.map { SampleRow(SampleFiles.row($0)) }
        changes = round.changes.map { SampleRow(SampleFiles.row($0)) }
        measures = round.measures.map { SampleRow(SampleFiles.row($0)) }
        guard let known = round.registered.first else { return }
        let faults: [(code: String, column: Column, value: (String) -> String)] = [
            ("resident-id.check-character", .residentID, { String($0.dropLast()) + ($0.hasSuffix("X") ? "1" : "X") }),
            ("resident-id.date", .residentID, { $0.prefix(10) + "0231" + $0.suffix(4) }),
            ("resident-id.length", .residentID, { String($0.dropFirst(3)) }),
            ("person.id-elsewhere", .residentID, { _ in known.members[0].residentID.reveal }),
            ("household.two-heads", .relation, { _ in "01" }),
            ("code.unknown", .relation, { _ in "42" }),
            ("work.place-and-months", .workMonths, { _ in "" }),
            ("insurance.both", .employeeInsurance, { _ in "是" }),
            ("household.differs", .registeredOn, { _ in "2014-04-31" }),
            ("person.sex-differs", .sex, { $0 == "01" ? "02" : "01" }),
            ("phone.format", .memberPhone, { _ in "140****0000" }),
            ("cell.empty", .name, { _ in "" }),
        ]
        for (place, fault) in faults.enumerated() {
            var household = HouseholdEntry(
                number: "530427\(90_001 + place)", division: known.division, status: .notExited, registeredOn: known.registeredOn,
                members: round.people.family(of: "530427\(90_001 + place)", size: 2))
            household.members[0].relation = Relation.head
            household.members[1].relation = "99"
            household.members[1].particulars.work = try WorkAway(place: "01", months: 5)
            household.members[1].particulars.insurance = .residents
            var rows = SampleFiles.rows(household, .registered).map { SampleRow($0) }
            if let cell = RegisterSheet.Kind.registered.columns.firstIndex(of: fault.column) {
                rows[1].cells[cell] = fault.value(rows[1].cells[cell])
                rows[1].fault = fault.code
                // What repeats another's ID number must not tell on it first.
                for repeated in [Column.sex, .bornOn, .certificate] where fault.column == .residentID {
                    RegisterSheet.Kind.registered.columns.firstIndex(of: repeated).map { rows[1].cells[$0] = "" }
                }
            }
            // Among the others, not behind them: a fault must not stop what follows.
            registered.insert(contentsOf: rows, at: Self.boundary(in: registered, near: (place + 1) * registered.count / 14))
        }
        if var row = surveys.first {
            row.cells[0] = "53042799999"
            row.fault = "household.unknown"
            surveys.insert(row, at: surveys.count / 2)
        }
        if var row = measures.first {
            (row.cells[1], row.fault) = ("2013", "number.range")
            measures.insert(row, at: measures.count / 2)
        }
        if var row = changes.last {
            // Of another person: two changes of one are a fault of their own.
            (row.cells[1], row.cells[2], row.fault) = (row.cells[1] + "0", "Z01", "code.unknown")
            changes.append(row)
        }
    }

    /// Where one household ends and the next begins.
    private static func boundary(in rows: [SampleRow], near place: Int) -> Int {
        var place = place
        while place > 0, place < rows.count, rows[place].cells[0] == rows[place - 1].cells[0] { place += 1 }
        return place
    }
}
