import Contracts
import Foundation
import Registry
import Testing

@testable import VerificationDomain

/// A result is judged as a value: one thing is wrong in each of these.
@Suite struct JudgementTests {
    let key = DepartmentKey(
        "police-2018", department: .police, publicKey: [], validFrom: Instant("2018-10-01T00:00:00.000Z")!,
        validTo: Instant("2018-12-01T00:00:00.000Z")!)
    let request = Example.request(.sent(Example.sent))

    func result(
        _ outcome: CheckOutcome = .consistent, findings: [ResultReturned.Finding] = [], from department: Department = .police,
        topic: VerificationTopic = .vehicle, household: HouseholdID = Example.household, digest: Fingerprint = Example.sent
    ) -> ResultReturned {
        ResultReturned(
            request: request.id, requestDigest: digest.rawValue, household: household, department: department, topic: topic,
            outcome: outcome, findings: findings, signatory: "示例责任人", post: "所长", signedAt: Example.now)
    }

    func verdict(
        _ result: ResultReturned? = nil, from department: Department = .police, _ signature: Signature? = nil,
        at now: Instant = Example.now, key: DepartmentKey?, request: Request?
    ) -> Verdict {
        Receipt(
            from: department, result ?? self.result(), Example.answer.digest,
            signature ?? .read(algorithm: "EdDSA", kid: self.key.id, holds: true), at: now
        ).verdict(key: key, request: request)
    }

    func having(_ status: Request.Status) -> Request {
        Request(
            request.id, household: request.household, campaign: request.campaign, check: request.check,
            population: request.population, dueOn: request.dueOn, status)
    }

    func key(revokedAt: Instant) -> DepartmentKey {
        DepartmentKey(
            key.id, department: key.department, publicKey: key.publicKey, validFrom: key.validFrom, validTo: key.validTo,
            revokedAt: revokedAt)
    }

    @Test(arguments: ["EdDSA", "Ed25519"])
    func `a result rightly signed for an open request counts`(algorithm: String) {
        let judged = verdict(nil, .read(algorithm: algorithm, kid: key.id, holds: true), key: key, request: request)
        #expect(judged == .accept(Example.answer, kid: key.id))
    }

    @Test func `a late answer counts, and so does one after a sending back`() {
        for status: Request.Status in [.overdue(Example.sent), .sentBack(Example.sent, .nothingFound)] {
            #expect(verdict(key: key, request: having(status)) == .accept(Example.answer, kid: key.id))
        }
    }

    @Test func `without a signature, or with one that cannot be read, nothing counts`() {
        #expect(verdict(nil, .missing, key: nil, request: request) == .refuse(.signatureMissing))
        #expect(verdict(nil, .unreadable, key: nil, request: request) == .refuse(.signatureUnreadable))
    }

    @Test(arguments: ["none", "HS256", "ES256", "RS256", "eddsa", ""])
    func `no other algorithm is allowed`(algorithm: String) {
        let judged = verdict(nil, .read(algorithm: algorithm, kid: key.id, holds: true), key: key, request: request)
        #expect(judged == .refuse(.algorithmNotAllowed))
    }

    @Test func `an unknown key is refused`() {
        #expect(verdict(key: nil, request: request) == .refuse(.keyUnknown))
        let other = verdict(nil, .read(algorithm: "EdDSA", kid: "another", holds: true), key: key, request: request)
        #expect(other == .refuse(.keyUnknown))
    }

    @Test func `a forged or changed result is refused`() {
        let forged = verdict(nil, .read(algorithm: "EdDSA", kid: key.id, holds: false), key: key, request: request)
        #expect(forged == .refuse(.signatureInvalid))
    }

    @Test func `a key counts from its first moment to before its last, judged by receipt`() {
        #expect(verdict(at: key.validFrom, key: key, request: request) == .accept(Example.answer, kid: key.id))
        #expect(verdict(at: key.validFrom + -0.001, key: key, request: request) == .refuse(.keyNotYetValid))
        #expect(verdict(at: key.validTo + -0.001, key: key, request: request) == .accept(Example.answer, kid: key.id))
        #expect(verdict(at: key.validTo, key: key, request: request) == .refuse(.keyExpired))
    }

    @Test func `a revoked key is refused from the moment of its revocation`() {
        #expect(verdict(key: key(revokedAt: Example.now), request: request) == .refuse(.keyRevoked))
        #expect(verdict(key: key(revokedAt: Example.now + 1), request: request) == .accept(Example.answer, kid: key.id))
    }

    @Test func `a department answers with its own key, in its own topic, for itself`() {
        #expect(verdict(from: .market, key: key, request: request) == .refuse(.wrongDepartment))
        #expect(verdict(result(from: .market), key: key, request: request) == .refuse(.wrongDepartment))
        #expect(verdict(result(from: .market), from: .market, key: key, request: request) == .refuse(.wrongDepartment))
    }

    @Test func `an answer to no request, or to another household's or topic's, is refused`() {
        #expect(verdict(key: key, request: nil) == .refuse(.requestUnknown))
        #expect(verdict(result(topic: .residence), key: key, request: request) == .refuse(.requestDiffers))
        #expect(verdict(result(household: HouseholdID(UUID())), key: key, request: request) == .refuse(.requestDiffers))
        let another = Example.request(.sent(Example.sent))
        #expect(verdict(key: key, request: another) == .refuse(.requestDiffers))
        let ofMarket = Example.request(.sent(Example.sent), check: Example.business)
        #expect(verdict(key: key, request: ofMarket) == .refuse(.requestDiffers))
    }

