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

    /// Plans the notices that the present message causes, one for each way to the recipient. A message is handled once.
    /// - Returns: That for the inbox, which every recipient has.
    @discardableResult
    func plan(_ tiding: Tiding, to recipient: Recipient, in work: Work) throws -> NoticeID {
        guard let message = work.message else { throw NotFound("message") }
        return try write(tiding, to: recipient, cause: message.id, of: message.subject, in: work)
    }

    /// The same, of a cause that several messages or mornings may name: the first plans it.
    @discardableResult
    func plan(_ tiding: Tiding, to recipient: Recipient, cause: String, of subject: UUID, in work: Work) throws -> NoticeID {
        let inbox = NoticeID(about: cause, of: subject, to: recipient.audience)
        if try work.find(PersonalNotice.self, inbox) != nil { return inbox }
        return try write(tiding, to: recipient, cause: cause, of: subject, in: work)
    }

    private func write(_ tiding: Tiding, to recipient: Recipient, cause: String, of subject: UUID, in work: Work) throws -> NoticeID {
        let wishes = try work.wishes(of: recipient, about: tiding.template)
        let letter = try wishes.texts.letter(tiding, in: wishes.language)
        for channel in [.inbox] + channels(to: recipient, wishes) {
            let waits = channel == .email && letter.template.canWait
            let notBefore = try waits ? digest?.next(after: work.now) : nil
            let id = NoticeID(about: cause, of: subject, to: recipient.audience, by: channel)
            try work.insert(PersonalNotice(id: id, recipient: recipient, letter: letter, channel: channel, notBefore: notBefore))
            work.wake(deliveryName(channel))
        }
        return NoticeID(about: cause, of: subject, to: recipient.audience)
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

/// How a recipient wants to be told, and in which words it is.
struct Wishes: Sendable {
    let ways: [PersonalNotice.Channel: Bool]
    let language: Letter.Language
    let texts: LetterTexts
}

extension Work {
    /// In one query, since it is asked for every notice. Nothing of it is written in the course of planning: what is planned so far
    /// need not be written first.
    fileprivate func wishes(of recipient: Recipient, about template: Letter.Template) throws -> Wishes {
        let rows = try sql.query(
            """
            SELECT channel, is_on, NULL AS language, NULL::int AS version, NULL AS envelope, NULL AS body
            FROM ways WHERE audience = \(recipient.audience) AND recipient = \(recipient.id)
            UNION ALL SELECT NULL, NULL, language, NULL, NULL, NULL
            FROM languages WHERE audience = \(recipient.audience) AND recipient = \(recipient.id)
            UNION ALL (SELECT DISTINCT ON (language) NULL, NULL, language, version, envelope, body
            FROM texts WHERE template = \(template) ORDER BY language, version DESC)
            """)
        var (ways, language, edited): ([PersonalNotice.Channel: Bool], Letter.Language, [LetterTexts.Text]) = ([:], .chinese, [])
        for row in rows {
            if let channel: PersonalNotice.Channel = try row["channel"] {
                ways[channel] = try row["is_on"]
            } else if let version: Int = try row["version"] {
                edited.append(.init(template: template, language: try row["language"], version: version, envelope: try row["envelope"], body: try row["body"]))
            } else {
                language = try row["language"]
            }
        }
        return Wishes(ways: ways, language: language, texts: edited.isEmpty ? LetterTexts.builtIn : LetterTexts.builtIn.replacing(with: edited))
    }
}
