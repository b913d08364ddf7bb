import Contracts
import Registry

/// How the register changes at the end of a case (section 5, "At recorded").
package enum Mark: Equatable, Sendable {
    case exit
    case `return`
    case new
    case removal
    case clearOut(MemberID, reason: String)
    /// Born, married in, moved in.
    case increase(MemberID)
    /// Died, married out, moved out.
    case decrease(MemberID, reason: String, on: LocalDate)

    package var kind: CaseKind {
        switch self {
        case .exit: .exit
        case .return: .return
        case .new: .new
        case .removal: .removal
        case .clearOut: .clearOut
        case .increase, .decrease: .naturalChange
        }
    }
}

extension HouseholdRecord {
    /// Marks the register and tells it.
    package func marking(_ mark: Mark, by case: CaseID, year: Int, at now: Instant) throws(Refusal) -> Decision<HouseholdRecord> {
        let record = try marked(mark, year: year, on: LocalDate(now))
        return Decision(
            record,
            [
                HouseholdMarked(
                    household: id, campaign: campaign, case: `case`, kind: mark.kind, year: year, memberCount: record.registeredPersons,
                    markedAt: now)
            ])
    }

    private func marked(_ mark: Mark, year: Int, on day: LocalDate) throws(Refusal) -> HouseholdRecord {
        switch (mark, standing) {
        case (.exit, .registered(.notExited)), (.exit, .registered(.exitPlanned)), (.exit, .registered(.returned)):
            return standing(.registered(.exited), since: year)
        case (.exit, .registered(.exited)), (.exit, .registered(.stablyExited)):
            throw .alreadyExited

        case (.return, .registered(.exited)), (.return, .registered(.stablyExited)):
            return standing(.registered(.returned), since: year)
        case (.return, .registered(.notExited)), (.return, .registered(.exitPlanned)), (.return, .registered(.returned)):
            throw .notExited

        case (.new, .outside):
            var record = standing(.registered(.notExited), since: year)
            record.registeredOn = day
            return record
        case (.new, .registered):
            throw .alreadyOnRegister

        case (.removal, .registered):
            var record = standing(.struckOff, since: year)
            record.members = members.map { member in
                member.state == .active ? member.with(.ended(reason: "R", on: day)) : member
            }
            return record

        case (.clearOut(let person, let reason), .registered):
            return try ending(person, reason: reason, on: day, asOf: day)
        case (.decrease(let person, let reason, let on), .registered):
            return try ending(person, reason: reason, on: on, asOf: day)
        case (.increase(let person), .registered):
            return try setting(person, to: .active, if: .proposed, or: .memberNotProposed)

        // Who is off the register with the whole household stays off.
        case (.clearOut, .struckOff), (.clearOut, .closed), (.increase, .struckOff), (.increase, .closed), (.decrease, .struckOff),
            (.decrease, .closed):
            return self

        case (.exit, .outside), (.return, .outside), (.removal, .outside), (.clearOut, .outside), (.increase, .outside),
            (.decrease, .outside), (.exit, .struckOff), (.return, .struckOff), (.new, .struckOff), (.removal, .struckOff),
            (.exit, .closed), (.return, .closed), (.new, .closed), (.removal, .closed):
            throw .notOnRegister
        }
    }

    /// Somebody said to have joined, but the police has not confirmed it.
    package func refusing(_ newcomer: MemberID) throws(Refusal) -> HouseholdRecord {
        try setting(newcomer, to: .refused, if: .proposed, or: .memberNotProposed)
    }

    package func proposing(_ newcomer: MemberRecord) -> HouseholdRecord {
        var record = self
        record.members.append(newcomer.with(.proposed))
        return record
    }

    /// The decision that ends a household in which nobody is left.
    package func closing(in year: Int) throws(Refusal) -> HouseholdRecord {
        guard isOnRegister else { throw .notOnRegister }
        guard isClosingDue else { throw .someoneLeft }
        return standing(.closed, since: year)
    }

    /// On the register, but nobody is left: a person has to decide that it ends.
    package var isClosingDue: Bool { isOnRegister && active.isEmpty }

    private func standing(_ standing: Standing, since year: Int) -> HouseholdRecord {
        var record = self
        (record.standing, record.standingYear) = (standing, year)
        return record
    }

    /// If it is the head who goes, the next head is named in the same breath.
    private func ending(_ person: MemberID, reason: String, on: LocalDate, asOf day: LocalDate) throws(Refusal) -> HouseholdRecord {
        // Gone already by another case: nothing is left to end.
        if case .ended? = members.first(where: { $0.id == person })?.state { return self }
        let record = try setting(person, to: .ended(reason: reason, on: on), if: .active, or: .memberNotActive)
        guard head?.id == person, let next = record.successor(on: day) else { return record }
        var succeeded = record
        succeeded.members = record.members.map { member in
            var member = member
            if member.id == next.id { member.relation = Relation.head }
            return member
        }
        return succeeded
    }

    /// The spouse, or else the eldest adult, or else the eldest.
    private func successor(on day: LocalDate) -> MemberRecord? {
        if let spouse = active.first(where: { $0.relation == Relation.spouse }) { return spouse }
        let adults = active.filter { $0.isAdult(on: day) }
        return (adults.isEmpty ? active : adults).min { ($0.bornOn, $0.id) < ($1.bornOn, $1.id) }
    }

    private func setting(
        _ person: MemberID, to state: MemberRecord.State, if expected: MemberRecord.State, or refusal: Refusal
    ) throws(Refusal) -> HouseholdRecord {
        guard let place = members.firstIndex(where: { $0.id == person }) else { throw .memberUnknown }
        guard members[place].state == expected else { throw refusal }
        var record = self
        record.members[place].state = state
        return record
    }
}

extension MemberRecord {
    func with(_ state: State) -> MemberRecord {
        var member = self
        member.state = state
        return member
    }
}
