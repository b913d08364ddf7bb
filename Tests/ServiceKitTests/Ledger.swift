import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
import ServiceKit

// The smallest service there can be: somebody asks that an amount be added to an account, and the account tells that it was.

enum Account {}
typealias AccountID = ID<Account>

extension Topic {
    /// Other suites on the same broker do not meet.
    private static let run = UUID().uuidString.lowercased().prefix(8)
    static let asked = Topic("lika.test.asked-\(run).v1", .service("asker"), partitions: 3)
    static let added = Topic("lika.test.added-\(run).v1", .service("ledger"), partitions: 3)
    static let reported = Topic("lika.test.reported-\(run).v1", .department(.police), partitions: 3)
}

/// Told by an asker, who is the subject.
struct AmountAsked: Event {
    static let name = "lika.test.amount.asked.v1"
    static let channels = [Topic.asked]
    var channel: Topic { .asked }
    var key: UUID { household }
    var subject: UUID { asker }

    let asker: UUID
    let household: UUID
    let account: AccountID
    let amount: Int
}

/// Told by the account.
struct AmountAdded: Event {
    static let name = "lika.test.amount.added.v1"
    static let channels = [Topic.added]
    var channel: Topic { .added }
    var key: UUID { household }
    var subject: UUID { account.rawValue }

    let account: AccountID
    let household: UUID
    let amount: Int
    let balance: Int
}

/// Told by a department, unnumbered.
struct AmountReported: Event {
    static let name = "lika.test.amount.reported.v1"
    static let channels = [Topic.reported]
    var channel: Topic { .reported }
    var key: UUID { account.rawValue }
    var subject: UUID { account.rawValue }

    let account: AccountID
    let amount: Int
}

struct Ledger: Equatable, Sendable {
    let id: AccountID
    let household: UUID
    var balance: Int

    enum Refusal: String, Contracts.Refusal {
        case overdrawn = "ledger.overdrawn"
    }

    /// Adding nothing changes nothing.
    func adding(_ amount: Int) throws -> Decision<Ledger> {
        if amount == 0 { return Decision(self) }
        guard balance + amount >= 0 else { throw Refusal.overdrawn }
        let state = Ledger(id: id, household: household, balance: balance + amount)
        return Decision(state, [AmountAdded(account: id, household: household, amount: amount, balance: state.balance)])
    }
}

extension Ledger: Aggregate {
    /// Every statement leaves a note, so that tests can count them. A balance of 666 breaks a constraint.
    static let migrations = [
        Migration(
            name: "0001_ledger",
            script: """
                CREATE TABLE ledgers (id uuid PRIMARY KEY, household uuid NOT NULL, balance bigint NOT NULL CHECK (balance <> 666), version int NOT NULL);
                CREATE TABLE calls (n bigserial PRIMARY KEY, call text NOT NULL);
                CREATE TABLE fired (timer text NOT NULL, subject uuid NOT NULL, at timestamptz NOT NULL);
                """)
    ]

    static func load(_ ids: [AccountID], in work: Work) throws -> [Versioned<Ledger>] {
        try work.sql.execute("INSERT INTO calls (call) VALUES (\("load \(ids.count)"))")
        return try work.sql.query("SELECT id, household, balance, version FROM ledgers WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE").map {
            Versioned(Ledger(id: try $0["id"], household: try $0["household"], balance: try $0["balance"]), version: try $0["version"])
        }
    }

    static func insert(_ new: [Versioned<Ledger>], in work: Work) throws {
        try work.sql.execute("INSERT INTO calls (call) VALUES (\("insert \(new.count)"))")
        try work.sql.execute(
            """
            INSERT INTO ledgers (id, household, balance, version)
            SELECT * FROM unnest(\(new.map(\.value.id)), \(new.map(\.value.household)), \(new.map(\.value.balance)), \(new.map(\.version)))
            """)
    }

    static func update(_ changed: [Versioned<Ledger>], in work: Work) throws -> Int {
        try work.sql.execute("INSERT INTO calls (call) VALUES (\("update \(changed.count)"))")
        return try work.sql.change(
            """
            UPDATE ledgers l SET balance = u.balance, version = u.version
            FROM unnest(\(changed.map(\.value.id)), \(changed.map(\.value.balance)), \(changed.map(\.version))) AS u (id, balance, version)
            WHERE l.id = u.id
            """)
    }
}

/// Amounts with a meaning of their own for the handler.
enum Amount {
    /// The handler throws.
    static let broken = 1313
    struct Broken: Error {}
}

let ledgerReactions = Reactions(service: "ledger", purpose: "amounts")
    .on(AmountAsked.self, loading: [.of(Ledger.self) { $0.account }]) { event, work in
        try add(event.amount, to: event.account, of: event.household, in: work)
    }
    .on(AmountReported.self) { event, work in try add(event.amount, to: event.account, of: event.account.rawValue, in: work) }

/// Opens the account with its first amount.
func add(_ amount: Int, to account: AccountID, of household: UUID, in work: Work) throws {
    if amount == Amount.broken { throw Amount.Broken() }
    if try work.find(Ledger.self, account) != nil {
        try work.decide(Ledger.self, account) { try $0.adding(amount) }
    } else {
        let opened = try Ledger(id: account, household: household, balance: 0).adding(amount)
        try work.insert(opened.state, telling: opened.events)
    }
}

struct Order: Codable, Equatable, Sendable {
    let account: AccountID
    let amount: Int
}

/// `POST /v1/amounts`, `GET /v1/accounts/:account`, `GET /v1/accounts`.
func ledgerRoutes(_ api: API) {
    api.post("/v1/amounts") { call, work in
        let order = try call.body(Order.self)
        if order.amount < -1_000 { throw Invalid([.init("/amount", "too-small", "at least -1000"), .init("/account", "odd", "is odd")]) }
        try add(order.amount, to: order.account, of: order.account.rawValue, in: work)
        work.wake("count")
        return try Reply.json(order, status: .created)
    }
    api.put("/v1/accounts/:account") { call, work in
        try add(1, to: try call.id("account"), of: UUID(), in: work)
        return .noContent
    }
    api.get("/v1/accounts/:account") { call, work in
        let ledger = try work.get(Ledger.self, try call.id("account"))
        return try Reply.json(Order(account: ledger.id, amount: ledger.balance))
    }
    api.get("/v1/accounts") { call, work in
        let rows = try work.query("SELECT id FROM ledgers WHERE id > \(AccountID(call.query("after").flatMap { UUID(uuidString: $0) } ?? .lowest)) ORDER BY id LIMIT \(try call.limit(default: 2))")
        let ids: [AccountID] = try rows.map { try $0["id"] }
        return try Reply.page(ids, next: ids.last.map { "\($0)" }, call: call)
    }
}

extension UUID {
    static let lowest = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}
