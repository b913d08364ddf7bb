import Registry

/// The year's lines, as numbers that decide.
package struct RuleSet: Equatable, Sendable {
    package let year: Int
    package let entryLine: Money
    package let exitLine: Money

    /// Counts up whenever a rule decides otherwise than before.
    package static let edition = 2

    package init(year: Int, entryLine: Money, exitLine: Money) {
        (self.year, self.entryLine, self.exitLine) = (year, entryLine, exitLine)
    }

    /// Named in every assessment, so that an old one can be read by the rules of its time.
    package var name: String { "\(year).\(Self.edition)" }

    /// "Below" is strict. The line is multiplied, the income never divided, so that nothing is rounded.
    package func isBelowEntryLine(_ net: Money, members: Int) -> Bool { net < entryLine * members }
    /// "Above" is strict too.
    package func isAboveExitLine(_ net: Money, members: Int) -> Bool { net > exitLine * members }
}

/// What a person's absence is, by the day on which it came about and the household's registration (section 5).
package enum Departure: Equatable, Sendable {
    /// On or before registration: they should never have been counted.
    case clearOut
    /// Afterwards: died, married out, moved away.
    case naturalDecrease
    /// The day of registration is not on file: nobody can tell without looking.
    case undecided

    package init(on day: LocalDate, registeredOn: LocalDate?) {
        guard let registeredOn else {
            self = .undecided
            return
        }
        self = day <= registeredOn ? .clearOut : .naturalDecrease
    }
}
