/// A calendar day in China, without a time: what the plan means by a date.
///
/// On the wire it is `2018-10-17`. Days are counted, never added up as seconds of UTC.
package struct LocalDate: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    package let daysSinceEpoch: Int

    package init(daysSinceEpoch: Int) { self.daysSinceEpoch = daysSinceEpoch }

    /// Nothing if the calendar has no such day. Years run from 0 to 9999.
    package init?(year: Int, month: Int, day: Int) {
        guard Calendar.exists(year: year, month: month, day: day) else { return nil }
        daysSinceEpoch = Calendar.days(year: year, month: month, day: day)
    }

    package var year: Int { Calendar.date(days: daysSinceEpoch).year }
    package var month: Int { Calendar.date(days: daysSinceEpoch).month }
    package var day: Int { Calendar.date(days: daysSinceEpoch).day }

    package static func < (a: Self, b: Self) -> Bool { a.daysSinceEpoch < b.daysSinceEpoch }
    package static func + (date: Self, days: Int) -> Self { Self(daysSinceEpoch: date.daysSinceEpoch + days) }
    package static func - (date: Self, days: Int) -> Self { Self(daysSinceEpoch: date.daysSinceEpoch - days) }
    /// Days from `b` to `a`: the plan's "end minus start". Counting both ends gives one more.
    package static func - (a: Self, b: Self) -> Int { a.daysSinceEpoch - b.daysSinceEpoch }
}

/// Where days meet moments: Asia/Shanghai, +08:00 at every moment since 1991-09-15 (see ``Calendar/shanghaiOffset``).
extension LocalDate {
    /// The day that a wall calendar in China shows at this moment.
    package init(_ moment: Instant) {
        daysSinceEpoch = Calendar.floorDivide(Int(moment.milliseconds) + Calendar.shanghaiOffset, Calendar.millisecondsPerDay)
    }

    /// Local midnight, with which the day begins and the day before it ends.
    package var start: Instant {
        Instant(milliseconds: Int64(daysSinceEpoch * Calendar.millisecondsPerDay - Calendar.shanghaiOffset))
    }
}

extension Instant {
    /// As a clock on a wall in China shows it, to the minute: `2018-10-22 09:05`.
    package var wallClock: String {
        let day = LocalDate(self)
        let minutes = Int((self - day.start) / 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(day) \(two(minutes / 60)):\(two(minutes % 60))"
    }
}

extension LocalDate: CustomStringConvertible {
    package static let textLength = 10

    /// The days that the wire form can write: the years 0000 to 9999.
    package static let writable = LocalDate(daysSinceEpoch: -719_528)...LocalDate(daysSinceEpoch: 2_932_896)

    /// Writes the ten ASCII characters of the wire form. The day must be one of ``writable``.
    package func write(to target: UnsafeMutablePointer<UInt8>) {
        let (year, month, day) = Calendar.date(days: daysSinceEpoch)
        writeDigits(year, width: 4, to: target)
        target[4] = UInt8(ascii: "-")
        writeDigits(month, width: 2, to: target + 5)
        target[7] = UInt8(ascii: "-")
        writeDigits(day, width: 2, to: target + 8)
    }

    package var description: String {
        guard Self.writable.contains(self) else { return "day \(daysSinceEpoch)" }
        return String(unsafeUninitializedCapacity: Self.textLength) { buffer in
            guard let target = buffer.baseAddress else { return 0 }
            write(to: target)
            return Self.textLength
        }
    }
}

extension LocalDate: LosslessStringConvertible {
    /// Exactly `2018-10-17`.
    package init?(_ text: String) {
        guard let date = withBytes(of: text, LocalDate.init(utf8:)) else { return nil }
        self = date
    }

    package init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        var reader = DigitReader(bytes)
        guard let date = LocalDate(&reader), reader.isAtEnd else { return nil }
        self = date
    }

    init?(_ reader: inout DigitReader) {
        guard
            let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"), let day = reader.number(2)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }
}

extension LocalDate: Codable {
    package init(from decoder: any Decoder) throws { self = try decoder.parsed("a day as yyyy-mm-dd", LocalDate.init(_:)) }
    package func encode(to encoder: any Encoder) throws { try encoder.write(description) }
}
