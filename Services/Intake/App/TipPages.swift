import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The clerk's pages: what lies in the box or comes by telephone is entered, and every tip is brought to its answer.
struct TipPages {
    let desk: TipDesk

    func add(to api: API) {
        api.page("/tips", of: IntakePages.all, showTips)
        api.page("/tips/:tip", of: IntakePages.all, showTip)
        api.form("/tips/:tip", of: IntakePages.all, acting: .field("act"), act)
        api.search("/tips/:tip/tipster", of: IntakePages.all, revealTipster)
        api.page("/tip-entry", of: IntakePages.all, showEntry)
        // As questions are, so that no reply is kept: it holds the receipt code.
        api.search("/tip-entry", of: IntakePages.all, enter)
    }

    // MARK: The list

    private struct Tips {
        let campaign: String
        let year: Int
        let figures: TipDesk.Figures
        let states: [Pages.Choice]
        let isOverdueOnly: Bool
        let rows: [Row]
        let none: Bool
        let next: Int?
        let state: String

        struct Row {
            let tip: String
            let number: String
            let channel: Pages.Words
            let place: String
            let receivedOn: String
            let dueOn: String
            let isOverdue: Bool
            let state: Pages.Words
            let handler: String
            let household: String
        }
    }

    private func showTips(_ call: Call, _ work: Work) throws -> Reply {
        guard let campaign = try work.latestCampaign() else { throw NotFound("campaign") }
        let today = try work.today
        let filter = TipDesk.Filter(
            campaign: campaign.id, state: call.query("state").flatMap(IntakeTip.State.init(rawValue:)), isOverdue: call.query("overdue") != nil,
            after: call.query("after").flatMap { Int($0) } ?? 0)
        let listed = try desk.list(filter, work)
        let names = try work.names(of: listed.map(\.tip.place))
        let rows = listed.map { tip, household in
            Tips.Row(
                tip: tip.id.description, number: yearNumber(tip.number ?? 0, in: campaign.plan.year), channel: TipWords.of(tip.channel),
                place: names[tip.place] ?? tip.place.code, receivedOn: tip.receivedOn.description, dueOn: tip.dueOn.description,
                isOverdue: tip.isOverdue(on: today), state: TipWords.of(tip.state), handler: tip.assignment?.handler ?? "", household: household ?? "")
        }
        return try IntakePages.all.show(
            "tips",
            Tips(
                campaign: campaign.id.description, year: campaign.plan.year, figures: desk.figures(of: campaign.id, work),
                states: Pages.Choice.all(IntakeTip.State.self, TipWords.of, chosen: filter.state?.rawValue), isOverdueOnly: filter.isOverdue, rows: rows,
                none: rows.isEmpty, next: rows.count == filter.limit ? listed.last?.tip.number : nil, state: filter.state?.rawValue ?? ""),
            for: call)
    }

    // MARK: One tip

    private struct Shown {
        let tip: String
        let number: String
        let channel: Pages.Words
        let place: String
        let receivedOn: String
        let dueOn: String
        let isOverdue: Bool
        /// Who has been told that it is.
        let escalated: Pages.Words?
        let state: Pages.Words
        let household: String?
        let concerns: Pages.Words?
        let isAnonymous: Bool
        let owesNotice: Bool
        let handler: Handler?
        let mergedInto: String?
        let text: String
        let done: [Done]
        let forms: [ActForm]

        struct Handler {
            let level: Pages.Words
            let account: String
        }

        struct Done {
            let on: String
            let act: Pages.Words
            let actor: String
            let details: [Detail]
        }

        struct Detail {
            let zh: String
            let text: String
        }
    }

    /// What one act asks for; a field that it does not ask for is left out.
    private struct ActForm {
        let act: String
        let zh: String
        let en: String
        /// The one that leads on; the others are folded up.
        let isNext: Bool
        var levels: Choices?
        var outcomes: Choices?
        var manners: Choices?
        var asksHandler = false
        var asksHousehold = false
        var asksTip = false
        /// What the text that it asks for is to say.
        var words: Pages.Words?

        struct Choices { let all: [Pages.Choice] }

