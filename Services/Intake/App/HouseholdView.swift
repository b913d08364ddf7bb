import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// A household as staff see it: what names a person is masked, and what is masked cannot be saved back.
struct HouseholdView: Encodable {
    let household: HouseholdID
    let campaign: CampaignID
    let number: String
    let division: DivisionCode
    let standing: String
    let exitStatus: String?
    let standingYear: Int?
    let registeredOn: LocalDate?
    /// What the `ETag` says too.
    let version: Int
    /// In their written form, as tables and edits have them.
    let fields: [String: Shown]
    let members: [Member]
    let measures: [Measure]
    /// Rules that the data break, hard ones and warnings.
    let breaches: [Found]
    let said: Said

    struct Member: Encodable {
        let member: MemberID
        let number: String
        let name: Masked
        let relation: String
        let state: String
        let endedReason: String?
        let endedOn: LocalDate?
        /// Nothing of who no longer belongs to the household, or not yet.
        let fields: [String: Shown]?
    }

    struct Measure: Encodable {
        let year: Int
        let measure: String
        let effect: String
    }

    struct Found: Encodable {
        /// The person's number.
        let person: String?
        let field: String
        let code: String
        let reason: String
        let isWarning: Bool
    }

    /// Who said it last, when and why.
    struct Said: Encodable {
        let at: Instant
        let actor: String
        let reason: String
    }

    init(_ onFile: HouseholdOnFile, measures: [HouseholdMeasure]) {
        let (record, entry) = (onFile.record, onFile.entry)
        (household, campaign, number, division) = (record.id, record.campaign, record.number, record.division)
        (standing, exitStatus) = (record.standing.name, record.standing.exitStatus)
        (standingYear, registeredOn, version) = (record.standingYear, record.registeredOn, onFile.version)
        fields = Self.fields { $0.isHouseholds ? RegisterSheet.cell($0, of: entry) : "" }
        let known = Dictionary(entry.members.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        members = record.members.map { member in
            Member(
                member: member.id, number: member.number, name: .name(member.name), relation: member.relation, state: member.state.name,
                endedReason: member.state.reason, endedOn: member.state.on,
                fields: known[member.number].map { said in Self.fields { $0.isHouseholds ? "" : RegisterSheet.cell($0, of: said) } })
        }
        self.measures = measures.map { Measure(year: $0.year, measure: $0.measure, effect: $0.effect) }
        breaches = entry.breaches.map { breach in
            Found(
                person: breach.member.map { entry.members[$0].number }, field: breach.column.field, code: breach.rule.rawValue,
                reason: breach.rule.reason, isWarning: breach.rule.isWarning)
        }
        said = Said(at: onFile.at, actor: onFile.deed.actor.description, reason: onFile.deed.reason)
    }

    private static func fields(_ cell: (RegisterSheet.Column) -> String) -> [String: Shown] {
        Dictionary(
            RegisterSheet.Column.allCases.compactMap { column in
                let text = cell(column)
                return text.isEmpty ? nil : (column.field, column.shown(text))
            }, uniquingKeysWith: { first, _ in first })
    }
}

/// What somebody changed, when and why, oldest first.
struct HouseholdHistory: Encodable {
    let household: HouseholdID
    private(set) var changes: [Change] = []

    struct Change: Encodable {
        let at: Instant
        let actor: String
        let reason: String
        /// Empty where something was said for the first time.
        let fields: [Field]
    }

    struct Field: Encodable {
        /// The person's number, if it is a person's field.
        let person: String?
        let field: String
        let before: Shown?
        let after: Shown?
    }

