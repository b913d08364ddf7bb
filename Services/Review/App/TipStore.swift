import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit

extension ReviewTip: Aggregate {
    static let columns = "id, campaign, case_id, household, investigator, received_at, due_on, outcome, answered_at, version"

    package static func load(_ ids: [TipID], in work: Work) throws -> [Versioned<ReviewTip>] {
        try work.sql.query("SELECT \(unsafe: columns) FROM tips WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE")
            .map { Versioned(try ReviewTip($0), version: try $0["version"]) }
    }

    package static func insert(_ new: [Versioned<ReviewTip>], in work: Work) throws {
        let tips = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO tips (id, campaign, case_id, household, investigator, received_at, due_on, outcome, answered_at, version)
            SELECT * FROM unnest(\(tips.map(\.id)), \(tips.map(\.campaign)), \(tips.map(\.case)), \(tips.map(\.household)),
                \(tips.map(\.investigator)), \(tips.map(\.receivedAt)), \(tips.map(\.dueOn)), \(tips.map(\.status.answer?.outcome)),
                \(tips.map(\.status.answer?.at)), \(new.map(\.version)))
            """)
    }

    package static func update(_ changed: [Versioned<ReviewTip>], in work: Work) throws -> Int {
        let tips = changed.map(\.value)
        return try work.sql.change(
            """
            UPDATE tips t SET outcome = u.outcome, answered_at = u.answered_at, version = u.version
            FROM unnest(\(tips.map(\.id)), \(tips.map(\.status.answer?.outcome)), \(tips.map(\.status.answer?.at)), \(changed.map(\.version)))
                AS u(id, outcome, answered_at, version)
            WHERE t.id = u.id
            """)
    }

    init(_ row: Row) throws {
        var status = Status.registered
        if let outcome: TipOutcome = try row["outcome"] { status = .answered(outcome, at: try row["answered_at"]) }
        self.init(
            id: try row["id"], campaign: try row["campaign"], case: try row["case_id"], household: try row["household"],
            investigator: try row["investigator"], receivedAt: try row["received_at"], dueOn: try row["due_on"], status: status)
    }
}

extension ReviewTip.Status {
    var answer: (outcome: TipOutcome, at: Instant)? {
        switch self {
        case .registered: nil
        case .answered(let outcome, let at): (outcome, at)
        }
    }
}
