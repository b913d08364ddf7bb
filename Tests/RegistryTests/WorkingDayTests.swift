import Registry
import Testing

@Suite struct WorkingDayTests {
    @Test(arguments: [
        // A Monday, a Wednesday, a Thursday and a Friday: from Wednesday on the weekend lies between.
        ("2018-10-15", 3, "2018-10-18"), ("2018-10-17", 3, "2018-10-22"), ("2018-10-18", 3, "2018-10-23"), ("2018-10-19", 3, "2018-10-24"),
        // What comes in on a weekend counts from Monday.
        ("2018-10-20", 3, "2018-10-24"), ("2018-10-21", 3, "2018-10-24"), ("2018-10-20", 1, "2018-10-22"),
        // The plan works through the holiday of 1-7 October: its Monday to Friday count, before and after it too.
        ("2018-09-28", 3, "2018-10-03"), ("2018-10-01", 3, "2018-10-04"), ("2018-10-04", 3, "2018-10-09"), ("2018-10-08", 3, "2018-10-11"),
        // Over a year's end, over a leap day, and over several weekends.
        ("2018-12-31", 3, "2019-01-03"), ("2020-02-27", 2, "2020-03-02"), ("2018-10-19", 10, "2018-11-02"), ("2018-10-19", 0, "2018-10-19"),
    ])
    func `working days leave out weekends and nothing else`(from: String, days: Int, to: String) throws {
        #expect(try #require(LocalDate(from)).adding(workingDays: days) == LocalDate(to))
    }

    @Test(arguments: [
        ("已于2018年10月22日入户核实", false), ("联系电话1380013800", false), ("13800138000", true), ("138 0013 8000", true), ("１３８-００１３-８０００", true),
        ("证号999999197001010017", true), ("卡号6222 0000 0000 0000", true), ("共11户、23人", false),
    ])
    func `eleven digits in a row are a person's number, however they are written`(text: String, holds: Bool) {
        #expect(text.holdsPersonalNumber == holds)
    }
}
