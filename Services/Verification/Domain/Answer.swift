import Contracts
import Registry

/// SHA-256 of exact bytes, 64 lower-case hexadecimal digits.
package struct Fingerprint: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: String

    package init?(rawValue: String) {
        guard rawValue.isSHA256 else { return nil }
        self.rawValue = rawValue
    }

    /// The 32 bytes of a digest, written out.
    package init(_ digest: some Sequence<UInt8>) { rawValue = digest.hexadecimal }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// What a department answered, and the digest of the exact bytes in which it did: editing them would void it.
package struct Answer: Equatable, Sendable {
    package let outcome: CheckOutcome
    package let digest: Fingerprint

    package init(_ outcome: CheckOutcome, _ digest: Fingerprint) { (self.outcome, self.digest) = (outcome, digest) }
}

/// Why an answer, though rightly signed, goes back to the department. The raw value is public: it is told to the department.
package enum Objection: String, Codable, CaseIterable, Sendable {
    /// The answer as a whole is not the worst of its findings.
    case outcomeDiffers = "verification.outcome-contradicts-findings"
    /// Nobody can act on a discrepancy that is not named.
    case nothingFound = "verification.findings-missing"
    /// Persons or facts were not looked at.
    case incomplete = "verification.answer-incomplete"
    /// It cannot be understood.
    case unclear = "verification.answer-unclear"
    /// It contradicts what else is known, and is to be looked at once more.
    case doubtful = "verification.answer-doubtful"

    package enum Origin: Sendable { case check, person }

    /// Who may raise it.
    package var origin: Origin {
        switch self {
        case .outcomeDiffers, .nothingFound: .check
        case .incomplete, .unclear, .doubtful: .person
        }
    }

    package var label: Label {
        switch self {
        case .outcomeDiffers: Label("结论与明细不一致", "the outcome is not that of the findings")
        case .nothingFound: Label("没有说明问题", "nothing is named that differs")
        case .incomplete: Label("核查不完整", "incomplete")
        case .unclear: Label("说明不清楚", "unclear")
        case .doubtful: Label("与其他情况矛盾，请复核", "contradicts what else is known")
        }
    }
}

extension Objection {
    /// The worst finding decides the whole answer; nothing found is consistent.
    package static func of(_ outcome: CheckOutcome, _ findings: [ResultReturned.Finding]) -> Objection? {
        if findings.isEmpty { return outcome == .consistent ? nil : .nothingFound }
        let worst = [CheckOutcome.discrepant, .cannotDetermine, .consistent].first { findings.map(\.outcome).contains($0) }
        return worst == outcome ? nil : .outcomeDiffers
    }
}

/// What a person adds in words to an objection, for the department.
package enum Remark {
    package static let length = 1...200
    /// An ID number, a telephone number or an account would be longer.
    private static let mostDigits = 8

    /// Nothing if it is blank, too long, or holds what may be somebody's number, however its digits are written or parted.
    package static func checked(_ text: String) -> String? {
        let trimmed = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        guard length.contains(trimmed.count) else { return nil }
        var digits = 0
        for character in trimmed {
            if character.isWholeNumber { digits += 1 } else if !character.isWhitespace, !"-－_.·".contains(character) { digits = 0 }
            if digits > mostDigits { return nil }
        }
        return trimmed
    }
}
