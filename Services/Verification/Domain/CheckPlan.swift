import Contracts
import Registry

/// One question to one department: what it is asked about a household.
package typealias Check = VerificationOpened.Check

/// What a campaign has checked, by which departments and until when (R16-R18).
///
/// A household may be heard of before its campaign, since they travel in different topics; until the campaign is issued its
/// plan is only a name.
package struct CheckPlan: Equatable, Sendable {
    package let id: CampaignID
    package let issued: Issued?

    package struct Issued: Equatable, Sendable {
        /// The last day on which a department may answer without being late.
        package let dueOn: LocalDate
        /// Routing is data: it may differ from campaign to campaign.
        package let routes: [CheckedPopulation: [Check]]

        package init(dueOn: LocalDate, routes: [CheckedPopulation: [Check]]) {
            (self.dueOn, self.routes) = (dueOn, routes)
        }
    }

    package init(_ id: CampaignID, _ issued: Issued? = nil) {
        (self.id, self.issued) = (id, issued)
    }

    /// The routing that a campaign starts with: R17's five checks by six departments of those who are to come on file, and
    /// every department's comparison of those on file (R18, whose Attachment 6 is lost: domain.md section 7).
    package static let customaryRoutes: [CheckedPopulation: [Check]] = [
        .proposedNew: Department.asked.flatMap { department in
            department.newIdentificationTopics.map { Check(department, $0.topic) }
        },
        .registered: Department.asked.flatMap { department in
            department.registeredReviewTopics.map { Check(department, $0.topic) }
        },
    ]
}

extension CheckedPopulation {
    /// How the departments look at a household that belongs to `population` and for which a case of `kind` may be proposed.
    /// Nothing: they do not, as long as nobody proposes to register it.
    package init?(_ population: Population, proposing kind: CaseKind? = nil) {
        switch (population, kind) {
        case (.registered, _), (.exited, _): self = .registered
        case (.notRegistered, .new): self = .proposedNew
        case (.notRegistered, nil), (.notRegistered, .exit), (.notRegistered, .return), (.notRegistered, .removal),
            (.notRegistered, .clearOut), (.notRegistered, .naturalChange):
            return nil
        }
    }
}

extension CaseKind {
    /// The question whose answer decides a case of this kind by itself: a natural change has no meeting and no window, the
    /// police confirm it (domain.md section 5).
    package var decidingCheck: Check? {
        switch self {
        case .naturalChange: Check(.police, .residence)
        case .exit, .return, .new, .removal, .clearOut: nil
        }
    }
}
