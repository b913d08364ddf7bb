import Contracts
import Registry

/// The verification of one household in a campaign: which questions must be answered, and what was answered.
///
///     waiting ──issue──▶ open ──accept the last, change──▶ complete
///                        │  ▲                                │ │
///                        └──┴── accept, change ◀─────────────┘ └── change: asks less than before
///
/// `waiting` lasts until the campaign's plan is known. Only an accepted answer counts; silence is never consent. In every state
/// it hears what is proposed and how its head is called.
package struct VerificationFile: Equatable, Sendable {
    package let id: HouseholdID
    package let campaign: CampaignID
    package let population: CheckedPopulation
    package let division: DivisionCode
    /// The one personal datum that sheets may show; empty until intake has told it.
    package let headName: String
    /// The kinds of case proposed so far: some have questions of their own.
    package let proposed: Set<CaseKind>
    package let status: Status

    package enum Status: Equatable, Sendable {
        case waiting
        case open(Questions)
        case complete(Questions)
    }

    package struct Questions: Equatable, Sendable {
        package let dueOn: LocalDate
        package let all: [Question]

        package init(dueOn: LocalDate, _ all: [Question]) { (self.dueOn, self.all) = (dueOn, all) }

        package var areAnswered: Bool { all.allSatisfy { $0.outcome != nil } }
        package var discrepant: Int { all.count { $0.outcome == .discrepant } }
    }

    /// A check, the request that asks it now, the accepted answer, and the one before it that counts no more.
    package struct Question: Equatable, Sendable {
        package let check: Check
        package let request: RequestID
        package let outcome: CheckOutcome?
        package let previous: CheckOutcome?

        package init(_ check: Check, _ request: RequestID, _ outcome: CheckOutcome? = nil, previous: CheckOutcome? = nil) {
            (self.check, self.request, self.outcome, self.previous) = (check, request, outcome, previous)
        }
    }

    /// Questions that are to be answered from now on, or no more.
    package struct Change: Equatable, Sendable {
        package let cause: QuestionsChanged.Cause
        /// Requests that no longer hold, and the ones that ask the same anew.
        package var replaced: [RequestID: RequestID]
        /// Requests whose answer no longer counts; they are to be answered again.
        package var voided: Set<RequestID>
        package var added: [Question]
        package var dropped: Set<RequestID>

        package init(
            _ cause: QuestionsChanged.Cause, replaced: [RequestID: RequestID] = [:], voided: Set<RequestID> = [], added: [Question] = [],
            dropped: Set<RequestID> = []
        ) {
            (self.cause, self.replaced, self.voided, self.added, self.dropped) = (cause, replaced, voided, added, dropped)
        }

        package var isEmpty: Bool { replaced.isEmpty && voided.isEmpty && added.isEmpty && dropped.isEmpty }
    }

    package enum Command: Equatable, Sendable {
        /// The plan is known: these are the questions.
        case issue(Questions)
        case accept(RequestID, CheckOutcome)
        case change(Change)
        case propose(CaseKind)
        case name(String)
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case notOpen = "verification.file-not-open"
        case alreadyOpen = "verification.file-already-open"
        case unknownQuestion = "verification.question-unknown"
        case alreadyAnswered = "verification.question-already-answered"
        case alreadyAsked = "verification.question-already-asked"
    }

    package init(
        _ id: HouseholdID, campaign: CampaignID, population: CheckedPopulation, division: DivisionCode, headName: String = "",
        proposed: Set<CaseKind> = [], _ status: Status = .waiting
    ) {
        self.id = id
        self.campaign = campaign
        self.population = population
        self.division = division
        self.headName = headName
        self.proposed = proposed
        self.status = status
    }

    package var questions: [Question] {
        switch status {
        case .waiting: []
        case .open(let questions), .complete(let questions): questions.all
        }
    }

    package func deciding(_ command: Command, at now: Instant) throws(Refusal) -> Decision<VerificationFile> {
        switch (status, command) {
        case (.waiting, .issue(let questions)):
            let opened = VerificationOpened(
                household: id, campaign: campaign, required: questions.all.map(\.check), dueOn: questions.dueOn, openedAt: now)
            return become(.open(questions), [opened])

        case (.open(let questions), .accept(let request, let outcome)):
            let (answered, question) = try questions.answering(request, outcome)
            let accepted = ResultAccepted(
                household: id, campaign: campaign, request: request, department: question.check.department, topic: question.check.topic,
                outcome: outcome, acceptedAt: now, previous: question.previous)
            return settle(answered, [accepted], at: now)

        case (.open(let questions), .change(let change)), (.complete(let questions), .change(let change)):
            let (changed, asked, dropped) = try questions.changing(change)
            let told = QuestionsChanged(
                household: id, campaign: campaign, cause: change.cause, asked: asked, dropped: dropped, changedAt: now)
            return settle(changed, [told], at: now)

        case (.waiting, .propose(let kind)), (.open, .propose(let kind)), (.complete, .propose(let kind)):
            return Decision(with(headName: headName, proposed: proposed.union([kind]), status))

        case (.waiting, .name(let name)), (.open, .name(let name)), (.complete, .name(let name)):
            return Decision(with(headName: name, proposed: proposed, status))

        case (.complete(let questions), .accept(let request, _)):
            throw questions.all.contains { $0.request == request } ? .alreadyAnswered : .unknownQuestion

        case (.waiting, .accept), (.waiting, .change):
            throw .notOpen

        case (.open, .issue), (.complete, .issue):
            throw .alreadyOpen
        }
    }

    /// Complete once every question has its answer; each time anew, with what was found.
    private func settle(_ questions: Questions, _ events: [any Event], at now: Instant) -> Decision<VerificationFile> {
        guard questions.areAnswered else { return become(.open(questions), events) }
        let completed = VerificationCompleted(household: id, campaign: campaign, discrepant: questions.discrepant, completedAt: now)
        return become(.complete(questions), events + [completed])
    }

    private func become(_ status: Status, _ events: [any Event]) -> Decision<VerificationFile> {
        Decision(with(headName: headName, proposed: proposed, status), events)
    }

    private func with(headName: String, proposed: Set<CaseKind>, _ status: Status) -> VerificationFile {
        VerificationFile(
            id, campaign: campaign, population: population, division: division, headName: headName, proposed: proposed, status)
    }
}

