/// An amount in whole fen (1/100 yuan). Amounts are compared and multiplied, never divided or rounded: per-head income
/// is below a line when `income < line * members`.
package struct Money: Hashable, Comparable, Sendable {
    package let fen: Int64

    package init(fen: Int64) { self.fen = fen }
    package init(yuan: Int64) { fen = yuan * 100 }

    package static let zero = Money(fen: 0)

    package static func < (a: Self, b: Self) -> Bool { a.fen < b.fen }
    package static func + (a: Self, b: Self) -> Self { Self(fen: a.fen + b.fen) }
    package static func - (a: Self, b: Self) -> Self { Self(fen: a.fen - b.fen) }
    package static prefix func - (a: Self) -> Self { Self(fen: -a.fen) }
    package static func * (a: Self, count: Int) -> Self { Self(fen: a.fen * Int64(count)) }
}

/// Written for people and sheets as yuan with two decimals, `2952.00`.
extension Money: LosslessStringConvertible {
    package var description: String {
        let (yuan, rest) = fen.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(fen < 0 ? "-" : "")\(yuan).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Yuan with at most twelve digits and two decimals: `2952`, `2952.5` or `-2952.50`. No grouping, no `+`, no exponent.
    package init?(_ text: String) {
        let negative = text.utf8.first == UInt8(ascii: "-")
        let parts = text.utf8.dropFirst(negative ? 1 : 0).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let yuan = parts.first, (1...12).contains(yuan.count), parts.count <= 2 else { return nil }
        let decimals = parts.count == 2 ? parts[1] : Substring("00").utf8
        guard (1...2).contains(decimals.count) else { return nil }
        var fen: Int64 = 0
        for digit in [yuan, decimals].joined() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            fen = fen * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        if decimals.count == 1 { fen *= 10 }
        self.fen = negative ? -fen : fen
    }
}

/// On the wire a whole number of fen.
extension Money: Codable {
    package init(from decoder: any Decoder) throws { fen = try decoder.singleValueContainer().decode(Int64.self) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(fen)
    }
}
