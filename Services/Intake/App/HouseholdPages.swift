import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The register, for staff with a browser: find households, and look at one as it stands or stood on a day. What names a
/// person is masked; whoever knows an ID number finds its household by a form, which is noted, and never by an address.
struct HouseholdPages {
    let vault: Vault

    func add(to api: API) {
        api.page("/campaigns/:campaign/households", of: IntakePages.all, showHouseholds)
        api.search("/campaigns/:campaign/households/search", of: IntakePages.all, search)
        api.page("/households/:household", of: IntakePages.all, showHousehold)
    }

    // MARK: List

    private struct Households {
        let campaign: String
        let year: Int
        let number: String
        let within: String
        let standings: [Choice]
        let rows: [Row]
        let none: Bool
        /// The query of the next page.
        let next: String?

        struct Choice {
            let code: String
            let label: Label
            let chosen: Bool
        }

        struct Row {
            let household: String
            let number: String
            let place: String
            let head: String
            let persons: Int
            let standing: String
            let status: String
        }
    }

    private static let shown = 100
    private static let standings: [(code: String, label: Label)] = [
        ("", Label("全部", "all")), ("registered", Label("建档立卡", "registered")), ("outside", Label("未建档", "not registered")),
        ("struck_off", Label("已剔除", "struck off")), ("closed", Label("已销户", "closed")),
    ]

    private func showHouseholds(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let (number, within, standing) = (call.filled("number"), call.filled("within"), call.filled("standing"))
        let found = try work.households(
            of: campaign.id, number: number, within: within.map { try Self.place($0, work) }, standing: standing, after: call.query("after"),
            limit: Self.shown)
        let names = try work.divisionNames(found.map(\.division))
        let rows = found.map { one in
            Households.Row(
                household: one.household.description, number: one.number, place: names[one.division] ?? one.division.code, head: one.headName.description,
                persons: one.memberCount, standing: one.standing.label.zh, status: one.standing.status?.label.zh ?? "")
        }
        let page = Households(
            campaign: campaign.id.description, year: campaign.plan.year, number: number ?? "", within: within ?? "",
            standings: Self.standings.map { .init(code: $0.code, label: $0.label, chosen: $0.code == standing ?? "") }, rows: rows,
            none: rows.isEmpty, next: found.count == Self.shown ? found.last.map { call.query(with: "after", $0.number) } : nil)
        return try IntakePages.all.show("households", page, for: call)
    }

    /// By code, or by name.
    private static func place(_ text: String, _ work: Work) throws -> DivisionCode {
        if let division = DivisionCode(text) { return division }
        guard let named: DivisionCode = try work.first("SELECT code FROM divisions WHERE name = \(text) ORDER BY code LIMIT 1")?["code"]
        else { throw Invalid("?within", "division.unknown", "no division has this code or name") }
        return named
    }

    // MARK: Search by number

    private struct Found {
        let campaign: String
        let rows: [Row]
        let none: Bool

        struct Row {
            let household: String
            let number: String
            let division: String
            let standing: String
        }
    }

    private func search(_ call: Call, _ work: Work) throws -> Reply {
        let form = try call.form()
        let purpose = try call.purpose(form.text("purpose") ?? "")
        guard let residentID = ResidentID(form.text("idNumber") ?? "") else {
            throw Invalid("/idNumber", "resident-id", "no resident ID: 18 characters with a fitting check character")
        }
        let found = try work.find(residentID, for: purpose, vault)
        let rows = found.map { Found.Row(household: $0.household.description, number: $0.number, division: $0.division.code, standing: $0.standing) }
        return try IntakePages.all.show(
            "found", Found(campaign: try call.parameter("campaign"), rows: rows, none: rows.isEmpty), for: call)
    }

    // MARK: One household

    private struct Household {
        let household: String
        let campaign: String
        let number: String
        let place: String
        let standing: Label
        let status: String
        let day: String
        let isThen: Bool
        let said: Said
        let fields: [Field]
        let members: [Member]
        let breaches: Breaches?
        let measures: Measures?
        let cases: Cases?
        let changes: [Change]

        struct Field {
            let label: String
            let value: String
        }

        struct Member {
            let number: String
            let name: String
            let relation: String
            let state: String
            let isActive: Bool
            let fields: [Field]
        }

        struct Breaches { let rows: [Breach] }

        struct Breach {
            let place: String
            let zh: String
            let reason: String
            let code: String
            let isWarning: Bool
        }

        struct Measures { let rows: [Measure] }

        struct Measure {
            let year: Int
            let measure: String
            let effect: String
        }

