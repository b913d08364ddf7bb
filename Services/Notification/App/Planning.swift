import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

extension Recipient {
    /// The namespace of offices, which have no number of their own.
    private static let offices = UUID(uuid: (0x6f, 0x66, 0x66, 0x69, 0x63, 0x65, 0x40, 0x00, 0x80, 0x00, 0x6c, 0x69, 0x6b, 0x61, 0x00, 0x01))

    static let povertyOffice = Recipient(.office, UUID(named: "poverty_office", in: offices))
    static func department(_ department: Department) -> Recipient { Recipient(.department, UUID(named: department.rawValue, in: offices)) }
}

extension Work {
    /// Plans the notices that the present message causes, one for each way to the recipient.
    /// - Returns: That for the inbox, which every recipient has.
    @discardableResult
    func plan(_ tiding: Tiding, to recipient: Recipient, smsToHouseholds: Bool) throws -> NoticeID {
        guard let message else { throw NotFound("message") }
        return try plan(tiding, to: recipient, cause: message.id, of: message.subject, smsToHouseholds: smsToHouseholds)
    }

    /// The same cause can only ever plan the same notices.
    @discardableResult
    func plan(_ tiding: Tiding, to recipient: Recipient, cause: String, of subject: UUID, smsToHouseholds: Bool) throws -> NoticeID {
        let letter = try texts().letter(tiding)
        let inbox = NoticeID(about: cause, of: subject, to: recipient.audience, by: .inbox)
        for channel in try [.inbox] + channels(to: recipient, smsToHouseholds: smsToHouseholds) {
            let id = NoticeID(about: cause, of: subject, to: recipient.audience, by: channel)
            guard try find(PersonalNotice.self, id) == nil else { continue }
            try insert(PersonalNotice(id: id, recipient: recipient, letter: letter, channel: channel), telling: [])
            wake(deliveryName(channel))
        }
        return inbox
    }

    /// The ways to a recipient beside the inbox: those set for it, and a household's telephone unless it said no.
    private func channels(to recipient: Recipient, smsToHouseholds: Bool) throws -> [PersonalNotice.Channel] {
        var isOn: [PersonalNotice.Channel: Bool] = recipient.audience == .household && smsToHouseholds ? [.sms: true] : [:]
        for row in try query("SELECT channel, is_on FROM ways WHERE audience = \(recipient.audience) AND recipient = \(recipient.id)") {
            isOn[try row["channel"]] = try row["is_on"]
        }
        return PersonalNotice.Channel.allCases.filter { isOn[$0] == true }
    }
}
