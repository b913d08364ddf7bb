import Contracts
import Foundation
import NotificationDomain
import Registry
import Testing

@Suite struct PersonalNoticeTests {
    static let now = Instant(milliseconds: 1_541_203_200_000)
    var now: Instant { Self.now }

    static func notice(_ status: PersonalNotice.Status, attempts: Int = 0, notBefore: Instant? = nil) -> PersonalNotice {
        PersonalNotice(
            id: NoticeID(UUID()), recipient: .household(HouseholdID(UUID()), in: nil, name: nil),
            letter: Letter(template: .caseConfirmed, envelope: "有信", body: "正文"), status: status, sends: 1, attempts: attempts, notBefore: notBefore)
    }

    enum Expected: Equatable { case becomes(PersonalNotice.Status), tells, keeps, refuses(PersonalNotice.Refusal) }

    /// What each command does in each state: planned, sending, delivered, unknown, failed.
    static let table: [(PersonalNotice.Command, [Expected])] = [
        (.send, [.becomes(.sending), .refuses(.alreadySending), .refuses(.alreadySettled), .refuses(.outcomeUnknown), .refuses(.alreadySettled)]),
        (.delivered, [.tells, .tells, .keeps, .tells, .refuses(.alreadySettled)]),
        (.refused, [.becomes(.failed), .becomes(.failed), .refuses(.alreadySettled), .becomes(.failed), .keeps]),
        (.bounced, [.keeps, .becomes(.failed), .becomes(.failed), .becomes(.failed), .keeps]),
        (.notTaken(send: 1), [.keeps, .becomes(.planned), .keeps, .becomes(.planned), .keeps]),
        // Of a sending that another has followed.
        (.notTaken(send: 0), [.keeps, .keeps, .keeps, .keeps, .keeps]),
        (.uncertain(send: 1), [.keeps, .becomes(.unknown), .keeps, .keeps, .keeps]),
        (.uncertain(send: 0), [.keeps, .keeps, .keeps, .keeps, .keeps]),
        (.lapse, [.keeps, .becomes(.unknown), .keeps, .keeps, .keeps]),
        (.missing, [.keeps, .keeps, .keeps, .becomes(.planned), .keeps]),
        (.sendAgain, [.refuses(.alreadySending), .refuses(.alreadySending), .refuses(.alreadySettled), .becomes(.planned), .becomes(.planned)]),
        (.arrived, [.refuses(.alreadySending), .refuses(.alreadySending), .keeps, .tells, .refuses(.alreadySettled)]),
    ]

    @Test(arguments: table.indices)
    func `every state answers every command as the picture says`(index: Int) throws {
        let (command, expectations) = Self.table[index]
        for (status, expected) in zip(PersonalNotice.Status.allCases, expectations) {
            let before = Self.notice(status)
            switch expected {
            case .refuses(let refusal): #expect(throws: refusal) { try before.deciding(command, at: now) }
            case .keeps: #expect(try before.deciding(command, at: now) == Decision(before))
            case .becomes(let next):
                let decision = try before.deciding(command, at: now)
                #expect(decision.state.status == next && decision.events.isEmpty)
            case .tells:
                let decision = try before.deciding(command, at: now)
                let told = NoticeDelivered(notice: before.id, recipient: before.recipient.id, medium: "inbox", deliveredAt: now)
                #expect(decision.state.status == .delivered && decision == Decision(decision.state, [told]))
            }
        }
    }

    @Test func `what was not taken waits longer each time, and has failed after ten`() throws {
        let waits = try (0..<9).map { attempts in
            try #require(try Self.notice(.sending, attempts: attempts).deciding(.notTaken(send: 1), at: now).state.notBefore) - now
        }
        #expect(waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280])
        #expect(try Self.notice(.sending, attempts: 9).deciding(.notTaken(send: 1), at: now).state.status == .failed)
    }

    @Test func `nothing is sent before its time`() throws {
        #expect(throws: PersonalNotice.Refusal.tooEarly) { try Self.notice(.planned, notBefore: now + 1).deciding(.send, at: now) }
        #expect(try Self.notice(.planned, notBefore: now).deciding(.send, at: now).state.sends == 2)
    }

    @Test func `the night of a telephone goes over midnight`() throws {
        let night = try #require(QuietHours("21-8"))
        let day = LocalDate(daysSinceEpoch: 17_836).start
        #expect((0..<24).filter { night.contains(day + Double($0) * 3600) } == [0, 1, 2, 3, 4, 5, 6, 7, 21, 22, 23])
        #expect(!QuietHours.none.contains(day))
        #expect(QuietHours("21") == nil && QuietHours("21-24") == nil)
    }

    @Test func `a household that its telephone did not reach is to have a letter, and nobody else`() {
        func notice(_ recipient: Recipient, _ channel: PersonalNotice.Channel, _ status: PersonalNotice.Status) -> PersonalNotice {
            PersonalNotice(id: NoticeID(UUID()), recipient: recipient, letter: Self.notice(.planned).letter, channel: channel, status: status)
        }
        let household = Recipient.household(HouseholdID(UUID()), in: nil, name: nil)
        #expect(notice(household, .sms, .failed).needsLetter)
        for other in PersonalNotice.Status.allCases where other != .failed { #expect(!notice(household, .sms, other).needsLetter) }
        #expect(!notice(household, .letter, .failed).needsLetter && !notice(.sender(of: TipID(UUID()), in: nil), .sms, .failed).needsLetter)
    }

    @Test func `what can wait is told at the next digest`() throws {
        let day = LocalDate(daysSinceEpoch: 17_836)
        let digest = try #require(DigestHour(8))
        #expect(digest.next(after: day.start + 7 * 3600) == day.start + 8 * 3600)
        #expect(digest.next(after: day.start + 8 * 3600) == (day + 1).start + 8 * 3600)
        #expect(DigestHour(24) == nil)
    }
}
