import Contracts
import Foundation
import Registry
import Testing

@testable import VerificationDomain

@Suite struct RequestTests {
    enum Expected { case becomes(Request.Status), refuses(Request.Refusal) }

    static let (d, a) = (Example.sent, Example.answer)
    static let (asked, kid) = (Example.request(), "k1")
    static let question = asked.question(about: .plain([Example.person()]))

    static let commands: [Request.Command] = [
        .send(question, d), .answer(a), .sign(kid: kid), .accept, .sendBack(.nothingFound, remark: "请列明", at: Example.now), .miss, .supersede,
    ]

    /// What each state answers to each command, in the order of `commands`.
    static let table: [(Request.Status, [Expected])] = [
        (.created, [
            .becomes(.sent(d)), .refuses(.notSent), .refuses(.notSent), .refuses(.notSent), .refuses(.notSent),
            .refuses(.notSent), .refuses(.notSent),
        ]),
        (.sent(d), [
            .refuses(.alreadySent), .becomes(.returned(d, a)), .refuses(.notAnswered), .refuses(.notAnswered),
            .refuses(.notAnswered), .becomes(.overdue(d)), .becomes(.superseded(d)),
        ]),
        (.overdue(d), [
            .refuses(.alreadySent), .becomes(.returned(d, a)), .refuses(.notAnswered), .refuses(.notAnswered),
            .refuses(.notAnswered), .refuses(.alreadyOverdue), .becomes(.superseded(d)),
        ]),
        (.sentBack(d, .outcomeDiffers), [
            .refuses(.alreadySent), .becomes(.returned(d, a)), .refuses(.notAnswered), .refuses(.notAnswered),
            .refuses(.notAnswered), .becomes(.overdue(d)), .becomes(.superseded(d)),
        ]),
        (.returned(d, a), [
            .refuses(.alreadySent), .becomes(.returned(d, a)), .becomes(.signed(d, a, kid: kid)), .refuses(.notSigned),
            .becomes(.sentBack(d, .nothingFound)), .becomes(.overdue(d)), .becomes(.superseded(d)),
        ]),
        (.signed(d, a, kid: kid), [
            .refuses(.alreadySent), .refuses(.alreadyAnswered), .refuses(.alreadySigned), .becomes(.accepted(d, a, kid: kid)),
            .becomes(.sentBack(d, .nothingFound)), .refuses(.alreadySigned), .becomes(.superseded(d)),
        ]),
        (.accepted(d, a, kid: kid), [
            .refuses(.alreadyAccepted), .refuses(.alreadyAccepted), .refuses(.alreadyAccepted), .refuses(.alreadyAccepted),
            .becomes(.sentBack(d, .nothingFound)), .refuses(.alreadyAccepted), .becomes(.superseded(d)),
        ]),
        (.superseded(d), [
            .refuses(.superseded), .refuses(.superseded), .refuses(.superseded), .refuses(.superseded), .refuses(.superseded),
            .refuses(.superseded), .refuses(.superseded),
        ]),
    ]

    @Test(arguments: table.indices)
    func `every state answers every command as the picture says`(index: Int) throws {
        let (status, expectations) = Self.table[index]
        #expect(expectations.count == Self.commands.count)
        for (command, expected) in zip(Self.commands, expectations) {
            let before = Self.asked(status)
            switch expected {
            case .becomes(let next):
                if case .sendBack = command {
                    let after = Self.asked(next, previous: status.accepted, objected: [Self.a.digest])
                    #expect(try before.deciding(command) == Decision(after, [Self.sentBack]))
                } else {
                    let events: [any Event] = if case .send = command { [Self.question] } else { [] }
                    #expect(try before.deciding(command) == Decision(Self.asked(next), events))
                }
            case .refuses(let refusal):
                #expect(throws: refusal, "\(status) \(command)") { try before.deciding(command) }
            }
        }
    }

    @Test func `what is sent names the request, the check, the day it is due and the persons`() {
        let request = Example.request(check: Check(.finance, .fiscalPay))
        let persons = [Example.person()]
        #expect(request.question(about: .plain(persons)) == RequestSent(
            request: request.id, household: Example.household, campaign: Example.campaign, department: .finance,
            topic: .fiscalPay, population: .registered, dueOn: Example.dueOn, persons: persons))
        #expect(request.question(about: .sealed("jwe")) == RequestSent(
            request: request.id, household: Example.household, campaign: Example.campaign, department: .finance,
            topic: .fiscalPay, population: .registered, dueOn: Example.dueOn, persons: [], sealedPersons: "jwe"))
    }

    @Test func `what was answered before goes with the question, however often it is asked again`() {
        let answered = Self.asked(.accepted(Self.d, Answer(.discrepant, Self.a.digest), kid: Self.kid))
        let (second, third) = (RequestID(UUID()), RequestID(UUID()))
        let again = answered.again(as: second)
        #expect((again.replaces, again.previous) == (answered.id, .discrepant))
        #expect(again.question(about: .sealed("jwe")).replaces == answered.id)
        let onceMore = again.again(as: third)
        #expect((onceMore.replaces, onceMore.previous) == (second, .discrepant))
        #expect(onceMore.objected.isEmpty)
    }

    @Test func `every answer that was sent back is remembered`() throws {
        let other = Answer(.consistent, Example.digest("another answer"))
        var request = Self.asked(.sent(Self.d))
        for command: Request.Command in [
            .answer(Self.a), .sign(kid: Self.kid), .sendBack(.nothingFound, remark: nil, at: Example.now), .miss, .answer(other),
            .sign(kid: Self.kid), .accept, .sendBack(.doubtful, remark: nil, at: Example.now),
        ] { request = try request.deciding(command).state }
        #expect(request.objected == [Self.a.digest, other.digest])
        #expect(request.status == .sentBack(Self.d, .doubtful) && request.previous == .consistent)
    }

    @Test func `asking again is a new request for the same check`() {
        let (old, id) = (Example.request(.superseded(Self.d)), RequestID(UUID()))
        let new = old.again(as: id)
        #expect(new.id == id)
        #expect((new.household, new.check.department, new.dueOn) == (old.household, old.check.department, old.dueOn))
        #expect(new.status == .created)
    }

    @Test func `only what a department may have read is out`() {
        let out = Self.table.map(\.0).filter(\.isOut)
        #expect(out.count == 6)
        #expect(!out.contains(.created) && !out.contains(.superseded(Self.d)))
    }

    static let sentBack = RequestSentBack(
        request: asked.id, household: asked.household, campaign: asked.campaign, department: asked.check.department, topic: asked.check.topic,
        answerDigest: a.digest.rawValue, reason: Objection.nothingFound.rawValue, remark: "请列明", dueOn: asked.dueOn, sentBackAt: Example.now)

    static func asked(_ status: Request.Status, previous: CheckOutcome? = nil, objected: Set<Fingerprint> = []) -> Request {
        Request(
            asked.id, household: asked.household, campaign: asked.campaign, check: asked.check, population: asked.population,
            dueOn: asked.dueOn, previous: previous, objected: objected, status)
    }
}
