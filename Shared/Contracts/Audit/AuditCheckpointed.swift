import Foundation
import Registry

/// How far a service's audit chain reached, signed: whoever keeps it can show that rows are missing at the end, or that the whole
/// chain was written anew.
package struct AuditCheckpointed: Event {
    package static let name = "lika.suite.audit.checkpointed.v1"
    package static let channels = AuditedService.allCases.map(Topic.audit(of:))
    package var channel: Topic { .audit(of: service) }
    package var key: UUID { chain.rawValue }
    package var subject: UUID { chain.rawValue }

    package let service: AuditedService
    package let chain: AuditChainID
    /// The number of the last row.
    package let seq: Int
    /// Its hash, SHA-256 in lower-case hexadecimal.
    package let hash: String
    package let signedAt: Instant
    /// Ed25519 over ``statement``, in base64url.
    package let signature: String

    package init(service: AuditedService, chain: AuditChainID, seq: Int, hash: String, signedAt: Instant, signature: String) {
        (self.service, self.chain, self.seq, self.hash) = (service, chain, seq, hash)
        (self.signedAt, self.signature) = (signedAt, signature)
    }

    /// What the signature is over.
    package var statement: [UInt8] { Self.statement(service, chain, seq, hash, signedAt) }

    package static func statement(_ service: AuditedService, _ chain: AuditChainID, _ seq: Int, _ hash: String, _ signedAt: Instant) -> [UInt8] {
        Array("lika audit checkpoint\n\(service.rawValue)\n\(chain)\n\(seq)\n\(hash)\n\(signedAt)\n".utf8)
    }
}

/// Each service has a chain of its own, and keeps the others' checkpoints.
package enum AuditedService: String, Codable, CaseIterable, Sendable {
    case intake, verification, review, notification
}

package enum AuditChain {}
package typealias AuditChainID = ID<AuditChain>
