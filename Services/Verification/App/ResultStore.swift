import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import VerificationDomain

// Rows beside the aggregates, sent ahead on the bare transaction: writing them must not make the aggregates be written one
// by one.

extension Work {
    func keepAccepted(_ receipt: Receipt, _ kid: String, _ message: Message) throws {
        try sql.execute(
            """
            INSERT INTO accepted_results (request, kid, digest, jws, value, received_at)
            VALUES (\(receipt.result.request), \(kid), \(receipt.digest), \(message.header("jws")), \(Bytes(message.value)),
                \(receipt.at))
            """)
    }

    func keepRefused(_ receipt: Receipt, _ reason: String, _ message: Message) throws {
        try sql.execute(
            """
            INSERT INTO refused_results (id, department, request, reason, digest, topic, partition, "offset", received_at)
            VALUES (\(newID()), \(receipt.from), \(receipt.result.request), \(reason), \(receipt.digest), \(message.topic),
                \(message.partition), \(message.offset), \(receipt.at))
            """)
    }

    func refusedResults(after: UUID?, limit: Int) throws -> [RefusedResult] {
        try query(
            """
            SELECT id, department, request, reason, digest, received_at FROM refused_results
            WHERE \(after)::uuid IS NULL OR id > \(after) ORDER BY id LIMIT \(limit)
            """
        ).map { row in
            RefusedResult(
                id: try row["id"], department: try row["department"], request: try row["request"], reason: try row["reason"],
                digest: try row["digest", as: String.self], receivedAt: try row["received_at"])
        }
    }
}

struct RefusedResult: Encodable {
    let id: UUID
    let department: Department
    let request: RequestID
    let reason: String
    let digest: String
    let receivedAt: Instant
}
