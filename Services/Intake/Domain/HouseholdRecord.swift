import Contracts
import Registry

/// A household in the books of the subdistrict: where it stands on the register, and who belongs to it.
///
///     outside ──new──▶ registered(0) ──exit──▶ registered(1) ──return──▶ registered(3) ──exit──▶ …
///                           │ removal              │ removal                 │ removal
///                           └──────────▶ struckOff ◀──────────────────────────┘
///     a registered household that nobody is left in ──close──▶ closed
///
/// It holds no ID number, only the keyed hash that tells two persons apart; numbers lie sealed beside it.
package struct HouseholdRecord: Equatable, Sendable {
    package let id: HouseholdID
    package let number: String
    /// The campaign in whose books it stands now.
    package var campaign: CampaignID
    package var division: DivisionCode
    package var standing: Standing
    /// The year of the exit, return, entry or striking off that `standing` shows.
    package var standingYear: Int?
    package var registeredOn: LocalDate?
    package var members: [MemberRecord]

    package enum Standing: Hashable, Sendable {
        /// Not registered; looked at because it may have to be.
        case outside
        case registered(ExitStatus)
        /// Should never have been registered.
        case struckOff
        /// Nobody was left.
        case closed
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case notOnRegister = "intake.household-not-on-register"
        case alreadyOnRegister = "intake.household-already-on-register"
        case alreadyExited = "intake.household-already-exited"
        case notExited = "intake.household-not-exited"
        case memberUnknown = "intake.member-unknown"
        case memberNotActive = "intake.member-not-active"
        case memberNotProposed = "intake.member-not-proposed"
        case someoneLeft = "intake.household-has-members"
        case archived = "intake.household-archived"
        case stillOnRegister = "intake.household-still-on-register"
    }

    package init(
        id: HouseholdID, number: String, campaign: CampaignID, division: DivisionCode, standing: Standing, standingYear: Int? = nil,
        registeredOn: LocalDate? = nil, members: [MemberRecord]
    ) {
        (self.id, self.number, self.campaign, self.division) = (id, number, campaign, division)
        (self.standing, self.standingYear, self.registeredOn, self.members) = (standing, standingYear, registeredOn, members)
    }

    package var active: [MemberRecord] { members.filter { $0.state == .active } }
    package var head: MemberRecord? { active.first { $0.relation == Relation.head } }
    /// Once the last person has gone, the last head's name still names the household.
    package var headName: String { (head ?? members.first { $0.relation == Relation.head } ?? members.first)?.name ?? "" }

    package var isOnRegister: Bool {
        switch standing {
        case .registered: true
        case .outside, .struckOff, .closed: false
        }
    }

    /// Whether what is on file of it may still change: whoever is struck off or closed is archived.
    package var isOpen: Bool {
        switch standing {
        case .outside, .registered: true
        case .struckOff, .closed: false
        }
    }

    /// Persons that the register counts.
    package var registeredPersons: Int { isOnRegister ? active.count : 0 }

    package var population: Population {
        switch standing {
        case .registered(let status): status.isExited ? .exited : .registered
        case .outside, .struckOff, .closed: .notRegistered
        }
    }
}

/// A person of a household, with what rules need to know.
package struct MemberRecord: Equatable, Sendable {
    package let id: MemberID
    package let number: String
    package var name: String
    package var relation: String
    package var bornOn: LocalDate
    package var hash: PersonHash
    package var state: State

    package enum State: Equatable, Sendable {
        /// Said to have joined; not yet confirmed by the police.
        case proposed
        case active
        /// Gone, for a reason of the code lists, and since when.
        case ended(reason: String, on: LocalDate)
        /// Said to have joined, but has not.
        case refused
    }

    package init(
        id: MemberID, number: String, name: String, relation: String, bornOn: LocalDate, hash: PersonHash, state: State = .active
    ) {
        (self.id, self.number, self.name, self.relation) = (id, number, name, relation)
        (self.bornOn, self.hash, self.state) = (bornOn, hash, state)
    }

    package func isAdult(on day: LocalDate) -> Bool {
        (day.year, day.month, day.day) >= (bornOn.year + 18, bornOn.month, bornOn.day)
    }
}

