import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

extension Recipient {
    /// The namespace of offices, which have no number of their own.
    private static let offices = UUID(uuid: (0x6f, 0x66, 0x66, 0x69, 0x63, 0x65, 0x40, 0x00, 0x80, 0x00, 0x6c, 0x69, 0x6b, 0x61, 0x00, 0x01))

    private static func office(_ audience: Audience, _ name: String, in division: DivisionCode?) -> Recipient {
        Recipient(audience, UUID(named: name, in: offices), in: division)
    }

    static func povertyOffice(of subdistrict: DivisionCode?) -> Recipient { office(.office, "poverty_office", in: subdistrict) }
    static func department(_ department: Department, of subdistrict: DivisionCode?) -> Recipient {
        office(.department, department.rawValue, in: subdistrict)
    }
    static func workTeam(of community: DivisionCode) -> Recipient { office(.workTeam, community.code, in: community) }
}

/// How people are told what happened, as this installation can.
struct Planning: Sendable {
    /// What reaches a household beside its inbox: its telephone where there is a gateway, else a letter.
    var toHouseholds = PersonalNotice.Channel.letter
    var digest: DigestHour?

    /// Plans the notices that the present message causes, one for each way to the recipient.
    /// - Returns: That for the inbox, which every recipient has.
    @discardableResult
    func plan(_ tiding: Tiding, to recipient: Recipient, in work: Work) throws -> NoticeID {
        guard let message = work.message else { throw NotFound("message") }
        return try plan(tiding, to: recipient, cause: message.id, of: message.subject, in: work)
    }

    /// The same cause can only ever plan the same notices.
    @discardableResult
    func plan(_ tiding: Tiding, to recipient: Recipient, cause: String, of subject: UUID, in work: Work) throws -> NoticeID {
        let wishes = try work.wishes(of: recipient)
        let letter = try work.texts().letter(tiding, in: wishes.language)
        let inbox = NoticeID(about: cause, of: subject, to: recipient.audience, by: .inbox)
        for channel in [.inbox] + channels(to: recipient, wishes) {
            let id = NoticeID(about: cause, of: subject, to: recipient.audience, by: channel)
            guard try work.find(PersonalNotice.self, id) == nil else { continue }
            let waits = channel == .email && letter.template.canWait
            let notBefore = try waits ? digest?.next(after: work.now) : nil
            try work.insert(PersonalNotice(id: id, recipient: recipient, letter: letter, channel: channel, notBefore: notBefore))
            work.wake(deliveryName(channel))
        }
        return inbox
    }

    /// The ways to a recipient beside the inbox: those set for it, and what every household has unless it said no. A household is told
    /// in any case, by a letter if nothing else is left.
    private func channels(to recipient: Recipient, _ wishes: Wishes) -> [PersonalNotice.Channel] {
        var isOn = wishes.ways
        if recipient.audience == .household {
            if isOn[toHouseholds] == nil { isOn[toHouseholds] = true }
            if !isOn.values.contains(true) { isOn[.letter] = true }
        }
        return PersonalNotice.Channel.allCases.filter { isOn[$0] == true }
    }
}

/// How a recipient wants to be told.
struct Wishes: Sendable {
    let ways: [PersonalNotice.Channel: Bool]
    let language: Letter.Language
}

extension Work {
    fileprivate func wishes(of recipient: Recipient) throws -> Wishes {
        // Nothing here is written in the course of planning: what is planned so far need not be written first.
        let rows = try sql.query(
            """
            SELECT channel, is_on, NULL AS language FROM ways WHERE audience = \(recipient.audience) AND recipient = \(recipient.id)
            UNION ALL SELECT NULL, NULL, language FROM languages WHERE audience = \(recipient.audience) AND recipient = \(recipient.id)
            """)
        var (ways, language): ([PersonalNotice.Channel: Bool], Letter.Language) = ([:], .chinese)
        for row in rows {
            if let channel: PersonalNotice.Channel = try row["channel"] { ways[channel] = try row["is_on"] }
            if let wanted: Letter.Language = try row["language"] { language = wanted }
        }
        return Wishes(ways: ways, language: language)
    }
}
