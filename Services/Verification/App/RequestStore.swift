import Contracts
import Postgres
import Registry
import ServiceKit
import VerificationDomain

extension Request: Aggregate {
    package static func load(_ ids: [RequestID], in work: Work) throws -> [Versioned<Request>] {
        try work.sql.query("SELECT * FROM requests WHERE id = ANY(\(ids)) ORDER BY id FOR NO KEY UPDATE").map { row in
            let request = Request(
                try row["id"], household: try row["household"], campaign: try row["campaign"],
                check: Check(try row["department"], try row["topic"]), population: try row["population"],
                dueOn: try row["due_on"], replaces: try row["replaces"], previous: try row["previous"],
                objected: try Set((row.array("objected") as [String]).compactMap(Fingerprint.init)), try Status(row))
            return Versioned(request, version: try row["version"])
        }
    }

    package static func insert(_ new: [Versioned<Request>], in work: Work) throws {
        let requests = new.map(\.value)
        let columns = requests.map(\.status.columns)
        try work.sql.execute(
            """
            INSERT INTO requests (id, household, campaign, department, topic, population, due_on, replaces, previous, status, digest,
                outcome, answer_digest, kid, objection, version)
            SELECT * FROM unnest(\(requests.map(\.id)), \(requests.map(\.household)), \(requests.map(\.campaign)),
                \(requests.map(\.check.department)), \(requests.map(\.check.topic)), \(requests.map(\.population)),
                \(requests.map(\.dueOn)), \(requests.map(\.replaces)), \(requests.map(\.previous)), \(columns.map(\.status)),
                \(columns.map(\.digest)), \(columns.map(\.outcome)), \(columns.map(\.answer)), \(columns.map(\.kid)),
                \(columns.map(\.objection)), \(new.map(\.version)))
            """)
    }

    package static func update(_ changed: [Versioned<Request>], in work: Work) throws -> Int {
        let columns = changed.map(\.value.status.columns)
        return try work.sql.change(
            """
            UPDATE requests r SET status = u.status, digest = u.digest, outcome = u.outcome, answer_digest = u.answer_digest,
                kid = u.kid, objection = u.objection, previous = u.previous, objected = string_to_array(u.objected, ','),
                sent_at = coalesce(r.sent_at, CASE u.status WHEN 'sent' THEN lika_now() END), version = u.version
            FROM unnest(\(changed.map(\.value.id)), \(columns.map(\.status)), \(columns.map(\.digest)),
                \(columns.map(\.outcome)), \(columns.map(\.answer)), \(columns.map(\.kid)), \(columns.map(\.objection)),
                \(changed.map(\.value.previous)), \(changed.map { $0.value.objected.sorted().map(\.rawValue).joined(separator: ",") }),
                \(changed.map(\.version)))
                AS u (id, status, digest, outcome, answer_digest, kid, objection, previous, objected, version)
            WHERE r.id = u.id
            """)
    }
}

extension Request.Status {
    struct Columns {
        let status: String
        var digest: Fingerprint?
        var outcome: CheckOutcome?
        var answer: Fingerprint?
        var kid: String?
        var objection: Objection?
    }

    var columns: Columns {
        func answered(_ status: String, _ sent: Fingerprint, _ answer: Answer, _ kid: String? = nil) -> Columns {
            Columns(status: status, digest: sent, outcome: answer.outcome, answer: answer.digest, kid: kid)
        }
        return switch self {
        case .created: Columns(status: "created")
        case .sent(let sent): Columns(status: "sent", digest: sent)
        case .overdue(let sent): Columns(status: "overdue", digest: sent)
        case .sentBack(let sent, let reason): Columns(status: "sent_back", digest: sent, objection: reason)
        case .returned(let sent, let answer): answered("returned", sent, answer)
        case .signed(let sent, let answer, let kid): answered("signed", sent, answer, kid)
        case .accepted(let sent, let answer, let kid): answered("accepted", sent, answer, kid)
        case .superseded(let sent): Columns(status: "superseded", digest: sent)
        }
    }

    fileprivate init(_ row: Row) throws {
        let status: String = try row["status"]
        func answer() throws -> Answer { Answer(try row["outcome"], try row["answer_digest"]) }
        switch status {
        case "created": self = .created
        case "sent": self = .sent(try row["digest"])
        case "overdue": self = .overdue(try row["digest"])
        case "sent_back": self = .sentBack(try row["digest"], try row["objection"])
        case "returned": self = .returned(try row["digest"], try answer())
        case "signed": self = .signed(try row["digest"], try answer(), kid: try row["kid"])
        case "accepted": self = .accepted(try row["digest"], try answer(), kid: try row["kid"])
        case "superseded": self = .superseded(try row["digest"])
        default: throw UnexpectedValue(column: "status", expected: "the status of a request")
        }
    }
}
