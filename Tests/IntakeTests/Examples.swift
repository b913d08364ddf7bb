import Contracts
import Foundation
import IntakeDomain
import Registry
import Sheets
import Testing

// Named examples. The people do not exist: no county has the area 999999.

func day(_ text: String) -> LocalDate { LocalDate(text)! }

let october10 = Instant("2018-10-10T02:00:00.000Z")!
let subdistrict = DivisionCode("530427001")!
let group = DivisionCode("530427001001-01")!

/// A number with a fitting check character.
func residentID(_ born: String = "19700101", _ sequence: Int = 1) -> ResidentID {
    let digits = "999999\(born)\(String(repeating: "0", count: 3 - "\(sequence)".count))\(sequence)"
    return try! ResidentID(checking: digits + String(ResidentID.checkCharacter(digits.map { $0.wholeNumberValue! })))
}

func plan2018(countFirstDay: Bool = true) -> CampaignPlan {
    CampaignPlan(
        year: 2018, subdistrict: subdistrict, entryLine: Money(yuan: 2_952), exitLine: Money(yuan: 3_500), publicityDays: 5,
        countFirstDay: countFirstDay, verificationDueOn: day("2018-11-02"), dataFreezeOn: day("2018-11-10"),
        stages: [.init(id: "analysis", from: day("2018-10-06"), to: day("2018-10-09"), stated: "共4天")])
}

let rules2018 = RuleSet(year: 2018, entryLine: Money(yuan: 2_952), exitLine: Money(yuan: 3_500))

func member(
    _ number: String, _ relation: String, born: String = "1970-01-01", _ state: MemberRecord.State = .active
) -> MemberRecord {
    MemberRecord(
        id: MemberID(UUID()), number: number, name: "李\(number)", relation: relation, bornOn: day(born), hash: PersonHash(number),
        state: state)
}

func household(
    _ standing: HouseholdRecord.Standing = .registered(.notExited), registeredOn: String? = "2014-06-01",
    _ members: [MemberRecord] = [member("1", "01"), member("2", "02"), member("3", "03", born: "2005-05-05")]
) -> HouseholdRecord {
    HouseholdRecord(
        id: HouseholdID(UUID()), number: "53042700001", campaign: CampaignID(UUID()), division: group, standing: standing,
        registeredOn: registeredOn.map(day), members: members)
}

func entry(
    _ number: String = "53042700001", status: Registry.ExitStatus? = .notExited, persons: Int = 3, from sequence: Int = 1
) -> HouseholdEntry {
    HouseholdEntry(
        number: number, division: group, status: status, registeredOn: status == nil ? nil : day("2014-06-01"),
        members: (0..<persons).map { place in
            MemberEntry(
                number: "\(number)0\(place + 1)", name: "李\(place)", residentID: residentID("19700101", sequence + place),
                relation: ["01", "02", "03"][min(place, 2)])
        })
}

/// A survey in which everything is well: all six conditions met, above the line, the household agrees.
func facts(income: Money = Money(yuan: 20_000), _ change: (inout SurveyFacts) -> Void = { _ in }) -> SurveyFacts {
    var facts = SurveyFacts(
        surveyedOn: day("2018-10-12"), income: YearlyIncome(year: 2018, net: income), housing: .a,
        conditions: Dictionary(uniqueKeysWithValues: ExitCondition.allCases.map { ($0, .met) }), acknowledged: true)
    change(&facts)
    return facts
}

/// A sheet from its rows; the first row are the headings.
func sheet(_ rows: [[String]]) -> [UInt8] { Array(rows.map { $0.joined(separator: ",") }.joined(separator: "\n").utf8) }

/// What a sheet comes to when it is read whole.
struct SheetReading<Entry: Sendable> {
    var entries: [(lines: [Int], entry: Entry)] = []
    var faults: [SheetFault] = []
    var refused = 0
}

extension SheetForm {
    func read(_ bytes: [UInt8]) throws -> SheetReading<Entry> { try read(CSVReader.rows(in: bytes)) }

    func read(_ rows: [SheetRow]) throws -> SheetReading<Entry> {
        var reading = SheetReading<Entry>()
        for item in try items(of: rows) {
            reading.faults += item.faults
            if let entry = item.entry { reading.entries.append((item.lines, entry)) } else { reading.refused += 1 }
        }
        return reading
    }
}
