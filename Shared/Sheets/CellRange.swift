/// A rectangle of cells as a workbook writes it, `B2:D4`; lines and columns as a person counts them, columns from 0.
package struct CellRange: Codable, Equatable, Sendable {
    package let lines: ClosedRange<Int>
    package let columns: ClosedRange<Int>

    init?(_ text: String) {
        let corners = text.split(separator: ":").compactMap { CellAddress(Array($0.utf8)) }
        guard let first = corners.first, let last = corners.last, corners.count <= 2, first.line <= last.line, first.column <= last.column else {
            return nil
        }
        (lines, columns) = (first.line...last.line, first.column...last.column)
    }
}

/// `C7`: column 2, line 7.
struct CellAddress {
    let column: Int
    let line: Int

    init?(_ bytes: some Sequence<UInt8>) {
        var (letters, digits) = (0, 0)
        var hasDigits = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z") where !hasDigits && letters < 20_000:
                letters = letters * 26 + Int(byte - 64)
            case UInt8(ascii: "0")...UInt8(ascii: "9") where letters > 0 && digits < 10_000_000:
                digits = digits * 10 + Int(byte - 48)
                hasDigits = true
            default: return nil
            }
        }
        guard letters > 0, digits > 0 else { return nil }
        (column, line) = (letters - 1, digits)
    }

    /// As a person writes it.
    static func text(_ column: Int, _ line: Int) -> String {
        var (letters, rest) = ("", column + 1)
        while rest > 0 {
            rest -= 1
            letters = String(UnicodeScalar(UInt8(65 + rest % 26))) + letters
            rest /= 26
        }
        return "\(letters)\(line)"
    }
}
