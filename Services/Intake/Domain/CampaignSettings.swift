import Contracts
import Registry

/// What a campaign decides by and promises, and may have to change while it runs (domain.md section 12).
package struct CampaignSettings: Codable, Equatable, Sendable {
    /// Per head and year: below is strict.
    package var entryLine: Money
    /// Per head and year: above is strict.
    package var exitLine: Money
    /// Working days within which a tip is answered: what "promptly" means (section 12, 5).
    package var tipAnswerDays: Int
    /// Days within which an expired sheet is taken down.
    package var recallDays: Int
    /// In metres: a position that is less certain is measured again [D].
    package var positionAccuracy: Int

    package static let positionAccuracy = 50

    package init(
        entryLine: Money, exitLine: Money, tipAnswerDays: Int = 3, recallDays: Int = 1, positionAccuracy: Int = Self.positionAccuracy
    ) {
        (self.entryLine, self.exitLine, self.tipAnswerDays, self.recallDays) = (entryLine, exitLine, tipAnswerDays, recallDays)
        self.positionAccuracy = positionAccuracy
    }

    /// Settings that were kept before there was a limit for positions say nothing of it.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            entryLine: try fields.decode(Money.self, forKey: .entryLine), exitLine: try fields.decode(Money.self, forKey: .exitLine),
            tipAnswerDays: try fields.decode(Int.self, forKey: .tipAnswerDays), recallDays: try fields.decode(Int.self, forKey: .recallDays),
            positionAccuracy: try fields.decodeIfPresent(Int.self, forKey: .positionAccuracy) ?? Self.positionAccuracy)
    }

    /// What a plan begins with.
    package init(_ plan: CampaignPlan) { self.init(entryLine: plan.entryLine, exitLine: plan.exitLine) }

    /// Every fault at once.
    package func checked() throws(Invalid) -> CampaignSettings {
        var faults: [Invalid.Fault] = []
        if entryLine <= .zero { faults.append(.init("/entryLine", "plan.line", "a line is a positive amount in fen")) }
        if exitLine < entryLine { faults.append(.init("/exitLine", "plan.line", "the exit line is not below the entry line")) }
        if !(1...30).contains(tipAnswerDays) { faults.append(.init("/tipAnswerDays", "number.range", "1 to 30 working days")) }
        if !(1...30).contains(recallDays) { faults.append(.init("/recallDays", "number.range", "1 to 30 days")) }
        if !(1...500).contains(positionAccuracy) { faults.append(.init("/positionAccuracy", "number.range", "1 to 500 metres")) }
        guard faults.isEmpty else { throw Invalid(faults) }
        return self
    }
}
