import Contracts
import IntakeDomain
import Registry
import Sheets

/// The sheets that go out (domain.md section 10). Each goes through the households in the order of their numbers.
enum ExportKind: String, Codable, CaseIterable, Sendable {
    /// The two electronic tables of households, as they come in (R11).
    case registered
    case notRegistered = "not_registered"
    /// What helped each household, year by year (R13).
    case measures
    /// The comparison forms that the work team takes along (对照采集表, R2): what is on file, beside room for what is found.
    case comparison
    /// What is to be entered in the national system (R12).
    case checklist
    /// Who stands where on the register.
    case households
    /// The cases of the campaign by household: the rosters with what became of each.
    case cases

    var label: Label {
        switch self {
        case .registered: Label("建档立卡户信息表", "table of registered households")
        case .notRegistered: Label("非建档立卡户信息表", "table of households not registered")
        case .measures: Label("帮扶措施及成效表", "measures and effects")
        case .comparison: Label("对照采集表", "comparison forms")
        case .checklist: Label("国办系统录入清单", "entry checklist of the national system")
        case .households: Label("农户名册", "roster of households")
        case .cases: Label("动态管理名册", "rosters of cases")
        }
    }

    /// It holds ID numbers, telephones or bank cards in full: whoever asks for it is noted with what for.
    var isIdentifying: Bool {
        switch self {
        case .registered, .notRegistered, .checklist: true
        case .measures, .comparison, .households, .cases: false
        }
    }

    /// Households of these standings are gone through.
    var standings: [String] {
        switch self {
        case .registered, .measures: ["registered"]
        case .notRegistered: ["outside"]
        case .comparison, .checklist: ["registered", "outside"]
        case .households, .cases: ["registered", "outside", "struck_off", "closed"]
        }
    }

    var design: SheetDesign { SheetDesign(label.zh, headings.map { .init($0) }) }

    private var headings: [String] {
        switch self {
        case .registered: RegisterSheet.Kind.registered.columns.map(\.rawValue)
        case .notRegistered: RegisterSheet.Kind.notRegistered.columns.map(\.rawValue)
        case .measures: MeasureSheet.Column.allCases.map(\.rawValue)
        case .comparison: ["户编号", "户主姓名", "人口编号", "姓名", "项目", "登记值", "核实值", "备注"]
        case .checklist: ["户编号", "人口编号", "国办字段", "项目", "原值", "新值", "已录入"]
        case .households: ["户编号", "区划代码", "户主姓名", "家庭人口数", "登记状态", "脱贫状态", "年度"]
        case .cases: ["类别", "户编号", "区划代码", "户主姓名", "人口编号", "进度", "依据"]
        }
    }

    func rows(of household: ExportedHousehold) -> [[String]] {
        let (record, entry) = (household.record, household.entry)
        switch self {
        case .registered: return Self.table(.registered, entry)
        case .notRegistered: return Self.table(.notRegistered, entry)
        case .measures:
            return household.measures.map { [record.number, "\($0.year)", Codes.measures[$0.measure]?.zh ?? $0.measure, $0.effect] }
        case .comparison: return Self.comparison(record, entry)
        case .checklist:
            return EntryChecklist.lines(from: household.opening, to: entry).map {
                [record.number, $0.person ?? "", $0.column.element ?? "", $0.column.rawValue, $0.before, $0.after, ""]
            }
        case .households:
            return [[
                record.number, record.division.code, record.headName, "\(record.active.count)", record.standing.label.zh,
                record.standing.status?.label.zh ?? "", record.standingYear.map(String.init) ?? "",
            ]]
        case .cases:
            return household.cases.map { one in
                let person = record.members.first { $0.id == one.member }?.number ?? ""
                return [
                    one.kind.label.zh, record.number, record.division.code, record.headName, person, one.status.label.zh,
                    one.reasons.joined(separator: " "),
                ]
            }
        }
    }

    private static func table(_ kind: RegisterSheet.Kind, _ entry: HouseholdEntry) -> [[String]] {
        entry.members.map { member in kind.columns.map { RegisterSheet.cell($0, entry, member) } }
    }

    /// The household's own fields, then each person's. What names a person to strangers is masked: the form is carried about.
    private static func comparison(_ record: HouseholdRecord, _ entry: HouseholdEntry) -> [[String]] {
        let columns = RegisterSheet.Column.allCases.filter { !$0.isDerived && ![.household, .person, .name, .circumstance, .clearOut].contains($0) }
        func row(_ member: MemberEntry?, _ column: RegisterSheet.Column) -> [String] {
            let text = member.map { RegisterSheet.cell(column, of: $0) } ?? RegisterSheet.cell(column, of: entry)
            return [
                record.number, record.headName, member?.number ?? "", member?.name ?? "", column.rawValue,
                column.isMasked ? column.masked(text).description : column.spoken(text), "", "",
            ]
        }
        let own = columns.filter { $0.isHouseholds && (entry.status != nil || !$0.isForRegistered) }.map { row(nil, $0) }
        return own + entry.members.flatMap { member in columns.filter { !$0.isHouseholds }.map { row(member, $0) } }
    }
}

/// What an export tells of a household.
struct ExportedHousehold {
    let record: HouseholdRecord
    let entry: HouseholdEntry
    /// What the campaign began with; nothing of a household that came on the register by it. Only for the checklist.
    var opening: HouseholdEntry?
    var measures: [HouseholdMeasure] = []
    var cases: [CampaignCase] = []
}

extension RegisterSheet.Column {
    /// The label of a code, as people say it; any other text as it is.
    func spoken(_ text: String) -> String {
        if self == .status { return ExitStatus(rawValue: text)?.label.zh ?? text }
        if self == .circumstance { return RemovalCircumstance(rawValue: text)?.label.zh ?? text }
        guard let list else { return text }
        return text.split(separator: "、").map { part in (list[String(part)] ?? list.labelled(String(part)))?.zh ?? String(part) }.joined(separator: "、")
    }
}
