import Foundation

extension UUID {
    static let textLength = 36

    /// The bytes as two words, in reading order.
    private var words: (UInt64, UInt64) {
        let words = unsafeBitCast(uuid, to: (UInt64, UInt64).self)
        return (UInt64(bigEndian: words.0), UInt64(bigEndian: words.1))
    }

    /// 8-4-4-4-12 hexadecimal digits in either case.
    init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == Self.textLength else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for place in 0..<Self.textLength {
            switch place {
            case 8, 13, 18, 23:
                guard bytes[place] == UInt8(ascii: "-") else { return nil }
            default:
                guard let digit = bytes[place].hexadecimalDigit else { return nil }
                if place < 18 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
            }
        }
        self.init(uuid: unsafeBitCast((high.bigEndian, low.bigEndian), to: uuid_t.self))
    }

    /// Writes 36 characters in lower case.
    func write(to target: UnsafeMutablePointer<UInt8>) {
        var (high, low) = words
        for place in 0..<Self.textLength {
            switch place {
            case 8, 13, 18, 23: target[place] = UInt8(ascii: "-")
            case ..<18: target[place] = Self.nextDigit(&high)
            default: target[place] = Self.nextDigit(&low)
            }
        }
    }

    private static func nextDigit(_ word: inout UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: word >> 60)
        word <<= 4
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
    }
}