        struct Cases { let rows: [Case] }

        struct Case {
            let kind: Label
            let person: String
            let status: Label
            let reasons: String
        }

        struct Said {
            let at: String
            let actor: String
            let reason: String
        }

        struct Change {
            let said: Said
            let fields: [Difference]
            let isFirst: Bool
        }

        struct Difference {
            let place: String
            let before: String
            let after: String
        }
    }

    /// `?at=<day>` as it stood at the end of that day.
    private func showHousehold(_ call: Call, _ work: Work) throws -> Reply {
        let id: HouseholdID = try call.id("household")
        let day = try call.day("at")
        let moment = day.map { ($0 + 1).start }
        let onFile = try work.onFile(id, before: moment, vault)
        let view = HouseholdView(onFile, measures: try work.measures(of: id, at: moment, vault))
        let record = onFile.record
        let cases = try work.cases(of: [id], in: record.campaign)[id] ?? []
        let history = try HouseholdHistory(of: id, in: work, vault).changes.filter { change in moment.map { change.at < $0 } ?? true }
        let columns = RegisterSheet.Column.allCases
        func fields(_ shown: [String: Shown], _ chosen: (RegisterSheet.Column) -> Bool) -> [Household.Field] {
            columns.filter { chosen($0) && !$0.isDerived }.compactMap { column in
                shown[column.field].map { Household.Field(label: column.rawValue, value: column.spoken($0.written)) }
            }
        }
        let page = Household(
            household: id.description, campaign: record.campaign.description, number: record.number,
            place: try work.divisionNames([record.division])[record.division] ?? record.division.code, standing: record.standing.label,
            status: record.standing.status?.label.zh ?? "", day: day?.description ?? "", isThen: day != nil, said: Self.said(view.said),
            fields: fields(view.fields) { $0.isHouseholds && $0 != .household },
            members: view.members.map { member in
                Household.Member(
                    number: member.number, name: member.name.description, relation: Codes.relations[member.relation]?.zh ?? member.relation,
                    state: Self.state(member), isActive: member.state == "active",
                    fields: fields(member.fields ?? [:]) { !$0.isHouseholds && ![.person, .name, .relation].contains($0) })
            },
            breaches: view.breaches.isEmpty
                ? nil
                : .init(rows: view.breaches.map { .init(place: Self.place($0.person, $0.field), zh: FaultWords.zh($0.code) ?? "", reason: $0.reason, code: $0.code, isWarning: $0.isWarning) }),
            measures: view.measures.isEmpty
                ? nil
                : .init(rows: view.measures.map { .init(year: $0.year, measure: Codes.measures[$0.measure]?.zh ?? $0.measure, effect: $0.effect) }),
            cases: cases.isEmpty
                ? nil
                : .init(
                    rows: cases.map { one in
                        .init(
                            kind: one.kind.label, person: record.members.first { $0.id == one.member }?.number ?? "", status: one.status.label,
                            reasons: one.reasons.joined(separator: " "))
                    }),
            changes: history.reversed().map { change in
                .init(
                    said: .init(at: change.at.wallClock, actor: change.actor, reason: change.reason),
                    fields: change.fields.map { .init(place: Self.place($0.person, $0.field), before: $0.before?.written ?? "", after: $0.after?.written ?? "") },
                    isFirst: change.fields.isEmpty)
            })
        return try IntakePages.all.show("household", page, for: call)
    }

    private static func said(_ said: HouseholdView.Said) -> Household.Said {
        .init(at: said.at.wallClock, actor: said.actor, reason: said.reason)
    }

    private static func place(_ person: String?, _ field: String) -> String {
        let label = RegisterSheet.Column.allCases.first { $0.field == field && ($0.isHouseholds == (person == nil)) }?.rawValue ?? registerFields[field] ?? field
        return person.map { "\($0) \(label)" } ?? label
    }

    /// What cases change, beside the columns of the tables.
    private static let registerFields = [
        "standing": "登记状态", "exitStatus": "脱贫状态", "standingYear": "年度", "registeredOn": "建档日期", "state": "人员状态", "endedReason": "减少原因",
    ]

    private static func state(_ member: HouseholdView.Member) -> String {
        switch member.state {
        case "active": "在户"
        case "proposed": "待核实"
        case "refused": "未纳入"
        default: "\(Codes.naturalDecrease[member.endedReason ?? ""]?.zh ?? Codes.memberClearout[member.endedReason ?? ""]?.zh ?? "已减少") \(member.endedOn?.description ?? "")"
        }
    }
}
