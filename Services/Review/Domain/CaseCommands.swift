import Contracts
import Registry

extension ReviewCase {
    /// What people and other services want done with a case; it may refuse.
    package enum Command: Equatable, Sendable {
        /// A meeting judged the case.
        case judge(Meeting.Kind, Ruling, MeetingID, heldAt: Instant)
        /// Put it on the list of a new window.
        case list(PublicityLevel, WindowID)
        /// The work team looked into every open discrepancy (section 4.3).
        case investigate(Finding)
        case carryOver(reason: String)
        /// Send it to the county leading group.
        case report
        case answer(CountyAnswer)
        case announce
        /// The register shows the result.
        case record
    }

    package enum Ruling: Equatable, Sendable {
        case pass
        /// With a code that the household is told.
        case reject(reason: String)
    }

    package enum Finding: String, Codable, CaseIterable, Sendable {
        case correctedUnchanged = "corrected_unchanged"
        case dropped
        /// It ends, and the household is proposed anew as a case of another kind.
        case otherKind = "other_kind"
    }

    package enum CountyAnswer: Equatable, Sendable {
        case confirmed
        case rejected(reason: String)
        case returned
    }

    /// Why a case will not do what it was told. The raw value is part of the HTTP API.
    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        /// Its place on the main line does not allow this step now.
        case outOfTurn = "review.out-of-turn"
        /// Reopened: its approvals are suspended until the discrepancy is investigated.
        case suspended = "review.case-reopened"
        /// An open tip holds it.
        case held = "review.open-tip"
        /// Its publicity window was not over when the meeting was held.
        case windowNotOver = "review.window-not-over"
        case alreadyListed = "review.already-listed"
        case gateIncomplete = "review.gate-incomplete"
        case nothingToInvestigate = "review.nothing-to-investigate"
        /// Reported: only the county moves it now.
        case withCounty = "review.case-with-county"
        case ended = "review.case-ended"
        /// Nobody approves or reports what they surveyed themselves.
        case ownData = "review.own-data"
    }

    package func deciding(_ command: Command, at now: Instant) throws(Refusal) -> Decision<ReviewCase> {
        switch (status.phase, command) {
        case (.undecided, .judge(let kind, let ruling, let meeting, heldAt: let heldAt)),
            (.decided, .judge(let kind, let ruling, let meeting, heldAt: let heldAt)):
            let step = kind.step
            guard status == step.from else { throw .outOfTurn }
            try check(kind, heldAt: heldAt)
            switch ruling {
            case .pass: return moved(to: step.to, at: now) { $0.dossier[keyPath: step.paper] = meeting }
            case .reject(let reason): return closed(as: .rejected, because: reason, at: now)
            }

        case (.decided, .list(let level, let window)):
            let list = level.list
            guard status == list.from else { throw .outOfTurn }
            guard dossier[keyPath: list.place] == nil else { throw .alreadyListed }
            return keeping { $0.dossier[keyPath: list.place] = Publicity(window) }

        case (.reopened, .investigate(.correctedUnchanged)):
            return revived(at: now)
        case (.undecided, .investigate(.correctedUnchanged)), (.decided, .investigate(.correctedUnchanged)):
            guard !discrepancies.isEmpty else { throw .nothingToInvestigate }
            return keeping { $0.discrepancies = [] }
        case (.reopened, .investigate(.dropped)):
            // Reopened without a discrepancy: by an objection, or by the county.
            return closed(as: .withdrawn, because: discrepancies.isEmpty ? .doubtConfirmed : .discrepancyConfirmed, at: now)
        case (.undecided, .investigate(.dropped)), (.decided, .investigate(.dropped)):
            guard !discrepancies.isEmpty else { throw .nothingToInvestigate }
            return closed(as: .withdrawn, because: .discrepancyConfirmed, at: now)
        case (.reopened, .investigate(.otherKind)):
            return closed(as: .withdrawn, because: .outcomeChanged, at: now)
        case (.undecided, .investigate(.otherKind)), (.decided, .investigate(.otherKind)):
            guard !discrepancies.isEmpty else { throw .nothingToInvestigate }
            return closed(as: .withdrawn, because: .outcomeChanged, at: now)

        case (.undecided, .carryOver(let reason)), (.decided, .carryOver(let reason)), (.reopened, .carryOver(let reason)):
            return closed(as: .carriedOver, because: reason, at: now)

        case (.decided, .report):
            guard status == .awaitingGate else { throw .outOfTurn }
            guard missing.isEmpty else { throw .gateIncomplete }
            return reported(at: now)
        case (.withCounty, .answer(let answer)):
            guard status == .reported else { throw .outOfTurn }
            switch answer {
            case .confirmed: return confirmed(at: now)
            case .rejected(let reason): return closed(as: .rejected, because: reason, at: now)
            case .returned: return reopened(at: now, from: .awaitingGate)
            }
        case (.withCounty, .announce):
            guard status == .confirmed else { throw .outOfTurn }
            return announced(at: now)
        case (.withCounty, .record):
            guard status == .announced else { throw .outOfTurn }
            return moved(to: .recorded, at: now)

        case (.undecided, .list), (.undecided, .report), (.undecided, .answer), (.undecided, .announce), (.undecided, .record),
            (.decided, .answer), (.decided, .announce), (.decided, .record):
            throw .outOfTurn
        case (.reopened, .judge), (.reopened, .list), (.reopened, .report), (.reopened, .answer), (.reopened, .announce),
            (.reopened, .record):
            throw .suspended
        case (.withCounty, .judge), (.withCounty, .list), (.withCounty, .investigate), (.withCounty, .carryOver),
            (.withCounty, .report):
            throw .withCounty
        case (.ended, .judge), (.ended, .list), (.ended, .investigate), (.ended, .carryOver), (.ended, .report), (.ended, .answer),
            (.ended, .announce), (.ended, .record):
            throw .ended
        }
    }

    /// Duties are kept apart (section 8): what stands for the account that approves or reports is none of those that surveyed.
    package func checkHands(_ account: String?) throws(Refusal) {
        if let account, surveyors.contains(account) { throw .ownData }
    }

    /// From the resolution on an open tip stops its case, and the resolution waits for the window's last midnight.
    private func check(_ kind: Meeting.Kind, heldAt: Instant) throws(Refusal) {
        switch kind {
        case .internalReview, .publicReview, .initialDecision: return
        case .resolution:
            guard let end = dossier.community?.endedAt, heldAt >= end else { throw .windowNotOver }
            guard !isHeld else { throw .held }
        case .approval:
            guard !isHeld else { throw .held }
        }
    }
}

/// The main line as far as people move a case along it.
extension Meeting.Kind {
    package typealias Step = (from: CaseStatus, to: CaseStatus, paper: WritableKeyPath<ReviewCase.Dossier, MeetingID?>)

    package var step: Step {
        switch self {
        case .internalReview: (.surveyed, .internallyReviewed, \.internalReview)
        case .publicReview: (.internallyReviewed, .publiclyReviewed, \.publicReview)
        case .initialDecision: (.publiclyReviewed, .initiallyDecided, \.initialDecision)
        case .resolution: (.communityPublicity, .resolved, \.resolution)
        case .approval: (.resolved, .approved, \.approval)
        }
    }
}

extension PublicityLevel {
    package typealias List = (from: CaseStatus, to: CaseStatus, place: WritableKeyPath<ReviewCase.Dossier, ReviewCase.Publicity?>)

    /// From where a window of this level takes its cases, and where they are while it runs.
    package var list: List {
        switch self {
        case .community: (.initiallyDecided, .communityPublicity, \.community)
        case .subdistrict: (.approved, .subdistrictPublicity, \.subdistrict)
        }
    }
}
