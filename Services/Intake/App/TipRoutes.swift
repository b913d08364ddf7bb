import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets

/// Tips for programs: the box's and the telephone's are entered here, worked on, and asked for by receipt code.
struct TipRoutes {
    let desk: TipDesk
    let gate: TipGate

    func add(to api: API) {
        // Its reply holds the receipt code, so it is kept nowhere; the desk itself knows what it has taken.
        api.ask("/v1/tips", receive)
        api.get("/v1/tips", list)
        api.get("/v1/tips/:tip", show)
        api.post("/v1/tips/:tip/acts", acting: .field("act"), act)
        api.ask("/v1/tips/:tip/tipster", revealTipster)
        api.ask("/v1/tip-receipts", follow)
        api.get("/v1/campaigns/:campaign/tip-figures", showFigures)
        api.get("/v1/campaigns/:campaign/tip-ledger.xlsx", writeLedger)
        api.put("/v1/tip-offices", setOffices)
        api.get("/v1/tip-offices", listOffices)
    }

    func receive(_ call: Call, _ work: Work) throws -> Reply {
        try .json(desk.receive(call.body(NewTip.self), key: OnceKey.of(call), work), status: .created)
    }

    private struct Shown: Encodable {
        let tip: TipID
        let number: String
        let channel: IntakeTip.Channel
        let place: DivisionCode
        let household: String?
        let concerns: TipLevel?
        let isAnonymous: Bool
        let receivedOn: LocalDate
        let dueOn: LocalDate
        let isOverdue: Bool
        let state: IntakeTip.State
        let level: TipLevel?
        let handler: String?
        let outcome: TipOutcome?
        let manner: IntakeTip.Manner?
        let mergedInto: TipID?

        init(_ tip: IntakeTip, household: String?, year: Int, today: LocalDate) {
            (self.tip, number, channel, place) = (tip.id, yearNumber(tip.number ?? 0, in: year), tip.channel, tip.place)
            (self.household, concerns, isAnonymous) = (household, tip.concerns, tip.isAnonymous)
            (receivedOn, dueOn, isOverdue, state) = (tip.receivedOn, tip.dueOn, tip.isOverdue(on: today), tip.state)
            (level, handler) = (tip.assignment?.level, tip.assignment?.handler)
            (outcome, manner, mergedInto) = (tip.outcome, tip.manner, tip.mergedInto)
        }
    }

