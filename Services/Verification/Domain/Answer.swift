import Contracts
import Registry

/// SHA-256 of exact bytes, 64 lower-case hexadecimal digits.
package struct Fingerprint: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init?(rawValue: String) {
        let digits = rawValue.utf8
        guard digits.count == 64, digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
        self.rawValue = rawValue
    }

    /// The 32 bytes of a digest, written out.
    package init(_ digest: some Sequence<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        rawValue = String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// What a department answered, and the digest of the exact bytes in which it did: editing them would void it.
package struct Answer: Equatable, Sendable {
    package let outcome: CheckOutcome
    package let digest: Fingerprint

    package init(_ outcome: CheckOutcome, _ digest: Fingerprint) { (self.outcome, self.digest) = (outcome, digest) }
}

/// Why an answer, though rightly signed, goes back to the department.
package enum Contradiction: String, CaseIterable, Sendable {
    /// The answer as a whole is not the worst of its findings.
    case outcomeDiffers = "verification.outcome-contradicts-findings"
    /// Nobody can act on a discrepancy that is not named.
    case nothingFound = "verification.findings-missing"
}

extension ResultReturned {
    /// The worst finding decides the whole answer; nothing found is consistent.
    package var contradiction: Contradiction? {
        if findings.isEmpty { return outcome == .consistent ? nil : .nothingFound }
        let worst = [CheckOutcome.discrepant, .cannotDetermine, .consistent].first { findings.map(\.outcome).contains($0) }
        return worst == outcome ? nil : .outcomeDiffers
    }
}
