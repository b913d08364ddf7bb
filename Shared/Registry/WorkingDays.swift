extension LocalDate {
    /// The day so many working days after this one. Weekends do not count; public holidays do, since the plan itself works
    /// through them (domain.md section 4, 6).
    package func adding(workingDays: Int) -> LocalDate {
        var day = self
        var left = workingDays
        while left > 0 {
            day = day + 1
            if !day.isWeekend { left -= 1 }
        }
        return day
    }

    /// 1970-01-01 was a Thursday.
    private var isWeekend: Bool { ((daysSinceEpoch % 7 + 7) % 7 + 3) % 7 >= 5 }
}
