import Contracts
import Registry

/// The proof that the personal data of a household were destroyed: who, when, why and how much, and nothing of what they said.
package struct HouseholdPurge: Equatable, Sendable {
    package let id: PurgeID
    package let household: HouseholdID
    package let purgedAt: Instant
    /// A code.
    package let reason: String
    /// The two accounts.
    package let deed: String
    /// SHA-256 of the destroyed key's number; nothing where there was none.
    package let keyDigest: String?
    /// Sealed cells that nobody can read any more.
    package let cells: Int

    package init(id: PurgeID, household: HouseholdID, purgedAt: Instant, reason: String, deed: String, keyDigest: String?, cells: Int) {
        (self.id, self.household, self.purgedAt, self.reason) = (id, household, purgedAt, reason)
        (self.deed, self.keyDigest, self.cells) = (deed, keyDigest, cells)
    }

    package var told: HouseholdPurged { HouseholdPurged(purge: id, household: household, purgedAt: purgedAt) }
}

extension HouseholdRecord {
    /// Without names, days of birth and the hashes by which a person is found again; who never was registered is archived with it.
    /// What the register counts stays as it was.
    package func purging() throws(Refusal) -> Decision<HouseholdRecord> {
        guard !isOnRegister else { throw .stillOnRegister }
        var purged = self
        if case .outside = standing { purged.standing = .closed }
        purged.members = members.map { member in
            MemberRecord(
                id: member.id, number: member.number, name: "", relation: member.relation, bornOn: LocalDate(daysSinceEpoch: 0),
                hash: PersonHash(member.id.description), state: member.state)
        }
        return Decision(purged)
    }
}
