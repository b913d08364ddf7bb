/// A moment in UTC, in whole milliseconds: what every event, row and API of Lika means by a time.
///
/// On the wire it is RFC 3339 with exactly three decimals, `2018-10-17T08:00:00.000Z`.
package struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
    package static func + (a: Self, seconds: Double) -> Self { Self(milliseconds: a.milliseconds + Int64((seconds * 1000).rounded())) }
    /// Seconds from `b` to `a`.
    package static func - (a: Self, b: Self) -> Double { Double(a.milliseconds - b.milliseconds) / 1000 }
}

extension Instant: CustomStringConvertible {
    package static let textLength = 24

    /// The moments that RFC 3339 can write: the years 0000 to 9999.
    package static let writable =
        Instant(milliseconds: -62_167_219_200_000)...Instant(milliseconds: 253_402_300_799_999)

    /// Writes the 24 ASCII characters of the wire form. The moment must be one of ``writable``.
    package func write(to target: UnsafeMutablePointer<UInt8>) {
        let day = Calendar.floorDivide(Int(milliseconds), Calendar.millisecondsPerDay)
        let time = Int(milliseconds) - day * Calendar.millisecondsPerDay
        LocalDate(daysSinceEpoch: day).write(to: target)
        target[10] = UInt8(ascii: "T")
        writeDigits(time / 3_600_000, width: 2, to: target + 11)
        target[13] = UInt8(ascii: ":")
        writeDigits(time / 60_000 % 60, width: 2, to: target + 14)
        target[16] = UInt8(ascii: ":")
        writeDigits(time / 1_000 % 60, width: 2, to: target + 17)
        target[19] = UInt8(ascii: ".")
        writeDigits(time % 1_000, width: 3, to: target + 20)
        target[23] = UInt8(ascii: "Z")
    }

    package var description: String {
        guard Self.writable.contains(self) else { return "\(milliseconds) ms" }
        return String(unsafeUninitializedCapacity: Self.textLength) { buffer in
            guard let target = buffer.baseAddress else { return 0 }
            write(to: target)
            return Self.textLength
        }
    }
}

extension Instant: LosslessStringConvertible {
    /// Any RFC 3339 moment: `Z` or an offset, and a fraction of any length, of which whole milliseconds are kept.
    package init?(_ text: String) {
        guard let moment = withBytes(of: text, Instant.init(utf8:)) else { return nil }
        self = moment
    }

    package init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        var reader = DigitReader(bytes)
        guard
            let date = LocalDate(&reader), reader.skip("T") || reader.skip("t"),
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), reader.skip(":"),
            let second = reader.number(2), hour < 24, minute < 60, second < 60,
            let fraction = Self.fraction(&reader), let offset = Self.offset(&reader), reader.isAtEnd
        else { return nil }
        let seconds = (hour * 60 + minute - offset) * 60 + second
        let moment = Instant(milliseconds: Int64(date.daysSinceEpoch * Calendar.millisecondsPerDay + seconds * 1_000 + fraction))
        guard Self.writable.contains(moment) else { return nil }
        self = moment
    }

    /// Milliseconds; further decimals are cut off, as every clock of Lika does.
    private static func fraction(_ reader: inout DigitReader) -> Int? {
        guard reader.skip(".") else { return 0 }
        guard var value = reader.digit() else { return nil }
        var decimals = 1
        while let digit = reader.digit() {
            if decimals < 3 { value = value * 10 + digit }
            decimals += 1
        }
        while decimals < 3 {
            value *= 10
            decimals += 1
        }
        return value
    }

    /// Minutes east of Greenwich.
    private static func offset(_ reader: inout DigitReader) -> Int? {
        if reader.skip("Z") || reader.skip("z") { return 0 }
        let sign: Int
        if reader.skip("+") { sign = 1 } else if reader.skip("-") { sign = -1 } else { return nil }
        guard let hours = reader.number(2), reader.skip(":"), let minutes = reader.number(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

extension Instant: Codable {
    package init(from decoder: any Decoder) throws { self = try decoder.parsed("an RFC 3339 moment", Instant.init(_:)) }
    package func encode(to encoder: any Encoder) throws { try encoder.write(description) }
}