    init(of household: HouseholdID, in work: Work, _ vault: Vault) throws {
        self.household = household
        guard try work.first("SELECT id FROM households WHERE id = \(household)") != nil else { throw NotFound("household \(household)") }
        var entries: HouseholdEntry?
        for row in try work.query(
            """
            SELECT e.version, e.sealed, e.actor, e.reason, e.at, \(unsafe: SQL.wrappedKey)
            FROM entries e LEFT JOIN household_keys k USING (household_id) WHERE household_id = \(household) ORDER BY e.version
            """)
        {
            let entry = try work.openedEntry(row, of: household, vault)
            changes.append(try Change(row, fields: entries.map { Self.differences(from: $0, to: entry) } ?? []))
            entries = entry
        }
        var states: RegisterState?
        for row in try work.query("SELECT state, actor, reason, at FROM household_states WHERE household_id = \(household) ORDER BY id") {
            let state = try JSON.decode(RegisterState.self, from: row["state", as: JSONB.self].text)
            if let before = states {
                let fields = Self.differences(from: before, to: state)
                if !fields.isEmpty { changes.append(try Change(row, fields: fields)) }
            }
            states = state
        }
        changes.sort { $0.at < $1.at }
    }

    private static func differences(from old: HouseholdEntry, to new: HouseholdEntry) -> [Field] {
        var fields: [Field] = []
        func note(_ person: String?, _ column: RegisterSheet.Column, _ before: String, _ after: String) {
            if before == after { return }
            func shown(_ text: String) -> Shown? { text.isEmpty ? nil : column.shown(text) }
            fields.append(Field(person: person, field: column.field, before: shown(before), after: shown(after)))
        }
        let (before, after) = (Dictionary(grouping: old.members, by: \.number), Dictionary(grouping: new.members, by: \.number))
        for column in RegisterSheet.Column.allCases where !column.isDerived {
            if column.isHouseholds {
                note(nil, column, RegisterSheet.cell(column, of: old), RegisterSheet.cell(column, of: new))
            } else {
                for person in Set(before.keys).union(after.keys).sorted() {
                    func cell(_ member: MemberEntry?) -> String { member.map { RegisterSheet.cell(column, of: $0) } ?? "" }
                    note(person, column, cell(before[person]?.first), cell(after[person]?.first))
                }
            }
        }
        return fields
    }

    /// What cases did. Relations and places are told with the data.
    private static func differences(from old: RegisterState, to new: RegisterState) -> [Field] {
        var fields: [Field] = []
        func note(_ person: String?, _ name: String, _ before: String?, _ after: String?) {
            if before != after { fields.append(Field(person: person, field: name, before: before.map(Shown.text), after: after.map(Shown.text))) }
        }
        note(nil, "standing", old.standing, new.standing)
        note(nil, "exitStatus", old.exitStatus?.rawValue, new.exitStatus?.rawValue)
        note(nil, "standingYear", old.standingYear.map(String.init), new.standingYear.map(String.init))
        note(nil, "registeredOn", old.registeredOn?.description, new.registeredOn?.description)
        let before = Dictionary(old.members.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        for member in new.members {
            note(member.number, "state", before[member.number]?.state, member.state)
            note(member.number, "endedReason", before[member.number]?.reason, member.reason)
        }
        return fields
    }
}

extension HouseholdHistory.Change {
    fileprivate init(_ row: Row, fields: [HouseholdHistory.Field]) throws {
        self.init(at: try row["at"], actor: try row["actor"], reason: try row["reason"], fields: fields)
    }
}

/// A field's written form, or what may be seen of it.
enum Shown: Encodable, Equatable {
    case text(String)
    case masked(Masked)

    var written: String {
        switch self {
        case .text(let text): text
        case .masked(let masked): masked.description
        }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .text(let text): try text.encode(to: encoder)
        case .masked(let masked): try masked.encode(to: encoder)
        }
    }
}

extension RegisterSheet.Column {
    func shown(_ text: String) -> Shown { isMasked ? .masked(masked(text)) : .text(text) }

    func masked(_ text: String) -> Masked {
        switch self {
        case .name, .headName: .name(text)
        case .phone, .memberPhone: .middle(of: text, keeping: 3, 4)
        case .bankCard: .middle(of: text, keeping: 4, 4)
        case .certificate: .middle(of: text, keeping: 6, 0)
        default: .middle(of: text, keeping: 6, 1)
        }
    }
}
