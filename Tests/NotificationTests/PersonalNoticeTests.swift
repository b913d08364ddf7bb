import Contracts
import Foundation
import NotificationDomain
import Registry
import Testing

@Suite struct PersonalNoticeTests {
    let now = Instant(milliseconds: 1_541_203_200_000)

    func notice(_ status: PersonalNotice.Status) -> PersonalNotice {
        PersonalNotice(
            id: NoticeID(UUID()), recipient: .household(HouseholdID(UUID())), letter: .confirmed(.exit), status: status)
    }

    @Test func `the intent is recorded before anything is sent`() throws {
        let decision = try notice(.planned).deciding(.send, at: now)
        #expect(decision.state.status == .sending)
        #expect(decision.events.isEmpty)
    }

    @Test func `a delivered notice says so without text or address`() throws {
        let sending = notice(.sending)
        let decision = try sending.deciding(.delivered, at: now)
        #expect(decision.state.status == .delivered)
        let told = NoticeDelivered(notice: sending.id, recipient: sending.recipient.id, medium: "inbox", deliveredAt: now)
        #expect(decision == Decision(decision.state, [told]))
    }

    @Test func `an unknown notice is never sent again by itself`() {
        #expect(throws: PersonalNotice.Refusal.outcomeUnknown) { try notice(.unknown).deciding(.send, at: now) }
    }

    @Test func `a sender that falls silent leaves an unknown notice, not a failed one`() throws {
        #expect(try notice(.sending).deciding(.lapse, at: now).state.status == .unknown)
    }

    @Test func `only the channel's word that it has no such notice plans it again`() throws {
        #expect(try notice(.unknown).deciding(.missing, at: now).state.status == .planned)
        for status in PersonalNotice.Status.allCases where status != .unknown {
            let unmoved = notice(status)
            #expect(try unmoved.deciding(.missing, at: now) == Decision(unmoved))
        }
    }

    @Test(arguments: [PersonalNotice.Status.planned, .sending, .unknown])
    func `delivery is told once, however late the answer comes`(status: PersonalNotice.Status) throws {
        let first = try notice(status).deciding(.delivered, at: now)
        #expect(first.events.count == 1)
        #expect(try first.state.deciding(.delivered, at: now).events.isEmpty)
    }

    @Test(arguments: [PersonalNotice.Status.delivered, .failed])
    func `a settled notice is not sent`(status: PersonalNotice.Status) {
        #expect(throws: PersonalNotice.Refusal.alreadySettled) { try notice(status).deciding(.send, at: now) }
    }

    @Test func `no pair of status and command is without an answer`() {
        for status in PersonalNotice.Status.allCases {
            for command in PersonalNotice.Command.allCases {
                let told = (try? notice(status).deciding(command, at: now))?.events ?? []
                #expect(told.isEmpty || command == .delivered)
            }
        }
    }
}
