import Registry

/// The hours of the night in China in which no telephone rings.
package struct QuietHours: Equatable, Sendable {
    /// Hours of the wall clock, 0 to 23; a night that begins and ends at the same hour is none.
    package let from: Int
    package let to: Int

    package init(from: Int, to: Int) { (self.from, self.to) = (from, to) }

    package static let none = QuietHours(from: 0, to: 0)

    /// `21-8`; nothing for what is no such text.
    package init?(_ text: String) {
        let hours = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard hours.count == 2, let from = hours[0], let to = hours[1], (0...23).contains(from), (0...23).contains(to) else { return nil }
        self.init(from: from, to: to)
    }

    package func contains(_ moment: Instant) -> Bool {
        let hour = Int((moment - LocalDate(moment).start) / 3600)
        return from <= to ? (from..<to).contains(hour) : hour >= from || hour < to
    }
}

/// The hour of the day, in China, at which what can wait is told in one message.
package struct DigestHour: Equatable, Sendable {
    package let hour: Int

    package init?(_ hour: Int) {
        guard (0...23).contains(hour) else { return nil }
        self.hour = hour
    }

    /// The next such hour after a moment.
    package func next(after moment: Instant) -> Instant {
        let today = LocalDate(moment).start + Double(hour) * 3600
        return today > moment ? today : (LocalDate(moment) + 1).start + Double(hour) * 3600
    }
}
