import Contracts
import Registry

/// A tip or objection: it came in, must be answered, and until then holds the case it names (R3, R24, R28).
///
///     registered ──answer──▶ answered
///
/// It keeps neither who sent it nor what was written: those lie apart from the publicity side (domain.md section 9).
package struct ReviewTip: Equatable, Sendable {
    package let id: TipID
    package let campaign: CampaignID
    package let `case`: CaseID?
    package let household: HouseholdID?
    package let investigator: Investigator
    package let receivedAt: Instant
    package let dueOn: LocalDate
    package internal(set) var status: Status

    package enum Status: Equatable, Sendable {
        case registered
        case answered(TipOutcome, at: Instant)
    }

    /// Up to and in the community's window the work team looks into it, from the subdistrict's posting on the subdistrict.
    package enum Investigator: String, Codable, CaseIterable, Sendable {
        case workTeam = "work_team"
        case subdistrict
    }

    package enum Command: Equatable, Sendable {
        case answer(TipOutcome)
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case alreadyAnswered = "review.tip-already-answered"
    }

    /// "Promptly" (section 12.5).
    package static let workingDaysToAnswer = 3

    package init(
        id: TipID, campaign: CampaignID, case: CaseID?, household: HouseholdID?, investigator: Investigator,
        receivedAt: Instant, dueOn: LocalDate, status: Status = .registered
    ) {
        self.id = id
        self.campaign = campaign
        self.case = `case`
        self.household = household
        self.investigator = investigator
        self.receivedAt = receivedAt
        self.dueOn = dueOn
        self.status = status
    }

    package static func received(_ id: TipID, about case: ReviewCase?, in campaign: CampaignID, at now: Instant) -> Decision<ReviewTip> {
        let tip = ReviewTip(
            id: id, campaign: campaign, case: `case`?.id, household: `case`?.household.id,
            investigator: `case`.map { Investigator(of: $0) } ?? .workTeam,
            receivedAt: now, dueOn: LocalDate(now).adding(workingDays: workingDaysToAnswer))
        return Decision(
            tip,
            [
                TipReceived(
                    tip: id, campaign: campaign, case: tip.case, household: tip.household, dueOn: tip.dueOn, receivedAt: now)
            ])
    }

    package func deciding(_ command: Command, at now: Instant) throws(Refusal) -> Decision<ReviewTip> {
        switch (status, command) {
        case (.registered, .answer(let outcome)):
            var answered = self
            answered.status = .answered(outcome, at: now)
            return Decision(answered, [TipAnswered(tip: id, case: `case`, outcome: outcome, answeredAt: now)])
        case (.answered, .answer):
            throw .alreadyAnswered
        }
    }
}

extension ReviewTip.Investigator {
    init(of case: ReviewCase) {
        self =
            switch `case`.suspended ?? `case`.status {
            case .proposed, .surveyed, .internallyReviewed, .publiclyReviewed, .initiallyDecided, .communityPublicity, .resolved,
                .approved, .reopened, .withdrawn, .rejected, .carriedOver:
                .workTeam
            case .subdistrictPublicity, .awaitingGate, .reported, .confirmed, .announced, .recorded:
                .subdistrict
            }
    }
}
