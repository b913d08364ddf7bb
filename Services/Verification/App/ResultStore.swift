import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import VerificationDomain

extension RefusedResult: Aggregate {
    /// Nobody decides on them: they are made, and looked at.
    package static func load(_ ids: [RefusedResultID], in work: Work) throws -> [Versioned<RefusedResult>] {
        try work.sql.query("SELECT * FROM refused_results WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE").map { row in
            Versioned(try RefusedResult(row), version: try row["version"])
        }
    }

    package static func insert(_ new: [Versioned<RefusedResult>], in work: Work) throws {
        let results = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO refused_results (id, department, request, reason, digest, topic, partition, "offset", received_at, version)
            SELECT * FROM unnest(\(results.map(\.id)), \(results.map(\.department)), \(results.map(\.request)), \(results.map(\.reason)),
                \(results.map(\.digest)), \(results.map(\.place.topic)), \(results.map(\.place.partition)), \(results.map(\.place.offset)),
                \(results.map(\.receivedAt)), \(new.map(\.version)))
            """)
    }

    package static func update(_ changed: [Versioned<RefusedResult>], in work: Work) throws -> Int { 0 }

    fileprivate init(_ row: Row) throws {
        self.init(
            try row["id"], department: try row["department"], request: try row["request"], reason: try row["reason"],
            digest: try row["digest"], place: .init(topic: try row["topic"], partition: try row["partition"], offset: try row["offset"]),
            receivedAt: try row["received_at"])
    }
}

/// A result that counts, with the very bytes that were signed. It tells nothing itself: its household's file does.
struct AcceptedResult: Aggregate {
    struct Identity: Hashable, Comparable, CustomStringConvertible {
        let request: RequestID
        let digest: Fingerprint

        var description: String { "\(request) \(digest.rawValue)" }
        static func < (a: Self, b: Self) -> Bool { (a.request, a.digest) < (b.request, b.digest) }
    }

    let result: ResultReturned
    let digest: Fingerprint
    let kid: String
    let jws: String?
    let value: Bytes
    let receivedAt: Instant

    var id: Identity { Identity(request: result.request, digest: digest) }

    /// Nobody decides on them; each is kept once, since an answer that counts is not taken again.
    static func load(_ ids: [Identity], in work: Work) throws -> [Versioned<AcceptedResult>] { [] }

    static func insert(_ new: [Versioned<AcceptedResult>], in work: Work) throws {
        let kept = new.map(\.value)
        let results = kept.map(\.result)
        try work.sql.execute(
            """
            INSERT INTO accepted_results (request, kid, digest, jws, value, received_at, outcome, signatory, post, signed_at)
            SELECT * FROM unnest(\(results.map(\.request)), \(kept.map(\.kid)), \(kept.map(\.digest)), \(kept.map(\.jws)),
                \(kept.map(\.value)), \(kept.map(\.receivedAt)), \(results.map(\.outcome)), \(results.map(\.signatory)),
                \(results.map(\.post)), \(results.map(\.signedAt)))
            """)
    }

    static func update(_ changed: [Versioned<AcceptedResult>], in work: Work) throws -> Int { 0 }
}

extension Work {
    func keepAccepted(_ receipt: Receipt, _ kid: String, _ message: Message) throws {
        try insert(
            AcceptedResult(
                result: receipt.result, digest: receipt.digest, kid: kid, jws: message.header("jws"), value: Bytes(message.value),
                receivedAt: receipt.at))
    }

    /// Recorded, told as an alarm, and counted.
    func keepRefused(_ receipt: Receipt, _ reason: String, _ message: Message) throws {
        let refused = RefusedResult(
            RefusedResultID(newID()), department: receipt.from, request: receipt.result.request, reason: reason, digest: receipt.digest,
            place: .init(topic: message.topic, partition: message.partition, offset: message.offset), receivedAt: receipt.at)
        try insert(refused, telling: [refused.event])
        Metrics.shared.add("lika_verification_refused_total", 1, ["department": receipt.from.slug, "reason": reason])
    }

    func refusedResults(after: UUID?, limit: Int) throws -> [RefusedResult] {
        try query(
            "SELECT * FROM refused_results WHERE \(after)::uuid IS NULL OR id > \(after) ORDER BY id LIMIT \(limit)"
        ).map(RefusedResult.init)
    }

    func lastRefusedResults(_ count: Int) throws -> [RefusedResult] {
        try query("SELECT * FROM refused_results ORDER BY id DESC LIMIT \(count)").map(RefusedResult.init)
    }

    /// Which answer a person sent back, and why.
    func keepSentBack(_ request: RequestID, _ answer: Fingerprint, _ objection: Objection, _ remark: String?, by actor: Actor) throws {
        try execute(
            """
            INSERT INTO sent_back (id, request, answer_digest, reason, remark, actor, at)
            VALUES (\(newID()), \(request), \(answer), \(objection), \(remark), \(actor.description), \(now))
            """)
    }
}
