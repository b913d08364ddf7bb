import Contracts
import Registry

/// One question to one department about one household, from its creation to the answer that counts.
///
///     created ──send──▶ sent ──────answer──────▶ returned ──sign──▶ signed ──accept──▶ accepted
///                        │                         ▲ │ │               │                   │
///                        ├──miss──▶ overdue ─answer┤ │ └──sendBack──┐  │ sendBack          │ sendBack
///                        │            ▲    ▲       │ └──miss──▶     ▼  ▼                   │
///                        │            └────┼───────┼──────miss── sentBack ◀────────────────┤
///                        │                 │       └──answer───────┘                       │
///                        └────────── supersede, from whatever has been sent ───────────────┴──▶ superseded
///
/// Only `accepted` counts. `overdue` is still waiting, late; an answer that nobody signed by then is none, and until somebody
/// signs, it may be prepared anew. An answer that was
/// sent back counts never again, however often it comes. Data that change after sending supersede the request; another one,
/// with an id of its own, asks anew.
package struct Request: Equatable, Sendable {
    package let id: RequestID
    package let household: HouseholdID
    package let campaign: CampaignID
    package let check: Check
    package let population: CheckedPopulation
    package let dueOn: LocalDate
    /// The request in whose place this one asks.
    package let replaces: RequestID?
    /// The last answer that counted, to this request or to one that it replaces, and counts no more.
    package let previous: CheckOutcome?
    /// The answers that were sent back.
    package let objected: Set<Fingerprint>
    package let status: Status

    /// Each state that follows `created` knows the digest of the exact bytes that were sent: an answer must name it.
    package enum Status: Equatable, Sendable {
        case created
        case sent(Fingerprint)
        case overdue(Fingerprint)
        case sentBack(Fingerprint, Objection)
        case returned(Fingerprint, Answer)
        case signed(Fingerprint, Answer, kid: String)
        case accepted(Fingerprint, Answer, kid: String)
        case superseded(Fingerprint)
    }

    package enum Command: Equatable, Sendable {
        /// The question in the form in which it goes out, and the digest of its bytes.
        case send(RequestSent, Fingerprint)
        case answer(Answer)
        case sign(kid: String)
        case accept
        case sendBack(Objection, remark: String?, at: Instant)
        /// The last day for an answer has ended.
        case miss
        case supersede
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case notSent = "verification.request-not-sent"
        case alreadySent = "verification.request-already-sent"
        case notAnswered = "verification.request-not-answered"
        case alreadyAnswered = "verification.request-already-answered"
        case notSigned = "verification.request-not-signed"
        case alreadySigned = "verification.request-already-signed"
        case alreadyAccepted = "verification.request-already-accepted"
        case alreadyOverdue = "verification.request-already-overdue"
        case superseded = "verification.request-superseded"
    }

    package init(
        _ id: RequestID, household: HouseholdID, campaign: CampaignID, check: Check, population: CheckedPopulation,
        dueOn: LocalDate, replaces: RequestID? = nil, previous: CheckOutcome? = nil, objected: Set<Fingerprint> = [],
        _ status: Status = .created
    ) {
        self.id = id
        self.household = household
        self.campaign = campaign
        self.check = check
        self.population = population
        self.dueOn = dueOn
        (self.replaces, self.previous, self.objected) = (replaces, previous, objected)
        self.status = status
    }

    /// Whom the check concerns, as the department gets to read it.
    package enum Persons: Equatable, Sendable {
        case plain([RequestSent.Person])
        /// A compact JWE.
        case sealed(String)
    }

    /// What the department will read. Equal inputs give equal bytes, so that the digest can be taken before sending.
    package func question(about persons: Persons) -> RequestSent {
        let (plain, sealed): ([RequestSent.Person], String?) =
            switch persons {
            case .plain(let persons): (persons, nil)
            case .sealed(let sealed): ([], sealed)
            }
        return RequestSent(
            request: id, household: household, campaign: campaign, department: check.department, topic: check.topic,
            population: population, dueOn: dueOn, persons: plain, sealedPersons: sealed, replaces: replaces)
    }

    /// The same question, to be asked anew.
    package func again(as id: RequestID) -> Request {
        Request(
            id, household: household, campaign: campaign, check: check, population: population, dueOn: dueOn, replaces: self.id,
            previous: status.accepted ?? previous)
    }

    package func deciding(_ command: Command) throws(Refusal) -> Decision<Request> {
        switch (status, command) {
        case (.created, .send(let question, let digest)):
            return Decision(with(.sent(digest)), [question])

        case (.sent(let digest), .answer(let answer)), (.overdue(let digest), .answer(let answer)),
            (.sentBack(let digest, _), .answer(let answer)), (.returned(let digest, _), .answer(let answer)):
            return become(.returned(digest, answer))

        case (.returned(let digest, let answer), .sign(let kid)):
            return become(.signed(digest, answer, kid: kid))

        case (.signed(let digest, let answer, let kid), .accept):
            return become(.accepted(digest, answer, kid: kid))

        case (.returned(let digest, let answer), .sendBack(let objection, let remark, let now)),
            (.signed(let digest, let answer, _), .sendBack(let objection, let remark, let now)),
            (.accepted(let digest, let answer, _), .sendBack(let objection, let remark, let now)):
            return sendBack(digest, answer, objection, remark, at: now)

        case (.sent(let digest), .miss), (.sentBack(let digest, _), .miss), (.returned(let digest, _), .miss):
            return become(.overdue(digest))

        case (.sent(let digest), .supersede), (.overdue(let digest), .supersede), (.sentBack(let digest, _), .supersede),
            (.returned(let digest, _), .supersede), (.signed(let digest, _, _), .supersede),
            (.accepted(let digest, _, _), .supersede):
            return become(.superseded(digest))

        case (.created, .answer), (.created, .sign), (.created, .accept), (.created, .sendBack), (.created, .miss),
            (.created, .supersede):
            throw .notSent

        case (.sent, .send), (.overdue, .send), (.sentBack, .send), (.returned, .send), (.signed, .send):
            throw .alreadySent

        case (.sent, .sign), (.sent, .accept), (.sent, .sendBack), (.overdue, .sign), (.overdue, .accept),
            (.overdue, .sendBack), (.sentBack, .sign), (.sentBack, .accept), (.sentBack, .sendBack):
            throw .notAnswered

        case (.overdue, .miss):
            throw .alreadyOverdue

        case (.signed, .answer):
            throw .alreadyAnswered

        case (.returned, .accept):
            throw .notSigned

        case (.signed, .sign), (.signed, .miss):
            throw .alreadySigned

        case (.accepted, .send), (.accepted, .answer), (.accepted, .sign), (.accepted, .accept), (.accepted, .miss):
            throw .alreadyAccepted

        case (.superseded, .send), (.superseded, .answer), (.superseded, .sign), (.superseded, .accept),
            (.superseded, .sendBack), (.superseded, .miss), (.superseded, .supersede):
            throw .superseded
        }
    }

    private func become(_ status: Status) -> Decision<Request> { Decision(with(status)) }

    private func sendBack(
        _ digest: Fingerprint, _ answer: Answer, _ objection: Objection, _ remark: String?, at now: Instant
    ) -> Decision<Request> {
        let request = Request(
            id, household: household, campaign: campaign, check: check, population: population, dueOn: dueOn, replaces: replaces,
            previous: status.accepted ?? previous, objected: objected.union([answer.digest]), .sentBack(digest, objection))
        return Decision(request, [
            RequestSentBack(
                request: id, household: household, campaign: campaign, department: check.department, topic: check.topic,
                answerDigest: answer.digest.rawValue, reason: objection.rawValue, remark: remark, dueOn: dueOn, sentBackAt: now)
        ])
    }

    private func with(_ status: Status) -> Request {
        Request(
            id, household: household, campaign: campaign, check: check, population: population, dueOn: dueOn, replaces: replaces,
            previous: previous, objected: objected, status)
    }
}

extension Request.Status {
    /// A department may have read it: if the household's data change now, the question must be asked anew.
    package var isOut: Bool {
        switch self {
        case .created, .superseded: false
        case .sent, .overdue, .sentBack, .returned, .signed, .accepted: true
        }
    }

    /// The digest of the bytes that were sent and are not superseded.
    package var sent: Fingerprint? {
        switch self {
        case .created, .superseded: nil
        case .sent(let digest), .overdue(let digest), .sentBack(let digest, _), .returned(let digest, _), .signed(let digest, _, _),
            .accepted(let digest, _, _):
            digest
        }
    }

    /// The answer in hand, whether or not it counts.
    package var answer: Answer? {
        switch self {
        case .returned(_, let answer), .signed(_, let answer, _), .accepted(_, let answer, _): answer
        case .created, .sent, .overdue, .sentBack, .superseded: nil
        }
    }

    /// The answer that counts.
    package var accepted: CheckOutcome? {
        switch self {
        case .accepted(_, let answer, _): answer.outcome
        case .created, .sent, .overdue, .sentBack, .returned, .signed, .superseded: nil
        }
    }
}
