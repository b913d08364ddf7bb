private let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

/// By the letter's byte; 255 where it is none.
private let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, letter) in letters.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
}()

/// RFC 4648, section 5, without padding.
extension [UInt8] {
    /// Nothing if it is anything else. One text only means these bytes: the one that ``base64url`` writes.
    package init?(base64url text: some StringProtocol) {
        let count = text.utf8.count
        guard count % 4 != 1 else { return nil }
        self.init()
        reserveCapacity(count * 3 / 4)
        var (bits, held) = (UInt32(0), 0)
        for letter in text.utf8 {
            let value = values[Int(letter)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        // What is left over is no data.
        guard bits & (1 << UInt32(held) - 1) == 0 else { return nil }
    }

    package var base64url: String {
        var text: [UInt8] = []
        text.reserveCapacity((count * 4 + 2) / 3)
        var (bits, held) = (UInt32(0), 0)
        for byte in self {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 6 {
                held -= 6
                text.append(letters[Int(bits >> UInt32(held) & 63)])
            }
        }
        if held > 0 { text.append(letters[Int(bits << UInt32(6 - held) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
