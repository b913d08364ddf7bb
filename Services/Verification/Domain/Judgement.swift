import Contracts
import Registry

/// A public key of a department, what it is for, and when. A department may have several at once, so that a new one is there
/// before the old one ends.
package struct DepartmentKey: Equatable, Sendable {
    /// The `kid` of a signature's or a JWE's header; unique among all departments.
    package let id: String
    package let department: Department
    package let use: Use
    /// Ed25519: 32 bytes (RFC 8032). P-256: both coordinates, 64 bytes.
    package let publicKey: [UInt8]
    package let validFrom: Instant
    /// The first moment at which it no longer is.
    package let validTo: Instant
    package let revokedAt: Instant?

    /// As a JWK's `use` has it (RFC 7517, section 4.2).
    package enum Use: String, Codable, CaseIterable, Sendable {
        /// Ed25519: the department signs its results.
        case signature = "sig"
        /// P-256: persons are sealed to it.
        case encryption = "enc"
        /// Ed25519: somebody of the department opens the desk with it and prepares answers; it signs none.
        case desk
    }

    package init(
        _ id: String, department: Department, use: Use = .signature, publicKey: [UInt8], validFrom: Instant, validTo: Instant,
        revokedAt: Instant? = nil
    ) {
        self.id = id
        self.department = department
        self.use = use
        self.publicKey = publicKey
        self.validFrom = validFrom
        self.validTo = validTo
        self.revokedAt = revokedAt
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        /// The same id with another key or another validity: a department takes a new id for a new key.
        case differs = "verification.key-differs"
        case alreadyRevoked = "verification.key-already-revoked"
    }

    /// Whether both are one registration, whatever became of it.
    package func isSame(as other: DepartmentKey) -> Bool {
        id == other.id && department == other.department && use == other.use && publicKey == other.publicKey
            && validFrom == other.validFrom && validTo == other.validTo
    }

    /// Whether it counts at this moment.
    package func holds(at now: Instant) -> Bool {
        validFrom <= now && now < validTo && (revokedAt.map { now < $0 } ?? true)
    }

    package func revoking(at now: Instant) throws(Refusal) -> Decision<DepartmentKey> {
        guard revokedAt == nil else { throw .alreadyRevoked }
        return Decision(DepartmentKey(
            id, department: department, use: use, publicKey: publicKey, validFrom: validFrom, validTo: validTo, revokedAt: now))
    }
}

extension Sequence<DepartmentKey> {
    /// The key to which each department's persons are sealed now: of those that hold, the one that began last.
    package func sealing(at now: Instant) -> [Department: DepartmentKey] {
        let able = filter { $0.use == .encryption && $0.holds(at: now) }
        return Dictionary(able.map { ($0.department, $0) }) { a, b in (a.validFrom, a.id) < (b.validFrom, b.id) ? b : a }
    }
}

/// What the header `jws` of a result said.
package enum Signature: Equatable, Sendable {
    case missing
    /// Not a detached JWS of a verification result, or one with extensions that must be understood.
    case unreadable
    /// `holds`: the signature is the named key's over the exact bytes that came. False too where the key is not known.
    case read(algorithm: String, kid: String, holds: Bool)
}

/// A result at the moment it came in.
package struct Receipt: Sendable {
    /// The owner of the topic in which it came.
    package let from: Department
    package let result: ResultReturned
    /// Of the exact bytes.
    package let digest: Fingerprint
    package let signature: Signature
    package let at: Instant

    package init(from: Department, _ result: ResultReturned, _ digest: Fingerprint, _ signature: Signature, at: Instant) {
        self.from = from
        self.result = result
        self.digest = digest
        self.signature = signature
        self.at = at
    }
}

/// What becomes of a result.
package enum Verdict: Equatable, Sendable {
    case accept(Answer, kid: String)
    /// Rightly signed, but no usable answer.
    case sendBack(Answer, kid: String, Objection)
    /// The very answer that was accepted or sent back, once more.
    case ignore
    /// Recorded, and without any effect: the request stays as it is.
    case refuse(ResultRefusal)
}

