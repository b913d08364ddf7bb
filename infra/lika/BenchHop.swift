import Contracts
import Foundation
import Kafka
import Postgres
import Registry
import ServiceKit

/// One account of the bench: what a household's aggregate is to a service.
struct BenchAccount: Aggregate {
    let id: HouseholdID
    let moves: Int
    let balance: Money
    let note: String

    /// The bench's whole domain.
    func moving(_ event: BenchMoved) -> Decision<BenchAccount> {
        let state = BenchAccount(id: id, moves: moves + 1, balance: balance + event.amount, note: event.note)
        return Decision(
            state,
            [BenchNoted(household: id, move: event.move, moves: state.moves, balance: state.balance, note: event.note, remark: event.remark, at: event.at)])
    }

    static func load(_ ids: [HouseholdID], in work: Work) throws -> [Versioned<BenchAccount>] {
        try work.sql.query("SELECT id, moves, balance, note, version FROM accounts WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE").map { row in
            Versioned(BenchAccount(id: try row["id"], moves: try row["moves"], balance: try row["balance"], note: try row["note"]), version: try row["version"])
        }
    }

    static func insert(_ new: [Versioned<BenchAccount>], in work: Work) throws {
        try work.sql.execute(
            """
            INSERT INTO accounts (id, moves, balance, note, version)
            SELECT * FROM unnest(\(new.map(\.value.id)), \(new.map(\.value.moves)), \(new.map(\.value.balance)), \(new.map(\.value.note)), \(new.map(\.version)))
            """)
    }

    static func update(_ changed: [Versioned<BenchAccount>], in work: Work) throws -> Int {
        try work.sql.change(
            """
            UPDATE accounts a SET moves = u.moves, balance = u.balance, note = u.note, version = u.version
            FROM unnest(\(changed.map(\.value.id)), \(changed.map(\.value.moves)), \(changed.map(\.value.balance)), \(changed.map(\.value.note)), \(changed.map(\.version)))
                AS u (id, moves, balance, note, version)
            WHERE a.id = u.id
            """)
    }
}

/// An event of about 700 bytes, as the suite's larger ones.
struct BenchMoved: Event {
    static let name = "lika.bench.account.moved.v1"
    static let channels = [Topic("lika.bench.\(BenchRun.tag).in.v1", .service("bench-source"), partitions: 6)]
    var channel: Topic { Self.channels[0] }
    var key: UUID { household.rawValue }
    var subject: UUID { household.rawValue }

    let household: HouseholdID
    let move: UUID
    let campaign: CampaignID
    let division: DivisionCode
    let amount: Money
    let kind: CaseKind
    let note: String
    let remark: String
    let tags: [String]
    let on: LocalDate
    let at: Instant
}

/// What the account tells in turn, of about the same size.
struct BenchNoted: Event {
    static let name = "lika.bench.account.noted.v1"
    static let channels = [Topic("lika.bench.\(BenchRun.tag).out.v1", .service("bench"), partitions: 6)]
    var channel: Topic { Self.channels[0] }
    var key: UUID { household.rawValue }
    var subject: UUID { household.rawValue }

    let household: HouseholdID
    let move: UUID
    let moves: Int
    let balance: Money
    let note: String
    let remark: String
    let at: Instant
}

enum BenchRun {
    /// Names topics afresh in each run, since the embedded broker cannot delete any.
    static let tag = String(UInt32.random(in: .min ... .max), radix: 16)

    static let migration = Migration(
        name: "0001_bench",
        script: "CREATE TABLE accounts (id uuid PRIMARY KEY, moves bigint NOT NULL, balance bigint NOT NULL, note text NOT NULL, version int NOT NULL);")

    static func move(of household: HouseholdID, _ number: Int) -> BenchMoved {
        BenchMoved(
            household: household, move: UUID(), campaign: CampaignID(household.rawValue), division: DivisionCode("530427001001") ?? division,
            amount: Money(fen: Int64(number)), kind: .exit, note: "move \(number) of an account that nobody owns",
            remark: String(repeating: "一户一册，应退尽退；", count: 12), tags: ["bench", "hop", "ordinary"], on: LocalDate(daysSinceEpoch: 17_821),
            at: Instant(milliseconds: 1_539_734_400_000 + Int64(number)))
    }

    private static let division = DivisionCode("530427") ?? { preconditionFailure("a county's code is a division code") }()

    static let parts = Parts(
        reactions: Reactions(service: "bench", purpose: tag).on(BenchMoved.self, loading: [.of(BenchAccount.self) { $0.household }]) { event, work in
            try work.decide(BenchAccount.self, event.household) { $0.moving(event) }
        }, permissions: .everybody
    ) { _ in }
}
