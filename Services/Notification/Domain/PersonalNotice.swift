import Contracts
import Foundation
import Registry

/// One message to one recipient, who reads in it of nobody else (section 9).
///
///     planned ──send──▶ sending ──delivered──▶ delivered
///        ▲                 │ └────refused────▶ failed
///        │               lapse
///        │                 ▼
///        └────missing── unknown ──delivered──▶ delivered
///
/// The intent to send is recorded before the channel hears of it, so a crash between the two leaves `sending`, which
/// lapses to `unknown`: perhaps it was sent. An unknown notice is never sent again by itself; only the channel's own
/// word that it has no such notice makes it `planned` once more.
package struct PersonalNotice: Equatable, Sendable, Identifiable {
    package let id: NoticeID
    package let recipient: Recipient
    package let letter: Letter
    package let channel: Channel
    package let status: Status

    package enum Status: String, CaseIterable, Sendable {
        case planned, sending, delivered, unknown, failed
    }

    /// How a notice reaches its recipient.
    package enum Channel: String, CaseIterable, Sendable {
        /// The recipient's box in this service: read at the community's counter, or with the receipt of a tip.
        case inbox
    }

    package enum Command: String, CaseIterable, Sendable {
        case send
        /// The channel has it.
        case delivered
        /// The channel will never take it.
        case refused
        /// Nobody has heard from the sender in time.
        case lapse
        /// The channel says that it never got it.
        case missing
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case alreadySending = "notification.already-sending"
        case alreadySettled = "notification.already-settled"
        case outcomeUnknown = "notification.outcome-unknown"
    }

    package init(
        id: NoticeID, recipient: Recipient, letter: Letter, channel: Channel = .inbox, status: Status = .planned
    ) {
        self.id = id
        self.recipient = recipient
        self.letter = letter
        self.channel = channel
        self.status = status
    }

    package func deciding(_ command: Command, at now: Instant) throws(Refusal) -> Decision<PersonalNotice> {
        switch (status, command) {
        case (.planned, .send): Decision(became(.sending))
        case (.sending, .send): throw .alreadySending
        case (.unknown, .send): throw .outcomeUnknown
        case (.delivered, .send), (.failed, .send): throw .alreadySettled

        // A sender that was stopped and woke up may bring the answer after its notice lapsed; the answer is still true.
        case (.planned, .delivered), (.sending, .delivered), (.unknown, .delivered):
            Decision(
                became(.delivered),
                [NoticeDelivered(notice: id, recipient: recipient.id, medium: channel.rawValue, deliveredAt: now)])
        case (.planned, .refused), (.sending, .refused), (.unknown, .refused): Decision(became(.failed))
        case (.delivered, .refused), (.failed, .delivered): throw .alreadySettled
        case (.delivered, .delivered), (.failed, .refused): Decision(self)

        case (.sending, .lapse): Decision(became(.unknown))
        case (.planned, .lapse), (.unknown, .lapse), (.delivered, .lapse), (.failed, .lapse): Decision(self)

        // Asked while unknown; whatever happened since the question is newer than this answer.
        case (.unknown, .missing): Decision(became(.planned))
        case (.planned, .missing), (.sending, .missing), (.delivered, .missing), (.failed, .missing): Decision(self)
        }
    }

    private func became(_ status: Status) -> PersonalNotice {
        PersonalNotice(id: id, recipient: recipient, letter: letter, channel: channel, status: status)
    }
}

/// Whom a notice speaks to.
package struct Recipient: Hashable, Sendable {
    package let audience: Audience
    /// The household, the tip whose receipt its sender holds, or the window whose sheets a work team put up.
    package let id: UUID

    package enum Audience: String, CaseIterable, Sendable {
        case household, tip
        case workTeam = "work_team"
    }

    package init(_ audience: Audience, _ id: UUID) { (self.audience, self.id) = (audience, id) }

    package static func household(_ id: HouseholdID) -> Recipient { Recipient(.household, id.rawValue) }
    package static func sender(of tip: TipID) -> Recipient { Recipient(.tip, tip.rawValue) }
    package static func workTeam(of window: WindowID) -> Recipient { Recipient(.workTeam, window.rawValue) }
}