        init(_ act: TipAct, of tip: IntakeTip, usually: TipLevel) {
            let name = TipWords.of(act)
            (self.act, zh, en, isNext) = (act.rawValue, name.zh, name.en, act == tip.acts.first)
            switch act {
            case .assign:
                let lowest = tip.investigator(usually: usually)
                levels = Choices(all: TipLevel.allCases.filter { level in lowest.map { $0 <= level } ?? false }.map { Pages.Choice($0.rawValue, TipWords.of($0)) })
                asksHandler = true
            case .concern: levels = Choices(all: Pages.Choice.all(TipLevel.self, TipWords.of))
            case .relate: asksHousehold = true
            case .find:
                outcomes = Choices(all: Pages.Choice.all(TipOutcome.self, TipWords.of))
                words = .init("查明的情况", "What was found")
            case .answer:
                let manners = tip.owesNotice ? [IntakeTip.Manner.notice] : IntakeTip.Manner.allCases
                self.manners = Choices(all: manners.map { Pages.Choice($0.rawValue, TipWords.of($0)) })
                words = .init("答复内容（公告不得出现姓名和号码）", "The answer; a notice names nobody")
            case .merge: asksTip = true
            case .transfer: words = .init("转往单位", "To which authority")
            case .reopen: words = .init("理由", "Why")
            case .investigate, .close, .register, .absorb: break
            }
        }
    }

    private func showTip(_ call: Call, _ work: Work) throws -> Reply {
        let tip = try IntakeTip.read(call.id("tip"), in: work)
        let campaign = try work.campaign(tip.campaign)
        let (today, year) = (try work.today, campaign.plan.year)
        let text = try work.text(of: tip.id, desk.vault)
        try work.note(.text, of: tip.id, by: work.deed.actor.description, for: work.deed.reason)
        let household: String? = try tip.household.flatMap { try work.first("SELECT number FROM households WHERE id = \($0)")?["number"] }
        let merged = try tip.mergedInto.map { try IntakeTip.read($0, in: work) }
        let page = Shown(
            tip: tip.id.description, number: yearNumber(tip.number ?? 0, in: year), channel: TipWords.of(tip.channel),
            place: try work.names(of: [tip.place])[tip.place] ?? tip.place.code, receivedOn: tip.receivedOn.description,
            dueOn: tip.dueOn.description, isOverdue: tip.isOverdue(on: today), escalated: try work.escalation(of: tip.id).map(TipWords.of),
            state: TipWords.of(tip.state), household: household,
            concerns: tip.concerns.map(TipWords.of), isAnonymous: tip.isAnonymous, owesNotice: tip.owesNotice,
            handler: tip.assignment.map { .init(level: TipWords.of($0.level), account: $0.handler) },
            mergedInto: merged.map { yearNumber($0.number ?? 0, in: year) }, text: text.reveal,
            done: try work.history(of: tip.id, desk.vault).map { done in
                .init(
                    on: LocalDate(done.at).description, act: TipWords.of(done.order.act), actor: done.actor, details: Self.details(done.order, year))
            },
            forms: tip.acts.filter { call.may("POST /tips/:tip", $0.rawValue) }.map { ActForm($0, of: tip, usually: campaign.plan.tipInvestigator(on: today)) })
        return try IntakePages.all.show("tip", page, for: call)
    }

    private static func details(_ order: TipOrder, _ year: Int) -> [Shown.Detail] {
        [
            order.level.map { Shown.Detail(zh: "层级", text: TipWords.of($0).zh) }, order.handler.map { .init(zh: "经办人", text: $0) },
            order.household.map { .init(zh: "户编号", text: $0) }, order.outcome.map { .init(zh: "结论", text: TipWords.of($0).zh) },
            order.manner.map { .init(zh: "方式", text: TipWords.of($0).zh) }, order.into.map { .init(zh: "编号", text: yearNumber($0, in: year)) },
            order.text.map { .init(zh: "内容", text: $0) },
        ].compactMap { $0 }
    }