extension VerificationFile.Questions {
    fileprivate func answering(
        _ request: RequestID, _ outcome: CheckOutcome
    ) throws(VerificationFile.Refusal) -> (Self, VerificationFile.Question) {
        guard let index = all.firstIndex(where: { $0.request == request }) else { throw .unknownQuestion }
        guard all[index].outcome == nil else { throw .alreadyAnswered }
        var all = all
        all[index] = VerificationFile.Question(all[index].check, request, outcome, previous: all[index].previous)
        return (Self(dueOn: dueOn, all), all[index])
    }

    fileprivate func changing(
        _ change: VerificationFile.Change
    ) throws(VerificationFile.Refusal) -> (Self, asked: [QuestionsChanged.Asked], dropped: [Check]) {
        let named = Set(change.replaced.keys).union(change.voided).union(change.dropped)
        guard named.isSubset(of: all.map(\.request)), !change.isEmpty else { throw .unknownQuestion }
        let kept = all.filter { !change.dropped.contains($0.request) }
        guard Set(kept.map(\.check)).isDisjoint(with: change.added.map(\.check)) else { throw .alreadyAsked }
        var asked: [QuestionsChanged.Asked] = []
        func ask(_ question: VerificationFile.Question, replaces: RequestID?) -> VerificationFile.Question {
            asked.append(
                .init(
                    department: question.check.department, topic: question.check.topic, request: question.request, replaces: replaces,
                    previous: question.previous))
            return question
        }
        let questions = kept.map { old in
            if let new = change.replaced[old.request] { return ask(.init(old.check, new, previous: old.outcome ?? old.previous), replaces: old.request) }
            if change.voided.contains(old.request) { return ask(.init(old.check, old.request, previous: old.outcome ?? old.previous), replaces: nil) }
            return old
        }
        let added = change.added.map { ask($0, replaces: nil) }
        return (Self(dueOn: dueOn, questions + added), asked, all.filter { change.dropped.contains($0.request) }.map(\.check))
    }
}
