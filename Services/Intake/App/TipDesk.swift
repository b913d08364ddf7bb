import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// A tip as it comes in: by the public's form, or written down by a clerk from the box or the telephone.
struct NewTip: Codable {
    let campaign: CampaignID
    let place: DivisionCode
    let channel: IntakeTip.Channel
    /// When it lay in the box or the telephone rang; today, if nothing is said.
    var receivedOn: LocalDate?
    let text: TipText
    /// The number of the household that it speaks of, if whoever enters it knows.
    var household: String?
    /// The case on a posted list against which somebody objects (R24, R28): its household is the one.
    var objectsTo: CaseID?
    var concerns: TipLevel?
    /// Nobody of an anonymous tip.
    var tipster: Tipster?
}

/// What shall be done with a tip; kept, sealed, as its history.
struct TipOrder: Codable {
    let act: TipAct
    /// The number of the household that the tip speaks of.
    var household: String?
    /// Who is concerned, or who looks into it.
    var level: TipLevel?
    /// The account of who looks into it.
    var handler: String?
    var outcome: TipOutcome?
    var manner: IntakeTip.Manner?
    /// The number of the tip that it is merged into.
    var into: Int?
    /// The finding, the answer, the authority that it goes to, why it is opened again.
    var text: String?
}

/// Where tips are taken and worked on, whatever way they come: the public's form, the clerk's pages, programs.
struct TipDesk: Sendable {
    let vault: Vault

    // MARK: Receiving

    /// What a tipster takes along. The code is told here and nowhere else.
    struct Receipt: Encodable {
        let tip: TipID
        let number: String
        let code: String
        let dueOn: LocalDate
    }

    /// Registers a tip, once for a key however often it is sent. The reply to this must not be kept, since it holds the code.
    func receive(_ new: NewTip, key: String, _ work: Work) throws -> Receipt {
        let sending = vault.hash(.sending, key)
        let content = vault.hash(.content, String(decoding: try JSON.encode(new), as: UTF8.self))
        try work.sql.execute("SELECT pg_advisory_xact_lock(hashtextextended(\("lika.tip." + sending), 0))")
        let campaign = try work.campaign(new.campaign)
        if let row = try work.first("SELECT tip_id, content_hash FROM tip_papers WHERE sending_hash = \(sending)") {
            guard try row["content_hash"] == content else { throw OnceKey.reused }
            return receipt(try IntakeTip.read(row["tip_id"], in: work), in: campaign, sentUnder: key)
        }
        let tip = try register(new, in: campaign, work)
        let dataKey = try work.makeKey(of: tip.id, vault)
        try work.execute(
            """
            INSERT INTO tip_papers (tip_id, sealed, receipt_hash, sending_hash, content_hash)
            VALUES (\(tip.id), \(try dataKey.seal(new.text, in: .tip(tip.id))),
                \(vault.hash(.receipt, vault.receiptCode(of: tip.id, sentUnder: key).reveal)), \(sending), \(content))
            """)
        if let tipster = new.tipster {
            try work.execute("INSERT INTO tipsters (tip_id, sealed) VALUES (\(tip.id), \(try dataKey.seal(tipster, in: .tipster(tip.id))))")
        }
        try work.keep(TipOrder(act: .register), of: tip.id, under: dataKey)
        work.noteDoing(of: "tip \(tip.id)")
        return receipt(tip, in: campaign, sentUnder: key)
    }

    private func register(_ new: NewTip, in campaign: IssuedCampaign, _ work: Work) throws -> IntakeTip {
        let (today, now) = (try work.today, try work.now)
        let receivedOn = new.receivedOn ?? today
        var faults = new.tipster?.faults ?? []
        if !campaign.plan.subdistrict.contains(new.place) || new.place.level == .group {
            faults.append(.init("/place", "tip.place", "the campaign's subdistrict or one of its communities"))
        }
        if !(0...30).contains(today - receivedOn) { faults.append(.init("/receivedOn", "tip.received", "today or one of the thirty days before")) }
        let household = try new.household.map { try work.householdNumbered($0, in: campaign.id) }
        if case .some(.none) = household { faults.append(.init("/household", "household.unknown", "no household of this campaign has this number")) }
        let objected = try new.objectsTo.map { try work.household(of: $0, in: campaign.id) }
        if case .some(.none) = objected { faults.append(.init("/objectsTo", "case.unknown", "no case of this campaign")) }
        guard faults.isEmpty else { throw Invalid(faults) }
        let received = IntakeTip(
            id: TipID(work.newID()), campaign: campaign.id, channel: new.channel, place: new.place, isAnonymous: new.tipster == nil,
            receivedOn: receivedOn, dueOn: IntakeTip.due(from: receivedOn, under: campaign.settings), household: (objected ?? household).flatMap { $0 },
            concerns: new.concerns)
        let decision = try received.deciding(.register(number: nextNumber(in: campaign.id, work)), at: now)
        try work.insert(decision.state, telling: decision.events)
        try work.watch(decision.state)
        return decision.state
    }

