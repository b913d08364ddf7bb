import Contracts
import Crypto
import Foundation
import Logging
import Postgres
import Registry
import ServiceLifecycle

/// Shows that a checkpoint was signed with an ``AuditKey``, and can sign none.
package struct AuditPublicKey: Sendable {
    private let key: Curve25519.Signing.PublicKey

    fileprivate init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

    /// - Parameter text: 32 bytes in Base64.
    package init(_ text: String) throws {
        guard let bytes = Data(base64Encoded: text), bytes.count == 32 else { throw AuditKey.Unfit() }
        key = try Curve25519.Signing.PublicKey(rawRepresentation: bytes)
    }

    package var text: String { key.rawRepresentation.base64EncodedString() }

    package func verifies(_ signature: String, over statement: [UInt8]) -> Bool {
        [UInt8](base64url: signature).map { key.isValidSignature($0, for: statement) } ?? false
    }
}

/// Signs checkpoints.
package struct AuditKey: Sendable {
    /// The key is not 32 bytes in Base64.
    package struct Unfit: Error { package init() {} }

    private let key: Curve25519.Signing.PrivateKey

    /// - Parameter text: 32 random bytes in Base64.
    package init(_ text: String) throws {
        guard let seed = Data(base64Encoded: text), seed.count == 32 else { throw Unfit() }
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    }

    func sign(_ statement: [UInt8]) throws -> String { [UInt8](try key.signature(for: statement)).base64url }

    package var publicKey: AuditPublicKey { AuditPublicKey(key.publicKey) }
}

/// The end of a service's audit chain, and up to where it was signed.
struct AuditSeal: Equatable, Sendable {
    let id: AuditChainID
    let seq: Int
    let hash: String
    let signedSeq: Int

    /// Signs what came since; says nothing where nothing came.
    func signing(as service: AuditedService, with key: AuditKey, at now: Instant) throws -> Decision<AuditSeal> {
        guard seq > signedSeq else { return Decision(self) }
        let signature = try key.sign(AuditCheckpointed.statement(service, id, seq, hash, now))
        return Decision(
            AuditSeal(id: id, seq: seq, hash: hash, signedSeq: seq),
            [AuditCheckpointed(service: service, chain: id, seq: seq, hash: hash, signedAt: now, signature: signature)])
    }
}

extension AuditSeal: Aggregate {
    static func load(_ ids: [AuditChainID], in work: Work) throws -> [Versioned<AuditSeal>] {
        try work.sql.query("SELECT chain, seq, encode(hash, 'hex') AS hash, signed_seq, version FROM audit_head WHERE chain = ANY(\(ids)) ORDER BY chain FOR UPDATE").map { row in
            Versioned(
                AuditSeal(id: try row["chain"], seq: try row["seq"], hash: try row["hash"], signedSeq: try row["signed_seq"]), version: try row["version"])
        }
    }

    /// There is one, from the beginning.
    static func insert(_ new: [Versioned<AuditSeal>], in work: Work) throws { throw Conflict(aggregate: "AuditSeal") }

    static func update(_ changed: [Versioned<AuditSeal>], in work: Work) throws -> Int {
        try changed.reduce(0) { count, seal in
            count + (try work.sql.change(
                """
                UPDATE audit_head SET signed_seq = \(seal.value.signedSeq), signed_hash = \(seal.value.hash), signed_at = clock_timestamp(), version = \(seal.version)
                WHERE chain = \(seal.value.id)
                """))
        }
    }
}

extension Work {
    /// The last checkpoint of this service's chain, in few signs: what is printed on notices, so that paper all over the place shows
    /// how far the audit reached. Nothing before the first.
    package func auditRoot() throws -> String? {
        try first("SELECT signed_seq, signed_hash FROM audit_head WHERE signed_seq > 0").map { row in
            "\(try row["signed_seq", as: Int.self])-\(try row["signed_hash", as: String.self].prefix(16))"
        }
    }
}

/// Signs the chain every hour in which something was written, and every ten thousand rows; one of all instances does.
struct AuditSigning: Service {
    let service: AuditedService
    let key: AuditKey
    let store: Store
    let logger: Logger

    private static let interval = Duration.seconds(10)

    func run() async throws {
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            do { try await store.work { try sign($0) } } catch {
                logger.warning("no checkpoint of the audit", metadata: ["error": "\(Verdict.code(of: error))"])
            }
            // Ends early when the service stops.
            do { try await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) } } catch { return }
        }
    }

    func sign(_ work: Work) throws {
        let due = try work.first(
            """
            SELECT chain FROM audit_head WHERE seq > signed_seq
                AND (seq - signed_seq >= 10000 OR signed_at < clock_timestamp() - interval '1 hour')
            """)
        guard let chain: AuditChainID = try due?["chain"] else { return }
        let now = try work.now
        try work.decide(AuditSeal.self, chain) { try $0.signing(as: service, with: key, at: now) }
    }
}

extension Reactions {
    /// Keeps what the other services sign of their chains.
    func keepingCheckpoints(besides own: AuditedService) -> Reactions {
        on(AuditCheckpointed.self) { event, work in
            if event.service == own { return }
            try work.execute(
                """
                INSERT INTO audit_checkpoints (service, chain, seq, hash, signed_at, signature)
                VALUES (\(event.service), \(event.chain), \(event.seq), \(event.hash), \(event.signedAt), \(event.signature)) ON CONFLICT DO NOTHING
                """)
        }
    }
}
