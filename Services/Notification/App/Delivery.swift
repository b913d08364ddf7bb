import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

let deliveryName = "notices.deliver"

/// How long a sender may stay silent before its notices count as unknown, in real seconds.
private let patience = 10.0
private let atOnce = 200

/// Sends what is planned: the intent is committed, then the channel is told, then its answer is kept.
let delivery = Errand(
    deliveryName,
    claim: { work in
        let planned = try work.idleNotices(.planned, limit: atOnce)
        try work.prefetch(PersonalNotice.self, planned)
        let letters = try planned.map { id in
            let notice = try work.decide(PersonalNotice.self, id) { try $0.deciding(.send, at: work.now) }
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
    record: { delivered, work in try settle(delivered, .delivered, in: work) })

/// Asks the channel about notices whose sender fell silent; until it has answered they are unknown, and are not sent.
let inquiry = Errand(
    "notices.inquire",
    claim: { work in
        let silent = try work.idleNotices(.sending, limit: atOnce)
        try settle(silent, .lapse, in: work)
        let unknown = try work.idleNotices(.unknown, limit: atOnce)
        try work.lease(unknown, seconds: patience)
        return unknown
    },
    perform: { notices, store in try await store.work { try LetterBox.find(notices, in: $0) } },
    record: { found, work in
        try settle(found.there, .delivered, in: work)
        try settle(found.missing, .missing, in: work)
        if !found.missing.isEmpty { work.wake(deliveryName) }
    })

private func settle(_ notices: [NoticeID], _ answer: PersonalNotice.Command, in work: Work) throws {
    try work.prefetch(PersonalNotice.self, notices)
    for id in notices {
        try work.decide(PersonalNotice.self, id) { try $0.deciding(answer, at: work.now) }
    }
}
