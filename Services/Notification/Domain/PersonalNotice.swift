import Contracts
import Foundation
import Registry

/// One message to one recipient by one channel, who reads in it of nobody else (section 9).
///
///     planned ──send──▶ sending ──delivered──▶ delivered ──bounced──▶ failed
///        ▲                 │ ├──────refused───────────────────────────▶ failed ──send again──▶ planned
///        ├────not taken────┤ │
///        │          lapse, uncertain
///        │                 ▼
///        └──missing,─── unknown ──delivered, arrived──▶ delivered
///           send again
///
/// The intent to send is recorded before the channel hears of it, so a crash between the two leaves `sending`, which
/// lapses to `unknown`: perhaps it was sent. An unknown notice is never sent again by itself; only the channel's own
/// word that it has no such notice, or a person's, makes it `planned` once more.
package struct PersonalNotice: Equatable, Sendable, Identifiable {
    package let id: NoticeID
    package let recipient: Recipient
    package let letter: Letter
    package let channel: Channel
    package let status: Status
    /// How often it was handed to the channel: an answer names the sending that it speaks of.
    package let sends: Int
    /// How often in a row the channel did not take it.
    package let attempts: Int
    /// Before then it is not sent again.
    package let notBefore: Instant?

    package enum Status: String, CaseIterable, Sendable {
        case planned, sending, delivered, unknown, failed
    }

    /// How a notice reaches its recipient.
    package enum Channel: String, Codable, CaseIterable, Sendable {
        /// The recipient's box in this service: read at the community's counter, or with the receipt of a tip.
        case inbox
        /// A short message to a telephone, which says only that something is there.
        case sms
        /// A printed letter, handed over against a receipt.
        case letter
        /// E-mail to an office, several tidings in one where they can wait.
        case email
        /// A signed POST to an office's own program.
        case webhook
    }

    package enum Command: Equatable, Sendable {
        case send
        /// The channel has it.
        case delivered
        /// The channel will never take it.
        case refused
        /// It was taken and came back.
        case bounced
        /// The channel says of the numbered sending that it did not take it.
        case notTaken(send: Int)
        /// What became of the numbered sending cannot be told from the channel's answer.
        case uncertain(send: Int)
        /// Nobody has heard from the sender in time.
        case lapse
        /// The channel says that it never got it.
        case missing
        /// A person takes it upon themselves to send it once more.
        case sendAgain
        /// A person knows that it arrived.
        case arrived
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case alreadySending = "notification.already-sending"
        case alreadySettled = "notification.already-settled"
        case outcomeUnknown = "notification.outcome-unknown"
        case tooEarly = "notification.too-early"
    }

    /// Not taken so often, a notice has failed; the waits between add up to some two hours.
    package static let mostAttempts = 10

    package init(
        id: NoticeID, recipient: Recipient, letter: Letter, channel: Channel = .inbox, status: Status = .planned, sends: Int = 0,
        attempts: Int = 0, notBefore: Instant? = nil
    ) {
        (self.id, self.recipient, self.letter, self.channel, self.status) = (id, recipient, letter, channel, status)
        (self.sends, self.attempts, self.notBefore) = (sends, attempts, notBefore)
    }

    package func deciding(_ command: Command, at now: Instant) throws(Refusal) -> Decision<PersonalNotice> {
        switch (status, command) {
        case (.planned, .send):
            if let notBefore, notBefore > now { throw .tooEarly }
            return Decision(became(.sending, sends: sends + 1))
        case (.sending, .send): throw .alreadySending
        case (.unknown, .send): throw .outcomeUnknown
        case (.delivered, .send), (.failed, .send): throw .alreadySettled

        // A sender that was stopped and woke up may bring the answer after its notice lapsed; the answer is still true.
        case (.planned, .delivered), (.sending, .delivered), (.unknown, .delivered), (.unknown, .arrived):
            return Decision(
                became(.delivered),
                [NoticeDelivered(notice: id, recipient: recipient.id, medium: channel.rawValue, deliveredAt: now)])
        case (.planned, .refused), (.sending, .refused), (.unknown, .refused): return Decision(became(.failed))
        case (.delivered, .refused), (.failed, .delivered): throw .alreadySettled
        case (.delivered, .delivered), (.failed, .refused), (.delivered, .arrived): return Decision(self)

        case (.sending, .bounced), (.unknown, .bounced), (.delivered, .bounced): return Decision(became(.failed))
        case (.planned, .bounced), (.failed, .bounced): return Decision(self)

        // An answer about an earlier sending says nothing about the present one.
        case (.sending, .notTaken(let send)) where send == sends, (.unknown, .notTaken(let send)) where send == sends:
            if attempts + 1 >= Self.mostAttempts { return Decision(became(.failed, attempts: attempts + 1)) }
            return Decision(became(.planned, attempts: attempts + 1, notBefore: now + Self.pause(after: attempts)))
        case (_, .notTaken): return Decision(self)
        case (.sending, .uncertain(let send)) where send == sends: return Decision(became(.unknown))
        case (_, .uncertain): return Decision(self)

        case (.sending, .lapse): return Decision(became(.unknown))
        case (.planned, .lapse), (.unknown, .lapse), (.delivered, .lapse), (.failed, .lapse): return Decision(self)

        // Asked while unknown; whatever happened since the question is newer than this answer.
        case (.unknown, .missing): return Decision(became(.planned))
        case (.planned, .missing), (.sending, .missing), (.delivered, .missing), (.failed, .missing): return Decision(self)

        // A person decides what no program may.
        case (.unknown, .sendAgain), (.failed, .sendAgain): return Decision(became(.planned))
        case (.planned, .sendAgain), (.sending, .sendAgain), (.planned, .arrived), (.sending, .arrived): throw .alreadySending
        case (.delivered, .sendAgain), (.failed, .arrived): throw .alreadySettled
        }
    }

    /// 5 s after the first time, then twice as long each time, up to half an hour.
    private static func pause(after attempts: Int) -> Double { min(5 * Double(1 << min(attempts, 10)), 1800) }

    /// Whether it was to reach a household and did not, so that somebody must go there with a letter.
    package var needsLetter: Bool { recipient.audience == .household && channel == .sms && status == .failed }

    private func became(_ status: Status, sends: Int? = nil, attempts: Int? = nil, notBefore: Instant? = nil) -> PersonalNotice {
        PersonalNotice(
            id: id, recipient: recipient, letter: letter, channel: channel, status: status, sends: sends ?? self.sends,
            attempts: attempts ?? (status == .sending ? self.attempts : 0), notBefore: notBefore)
    }
}
