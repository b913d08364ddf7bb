import Contracts
import Registry

/// What the poverty analysis puts on the rosters (R4), before anyone has been visited.
///
/// The system proposes from what is on file; the survey judges, and people decide.
package struct Proposal: Equatable, Sendable {
    package let kind: CaseKind
    /// Of a clear-out: the person number, and why they seem not to belong.
    package let person: String?
    package let reason: String?
    /// What on file speaks for it.
    package let signs: [Sign]

    package init(_ kind: CaseKind, person: String? = nil, reason: String? = nil, for signs: [Sign]) {
        (self.kind, self.person, self.reason, self.signs) = (kind, person, reason, signs)
    }
}

package enum Roster {
    /// At most one case of the household itself, and one for each member who seems not to belong to it.
    package static func proposals(for entry: HouseholdEntry, under rules: RuleSet) -> [Proposal] {
        // A household that nobody is left in waits for its closing decision.
        if entry.members.isEmpty { return [] }
        let household = householdCase(entry, rules).map { [$0] } ?? []
        guard entry.status != nil else { return household }
        return household
            + entry.members.compactMap { member in
                member.clearOutClue.map { Proposal(.clearOut, person: member.number, reason: $0, for: [.member]) }
            }
    }

    private static func householdCase(_ entry: HouseholdEntry, _ rules: RuleSet) -> Proposal? {
        guard let status = entry.status else { return mayBelong(entry, rules) }
        if let circumstance = entry.clues.circumstance, circumstance.level != .person { return Proposal(.removal, for: [.circumstance]) }
        if status.isExited { return isBefallen(entry, rules) ? Proposal(.return, for: [.befallenThisYear]) : nil }
        return mayLeave(entry, rules) ? Proposal(.exit, for: [.aboveExitLine]) : nil
    }

    static func isBefallen(_ entry: HouseholdEntry, _ rules: RuleSet) -> Bool {
        entry.clues.cause != nil && entry.clues.causeOn?.year == rules.year
    }

    /// Worth a visit: over the line in the year before, in a house that is not known to be dangerous.
    private static func mayLeave(_ entry: HouseholdEntry, _ rules: RuleSet) -> Bool {
        guard let income = entry.income else { return false }
        return rules.isAboveExitLine(income.net, members: entry.members.count) && entry.housing?.isSafe != false
    }

    /// Worth a visit: befallen, and under the line or in a dangerous house.
    private static func mayBelong(_ entry: HouseholdEntry, _ rules: RuleSet) -> Proposal? {
        let isPoor = entry.income.map { rules.isBelowEntryLine($0.net, members: entry.members.count) } ?? false
        let isEndangered = entry.housing?.isSafe == false
        guard isBefallen(entry, rules), isPoor || isEndangered else { return nil }
        return Proposal(.new, for: [.befallenThisYear] + (isPoor ? [.belowEntryLine] : []) + (isEndangered ? [.dangerousHouse] : []))
    }
}
