import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

extension IntakeTip: Aggregate {
    /// What ``init(_:)`` reads, of a table `tips t`.
    static let columns = """
        t.id, t.campaign_id, t.number, t.channel, t.place, t.is_anonymous, t.received_on, t.due_on, t.household_id, t.concerns,
            t.speaks_for_others, t.state, t.level, t.handler, t.outcome, t.manner, t.merged_into
        """

    package static func load(_ ids: [TipID], in work: Work) throws -> [Versioned<IntakeTip>] {
        try work.sql.query("SELECT \(unsafe: columns), t.version FROM tips t WHERE t.id = ANY(\(ids)) ORDER BY t.id FOR UPDATE").map {
            Versioned(try IntakeTip($0), version: try $0["version"])
        }
    }

    package static func insert(_ new: [Versioned<IntakeTip>], in work: Work) throws {
        let tips = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO tips (id, campaign_id, number, channel, place, is_anonymous, received_on, due_on, household_id, concerns,
                speaks_for_others, state, level, handler, outcome, manner, merged_into, version)
            SELECT * FROM unnest(\(tips.map(\.id)), \(tips.map(\.campaign)), \(tips.map(\.number)), \(tips.map(\.channel)), \(tips.map(\.place)),
                \(tips.map(\.isAnonymous)), \(tips.map(\.receivedOn)), \(tips.map(\.dueOn)), \(tips.map(\.household)), \(tips.map(\.concerns)),
                \(tips.map(\.speaksForOthers)), \(tips.map(\.state)), \(tips.map(\.assignment?.level)), \(tips.map(\.assignment?.handler)),
                \(tips.map(\.outcome)), \(tips.map(\.manner)), \(tips.map(\.mergedInto)), \(new.map(\.version)))
            """)
    }

    package static func update(_ changed: [Versioned<IntakeTip>], in work: Work) throws -> Int {
        let tips = changed.map(\.value)
        return try work.sql.change(
            """
            UPDATE tips t SET number = u.number, due_on = u.due_on, household_id = u.household_id, concerns = u.concerns,
                speaks_for_others = u.speaks_for_others, state = u.state, level = u.level, handler = u.handler, outcome = u.outcome,
                manner = u.manner, merged_into = u.merged_into, version = u.version
            FROM unnest(\(tips.map(\.id)), \(tips.map(\.number)), \(tips.map(\.dueOn)), \(tips.map(\.household)), \(tips.map(\.concerns)),
                \(tips.map(\.speaksForOthers)), \(tips.map(\.state)), \(tips.map(\.assignment?.level)), \(tips.map(\.assignment?.handler)),
                \(tips.map(\.outcome)), \(tips.map(\.manner)), \(tips.map(\.mergedInto)), \(changed.map(\.version)))
                AS u (id, number, due_on, household_id, concerns, speaks_for_others, state, level, handler, outcome, manner, merged_into, version)
            WHERE t.id = u.id
            """)
    }

    init(_ row: Row) throws {
        self.init(
            id: try row["id"], campaign: try row["campaign_id"], channel: try row["channel"], place: try row["place"],
            isAnonymous: try row["is_anonymous"], receivedOn: try row["received_on"], dueOn: try row["due_on"], number: try row["number"],
            household: try row["household_id"], concerns: try row["concerns"], speaksForOthers: try row["speaks_for_others"],
            status: try Status(row))
    }

    /// Where it stands, to be looked at only: without its lock.
    static func read(_ id: TipID, in work: Work) throws -> IntakeTip {
        guard let row = try work.first("SELECT \(unsafe: columns) FROM tips t WHERE t.id = \(id)") else { throw NotFound("tip \(id)") }
        return try IntakeTip(row)
    }
}

extension IntakeTip.Status {
    fileprivate init(_ row: Row) throws {
        func assignment() throws -> IntakeTip.Assignment { .init(level: try row["level"], handler: try row["handler"]) }
        switch try row["state", as: IntakeTip.State.self] {
        case .received: self = .received
        case .registered: self = .registered
        case .assigned: self = .assigned(try assignment())
        case .investigating: self = .investigating(try assignment())
        case .upheld, .partlyUpheld, .dismissed: self = .found(try assignment(), try row["outcome"])
        case .answered: self = .answered(try assignment(), try row["outcome"], try row["manner"])
        case .closed: self = .closed(try assignment(), try row["outcome"], try row["manner"])
        case .merged: self = .merged(into: try row["merged_into"])
        case .transferred: self = .transferred
        case .reopened: self = .reopened
        }
    }
}

/// The same kind of key as a household's: it seals what belongs to one tip.
typealias TipKey = HouseholdKey

/// What of a tip is sealed: its text, its tipster, and the words of what was done with it.
extension Work {
    func makeKey(of tip: TipID, _ vault: Vault) throws -> TipKey {
        let made = try vault.newKey(newID())
        try execute("INSERT INTO tip_keys (tip_id, id, wrapped_under, wrapped) VALUES (\(tip), \(made.id), \(made.under), \(made.bytes))")
        return try vault.open(made)
    }

    func key(of tip: TipID, _ vault: Vault) throws -> TipKey {
        guard let row = try first("SELECT \(unsafe: SQL.wrappedKey) FROM tip_keys k WHERE tip_id = \(tip)") else { throw Vault.Unopenable() }
        return try vault.key(row)
    }

    func text(of tip: TipID, _ vault: Vault) throws -> TipText {
        guard let row = try first("SELECT sealed FROM tip_papers WHERE tip_id = \(tip)") else { throw NotFound("tip \(tip)") }
        return try key(of: tip, vault).open(row["sealed"], in: .tip(tip))
    }

    func tipster(of tip: TipID, _ vault: Vault) throws -> Tipster? {
        guard let row = try first("SELECT sealed FROM tipsters WHERE tip_id = \(tip)") else { return nil }
        return try key(of: tip, vault).open(row["sealed"], in: .tipster(tip), as: Tipster.self)
    }

    /// Adds to the history of a tip whose lock is held.
    func keep(_ order: TipOrder, of tip: TipID, under key: TipKey) throws {
        let last: Int? = try first("SELECT max(number) AS last FROM tip_acts WHERE tip_id = \(tip)")?["last"]
        let number = (last ?? 0) + 1
        try execute(
            """
            INSERT INTO tip_acts (tip_id, number, act, sealed, actor)
            VALUES (\(tip), \(number), \(order.act), \(try key.seal(order, in: .tipAct(tip, number))), \(deed.actor.description))
            """)
    }

    struct TipDone {
        let order: TipOrder
        let actor: String
        let at: Instant
    }

    func history(of tip: TipID, _ vault: Vault) throws -> [TipDone] {
        let key = try key(of: tip, vault)
        return try query("SELECT number, sealed, actor, at FROM tip_acts WHERE tip_id = \(tip) ORDER BY number").map { row in
            TipDone(order: try key.open(row["sealed"], in: .tipAct(tip, row["number"])), actor: try row["actor"], at: try row["at"])
        }
    }

    enum TipDisclosure: String { case text, tipster }

    func note(_ kind: TipDisclosure, of tip: TipID, by actor: String, for purpose: String) throws {
        noteReading(of: "\(kind.rawValue) of tip \(tip)", for: purpose)
        try execute("INSERT INTO tip_disclosures (tip_id, kind, purpose, actor) VALUES (\(tip), \(kind), \(purpose), \(actor))")
    }
}

/// Where the public can leave a tip: a community's or the subdistrict's telephone and box (R3).
struct TipOffice: Codable, Equatable {
    let division: DivisionCode
    let telephone: String
    /// Where the box hangs, in words.
    let box: String
}

extension Work {
    func tipOffices(of campaign: IssuedCampaign) throws -> [TipOffice] {
        try query(
            "SELECT division, telephone, box FROM tip_offices WHERE starts_with(division, \(campaign.plan.subdistrict.code)) ORDER BY division"
        ).map { TipOffice(division: try $0["division"], telephone: try $0["telephone"], box: try $0["box"]) }
    }

    /// What people call these places; those unknown go by their code.
    func names(of places: [DivisionCode]) throws -> [DivisionCode: String] {
        try Dictionary(
            query("SELECT code, name FROM divisions WHERE code = ANY(\(places))").map { (try $0["code"], try $0["name"]) },
            uniquingKeysWith: { first, _ in first })
    }

    func householdNumbered(_ number: String, in campaign: CampaignID) throws -> HouseholdID? {
        try first("SELECT id FROM households WHERE number = \(number) AND campaign_id = \(campaign)")?["id"]
    }

    /// The latest campaign, which is the one whose tips the public gives.
    func latestCampaign() throws -> IssuedCampaign? {
        try first("SELECT \(unsafe: IssuedCampaign.columns) FROM campaigns c ORDER BY c.year DESC, c.issued_at DESC LIMIT 1").map { try IssuedCampaign($0) }
    }
}
