import Foundation
import Registry

/// A fact that one service tells the others.
///
/// The Swift type is the only declaration: its JSON schema and its AsyncAPI entry are generated from it, the outbox
/// stores it, and any service may say `.on(...)` to it. Name a new one in ``Events/all``.
package protocol Event: Codable, Equatable, Sendable {
    /// The wire name, `lika.<service>.<aggregate>.<past participle>.v<n>`. Never reused and never renamed.
    static var name: String { get }
    /// Where it may travel: one topic, or one for each department. A topic carries one kind of aggregate.
    static var channels: [Topic] { get }
    /// The one of `channels` in which this event travels.
    var channel: Topic { get }
    /// Decides the partition: the household wherever there is one.
    var key: UUID { get }
    /// The aggregate that tells it. Events of one subject are numbered 1, 2, 3 … and applied in that order everywhere.
    var subject: UUID { get }
}

extension Event {
    func equals(_ other: any Event) -> Bool { self == other as? Self }
}

package enum Events {
    /// Every event of the suite, in the order of the round.
    package static let all: [any Event.Type] = [
        CampaignIssued.self, DivisionNamed.self, HouseholdRegistered.self, HouseholdCorrected.self, HouseholdMarked.self,
        CaseProposed.self, CaseSurveyed.self, CaseReassessed.self, HouseholdTipRaised.self, HouseholdTipSettled.self, HouseholdPurged.self,
        VerificationOpened.self, RequestSent.self, ResultReturned.self, RequestSentBack.self, ResultRefused.self, ResultAccepted.self,
        QuestionsChanged.self, VerificationCompleted.self, DeadlineReminded.self, DeadlineMissed.self, DeadlineEscalated.self,
        DepartmentAsked.self, AnswerReturned.self,
        CaseMoved.self, CaseClosed.self, CaseReported.self, CaseEvidenceForwarded.self, CaseConfirmed.self, CaseAnnounced.self,
        WindowOpened.self, WindowExtended.self, WindowExpired.self, WindowRecalled.self,
        ResultAnnounced.self, NoticeDelivered.self, AuditCheckpointed.self,
    ]

    /// Events that are told no more, with the topics that carried nothing else. Their names are never given to anything again.
    package static let retired: Set<String> = ["lika.review.tip.v1", "lika.review.tip.received.v1", "lika.review.tip.answered.v1"]

    /// The `$id` of each event's published schema, by the event's name: what its messages carry as `ce_dataschema`.
    package static let schemas = Dictionary(uniqueKeysWithValues: all.map { ($0.name, EventSchema.id(of: $0.name)) })
}

/// What a state machine answers: the state to keep and the events to tell.
package struct Decision<State: Equatable & Sendable>: Equatable, Sendable {
    package let state: State
    package let events: [any Event]

    package init(_ state: State, _ events: [any Event] = []) {
        self.state = state
        self.events = events
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.state == b.state && a.events.count == b.events.count && zip(a.events, b.events).allSatisfy { $0.equals($1) }
    }
}
