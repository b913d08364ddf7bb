import Contracts
import Registry

/// Why a case cannot be proposed for a household, by the guards of section 5 that are known before any survey.
package enum ProposalRefusal: String, Refusal, CaseIterable {
    case exited = "intake.household-already-exited"
    case notExited = "intake.household-not-exited"
    case notOnRegister = "intake.household-not-on-register"
    case alreadyOnRegister = "intake.household-already-on-register"
    case nobodyLeft = "intake.household-empty"
    case memberNeeded = "intake.proposal-names-no-member"
    case memberNotActive = "intake.member-not-active"
    case hasOpenCase = "intake.household-has-open-case"
}

extension HouseholdRecord {
    /// Checks the standing that a kind starts from, and that it is about somebody who is there.
    package func check(proposing kind: CaseKind, of member: MemberID?) throws(ProposalRefusal) {
        switch (kind, standing) {
        case (.exit, .registered(let status)):
            if status.isExited { throw .exited }
        case (.return, .registered(let status)):
            if !status.isExited { throw .notExited }
        case (.new, .registered):
            throw .alreadyOnRegister
        case (.new, .outside), (.removal, .registered), (.clearOut, .registered), (.naturalChange, .registered):
            break
        case (.exit, .outside), (.exit, .struckOff), (.exit, .closed), (.return, .outside), (.return, .struckOff), (.return, .closed),
            (.new, .struckOff), (.new, .closed), (.removal, .outside), (.removal, .struckOff), (.removal, .closed), (.clearOut, .outside),
            (.clearOut, .struckOff), (.clearOut, .closed), (.naturalChange, .outside), (.naturalChange, .struckOff), (.naturalChange, .closed):
            throw .notOnRegister
        }
        if active.isEmpty && kind != .naturalChange { throw .nobodyLeft }
        switch kind {
        case .clearOut:
            guard let member else { throw .memberNeeded }
            guard active.contains(where: { $0.id == member }) else { throw .memberNotActive }
        case .exit, .return, .new, .removal, .naturalChange:
            break
        }
    }
}
