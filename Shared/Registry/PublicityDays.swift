/// How publicity days are counted (domain.md section 3): calendar days in China, never hours and never working days.
package struct PublicityDays: Equatable, Sendable {
    /// Five in the 2018 plan.
    package let days: Int
    /// Whether the posting day is day one. The plan's dates need it; civil law would start on the day after.
    package let countFirstDay: Bool

    package init(days: Int, countFirstDay: Bool) { (self.days, self.countFirstDay) = (days, countFirstDay) }

    /// A window's first counted day, and the local midnight that ends its last one.
    package struct Term: Equatable, Sendable {
        package let opensOn: LocalDate
        package let closesAt: Instant

        package init(opensOn: LocalDate, closesAt: Instant) { (self.opensOn, self.closesAt) = (opensOn, closesAt) }
    }

    /// The term of a list that hung at its last required place at this moment.
    package func term(postedAt moment: Instant) -> Term {
        let opensOn = LocalDate(moment) + (countFirstDay ? 0 : 1)
        return Term(opensOn: opensOn, closesAt: (opensOn + days).start)
    }

    /// The last posting day on which a whole second run still fits (section 4.4): its first window, the resolution on the
    /// day that window ends, approval and second posting on the day after, the second window, and the report.
    package func lastRerun(reportingBy deadline: LocalDate) -> LocalDate {
        let window = days + (countFirstDay ? 0 : 1)
        return deadline - (window + 1 + window)
    }
}
