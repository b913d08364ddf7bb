import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import VerificationDomain

/// A question that waits at a department's desk.
struct WaitingRequest: Encodable {
    let request: RequestID
    let status: String
    /// The question's exact bytes, whose digest the answer names.
    let value: String
    /// Why the last answer came back, and what was said about it.
    let sentBack: SentBack?
    let prepared: Prepared?

    struct SentBack: Codable {
        let reason: Objection
        let zh: String
        let remark: String?
    }

    /// What a clerk made ready to be signed.
    struct Prepared: Encodable {
        let outcome: CheckOutcome
        let findings: [ResultReturned.Finding]
        let kid: String
        let at: Instant
    }
}

extension Work {
    static let deskSessionSeconds = 1_800
    static let deskClockTolerance: Int64 = 300_000

    /// Not the plan's: whether a browser's clock is right, and when its session ends, is no matter of the plan.
    var realTime: Instant {
        get throws { try first("SELECT clock_timestamp() AS at").map { try $0["at"] } ?? now }
    }

    /// False if the same proof has opened a session already.
    func keepDeskSession(_ token: String, _ kid: String, nonce: String) throws -> Bool {
        try execute("DELETE FROM desk_sessions WHERE expires_at < clock_timestamp() - make_interval(secs => 600)")
        return try change(
            """
            INSERT INTO desk_sessions (token_digest, kid, nonce, expires_at)
            VALUES (\(Fingerprint(of: Array(token.utf8))), \(kid), \(nonce), clock_timestamp() + make_interval(secs => \(Double(Self.deskSessionSeconds))))
            ON CONFLICT (nonce) DO NOTHING
            """) == 1
    }

    /// The key with which the caller opened this department's desk, if it holds still: revoking it closes the desk at once.
    @discardableResult
    func deskKey(of department: Department, _ call: Call) throws -> DepartmentKey {
        guard let token = call.header("Authorization")?.split(separator: " ").last, let kid: String = try first(
            """
            SELECT kid FROM desk_sessions
            WHERE token_digest = \(Fingerprint(of: Array(token.utf8))) AND expires_at > clock_timestamp()
            """)?["kid"], let key = try find(DepartmentKey.self, kid), key.department == department, key.holds(at: try now)
        else { throw Denied.desk }
        return key
    }

    func waiting(for department: Department, about topic: VerificationTopic?, after: UUID?, limit: Int) throws -> [WaitingRequest] {
        try query(
            """
            SELECT r.id, r.status, o.data, p.value AS prepared, p.kid, p.at, b.reason, b.remark
            FROM requests r
            JOIN outbox o ON o.subject = r.id AND o.type = 'lika.verification.request.sent.v1'
            LEFT JOIN prepared_answers p ON p.request = r.id
            LEFT JOIN LATERAL (SELECT reason, remark FROM sent_back WHERE request = r.id ORDER BY id DESC LIMIT 1) b ON true
            WHERE r.department = \(department) AND r.status IN ('sent', 'overdue', 'sent_back', 'returned')
                AND (\(topic)::text IS NULL OR r.topic = \(topic)) AND (\(after)::uuid IS NULL OR r.id > \(after))
            ORDER BY r.id LIMIT \(limit)
            """
        ).map { row in
            let (prepared, reason): (Bytes?, Objection?) = (try row["prepared"], try row["reason"])
            let remark: String? = try row["remark"]
            return WaitingRequest(
                request: try row["id"], status: try row["status"], value: try row["data"],
                sentBack: reason.map { .init(reason: $0, zh: $0.label.zh, remark: remark) },
                prepared: try prepared.map { bytes in
                    let answer: PreparedAnswer = try JSON.decode(from: bytes.array)
                    return .init(outcome: answer.outcome, findings: answer.findings, kid: try row["kid"], at: try row["at"])
                })
        }
    }

    func keepPrepared(_ request: RequestID, _ digest: Fingerprint, _ value: [UInt8], by key: DepartmentKey) throws {
        try execute(
            """
            INSERT INTO prepared_answers (request, digest, value, kid, at) VALUES (\(request), \(digest), \(Bytes(value)), \(key.id), \(now))
            ON CONFLICT (request) DO UPDATE SET digest = excluded.digest, value = excluded.value, kid = excluded.kid, at = excluded.at
            """)
    }

    /// What was prepared has been signed, or replaced by what was.
    func forgetPrepared(_ request: RequestID) throws { try execute("DELETE FROM prepared_answers WHERE request = \(request)") }
}
