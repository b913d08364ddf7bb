import Contracts
import Registry

package typealias DeadlineID = ID<Deadline>

/// The last day of one department in a campaign, and what has been said about it.
///
///     running ──remind──▶ reminded ──miss──▶ missed ──escalate──▶ escalated
///        └──────────────────miss──────────────▲
///
/// What is said once is not said again, and nobody is admonished who has answered everything. A later day begins anew.
package struct Deadline: Equatable, Sendable {
    package let id: DeadlineID
    package let campaign: CampaignID
    package let department: Department
    package let dueOn: LocalDate
    package let status: Status

    package enum Status: String, CaseIterable, Sendable {
        case running, reminded, missed, escalated
    }

    package enum Command: Equatable, Sendable {
        /// The campaign's last day is this one.
        case move(LocalDate)
        /// The last day is near; so many requests have no accepted answer.
        case remind(unanswered: Int)
        /// The last day has ended.
        case miss(unanswered: Int)
        /// And some more days have.
        case escalate(unanswered: Int)
        /// A batch with so many requests for it goes out.
        case ask(requests: Int)
        /// An answer of its was sent back.
        case returnAnswer
    }

    package init(_ id: DeadlineID, campaign: CampaignID, department: Department, dueOn: LocalDate, _ status: Status = .running) {
        (self.id, self.campaign, self.department, self.dueOn, self.status) = (id, campaign, department, dueOn, status)
    }

    package func deciding(_ command: Command, at now: Instant) -> Decision<Deadline> {
        switch (status, command) {
        case (_, .move(let day)):
            return Decision(day == dueOn ? self : Deadline(id, campaign: campaign, department: department, dueOn: day))

        case (_, .remind(unanswered: 0)), (_, .miss(unanswered: 0)), (_, .escalate(unanswered: 0)), (_, .ask(requests: 0)):
            return Decision(self)

        case (_, .ask(let requests)):
            return become(status, DepartmentAsked(
                deadline: id.rawValue, campaign: campaign, department: department, dueOn: dueOn, requests: requests, askedAt: now))

        case (_, .returnAnswer):
            return become(status, AnswerReturned(
                deadline: id.rawValue, campaign: campaign, department: department, dueOn: dueOn, returnedAt: now))

        case (.running, .remind(let unanswered)):
            return become(.reminded, DeadlineReminded(
                deadline: id.rawValue, campaign: campaign, department: department, dueOn: dueOn, unanswered: unanswered, remindedAt: now))

        case (.running, .miss(let unanswered)), (.reminded, .miss(let unanswered)):
            return become(.missed, DeadlineMissed(
                deadline: id.rawValue, campaign: campaign, department: department, dueOn: dueOn, unanswered: unanswered, missedAt: now))

        // A request may have been sent after the last day: then nothing was missed on it, and much is late all the same.
        case (.running, .escalate(let unanswered)), (.reminded, .escalate(let unanswered)), (.missed, .escalate(let unanswered)):
            return become(.escalated, DeadlineEscalated(
                deadline: id.rawValue, campaign: campaign, department: department, dueOn: dueOn, unanswered: unanswered, escalatedAt: now))

        case (.reminded, .remind), (.missed, .remind), (.missed, .miss), (.escalated, .remind), (.escalated, .miss), (.escalated, .escalate):
            return Decision(self)
        }
    }

    private func become(_ status: Status, _ event: any Event) -> Decision<Deadline> {
        Decision(Deadline(id, campaign: campaign, department: department, dueOn: dueOn, status), [event])
    }
}