/// Why a result does not count. The raw value is public: it stands in the list of refused results.
package enum ResultRefusal: String, CaseIterable, Sendable {
    case signatureMissing = "verification.signature-missing"
    case signatureUnreadable = "verification.signature-unreadable"
    case algorithmNotAllowed = "verification.algorithm-not-allowed"
    case keyUnknown = "verification.key-unknown"
    /// The department's, but registered for sealing or for the desk alone.
    case keyNotForSigning = "verification.key-not-for-signing"
    case wrongDepartment = "verification.wrong-department"
    case keyNotYetValid = "verification.key-not-yet-valid"
    case keyExpired = "verification.key-expired"
    case keyRevoked = "verification.key-revoked"
    /// Forged, or a byte was changed after signing.
    case signatureInvalid = "verification.signature-invalid"
    case requestUnknown = "verification.request-unknown"
    /// The request exists, but is about another household or topic.
    case requestDiffers = "verification.request-differs"
    case requestNotSent = "verification.request-not-sent"
    case requestSuperseded = "verification.request-superseded"
    /// Another answer has been accepted.
    case requestAnswered = "verification.request-already-answered"
    /// It answers other bytes than those that were sent.
    case digestDiffers = "verification.request-digest-differs"
}

extension Receipt {
    /// Judges the result by what was known at its receipt: first who signed it, then what it answers.
    package func verdict(key: DepartmentKey?, request: Request?) -> Verdict {
        switch signatory(key) {
        case .failure(let refusal): .refuse(refusal.reason)
        case .success(let kid): verdict(signedBy: kid, request)
        }
    }

    private struct Refused: Error { let reason: ResultRefusal }

    private func signatory(_ key: DepartmentKey?) -> Result<String, Refused> {
        func refused(_ reason: ResultRefusal) -> Result<String, Refused> { .failure(Refused(reason: reason)) }
        switch signature {
        case .missing: return refused(.signatureMissing)
        case .unreadable: return refused(.signatureUnreadable)
        case .read(let algorithm, let kid, let holds):
            // RFC 9864 renames `EdDSA` on this curve to `Ed25519`; both are in use.
            guard algorithm == "EdDSA" || algorithm == "Ed25519" else { return refused(.algorithmNotAllowed) }
            guard let key, key.id == kid else { return refused(.keyUnknown) }
            guard key.department == from, result.department == from else { return refused(.wrongDepartment) }
            guard key.use == .signature else { return refused(.keyNotForSigning) }
            guard at >= key.validFrom else { return refused(.keyNotYetValid) }
            guard at < key.validTo else { return refused(.keyExpired) }
            if let revokedAt = key.revokedAt, revokedAt <= at { return refused(.keyRevoked) }
            return holds ? .success(kid) : refused(.signatureInvalid)
        }
    }

    private func verdict(signedBy kid: String, _ request: Request?) -> Verdict {
        guard let request else { return .refuse(.requestUnknown) }
        guard
            request.id == result.request, request.household == result.household,
            request.check == Check(result.department, result.topic)
        else { return .refuse(.requestDiffers) }
        switch request.status {
        case .created: return .refuse(.requestNotSent)
        case .superseded: return .refuse(.requestSuperseded)
        // What was only prepared gives way to what somebody signs for.
        case .sent(let sent), .overdue(let sent), .sentBack(let sent, _), .returned(let sent, _):
            guard result.requestDigest == sent.rawValue else { return .refuse(.digestDiffers) }
            if request.objected.contains(digest) { return .ignore }
            let answer = Answer(result.outcome, digest)
            return Objection.of(result.outcome, result.findings).map { .sendBack(answer, kid: kid, $0) } ?? .accept(answer, kid: kid)
        case .signed(_, let answer, _), .accepted(_, let answer, _):
            return answer.digest == digest || request.objected.contains(digest) ? .ignore : .refuse(.requestAnswered)
        }
    }
}
