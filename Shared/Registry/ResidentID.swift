/// A resident's ID number (GB 11643): six digits of area, eight of birth, three of sequence, one check character.
///
/// Structure, date and check character must be right, the area need not be (domain.md section 11). It never prints
/// itself: use ``reveal`` where its being read is meant, and audited.
package struct ResidentID: Concealed {
    package static var kind: String { "resident id" }

    /// All 18 characters, the last a digit or `X`.
    package let reveal: String
    package let birthDate: LocalDate

    package enum Problem: String, Error, Sendable {
        /// Not 18 characters. The 15-character numbers ended in 2013.
        case length = "resident-id.length"
        case characters = "resident-id.characters"
        /// No such day, or before 1850.
        case date = "resident-id.date"
        case checkCharacter = "resident-id.check-character"
    }

    package enum Sex: String, Codable, CaseIterable, Sendable { case male, female }

    /// Accepts a lower-case `x` and the full-width digits and letters that spreadsheets bring.
    package init(checking text: String) throws(Problem) {
        let characters = text.unicodeScalars.map(Self.halfWidth)
        guard characters.count == 18 else { throw .length }
        let digits = characters.prefix(17).compactMap(Self.digit)
        guard digits.count == 17, characters[17] == "X" || Self.digit(characters[17]) != nil else { throw .characters }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        guard let birth = LocalDate(year: number(6..<10), month: number(10..<12), day: number(12..<14)), birth.year >= 1850 else {
            throw .date
        }
        guard characters[17] == Self.checkCharacter(digits) else { throw .checkCharacter }
        reveal = String(String.UnicodeScalarView(characters))
        birthDate = birth
    }

    /// The county in which it was issued.
    package var area: String { String(reveal.prefix(6)) }
    /// False if no province has this prefix: a warning, not an error.
    package var hasAssignedArea: Bool { Self.provinces.contains(String(reveal.prefix(2))) }
    /// Read off the last digit of the sequence, which is odd for males.
    package var sex: Sex { reveal.utf8.dropFirst(16).first.map { $0 % 2 == 1 } == true ? .male : .female }
    /// For staff lists: the area and the last character.
    package var masked: Masked { .middle(of: reveal, keeping: 6, 1) }

    package init?(_ text: String) {
        do { try self.init(checking: text) } catch { return nil }
    }

    /// The character that makes 17 digits a number: weighted sum modulo 11.
    package static func checkCharacter(_ digits: [Int]) -> Unicode.Scalar {
        let sum = zip(digits, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]).reduce(0) { $0 + $1.0 * $1.1 }
        return Array("10X98765432".unicodeScalars)[sum % 11]
    }

    private static let provinces: Set<String> = [
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46",
        "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
    ]

    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        ("0"..."9").contains(scalar) ? Int(scalar.value - 48) : nil
    }

    private static func halfWidth(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let narrow = (0xFF01...0xFF5E).contains(scalar.value) ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
        return narrow == "x" ? "X" : narrow
    }
}
