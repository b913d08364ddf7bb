import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// The errand that sends by a channel.
func deliveryName(_ channel: PersonalNotice.Channel) -> String {
    channel == .inbox ? "notices.deliver" : "notices.deliver.\(channel.rawValue)"
}

/// How long a sender may stay silent before its notices count as unknown, in real seconds.
let patience = 10.0
private let atOnce = 200

/// Sends what is planned: the intent is committed, then the channel is told, then its answer is kept.
let delivery = Errand(
    deliveryName(.inbox),
    claim: { work in
        let planned = try work.idleNotices(.planned, limit: atOnce)
        try work.prefetch(PersonalNotice.self, planned)
        let letters = try planned.map { id in
            let notice = try work.settle(id, .send)
            return BoxedLetter(
                notice: id, recipient: notice.recipient.id, envelope: notice.letter.envelope, body: notice.letter.body)
        }
        try work.lease(planned, seconds: patience)
        return letters
    },
    perform: { letters, store in
        Failpoint.notifyAfterIntentBeforeSend.hit()
        let delivered = try await store.work { try LetterBox.put(letters, in: $0) }
        Failpoint.notifyAfterSendBeforeRecord.hit()
        return delivered
    },
    record: { delivered, work in try work.settle(delivered.map { ($0, .delivered) }) })

/// Asks the channel about notices whose sender fell silent; until it has answered they are unknown, and are not sent.
let inquiry = Errand(
    "notices.inquire",
    claim: { work in try work.unsettled(by: .inbox, limit: atOnce) },
    perform: { notices, store in try await store.work { try LetterBox.find(notices, in: $0) } },
    record: { found, work in
        try work.settle(found.there.map { ($0, .delivered) } + found.missing.map { ($0, .missing) })
        if !found.missing.isEmpty { work.wake(deliveryName(.inbox)) }
    })

extension Work {
    /// What a channel is to be asked about: of notices whose sender fell silent nobody knows more.
    func unsettled(by channel: PersonalNotice.Channel, limit: Int) throws -> [NoticeID] {
        try lapseSilent(by: channel, limit: limit)
        let unknown = try idleNotices(.unknown, by: channel, limit: limit)
        try lease(unknown, seconds: patience)
        return unknown
    }

    func lapseSilent(by channel: PersonalNotice.Channel, limit: Int) throws {
        try settle(try idleNotices(.sending, by: channel, limit: limit).map { ($0, .lapse) })
    }
}
