/// Reads fixed-width decimal fields from ASCII, left to right.
struct DigitReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }
    var peek: UInt8? { isAtEnd ? nil : bytes[position] }

    /// The next `width` characters as a number, if all of them are digits.
    mutating func number(_ width: Int) -> Int? {
        guard bytes.count - position >= width else { return nil }
        var value = 0
        for _ in 0..<width {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
            position += 1
        }
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int? { number(1) }
}

/// Writes `value` as exactly `width` decimal digits.
func writeDigits(_ value: Int, width: Int, to target: UnsafeMutablePointer<UInt8>) {
    var rest = value
    for place in stride(from: width - 1, through: 0, by: -1) {
        target[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
    }
}

/// Reads `text` as contiguous UTF-8, whatever it is stored as.
func withBytes<Result>(of text: String, _ read: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    var text = text
    return text.withUTF8(read)
}
