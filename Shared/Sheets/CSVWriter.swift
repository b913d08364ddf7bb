/// Writes a sheet as RFC 4180, in UTF-8 with a byte order mark and CRLF: what spreadsheet programs in China open without a
/// question.
package struct CSVWriter {
    package private(set) var bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

    package init() {}

    package mutating func append(_ cells: [String]) {
        for (place, cell) in cells.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            let text = neutralised(cell)
            if text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13 }) {
                bytes.append(UInt8(ascii: "\""))
                bytes.append(contentsOf: text.replacing("\"", with: "\"\"").utf8)
                bytes.append(UInt8(ascii: "\""))
            } else {
                bytes.append(contentsOf: text.utf8)
            }
        }
        bytes.append(contentsOf: [13, 10])
    }

    /// Hands over what was written so far, for a file that is sent on piece by piece.
    package mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}

/// What no spreadsheet program takes for a formula (OWASP ASVS 1.2.10): a leading apostrophe before `= + - @`, TAB, CR and
/// the full-width forms of the four signs. NUL, which no sheet can hold, is left out.
func neutralised(_ text: String) -> String {
    let text = text.utf8.contains(0) ? text.replacing("\0", with: "") : text
    guard let first = text.unicodeScalars.first else { return text }
    switch first {
    case "=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠": return "'" + text
    default: return text
    }
}
