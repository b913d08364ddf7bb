import Foundation
import Registry
import Testing

@Suite struct CalendarTests {
    private let gregorian: Foundation.Calendar = {
        var calendar = Foundation.Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Asia/Shanghai")!
        return calendar
    }()

    @Test func `every day from 1900 to 2100 is the day that Foundation says`() throws {
        var utc = gregorian
        utc.timeZone = TimeZone(identifier: "UTC")!
        let first = try #require(LocalDate(year: 1900, month: 1, day: 1)), last = try #require(LocalDate(year: 2100, month: 12, day: 31))
        for days in stride(from: first.daysSinceEpoch, through: last.daysSinceEpoch, by: 1) {
            let date = LocalDate(daysSinceEpoch: days)
            let parts = utc.dateComponents([.year, .month, .day], from: Date(timeIntervalSince1970: Double(days) * 86_400))
            #expect(date.year == parts.year && date.month == parts.month && date.day == parts.day)
            #expect(LocalDate(year: date.year, month: date.month, day: date.day) == date)
            #expect(LocalDate(date.description) == date)
        }
    }

    @Test func `a local day begins at Shanghai's midnight, as the time-zone database has it since 1991-09-15`() throws {
        let first = try #require(LocalDate("1991-09-16")), last = try #require(LocalDate("2050-01-01"))
        for days in stride(from: first.daysSinceEpoch, through: last.daysSinceEpoch, by: 1) {
            let date = LocalDate(daysSinceEpoch: days)
            let midnight = gregorian.date(from: DateComponents(year: date.year, month: date.month, day: date.day))!
            #expect(date.start.milliseconds == Int64(midnight.timeIntervalSince1970) * 1_000)
        }
    }

    @Test(arguments: [
        ("2018-10-21T15:59:59.999Z", "2018-10-21"), ("2018-10-21T16:00:00.000Z", "2018-10-22"),
        ("1969-12-31T15:59:59.999Z", "1969-12-31"), ("1969-12-31T16:00:00.000Z", "1970-01-01"),
    ])
    func `a moment belongs to the day that a wall calendar in China shows`(moment: String, day: String) throws {
        #expect(LocalDate(try #require(Instant(moment))) == LocalDate(day))
    }

    @Test func `a window of five days posted on the 17th closes when the 22nd begins`() throws {
        let posted = try #require(LocalDate("2018-10-17"))
        #expect((posted + 5).start == Instant("2018-10-21T16:00:00.000Z"))
        #expect(try #require(LocalDate("2018-11-10")) - #require(LocalDate("2018-10-01")) == 40)
        #expect(posted - 17 == LocalDate("2018-09-30"))
    }

    @Test(arguments: ["2018-02-29", "1900-02-29", "2018-13-01", "2018-00-10", "2018-04-31", "2018-1-01", "18-01-01", "2018-01-01 ", "２018-01-01", ""])
    func `a day that is not in the calendar, or not written so, is refused`(text: String) { #expect(LocalDate(text) == nil) }

    @Test(arguments: ["2000-02-29", "2020-02-29", "0000-01-01", "9999-12-31"])
    func `a day comes back as it was written`(text: String) { #expect(LocalDate(text)?.description == text) }
}

@Suite struct InstantTests {
    @Test(arguments: [
        ("2018-10-17T08:00:00.000Z", 1_539_763_200_000), ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1),
        ("0000-01-01T00:00:00.000Z", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] as [(String, Int64)])
    func `the wire form is RFC 3339 with three decimals`(text: String, milliseconds: Int64) {
        #expect(Instant(milliseconds: milliseconds).description == text)
        #expect(Instant(text) == Instant(milliseconds: milliseconds))
    }

    @Test(arguments: [
        "2018-10-17T08:00:00Z", "2018-10-17t08:00:00z", "2018-10-17T16:00:00+08:00", "2018-10-17T02:30:00.000-05:30",
        "2018-10-17T08:00:00.0Z", "2018-10-17T08:00:00.000999999Z",
    ])
    func `other RFC 3339 forms mean the same moment`(text: String) { #expect(Instant(text) == Instant(milliseconds: 1_539_763_200_000)) }

    @Test(arguments: [
        "2018-10-17", "2018-10-17T08:00Z", "2018-10-17T08:00:00", "2018-10-17 08:00:00Z", "2018-10-17T24:00:00Z", "2018-10-17T08:60:00Z",
        "2018-10-17T08:00:60Z", "2018-10-17T08:00:00.Z", "2018-10-17T08:00:00+0800", "2018-10-17T08:00:00+24:00", "2018-10-17T08:00:00Z ",
        "2018-02-30T08:00:00Z", "9999-12-31T23:59:59-01:00", "",
    ])
    func `what is not RFC 3339 is refused`(text: String) { #expect(Instant(text) == nil) }

    @Test func `ten thousand random moments are written as Foundation writes them`() {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var random = Seeded(7)
        for _ in 0..<10_000 {
            let milliseconds = Int64.random(in: -2_000_000_000_000...4_000_000_000_000, using: &random)
            let text = Instant(milliseconds: milliseconds).description
            // Foundation's seconds are binary fractions: half a millisecond keeps it from cutting the last decimal.
            #expect(text == Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1_000).formatted(style))
            #expect(Instant(text)?.milliseconds == milliseconds)
        }
    }
}

/// The same numbers on every run.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
