/// A place in the administrative hierarchy: county (6 digits, GB/T 2260), subdistrict or town (9), community (12), and a
/// residents' group, which has no national code, as a local suffix `-NN` (domain.md section 11).
///
/// A staff member's jurisdiction is such a code, and covers whatever it is a prefix of.
package struct DivisionCode: Hashable, Sendable {
    package enum Level: Int, CaseIterable, Comparable, Sendable {
        case county = 6
        case subdistrict = 9
        case community = 12
        case group = 15

        package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    package let code: String
    package let level: Level

    /// Whether `place` lies in this division or is it. Codes of one level are equally long, so a prefix is a place.
    package func contains(_ place: DivisionCode) -> Bool { place.code.utf8.starts(with: code.utf8) }

    /// The division of the given level around this one; nothing if that level is below it.
    package func enclosing(_ level: Level) -> DivisionCode? {
        level <= self.level ? DivisionCode(String(code.prefix(level.rawValue))) : nil
    }

    /// The division next around this one; nothing around a county.
    package var parent: DivisionCode? {
        switch level {
        case .county: nil
        case .subdistrict: enclosing(.county)
        case .community: enclosing(.subdistrict)
        case .group: enclosing(.community)
        }
    }

    /// A residents' group of this community. Nothing unless this is a community and the number has at most two digits.
    package func group(_ number: Int) -> DivisionCode? {
        guard level == .community, (1...99).contains(number) else { return nil }
        return DivisionCode(number < 10 ? "\(code)-0\(number)" : "\(code)-\(number)")
    }
}

extension DivisionCode: LosslessStringConvertible {
    package init?(_ text: String) {
        guard let level = Level(rawValue: text.utf8.count) else { return nil }
        for (place, character) in text.utf8.enumerated() {
            let expected = place == 12 ? character == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
            guard expected else { return nil }
        }
        (code, self.level) = (text, level)
    }

    package var description: String { code }
}

extension DivisionCode: Comparable {
    package static func < (a: Self, b: Self) -> Bool { a.code < b.code }
}

extension DivisionCode: Codable {
    package init(from decoder: any Decoder) throws { self = try decoder.parsed("a division code", DivisionCode.init(_:)) }
    package func encode(to encoder: any Encoder) throws { try encoder.write(code) }
}
