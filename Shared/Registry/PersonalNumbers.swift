/// A telephone number in China: eleven digits of a mobile, or an area code and seven or eight digits, perhaps with a hyphen.
package struct PhoneNumber: Concealed {
    package static var kind: String { "phone number" }
    package let reveal: String

    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.joined().allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        let digits = Array(parts.joined())
        let isMobile = parts.count == 1 && digits.count == 11 && digits[0] == UInt8(ascii: "1") && digits[1] >= UInt8(ascii: "3")
        let isLandline = (10...12).contains(digits.count) && digits[0] == UInt8(ascii: "0") && (parts.count == 1 || (3...4).contains(parts[0].count))
        guard isMobile || isLandline else { return nil }
        reveal = text
    }

    /// `138****1234`
    package var masked: Masked { .middle(of: reveal, keeping: 3, 4) }
}

/// A bank card's number: 16 to 19 digits.
package struct BankCard: Concealed {
    package static var kind: String { "bank card" }
    package let reveal: String

    package init?(_ text: String) {
        guard (16...19).contains(text.utf8.count), text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        reveal = text
    }

    /// Whether the last digit is the check digit of the others (GB/T 15694, Luhn). Passbooks of rural credit cooperatives have
    /// none, so that this only warns.
    package var hasCheckDigit: Bool {
        let sum = reveal.utf8.reversed().enumerated().reduce(0) { sum, digit in
            let value = Int(digit.element - UInt8(ascii: "0")) * (digit.offset % 2 == 0 ? 1 : 2)
            return sum + (value > 9 ? value - 9 : value)
        }
        return sum % 10 == 0
    }

    package var masked: Masked { .middle(of: reveal, keeping: 4, 4) }
}

/// The number of a disability certificate: the resident ID, then the kind of disability (1 to 7) and its grade (1 to 4); of a
/// certificate issued again also `B` and how often.
package struct DisabilityCertificate: Concealed {
    package static var kind: String { "disability certificate" }
    package let reveal: String
    package let residentID: ResidentID

    package init?(_ text: String) {
        guard text.count == 20 || text.count == 22, let residentID = ResidentID(String(text.prefix(18))) else { return nil }
        let rest = Array(text.utf8.suffix(text.utf8.count - text.prefix(18).utf8.count))
        guard (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(rest[0]), (UInt8(ascii: "1")...UInt8(ascii: "4")).contains(rest[1]),
            rest.count == 2 || (rest.count == 4 && rest[2] == UInt8(ascii: "B") && (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(rest[3]))
        else { return nil }
        (reveal, self.residentID) = (residentID.reveal + text.dropFirst(18), residentID)
    }

    package var masked: Masked { .middle(of: reveal, keeping: 6, 0) }
}
