import Contracts
import Registry

extension IntakeTip {
    package func deciding(_ command: Command, at now: Instant) throws(Refusal) -> Decision<IntakeTip> {
        let next = try following(command)
        return Decision(next, events(to: next, at: now))
    }

    /// A hold is raised by an open tip that names a household, and lowered by its answer, or because it went elsewhere.
    private func events(to next: IntakeTip, at now: Instant) -> [any Event] {
        guard held != next.held, let number = next.number else { return [] }
        var events: [any Event] = []
        if let held { events.append(HouseholdTipSettled(tip: id, household: held, campaign: campaign, outcome: next.outcome, settledAt: now)) }
        if let held = next.held {
            events.append(
                HouseholdTipRaised(tip: id, household: held, campaign: campaign, number: number, dueOn: next.dueOn, division: place, raisedAt: now))
        }
        return events
    }

    private func following(_ command: Command) throws(Refusal) -> IntakeTip {
        switch (status, command) {
        case (.received, .register(let number)):
            return changed(to: .registered) { $0.number = number }
        case (.received, .relate), (.received, .concern), (.received, .assign), (.received, .investigate), (.received, .find),
            (.received, .answer), (.received, .close), (.received, .merge), (.received, .absorb), (.received, .transfer), (.received, .reopen):
            throw .notRegistered
        case (.registered, .register), (.assigned, .register), (.investigating, .register), (.found, .register), (.answered, .register),
            (.closed, .register), (.merged, .register), (.transferred, .register), (.reopened, .register):
            throw .alreadyRegistered

        case (.registered, .relate(let household)), (.assigned, .relate(let household)), (.investigating, .relate(let household)),
            (.found, .relate(let household)), (.reopened, .relate(let household)):
            return changed(to: status) { $0.household = household }

        case (.registered, .concern(let level)), (.reopened, .concern(let level)):
            return changed(to: status) { $0.concerns = level }
        case (.assigned(let assignment), .concern(let level)), (.investigating(let assignment), .concern(let level)),
            (.found(let assignment, _), .concern(let level)):
            // Whoever is accused loses it, with what they have found.
            return changed(to: assignment.level <= level ? .registered : status) { $0.concerns = level }

        case (.registered, .assign(let assignment, let usually)), (.assigned, .assign(let assignment, let usually)),
            (.investigating, .assign(let assignment, let usually)), (.reopened, .assign(let assignment, let usually)):
            guard let lowest = investigator(usually: usually) else { throw .nobodyAbove }
            guard assignment.level >= lowest else { throw .levelTooLow }
            return changed(to: .assigned(assignment))

        case (.assigned(let assignment), .investigate):
            return changed(to: .investigating(assignment))
        case (.investigating, .investigate):
            throw .alreadyInvestigated

        case (.investigating(let assignment), .find(let outcome)):
            return changed(to: .found(assignment, outcome))
        case (.registered, .investigate), (.reopened, .investigate), (.registered, .find), (.reopened, .find):
            throw .notAssigned
        case (.assigned, .find):
            throw .notInvestigated
        case (.found, .assign), (.found, .investigate), (.found, .find), (.found, .merge), (.found, .transfer):
            throw .alreadyFound

        case (.found(let assignment, let outcome), .answer(let manner)):
            guard manner == .notice || !owesNotice else { throw .noticeOwed }
            return changed(to: .answered(assignment, outcome, manner))
        case (.registered, .answer), (.assigned, .answer), (.investigating, .answer), (.reopened, .answer):
            throw .withoutFinding
        case (.answered, .answer), (.closed, .answer):
            throw .alreadyAnswered

        case (.answered(let assignment, let outcome, let manner), .close):
            return changed(to: .closed(assignment, outcome, manner))
        case (.registered, .close), (.assigned, .close), (.investigating, .close), (.found, .close), (.reopened, .close):
            throw .notAnswered

        case (.registered, .merge(let other)), (.assigned, .merge(let other)), (.investigating, .merge(let other)),
            (.reopened, .merge(let other)):
            try check(other)
            return changed(to: .merged(into: other.id))
        case (.registered, .absorb), (.assigned, .absorb), (.investigating, .absorb), (.found, .absorb), (.reopened, .absorb):
            return changed(to: status) { $0.speaksForOthers = true }

        case (.registered, .transfer), (.assigned, .transfer), (.investigating, .transfer), (.reopened, .transfer):
            return changed(to: .transferred)

        case (.answered, .reopen(let dueOn)), (.closed, .reopen(let dueOn)), (.merged, .reopen(let dueOn)), (.transferred, .reopen(let dueOn)):
            return changed(to: .reopened) { $0.dueOn = dueOn }
        case (.registered, .reopen), (.assigned, .reopen), (.investigating, .reopen), (.found, .reopen), (.reopened, .reopen):
            throw .notOver

        case (.answered, .relate), (.answered, .concern), (.answered, .assign), (.answered, .investigate), (.answered, .find),
            (.answered, .merge), (.answered, .absorb), (.answered, .transfer), (.closed, .relate), (.closed, .concern), (.closed, .assign),
            (.closed, .investigate), (.closed, .find), (.closed, .close), (.closed, .merge), (.closed, .absorb), (.closed, .transfer):
            throw .over
        case (.merged, .relate), (.merged, .concern), (.merged, .assign), (.merged, .investigate), (.merged, .find), (.merged, .answer),
            (.merged, .close), (.merged, .merge), (.merged, .absorb), (.merged, .transfer):
            throw .merged
        case (.transferred, .relate), (.transferred, .concern), (.transferred, .assign), (.transferred, .investigate), (.transferred, .find),
            (.transferred, .answer), (.transferred, .close), (.transferred, .merge), (.transferred, .absorb), (.transferred, .transfer):
            throw .transferred
        }
    }

    /// Its answer will be the answer to this one: so it is of this campaign, about the same household, and still to be found.
    private func check(_ other: IntakeTip) throws(Refusal) {
        guard other.id != id else { throw .mergedWithItself }
        guard other.campaign == campaign, household == nil || household == other.household else { throw .otherMatter }
        guard other.state.isOpen, other.status != .received else { throw .targetOver }
    }

    private func changed(to status: Status, _ change: (inout IntakeTip) -> Void = { _ in }) -> IntakeTip {
        var next = self
        next.status = status
        change(&next)
        return next
    }
}

/// What is done to a tip, one after the other: its history.
package enum TipAct: String, Codable, CaseIterable, Sendable {
    case register, relate, concern, assign, investigate, find, answer, close, merge, absorb, transfer, reopen
}

extension IntakeTip {
    /// What a clerk may do with it where it stands.
    package var acts: [TipAct] {
        switch status {
        case .received: []
        case .registered, .reopened: [.assign, .relate, .concern, .merge, .transfer]
        case .assigned: [.investigate, .assign, .relate, .concern, .merge, .transfer]
        case .investigating: [.find, .assign, .relate, .concern, .merge, .transfer]
        case .found: [.answer, .relate, .concern]
        case .answered: [.close, .reopen]
        case .closed, .merged, .transferred: [.reopen]
        }
    }
}