    /// `?campaign=` and, if wanted, `state=`, `overdue=true`, `within=` a division.
    func list(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.queryID("campaign"))
        let today = try work.today
        let state = try call.query("state").map { text in
            guard let state = IntakeTip.State(rawValue: text) else { throw Invalid("?state", "code.unknown", "a state of a tip") }
            return state
        }
        let filter = TipDesk.Filter(
            campaign: campaign.id, state: state, isOverdue: call.query("overdue") == "true", within: try call.division("within"),
            after: call.query("after").flatMap { Int($0) } ?? 0, limit: try call.limit())
        let listed = try desk.list(filter, work)
        return try .page(
            listed.map { Shown($0.tip, household: $0.household, year: campaign.plan.year, today: today) },
            next: listed.count == filter.limit ? listed.last?.tip.number.map(String.init) : nil, call: call)
    }

    private struct Whole: Encodable {
        let tip: Shown
        let text: String
        let acts: [Done]

        struct Done: Encodable {
            let at: Instant
            let actor: String
            let done: TipOrder
        }
    }

    /// With what it says, which is noted; never with who said it.
    func show(_ call: Call, _ work: Work) throws -> Reply {
        let tip = try IntakeTip.read(call.id("tip"), in: work)
        let text = try work.text(of: tip.id, desk.vault)
        try work.note(.text, of: tip.id, by: work.deed.actor.description, for: work.deed.reason)
        return try .json(
            Whole(
                tip: shown(tip, work), text: text.reveal,
                acts: work.history(of: tip.id, desk.vault).map { .init(at: $0.at, actor: $0.actor, done: $0.order) }))
    }

    func act(_ call: Call, _ work: Work) throws -> Reply {
        try .json(shown(desk.act(call.body(TipOrder.self), on: call.id("tip"), work), work))
    }

    private func shown(_ tip: IntakeTip, _ work: Work) throws -> Shown {
        let household: String? = try tip.household.flatMap { try work.first("SELECT number FROM households WHERE id = \($0)")?["number"] }
        return Shown(tip, household: household, year: try work.campaign(tip.campaign).plan.year, today: try work.today)
    }

    private struct Purpose: Decodable {
        let purpose: String
    }

    func revealTipster(_ call: Call, _ work: Work) throws -> Reply {
        try .json(desk.revealTipster(of: call.id("tip"), to: call.namedActor(), for: call.body(Purpose.self).purpose, work))
    }

    private struct Asked: Decodable {
        let code: String
    }

    /// What became of a tip, by the receipt code in the body: an address is logged.
    func follow(_ call: Call, _ work: Work) throws -> Reply {
        let asked = try call.body(Asked.self)
        if let wait = try gate.wait(at: .receipt, call, work) { return try .tooMany(wait: wait) }
        guard let standing = try desk.standing(asked.code, work) else { throw NotFound("receipt") }
        return try .json(standing)
    }

    func showFigures(_ call: Call, _ work: Work) throws -> Reply {
        try .json(desk.figures(of: work.campaign(call.id("campaign")).id, work))
    }

    /// Every tip of a campaign, by number (section 10): neither what it says nor who gave it.
    func writeLedger(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let today = try work.today
        let tips = try desk.list(TipDesk.Filter(campaign: campaign.id, limit: Self.ledgerRows), work)
        let names = try work.names(of: tips.map(\.tip.place))
        let writer = try XLSXWriter(
            SheetDesign("举报异议台账", [
                "编号", "来源", "受理单位", "收到日期", "户编号", "答复期限", "超期", "状态", "承办层级", "经办人", "调查结论", "答复方式",
            ].map { .init($0) }))
        for (tip, household) in tips {
            try writer.append([
                yearNumber(tip.number ?? 0, in: campaign.plan.year), TipWords.of(tip.channel).zh, names[tip.place] ?? tip.place.code,
                tip.receivedOn.description, household ?? "", tip.dueOn.description, tip.isOverdue(on: today) ? "是" : "",
                TipWords.of(tip.state).zh, tip.assignment.map { TipWords.of($0.level).zh } ?? "", tip.assignment?.handler ?? "",
                tip.outcome.map { TipWords.of($0).zh } ?? "", tip.manner.map { TipWords.of($0).zh } ?? "",
            ])
        }
        return .workbook(try writer.finish(), name: "tips-\(campaign.plan.year)")
    }

    /// Far more than one subdistrict gets in a year.
    private static let ledgerRows = 100_000

    // MARK: Offices

    /// The telephones and boxes, as the public form shows them. Those not named stay as they are.
    func setOffices(_ call: Call, _ work: Work) throws -> Reply {
        let offices = try call.body([TipOffice].self)
        var faults: [Invalid.Fault] = []
        for (place, office) in offices.enumerated() {
            if PhoneNumber(office.telephone) == nil { faults.append(.init("/\(place)/telephone", "phone.format", "a telephone number in China")) }
            if !(1...100).contains(office.box.count) { faults.append(.init("/\(place)/box", "text.length", "1 to 100 characters")) }
            if office.division.level != .subdistrict, office.division.level != .community {
                faults.append(.init("/\(place)/division", "tip.place", "a subdistrict or a community"))
            }
        }
        if Set(offices.map(\.division)).count < offices.count { faults.append(.init("", "tip.place-twice", "a place stands twice")) }
        guard faults.isEmpty else { throw Invalid(faults) }
        try work.execute(
            """
            INSERT INTO tip_offices (division, telephone, box, actor)
            SELECT u.*, \(work.deed.actor.description) FROM unnest(\(offices.map(\.division)), \(offices.map(\.telephone)), \(offices.map(\.box))) AS u
            ON CONFLICT (division) DO UPDATE
            SET telephone = excluded.telephone, box = excluded.box, actor = excluded.actor, changed_at = excluded.changed_at
            """)
        return .noContent
    }

    func listOffices(_ call: Call, _ work: Work) throws -> Reply {
        try .json(work.tipOffices(of: work.campaign(call.queryID("campaign"))))
    }
}
