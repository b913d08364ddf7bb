import Contracts
import Registry

/// The verification of one household in a campaign: which questions must be answered, and what was answered.
///
///     waiting ──issue──▶ open ──accept the last──▶ complete
///                        │  ▲                         │
///                        └──┴── accept, ask again ◀───┘
///
/// `waiting` lasts until the campaign's plan is known. Only an accepted answer counts; silence is never consent.
package struct VerificationFile: Equatable, Sendable {
    package let id: HouseholdID
    package let campaign: CampaignID
    package let population: CheckedPopulation
    package let division: DivisionCode
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

    /// A check, the request that asks it now, and the accepted answer.
    package struct Question: Equatable, Sendable {
        package let check: Check
        package let request: RequestID
        package let outcome: CheckOutcome?

        package init(_ check: Check, _ request: RequestID, _ outcome: CheckOutcome? = nil) {
            (self.check, self.request, self.outcome) = (check, request, outcome)
        }
    }

    package enum Command: Equatable, Sendable {
        /// The plan is known: these are the questions.
        case issue(Questions)
        case accept(RequestID, CheckOutcome)
        /// Requests that no longer hold, and the ones that ask the same anew.
        case askAgain([RequestID: RequestID])
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case notOpen = "verification.file-not-open"
        case alreadyOpen = "verification.file-already-open"
        case unknownQuestion = "verification.question-unknown"
        case alreadyAnswered = "verification.question-already-answered"
    }

    package init(
        _ id: HouseholdID, campaign: CampaignID, population: CheckedPopulation, division: DivisionCode,
        _ status: Status = .waiting
    ) {
        self.id = id
        self.campaign = campaign
        self.population = population
        self.division = division
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
            let (answered, check) = try questions.answering(request, outcome)
            let accepted = ResultAccepted(
                household: id, campaign: campaign, request: request, department: check.department, topic: check.topic,
                outcome: outcome, acceptedAt: now)
            guard answered.areAnswered else { return become(.open(answered), [accepted]) }
            let completed = VerificationCompleted(
                household: id, campaign: campaign, discrepant: answered.discrepant, completedAt: now)
            return become(.complete(answered), [accepted, completed])

        case (.open(let questions), .askAgain(let replaced)), (.complete(let questions), .askAgain(let replaced)):
            return become(.open(try questions.replacing(replaced)), [])

        case (.complete(let questions), .accept(let request, _)):
            throw questions.all.contains { $0.request == request } ? .alreadyAnswered : .unknownQuestion

        case (.waiting, .accept), (.waiting, .askAgain):
            throw .notOpen

        case (.open, .issue), (.complete, .issue):
            throw .alreadyOpen
        }
    }

    private func become(_ status: Status, _ events: [any Event]) -> Decision<VerificationFile> {
        Decision(VerificationFile(id, campaign: campaign, population: population, division: division, status), events)
    }
}

extension VerificationFile.Questions {
    fileprivate func answering(
        _ request: RequestID, _ outcome: CheckOutcome
    ) throws(VerificationFile.Refusal) -> (Self, Check) {
        guard let index = all.firstIndex(where: { $0.request == request }) else { throw .unknownQuestion }
        guard all[index].outcome == nil else { throw .alreadyAnswered }
        var all = all
        all[index] = VerificationFile.Question(all[index].check, request, outcome)
        return (Self(dueOn: dueOn, all), all[index].check)
    }

    fileprivate func replacing(_ replaced: [RequestID: RequestID]) throws(VerificationFile.Refusal) -> Self {
        guard Set(replaced.keys).isSubset(of: all.map(\.request)), !replaced.isEmpty else { throw .unknownQuestion }
        return Self(dueOn: dueOn, all.map { question in
            replaced[question.request].map { VerificationFile.Question(question.check, $0) } ?? question
        })
    }
}