    private func nextNumber(in campaign: CampaignID, _ work: Work) throws -> Int {
        let row = try work.first(
            """
            INSERT INTO tip_numbers AS n (campaign_id, last) VALUES (\(campaign), 1)
            ON CONFLICT (campaign_id) DO UPDATE SET last = n.last + 1 RETURNING last
            """)
        guard let row else { throw UnexpectedValue(column: "last", expected: "a row") }
        return try row["last"]
    }

    private func receipt(_ tip: IntakeTip, in campaign: IssuedCampaign, sentUnder key: String) -> Receipt {
        Receipt(
            tip: tip.id, number: yearNumber(tip.number ?? 0, in: campaign.plan.year), code: vault.receiptCode(of: tip.id, sentUnder: key).written,
            dueOn: tip.dueOn)
    }

    // MARK: Working on it

    /// Does what a clerk orders, and keeps it with who did it.
    func act(_ order: TipOrder, on id: TipID, _ work: Work) throws -> IntakeTip {
        let campaign = try work.campaign(IntakeTip.read(id, in: work).campaign)
        let now = try work.now
        let command = try command(order, on: id, in: campaign, work)
        let after = try work.decide(IntakeTip.self, id) { try $0.deciding(command, at: now) }
        switch command {
        case .assign, .relate: try after.checkHandler(isNoneOf: after.household.map(work.surveyors) ?? [])
        case .register, .concern, .investigate, .find, .answer, .close, .merge, .absorb, .transfer, .reopen: break
        }
        let key = try work.key(of: id, vault)
        try work.keep(order, of: id, under: key)
        if case .reopen = command { try work.watch(after) }
        if case .merge(let other) = command {
            try work.decide(IntakeTip.self, other.id) { try $0.deciding(.absorb, at: now) }
            try work.keep(TipOrder(act: .absorb, into: after.number), of: other.id, under: work.key(of: other.id, vault))
        }
        return after
    }

    private func command(_ order: TipOrder, on id: TipID, in campaign: IssuedCampaign, _ work: Work) throws -> IntakeTip.Command {
        func needed<Value>(_ value: Value?, _ field: String) throws -> Value {
            guard let value else { throw Invalid("/\(field)", "missing", "this act needs it") }
            return value
        }
        switch order.act {
        case .relate:
            guard let household = try work.householdNumbered(needed(order.household, "household"), in: campaign.id)
            else { throw Invalid("/household", "household.unknown", "no household of this campaign has this number") }
            return .relate(household)
        case .concern: return .concern(try needed(order.level, "level"))
        case .assign:
            let assignment = IntakeTip.Assignment(level: try needed(order.level, "level"), handler: try account(needed(order.handler, "handler")))
            return .assign(assignment, usually: campaign.plan.tipInvestigator(on: try work.today))
        case .investigate: return .investigate
        case .find:
            try check(order, 2...2_000)
            return .find(try needed(order.outcome, "outcome"))
        case .answer:
            try check(order, 2...1_000)
            let manner = try needed(order.manner, "manner")
            if manner == .notice { try checkNotice(order, on: id, in: campaign, work) }
            return .answer(manner)
        case .close: return .close
        case .merge:
            let number = try needed(order.into, "into")
            let target: TipID? = try work.first("SELECT id FROM tips WHERE campaign_id = \(campaign.id) AND number = \(number)")?["id"]
            guard let target else { throw Invalid("/into", "tip.unknown", "no tip of this campaign has this number") }
            // Both at once, so that two clerks who merge two tips into each other do not wait for each other for ever.
            try work.prefetch(IntakeTip.self, [id, target])
            return .merge(into: try work.get(IntakeTip.self, target))
        case .transfer:
            try check(order, 2...100)
            try checkNotice(order, on: id, in: campaign, work)
            return .transfer
        case .reopen:
            try check(order, 2...500)
            return .reopen(dueOn: IntakeTip.due(from: try work.today, under: campaign.settings))
        case .register, .absorb: throw Invalid("/act", "code.unknown", "this happens by itself")
        }
    }

    private func account(_ text: String) throws -> String {
        guard Principal.isAccount(text) else { throw Invalid("/handler", "account.format", "an account's name: up to 64 letters, digits and . _ @ -") }
        return text
    }

    private func check(_ order: TipOrder, _ length: ClosedRange<Int>) throws {
        guard length.contains(order.text?.count ?? 0) else {
            throw Invalid("/text", "text.length", "\(length.lowerBound) to \(length.upperBound) characters")
        }
    }