    private func act(_ call: Call, _ work: Work) throws -> Reply {
        let id: TipID = try call.id("tip")
        let form = try call.form()
        func chosen<Value: RawRepresentable<String>>(_ field: String, _ type: Value.Type = Value.self) throws -> Value? {
            try form.text(field).map { text in
                guard let value = Value(rawValue: text) else { throw Invalid("/\(field)", "code.unknown", "choose one of those on the page") }
                return value
            }
        }
        guard let act = try chosen("act", TipAct.self) else { throw Invalid("/act", "missing", "what to do") }
        let order = TipOrder(
            act: act, household: form.text("household"), level: try chosen("level"), handler: form.text("handler"), outcome: try chosen("outcome"),
            manner: try chosen("manner"), into: try form.text("into").map(Self.number), text: form.text("text"))
        _ = try desk.act(order, on: id, work)
        return .see("/tips/\(id)")
    }

    /// `2018-0007`, or only its last part.
    private static func number(_ text: String) throws -> Int {
        guard let number = text.split(separator: "-").last.flatMap({ Int($0) }) else { throw Invalid("/into", "tip.unknown", "a tip's number, as 2018-0007") }
        return number
    }

    // MARK: Tipster

    private struct Revealed {
        let tip: String
        let name: String
        let contact: String
    }

    private func revealTipster(_ call: Call, _ work: Work) throws -> Reply {
        let id: TipID = try call.id("tip")
        let tipster = try desk.revealTipster(of: id, to: call.namedActor(), for: call.form().required("purpose"), work)
        return try IntakePages.all.show("tipster", Revealed(tip: id.description, name: tipster.name ?? "", contact: tipster.contact ?? ""), for: call)
    }

    // MARK: Entering one

    private struct Entry {
        let places: [Pages.Choice]
        let channels: [Pages.Choice]
        let levels: [Pages.Choice]
        let today: String
    }

    private func showEntry(_ call: Call, _ work: Work) throws -> Reply {
        guard let campaign = try work.latestCampaign() else { throw NotFound("campaign") }
        let subdistrict = campaign.plan.subdistrict
        let communities = try work.query(
            "SELECT code FROM divisions WHERE starts_with(code, \(subdistrict.code)) AND length(code) = \(DivisionCode.Level.community.rawValue) ORDER BY code"
        ).map { try $0["code", as: DivisionCode.self] }
        let places = [subdistrict] + communities
        let names = try work.names(of: places)
        let page = Entry(
            places: places.map { Pages.Choice($0.code, .init(names[$0] ?? $0.code, "")) },
            channels: Pages.Choice.all(IntakeTip.Channel.self, TipWords.of, chosen: call.query("channel")).filter { $0.code != IntakeTip.Channel.form.rawValue },
            levels: Pages.Choice.all(TipLevel.self, TipWords.of), today: try work.today.description)
        return try IntakePages.all.show("entry", page, for: call)
    }

    private struct Receipt {
        let number: String
        let code: String
        let dueOn: String
        let tip: String
    }

    private func enter(_ call: Call, _ work: Work) throws -> Reply {
        guard let campaign = try work.latestCampaign() else { throw NotFound("campaign") }
        let form = try call.form()
        guard let place = DivisionCode(try form.required("place")) else { throw Invalid("/place", "division.format", "a division's code") }
        guard let channel = IntakeTip.Channel(rawValue: try form.required("channel")) else { throw Invalid("/channel", "code.unknown", "box, telephone or meeting") }
        guard let text = TipText(try form.required("text")) else { throw Invalid("/text", "text.length", "2 to 4,000 characters") }
        let receivedOn = try form.text("receivedOn").map { text in
            guard let day = LocalDate(text) else { throw Invalid("/receivedOn", "date.format", "a day as 2018-10-17") }
            return day
        }
        let receipt = try desk.receive(
            NewTip(
                campaign: campaign.id, place: place, channel: channel, receivedOn: receivedOn, text: text, household: form.text("household"),
                concerns: form.text("concerns").flatMap(TipLevel.init(rawValue:)), tipster: Tipster(name: form.text("name"), contact: form.text("contact"))),
            key: OnceKey.of(form), work)
        return try IntakePages.all.show(
            "receipt", Receipt(number: receipt.number, code: receipt.code, dueOn: receipt.dueOn.description, tip: receipt.tip.description), for: call,
            status: .created)
    }
}