    @Test func `an answer to other bytes than those sent is refused`() {
        let replayed = result(digest: Example.digest("an older question"))
        #expect(verdict(replayed, key: key, request: request) == .refuse(.digestDiffers))
    }

    @Test func `an answer to a request not sent, or superseded, is refused`() {
        #expect(verdict(key: key, request: having(.created)) == .refuse(.requestNotSent))
        #expect(verdict(key: key, request: having(.superseded(Example.sent))) == .refuse(.requestSuperseded))
    }

    @Test func `an answer that was sent back is nothing, whatever the request has come to`() {
        let wasSentBack: [Request.Status] = [
            .sentBack(Example.sent, .doubtful), .overdue(Example.sent),
            .accepted(Example.sent, Answer(.consistent, Example.digest("a better answer")), kid: key.id),
        ]
        for status in wasSentBack {
            let request = Request(
                request.id, household: request.household, campaign: request.campaign, check: request.check, population: request.population,
                dueOn: request.dueOn, objected: [Example.answer.digest], status)
            #expect(verdict(key: key, request: request) == .ignore)
        }
    }

    @Test func `a key registered for sealing signs nothing`() {
        let sealing = DepartmentKey(
            key.id, department: .police, use: .encryption, publicKey: [], validFrom: key.validFrom, validTo: key.validTo)
        #expect(verdict(key: sealing, request: request) == .refuse(.keyNotForSigning))
    }

    @Test func `the same answer again is nothing, another one is refused`() {
        let same = having(.accepted(Example.sent, Example.answer, kid: key.id))
        #expect(verdict(key: key, request: same) == .ignore)
        let other = having(.accepted(Example.sent, Answer(.consistent, Example.digest("other bytes")), kid: key.id))
        #expect(verdict(key: key, request: other) == .refuse(.requestAnswered))
    }

    @Test func `who signed is asked before what was asked`() {
        #expect(verdict(nil, .missing, key: nil, request: nil) == .refuse(.signatureMissing))
        #expect(verdict(nil, .read(algorithm: "EdDSA", kid: key.id, holds: false), key: key, request: nil) == .refuse(.signatureInvalid))
    }

    static let (fine, unclear, wrong) = (CheckOutcome.consistent, CheckOutcome.cannotDetermine, CheckOutcome.discrepant)

    @Test(arguments: [
        (fine, [], nil), (fine, [fine], nil), (unclear, [fine, unclear], nil), (wrong, [unclear, wrong, fine], nil),
        (wrong, [], .nothingFound), (unclear, [], .nothingFound), (fine, [wrong], .outcomeDiffers),
        (unclear, [wrong, unclear], .outcomeDiffers), (wrong, [unclear], .outcomeDiffers), (wrong, [fine], .outcomeDiffers),
    ] as [(CheckOutcome, [CheckOutcome], Objection?)])
    func `an answer that contradicts its findings goes back`(
        outcome: CheckOutcome, findings: [CheckOutcome], objection: Objection?
    ) {
        let result = result(outcome, findings: findings.map { .init(field: "vehicle", outcome: $0, code: "X") })
        let answer = Answer(outcome, Example.answer.digest)
        let expected = objection.map { Verdict.sendBack(answer, kid: key.id, $0) } ?? .accept(answer, kid: key.id)
        #expect(verdict(result, key: key, request: request) == expected)
    }

    @Test func `a digest is 64 lower-case hexadecimal digits`() {
        #expect(Fingerprint(rawValue: Example.sent.rawValue.uppercased()) == nil)
        #expect(Fingerprint(rawValue: String(Example.sent.rawValue.dropLast())) == nil)
        #expect(Fingerprint(rawValue: String(repeating: "g", count: 64)) == nil)
    }
}

@Suite struct SealingKeyTests {
    private func key(
        _ id: String, _ department: Department = .police, _ use: DepartmentKey.Use = .encryption, from: Double = 0, to: Double = 1000,
        revoked: Double? = nil
    ) -> DepartmentKey {
        DepartmentKey(
            id, department: department, use: use, publicKey: [], validFrom: Example.now + from, validTo: Example.now + to,
            revokedAt: revoked.map { Example.now + $0 })
    }

    @Test func `of several keys that hold, persons are sealed to the one that began last`() {
        let keys = [key("old"), key("new", from: 10), key("newest", from: 500), key("b", .market), key("a", .market)]
        #expect(keys.sealing(at: Example.now).mapValues(\.id) == [.police: "old", .market: "b"])
        #expect(keys.sealing(at: Example.now + 10)[.police]?.id == "new")
        #expect(keys.reversed().sealing(at: Example.now + 499)[.police]?.id == "new")
        #expect(keys.sealing(at: Example.now + 500)[.police]?.id == "newest")
    }

    @Test func `neither keys to sign with, nor expired, future or revoked ones are sealed to`() {
        let keys = [
            key("sig", .police, .signature), key("future", from: 1), key("past", from: -10, to: 0), key("revoked", revoked: 0),
        ]
        #expect(keys.sealing(at: Example.now).isEmpty)
        #expect([key("later", revoked: 1)].sealing(at: Example.now)[.police]?.id == "later")
    }
}