/// The keyed hash of a resident ID: the same person has the same, and without the key it says nothing.
package struct PersonHash: Hashable, Sendable {
    /// Lower-case hex.
    package let text: String

    package init(_ text: String) { self.text = text }
}

/// The person of an entry, with the identity it is given here.
package struct Enrolled: Equatable, Sendable {
    package let id: MemberID
    package let hash: PersonHash

    package init(_ id: MemberID, _ hash: PersonHash) { (self.id, self.hash) = (id, hash) }
}

// MARK: entering and correcting

extension HouseholdRecord {
    /// Enters a household from a sheet. `persons` are those of the entry, in its order.
    package static func entering(
        _ entry: HouseholdEntry, as id: HouseholdID, persons: [Enrolled], in campaign: CampaignID, at now: Instant
    ) -> Decision<HouseholdRecord> {
        let record = HouseholdRecord(
            id: id, number: entry.number, campaign: campaign, division: entry.division,
            standing: entry.status.map(Standing.registered) ?? .outside, standingYear: entry.exitYear, registeredOn: entry.registeredOn,
            members: zip(entry.members, persons).map { member, person in
                MemberRecord(
                    id: person.id, number: member.number, name: member.name, relation: member.relation,
                    bornOn: member.residentID.birthDate, hash: person.hash)
            })
        return Decision(record, [record.registered(at: now)])
    }

    /// The household stands in the books of another campaign.
    package func entering(_ campaign: CampaignID, at now: Instant) -> Decision<HouseholdRecord> {
        var record = self
        record.campaign = campaign
        return Decision(record, [record.registered(at: now)])
    }

    private func registered(at now: Instant) -> HouseholdRegistered {
        HouseholdRegistered(
            household: id, campaign: campaign, population: population, division: division, headName: headName,
            memberCount: active.count, registeredAt: now)
    }

    /// Why a corrected sheet may not say what it says. Where a household stands and who belongs to it changes by cases only.
    package enum CorrectionFault: String, CaseIterable, Sendable {
        case standing = "household.standing-by-case"
        case personMissing = "person.missing"
        case personUnknown = "person.unknown"

        package var reason: String {
            switch self {
            case .standing: "status, exit year and registration change by cases, not by a sheet"
            case .personMissing: "a person of this household is missing; persons leave by a clear-out or a natural change"
            case .personUnknown: "a person is new in this household; persons join by a natural change"
            }
        }
    }

    /// A sheet may show the household as the last one did, or as cases have left it since.
    package func faults(correcting old: HouseholdEntry, to new: HouseholdEntry) -> [CorrectionFault] {
        var faults: [CorrectionFault] = []
        let isAsBefore = (old.status, old.exitYear, old.registeredOn) == (new.status, new.exitYear, new.registeredOn)
        let isAsNow = if case .registered(let status) = standing { new.status == status } else { false }
        if !isAsBefore && !isAsNow { faults.append(.standing) }
        let (before, after, now) = (Set(old.members.map(\.number)), Set(new.members.map(\.number)), Set(active.map(\.number)))
        if !before.intersection(now).isSubset(of: after) { faults.append(.personMissing) }
        if !after.isSubset(of: before.union(now)) { faults.append(.personUnknown) }
        return faults
    }

    /// Takes over what a corrected sheet says of persons and place. Whoever has gone stays gone, and a head named since stays head.
    package func correcting(
        from old: HouseholdEntry, to new: HouseholdEntry, hashes: [String: PersonHash], at now: Instant
    ) -> Decision<HouseholdRecord> {
        let changed = old.fields(changedIn: new)
        guard !changed.isEmpty else { return Decision(self) }
        var record = self
        record.division = new.division
        let before = Dictionary(old.members.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(new.members.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        record.members = members.map { member in
            guard let entry = after[member.number] else { return member }
            var member = member
            member.name = entry.name
            member.bornOn = entry.residentID.birthDate
            member.hash = hashes[member.number] ?? member.hash
            if before[member.number]?.relation != entry.relation { member.relation = entry.relation }
            return member
        }
        return Decision(
            record,
            [
                HouseholdCorrected(
                    household: id, campaign: campaign, fields: changed, headName: record.headName, memberCount: record.active.count,
                    correctedAt: now)
            ])
    }
}
