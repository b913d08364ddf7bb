import Contracts
import Crypto
import Foundation
import Postgres
import Registry

/// Reads a service's audit from its first row to its last and holds it against what others keep of it. Computes every hash itself,
/// since whoever can rewrite the rows can rewrite the database's functions as well.
package struct AuditVerification: Sendable {
    package enum Finding: Equatable, Sendable {
        case intact(rows: Int)
        /// The first row at fault, and what is wrong with it.
        case broken(seq: Int, why: String)
        /// It ends before what was signed, or before its own head.
        case short(rows: Int, signed: Int)
    }

    /// As a service signed it; wherever it was kept.
    package struct Checkpoint: Codable, Sendable {
        package let service: AuditedService
        package let chain: AuditChainID
        package let seq: Int
        package let hash: String
        package let signedAt: Instant
        package let signature: String

        package init(_ row: Row) throws {
            (service, chain, seq) = (try row["service"], try row["chain"], try row["seq"])
            (hash, signedAt, signature) = (try row["hash"], try row["signed_at"], try row["signature"])
        }

        var statement: [UInt8] { AuditCheckpointed.statement(service, chain, seq, hash, signedAt) }
    }

    private static let page = 5_000

    private let service: AuditedService
    private let schema: String
    private let database: Database

    /// - Parameter database: Of a role that may read the schema of the service, which is named as the service is unless it says otherwise.
    package init(_ service: AuditedService, in database: Database, schema: String? = nil) {
        (self.service, self.database, self.schema) = (service, database, schema ?? service.rawValue)
    }

    /// - Parameters:
    ///   - checkpoints: Those of other services are passed over.
    ///   - key: Whose signature they must bear.
    ///   - progress: Hears how many rows were read, once in a while.
    package func run(
        against checkpoints: [Checkpoint], signedBy key: AuditPublicKey, progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Finding {
        let given = checkpoints.filter { $0.service == service }.sorted { $0.seq < $1.seq }
        let own = given.filter { key.verifies($0.signature, over: $0.statement) }
        let head = try await database.transaction { sql in
            try sql.query(
                """
                SELECT chain, seq, encode(hash, 'hex') AS hash,
                    CASE WHEN signed_at < clock_timestamp() - interval '10 minutes' THEN signed_seq ELSE 0 END AS signed
                FROM \(unsafe: schema).audit_head
                """
            ).first.map { row in
                (chain: try row["chain", as: AuditChainID.self], seq: try row["seq", as: Int.self], hash: try row["hash", as: String.self], signed: try row["signed", as: Int.self])
            }
        }
        guard let head else { return .broken(seq: 0, why: "the head is gone") }
        if let stranger = own.first(where: { $0.chain != head.chain }) {
            return .broken(seq: 1, why: "this is not the chain that was signed on \(stranger.signedAt)")
        }
        let signed = Dictionary(own.map { ($0.seq, $0) }, uniquingKeysWith: { first, _ in first })
        var (hash, seq) = ([UInt8](repeating: 0, count: 32), 0)
        while true {
            let after = seq
            let rows = try await database.transaction { sql in
                try sql.query(
                    """
                    SELECT seq, at, actor, action, object, purpose, outcome, hash FROM \(unsafe: schema).audit
                    WHERE seq > \(after) AND seq <= \(head.seq) ORDER BY seq LIMIT \(Self.page)
                    """
                ).map(Line.init)
            }
            for row in rows {
                guard row.seq == seq + 1 else { return .broken(seq: seq + 1, why: "this row is missing") }
                hash = row.hash(after: hash)
                guard hash == row.hash else { return .broken(seq: row.seq, why: "it was changed, or does not belong behind the one before") }
                if let checkpoint = signed[row.seq], checkpoint.hash != hash.hexadecimal {
                    return .broken(seq: row.seq, why: "this is not what was signed on \(checkpoint.signedAt): the chain was written anew")
                }
                seq = row.seq
            }
            if rows.count < Self.page { break }
            progress(seq)
        }
        let last = max(own.last?.seq ?? 0, head.seq)
        if seq < last { return .short(rows: seq, signed: last) }
        if hash.hexadecimal != head.hash { return .broken(seq: seq, why: "the head says otherwise") }
        if let forged = given.first(where: { !key.verifies($0.signature, over: $0.statement) }) {
            return .broken(seq: forged.seq, why: "a checkpoint of this row is kept that is not signed by this key")
        }
        if head.signed > own.last?.seq ?? 0 { return .broken(seq: head.signed, why: "it was signed up to here, and nobody keeps that") }
        return .intact(rows: seq)
    }

    private struct Line: Sendable {
        let seq: Int
        private let fields: [String]
        let hash: [UInt8]

        init(_ row: Row) throws {
            seq = try row["seq"]
            fields = [
                "\(seq)", try row["at", as: Instant.self].description, try row["actor"], try row["action"], try row["object"], try row["purpose"], try row["outcome"],
            ]
            hash = try row["hash", as: Bytes.self].array
        }

        /// As the migration's `audit_hash` has it.
        func hash(after before: [UInt8]) -> [UInt8] {
            var digest = SHA256()
            digest.update(data: before)
            for field in fields {
                let bytes = Array(field.utf8)
                digest.update(data: withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) })
                digest.update(data: bytes)
            }
            return Array(digest.finalize())
        }
    }
}
