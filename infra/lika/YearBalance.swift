import Contracts
import IntakeDomain

/// The sums of the year: opening + new − removed = closing, for households and for persons, whose births, marriages, deaths
/// and moves come beside.
struct YearBalance: Decodable {
    private let opening, new, removed, closing, counted: RegisterBalance.Count
    private let naturalIncrease, naturalDecrease: Int
    private let isReconciled: Bool

    private enum CodingKeys: String, CodingKey {
        case opening, new, removed, closing, counted, naturalIncrease, naturalDecrease
        case isReconciled = "reconciles"
    }

    /// Nothing if the campaign of this plan was never issued.
    static func read(_ suite: Suite, _ plan: Plan) async throws -> YearBalance? {
        guard let campaign = try await PovertyOffice.campaign(of: plan, suite) else { return nil }
        return try await suite.get(.intake, "/v1/campaigns/\(campaign)/summary")
    }

    /// Intake's own word, and the sums done again here.
    var reconciles: Bool {
        isReconciled && closing == counted && opening.households + new.households - removed.households == closing.households
            && opening.persons + new.persons - removed.persons + naturalIncrease - naturalDecrease == closing.persons
    }

    var lines: [String] {
        [
            "households: \(opening.households) opening + \(new.households) new - \(removed.households) removed = \(closing.households) closing, \(counted.households) counted",
            "persons: \(opening.persons) opening + \(new.persons) new - \(removed.persons) removed + \(naturalIncrease) come - \(naturalDecrease) gone by nature"
                + " = \(closing.persons) closing, \(counted.persons) counted",
            reconciles ? "the sums reconcile" : "THE SUMS DO NOT RECONCILE",
        ]
    }
}