    /// Whatever can be read under a receipt code names nobody.
    private func checkNotice(_ order: TipOrder, on id: TipID, in campaign: IssuedCampaign, _ work: Work) throws {
        let persons: [String] = try work.query(
            "SELECT m.name FROM tips t JOIN members m ON m.household_id = t.household_id WHERE t.id = \(id)"
        ).map { try $0["name"] }
        let names = try persons + [work.tipster(of: id, vault)?.name].compactMap { $0 }
        let faults = try TipNotice.faults(in: order.text ?? "", naming: names, allowing: work.tipOffices(of: campaign).map(\.telephone))
        guard faults.isEmpty else { throw Invalid(faults) }
    }

    /// Who the tipster is, told to the handler only, and noted.
    func revealTipster(of id: TipID, to actor: Actor, for purpose: String, _ work: Work) throws -> Tipster {
        guard (2...200).contains(purpose.count) else { throw Invalid("/purpose", "text.length", "a purpose of 2 to 200 characters") }
        try IntakeTip.read(id, in: work).checkHandler(actor.description)
        guard let tipster = try work.tipster(of: id, vault) else { throw NotFound("tipster") }
        try work.note(.tipster, of: id, by: actor.description, for: purpose)
        return tipster
    }

    // MARK: Following it

    /// What became of a tip, for whoever holds its receipt.
    struct Standing: Encodable {
        let number: String
        let state: IntakeTip.State
        let dueOn: LocalDate
        let outcome: TipOutcome?
        let manner: IntakeTip.Manner?
        let answeredOn: LocalDate?
        /// Of an answer by notice.
        let answer: String?
        let transferredTo: String?
    }

    /// Of a tip that was merged, where the other stands. Nothing if no tip has this code.
    func standing(_ text: String, _ work: Work) throws -> Standing? {
        guard let code = ReceiptCode(text),
            let row = try work.first("SELECT tip_id FROM tip_papers WHERE receipt_hash = \(vault.hash(.receipt, code.reveal))")
        else { return nil }
        let own = try IntakeTip.read(row["tip_id"], in: work)
        let campaign = try work.campaign(own.campaign)
        var tip = own
        while let other = tip.mergedInto { tip = try IntakeTip.read(other, in: work) }
        let acts = try work.history(of: tip.id, vault)
        let answer = tip.manner == nil ? nil : acts.last { $0.order.act == .answer }
        let transfer = tip.state == .transferred ? acts.last { $0.order.act == .transfer } : nil
        return Standing(
            number: yearNumber(own.number ?? 0, in: campaign.plan.year), state: tip.state, dueOn: tip.dueOn,
            // What was found is told with the answer, not before.
            outcome: answer == nil ? nil : tip.outcome, manner: tip.manner, answeredOn: answer.map { LocalDate($0.at) },
            answer: tip.manner == .notice ? answer?.order.text : nil, transferredTo: transfer?.order.text)
    }

    // MARK: The board

    struct Figures: Encodable, Equatable {
        let open: Int
        let dueToday: Int
        let overdue: Int
    }

    func figures(of campaign: CampaignID, _ work: Work) throws -> Figures {
        let today = try work.today
        let row = try work.first(
            """
            SELECT count(*) AS open, count(*) FILTER (WHERE due_on = \(today)) AS due, count(*) FILTER (WHERE due_on < \(today)) AS overdue
            FROM tips WHERE campaign_id = \(campaign) AND state NOT IN ('answered', 'closed', 'merged', 'transferred')
            """)
        return Figures(open: try row?["open"] ?? 0, dueToday: try row?["due"] ?? 0, overdue: try row?["overdue"] ?? 0)
    }

    struct Filter {
        let campaign: CampaignID
        var state: IntakeTip.State?
        var isOverdue = false
        var within: DivisionCode?
        var after = 0
        var limit = 50
    }

    /// Tips by number, with the number of the household that each names.
    func list(_ filter: Filter, _ work: Work) throws -> [(tip: IntakeTip, household: String?)] {
        let (today, within) = (try work.today, filter.within.map { $0.code + "%" })
        return try work.query(
            """
            SELECT \(unsafe: IntakeTip.columns), h.number AS household FROM tips t LEFT JOIN households h ON h.id = t.household_id
            WHERE t.campaign_id = \(filter.campaign) AND t.number > \(filter.after) AND (\(filter.state) IS NULL OR t.state = \(filter.state))
                AND (\(within) IS NULL OR t.place LIKE \(within))
                AND (NOT \(filter.isOverdue) OR (t.due_on < \(today) AND t.state NOT IN ('answered', 'closed', 'merged', 'transferred')))
            ORDER BY t.number LIMIT \(filter.limit)
            """
        ).map { (try IntakeTip($0), try $0["household"]) }
    }
}
