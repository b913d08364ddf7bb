import Contracts
import Crypto
import Foundation
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

@Suite struct AcceptedResultTests {
    @Test func `six departments' answers complete a household proposed as new`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = HouseholdID(UUID())
            try await rig.propose(.new, household, .notRegistered)
            for request in try await rig.send(household) {
                let signer = Signer(request.department)
                #expect(try await rig.register(signer) == 201)
                try await rig.deliver(rig.answer(request, request.department == .market ? .discrepant : .consistent), by: signer)
            }
            #expect(try await rig.service.told(ResultAccepted.self).count == 6)
            let completed = try await rig.service.told(VerificationCompleted.self)
            #expect(completed.map(\.household) == [household])
            #expect(completed.map(\.discrepant) == [1])
            #expect(try await rig.show(household).status == "complete")
            #expect(try await rig.refused().isEmpty)
        }
    }

    @Test func `answers that arrive at the same moment complete the household once`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = HouseholdID(UUID())
            try await rig.propose(.new, household, .notRegistered)
            let signers = Dictionary(uniqueKeysWithValues: Department.asked.map { ($0, Signer($0)) })
            for signer in signers.values { _ = try await rig.register(signer) }
            let sent = try await rig.send(household)
            try await withThrowingTaskGroup { group in
                for request in sent + sent {
                    let signer = try #require(signers[request.department])
                    group.addTask { try await rig.deliver(rig.answer(request), by: signer) }
                }
                try await group.waitForAll()
            }
            #expect(try await rig.service.told(ResultAccepted.self).count == 6)
            #expect(try await rig.service.told(VerificationCompleted.self).count == 1)
            #expect(try await rig.refused().isEmpty)
        }
    }

    @Test func `who answers for an accepted result, and what was found, is shown with it`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            let finding = ResultReturned.Finding(
                member: MemberID(UUID()), field: "vehicle", outcome: .discrepant, code: "V01", remark: "有机动车一辆")
            try await rig.deliver(rig.answer(request, .discrepant, findings: [finding]), by: signer)
            let answer = try #require(try await rig.show(request.household).question(Check(request.department, request.topic))?.answer)
            #expect((answer.signatory, answer.post, answer.kid) == ("示例责任人", "所长", signer.kid))
            #expect(answer.findings == [finding])
        }
    }

    @Test func `an accepted result is kept byte for byte with its signature`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            let result = try await rig.answer(request, .cannotDetermine)
            let value = try JSON.encode(result)
            let jws = try signer.jws(over: value, algorithm: "Ed25519")
            try await rig.deliver(value, jws: jws, topic: .police, key: result.household)
            let verified = try await rig.service.store.work { work in
                let row = try work.query("SELECT value, jws, digest, kid FROM accepted_results")[0]
                let kept = try row["value", as: Bytes.self].array
                #expect(kept == value)
                #expect(try row["digest"] == Fingerprint(of: value).rawValue)
                let key = try work.get(DepartmentKey.self, row["kid"])
                return try DetachedJWS(row["jws"])?.holds(over: kept, by: key)
            }
            #expect(verified == true)
        }
    }

    @Test func `a late answer counts; the day's end only shows who is late`() async throws {
        try await AnsweredRig.with(at: "2018-11-02T16:00:00.000Z") { rig, request, signer in
            #expect(try await rig.service.fireTimers() == 3, "the reminder, the end of the last day, and the household's own")
            #expect(Set(try await rig.show(request.household).questions.map(\.status)) == ["overdue"])
            #expect(try await rig.service.told(ResultAccepted.self).isEmpty)
            try await rig.deliver(rig.answer(request), by: signer)
            #expect(try await rig.service.told(ResultAccepted.self).count == 1)
            #expect(try await rig.service.fireTimers() == 0)
        }
    }

    @Test func `nobody is late on the last day`() async throws {
        try await AnsweredRig.with(at: "2018-11-02T15:50:00.000Z") { rig, request, _ async throws in
            #expect(try await rig.service.fireTimers() == 1, "the reminder")
            #expect(Set(try await rig.show(request.household).questions.map(\.status)) == ["sent"])
        }
    }

    @Test func `the same answer delivered again, under its old id or a new one, changes nothing`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            let (result, id) = (try await rig.answer(request), UUID())
            try await rig.deliver(result, by: signer, id: id)
            try await rig.deliver(result, by: signer, id: id)
            try await rig.deliver(result, by: signer)
            #expect(try await rig.service.told(ResultAccepted.self).count == 1)
            #expect(try await rig.refused().isEmpty)
        }
    }

    @Test func `an answer that contradicts its findings goes back, and a better one counts`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            try await rig.deliver(rig.answer(request, .discrepant, findings: []), by: signer)
            #expect(try await rig.refused().map(\.reason) == [Objection.nothingFound.rawValue])
            #expect(try await rig.show(request.household).status(of: Check(request.department, request.topic)) == "sent_back")
            let told = try #require(try await rig.service.told(RequestSentBack.self).only)
            #expect((told.request, told.reason, told.department) == (request.request, Objection.nothingFound.rawValue, .police))
            try await rig.deliver(rig.answer(request, .discrepant, findings: []), by: signer)
            #expect(try await rig.refused().count == 1, "the same once more is nothing")
            try await rig.deliver(rig.answer(request, .discrepant), by: signer)
            #expect(try await rig.service.told(ResultAccepted.self).map(\.outcome) == [.discrepant])
        }
    }
}

/// A person returns an answer to its department.
@Suite struct SendBackTests {
    private func sendBack(
        _ rig: Rig, _ request: RequestID, _ body: [String: String] = ["reason": Objection.incomplete.rawValue], by actor: String? = "poverty.office"
    ) async throws -> TestService.Answer {
        try await rig.service.post("/v1/requests/\(request)/send-back", body, headers: actor.map { ["Lika-Actor": $0] } ?? [:])
    }

    @Test func `an accepted answer sent back counts no more, its department is told why, and a new answer counts`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            let first = try await rig.answer(request)
            try await rig.deliver(first, by: signer)
            let answer = try await sendBack(rig, request.request, ["reason": Objection.incomplete.rawValue, "remark": "缺一名成员"])
            #expect(answer.status == 200, "\(answer.text)")
            let told = try #require(try await rig.service.told(RequestSentBack.self).only)
            #expect((told.reason, told.remark) == ("verification.answer-incomplete", "缺一名成员"))
            #expect(told.channel == .request(to: .police) && told.dueOn == Example.dueOn)
            let question = try #require(try await rig.show(request.household).question(Check(request.department, request.topic)))
            #expect((question.status, question.previous, question.objection) == ("sent_back", .consistent, "verification.answer-incomplete"))
            #expect(question.answer == nil)
            let changed = try #require(try await rig.service.told(QuestionsChanged.self).only)
            #expect(changed.cause == .sentBack && changed.asked.map(\.request) == [request.request])

            try await rig.deliver(first, by: signer)
            #expect(try await rig.service.told(ResultAccepted.self).count == 1, "what was sent back counts never again")
            try await rig.deliver(rig.answer(request, .discrepant), by: signer)
            #expect(try await rig.service.told(ResultAccepted.self).map(\.previous) == [nil, .consistent])
            let kept: Int = try await rig.service.store.work { try $0.query("SELECT count(*) AS n FROM accepted_results")[0]["n"] }
            #expect(kept == 2, "both are evidence")
        }
    }

    @Test func `an answer sent back after another was, and replayed when the better one is in, is nothing`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            let (first, second) = (try await rig.answer(request), try await rig.answer(request, .cannotDetermine))
            try await rig.deliver(first, by: signer)
            #expect(try await sendBack(rig, request.request).status == 200)
            try await rig.deliver(second, by: signer)
            #expect(try await sendBack(rig, request.request, ["reason": Objection.unclear.rawValue]).status == 200)
            for replayed in [first, second] { try await rig.deliver(replayed, by: signer) }
            #expect(try await rig.service.told(ResultAccepted.self).count == 2)
            try await rig.deliver(rig.answer(request, .discrepant), by: signer)
            for replayed in [first, second] { try await rig.deliver(replayed, by: signer) }
            #expect(try await rig.service.told(ResultAccepted.self).map(\.outcome) == [.consistent, .cannotDetermine, .discrepant])
            #expect(try await rig.refused().isEmpty)
        }
    }

    @Test func `nobody sends back without a name, a reason of their own, or an answer`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            #expect(try await sendBack(rig, request.request).status == 409)
            #expect(try await sendBack(rig, RequestID(UUID())).status == 404)
            try await rig.deliver(rig.answer(request), by: signer)
            let nameless = try await sendBack(rig, request.request, by: nil)
            #expect((400..<500).contains(nameless.status))
            #expect(try await sendBack(rig, request.request, ["reason": Objection.nothingFound.rawValue]).status == 422)
            #expect(try await sendBack(rig, request.request, ["reason": "because"]).status == 422)
            #expect(try await rig.service.told(RequestSentBack.self).isEmpty)
        }
    }

    @Test func `a remark with what may be somebody's number is refused, and not repeated`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            try await rig.deliver(rig.answer(request), by: signer)
            for number in ["990101199001010011", "9901 0119 9001 0100 11", "13800138000", "１３８００１３８０００", "138-0013-8000"] {
                let answer = try await sendBack(rig, request.request, ["reason": Objection.unclear.rawValue, "remark": "见 \(number)"])
                #expect(answer.status == 422)
                #expect(!answer.text.contains(number))
            }
            #expect(try await sendBack(rig, request.request, ["reason": Objection.unclear.rawValue, "remark": "2018-10-22 之前的登记"]).status == 200)
        }
    }
}

/// Each of these is refused with its reason, recorded, and leaves the request open, so that the truth can still come.
@Suite struct RefusedResultTests {
    /// Delivers something wrong, expects its reason, and then that the right answer counts.
    func expect(
        _ reason: ResultRefusal, at now: String = "2018-10-22T01:00:00.000Z",
        _ wrong: @Sendable (Rig, RequestSent, Signer) async throws -> Void
    ) async throws {
        try await AnsweredRig.with(at: now) { rig, request, signer in
            try await wrong(rig, request, signer)
            let refused = try await rig.refused()
            #expect(refused.map(\.reason) == [reason.rawValue])
            let alarm = try #require(try await rig.service.told(ResultRefused.self).only)
            #expect((alarm.refusal, alarm.reason, alarm.request) == (refused[0].id, reason.rawValue, refused[0].request))
            #expect(Metrics.shared.exposition().contains(#"lika_verification_refused_total{department="\#(alarm.department.slug)",reason="\#(reason.rawValue)"}"#))
            #expect(try await rig.service.parked().isEmpty)
            #expect(try await rig.service.told(ResultAccepted.self).isEmpty)
            #expect(try await rig.show(request.household).status(of: Check(request.department, request.topic)) == "sent")
            let right = Signer(.police)
            #expect(try await rig.register(right) == 201)
            try await rig.deliver(rig.answer(request), by: right)
            #expect(try await rig.service.told(ResultAccepted.self).count == 1)
        }
    }

    @Test func `unsigned`() async throws {
        try await expect(.signatureMissing) { rig, request, _ in
            try await rig.deliver(JSON.encode(rig.answer(request)), jws: nil, topic: .police, key: request.household)
        }
    }

    @Test func `signed unreadably`() async throws {
        try await expect(.signatureUnreadable) { rig, request, _ in
            try await rig.deliver(JSON.encode(rig.answer(request)), jws: "e30..AAAA", topic: .police, key: request.household)
        }
    }

    @Test func `signed with an algorithm that is none`() async throws {
        try await expect(.algorithmNotAllowed) { rig, request, signer in
            let value = try JSON.encode(await rig.answer(request))
            try await rig.deliver(value, jws: signer.jws(over: value, algorithm: "none"), topic: .police, key: request.household)
        }
    }

    @Test func `forged by someone who knows the key's name`() async throws {
        try await expect(.signatureInvalid) { rig, request, signer in
            try await rig.deliver(rig.answer(request), by: Signer(.police, kid: signer.kid))
        }
    }

    @Test func `changed by one byte after signing`() async throws {
        try await expect(.signatureInvalid) { rig, request, signer in
            let value = try JSON.encode(await rig.answer(request, .discrepant))
            let jws = try signer.jws(over: value)
            let changed = Array(String(decoding: value, as: UTF8.self).replacing("CODE", with: "CODF").utf8)
            try await rig.deliver(changed, jws: jws, topic: .police, key: request.household)
        }
    }

    @Test func `signed with a key that nobody registered`() async throws {
        try await expect(.keyUnknown) { rig, request, _ in try await rig.deliver(rig.answer(request), by: Signer(.police)) }
    }

    @Test func `signed with an expired key`() async throws {
        try await expect(.keyExpired) { rig, request, _ in
            let old = Signer(.police)
            #expect(try await rig.register(old, to: "2018-10-22T01:00:00.000Z") == 201)
            try await rig.deliver(rig.answer(request), by: old)
        }
    }

    @Test func `signed with a key that is not valid yet`() async throws {
        try await expect(.keyNotYetValid) { rig, request, _ in
            let new = Signer(.police)
            #expect(try await rig.register(new, from: "2018-11-01T00:00:00.000Z") == 201)
            try await rig.deliver(rig.answer(request), by: new)
        }
    }

    @Test func `signed with a revoked key`() async throws {
        try await expect(.keyRevoked) { rig, request, signer in
            #expect(try await rig.revoke(signer.kid, of: "police") == 200)
            try await rig.deliver(rig.answer(request), by: signer)
        }
    }

    @Test func `signed in the name of a key that is for sealing`() async throws {
        try await expect(.keyNotForSigning) { rig, request, _ in
            let opener = Opener(.police)
            #expect(try await rig.register(opener) == 201)
            try await rig.deliver(rig.answer(request), by: Signer(.police, kid: opener.kid))
        }
    }

    @Test func `signed with the key of a department that has another one for this`() async throws {
        try await expect(.keyRevoked) { rig, request, signer in
            // Rotation: the new key holds already, the old one no more.
            let new = Signer(.police)
            #expect(try await rig.register(new) == 201)
            #expect(try await rig.revoke(signer.kid, of: "police") == 200)
            try await rig.deliver(rig.answer(request), by: signer)
        }
    }

    @Test func `signed over the right value, and given with another`() async throws {
        try await expect(.signatureInvalid) { rig, request, signer in
            let jws = try signer.jws(over: JSON.encode(await rig.answer(request, .discrepant)))
            try await rig.deliver(JSON.encode(rig.answer(request)), jws: jws, topic: .police, key: request.household)
        }
    }

    @Test func `the same words in other bytes than were signed`() async throws {
        try await expect(.signatureInvalid) { rig, request, signer in
            let value = try JSON.encode(await rig.answer(request))
            try await rig.deliver([0x20] + value, jws: signer.jws(over: value), topic: .police, key: request.household)
        }
    }

    @Test func `a signature cut short`() async throws {
        try await expect(.signatureInvalid) { rig, request, signer in
            let value = try JSON.encode(await rig.answer(request))
            let jws = try signer.jws(over: value).split(separator: ".", omittingEmptySubsequences: false)
            try await rig.deliver(value, jws: "\(jws[0])..\(jws[2].prefix(84))", topic: .police, key: request.household)
        }
    }

    @Test func `a signature whose header says it is another kind of thing`() async throws {
        try await expect(.signatureUnreadable) { rig, request, signer in
            let value = try JSON.encode(await rig.answer(request))
            let protected = Array(#"{"alg":"EdDSA","kid":"\#(signer.kid)","typ":"JWT"}"#.utf8).base64url
            let signature = try signer.key.signature(for: Data("\(protected).\(value.base64url)".utf8))
            try await rig.deliver(value, jws: "\(protected)..\(Array(signature).base64url)", topic: .police, key: request.household)
        }
    }

    @Test func `another department's answer in this department's topic`() async throws {
        try await expect(.wrongDepartment) { rig, request, _ in
            let market = Signer(.market)
            #expect(try await rig.register(market) == 201)
            try await rig.deliver(rig.answer(request), by: market, in: .police)
        }
    }

    @Test func `this department's answer in another department's topic`() async throws {
        try await expect(.wrongDepartment) { rig, request, signer in
            try await rig.deliver(rig.answer(request), by: signer, in: .market)
        }
    }

    @Test func `an answer to a request that nobody sent`() async throws {
        try await expect(.requestUnknown) { rig, request, signer in
            let other = request.asking(RequestID(UUID()), of: request.household)
            try await rig.deliver(rig.answer(other, digest: Example.sent.rawValue), by: signer)
        }
    }

    @Test func `an answer that names another household`() async throws {
        try await expect(.requestDiffers) { rig, request, signer in
            let other = request.asking(request.request, of: HouseholdID(UUID()))
            try await rig.deliver(rig.answer(other), by: signer)
        }
    }

    @Test func `an answer to other bytes than those that were sent`() async throws {
        try await expect(.digestDiffers) { rig, request, signer in
            try await rig.deliver(rig.answer(request, digest: Example.sent.rawValue), by: signer)
        }
    }

    @Test func `an answer to a question not sent yet`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            let signer = Signer(.police)
            _ = try await rig.register(signer)
            let question = try #require(try await rig.show(household).questions.first { $0.department == .police })
            let guess = RequestSent(
                request: question.request, household: household, campaign: rig.campaign, department: .police,
                topic: question.topic, population: .registered, dueOn: Example.dueOn, persons: [])
            try await rig.deliver(rig.answer(guess, digest: Example.sent.rawValue), by: signer)
            #expect(try await rig.refused().map(\.reason) == [ResultRefusal.requestNotSent.rawValue])
        }
    }

    @Test func `an answer to the bytes of a question that this one replaces`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            try await rig.correct(request.household)
            while try await rig.service.runErrands() {}
            let again = try #require(try await rig.sent(request.household).last { $0.replaces == request.request })
            try await rig.deliver(rig.answer(again, digest: rig.wireDigest(of: request.request)), by: signer)
            #expect(try await rig.refused().map(\.reason) == [ResultRefusal.digestDiffers.rawValue])
        }
    }

    @Test func `an answer to a superseded question`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            let answer = try await rig.answer(request)
            try await rig.correct(request.household)
            try await rig.deliver(answer, by: signer)
            #expect(try await rig.refused().map(\.reason) == [ResultRefusal.requestSuperseded.rawValue])
            #expect(try await rig.service.told(ResultAccepted.self).isEmpty)
        }
    }

    @Test func `a replayed signature on another answer, and a second answer after the accepted one`() async throws {
        try await AnsweredRig.with { rig, request, signer in
            let first = try await rig.answer(request)
            let jws = try signer.jws(over: JSON.encode(first))
            try await rig.deliver(first, by: signer)
            let second = try await rig.answer(request, .discrepant)
            try await rig.deliver(JSON.encode(second), jws: jws, topic: .police, key: request.household)
            try await rig.deliver(second, by: signer)
            #expect(try await rig.refused().map(\.reason) == [
                ResultRefusal.signatureInvalid.rawValue, ResultRefusal.requestAnswered.rawValue,
            ])
            #expect(try await rig.service.told(ResultAccepted.self).map(\.outcome) == [.consistent])
        }
    }

    @Test func `refused results are listed page by page`() async throws {
        try await AnsweredRig.with { rig, request, _ in
            let answer = try await rig.answer(request)
            for _ in 0..<3 { try await rig.deliver(answer, by: Signer(.police)) }
            let first = try await rig.service.get("/v1/refused-results?limit=2").json([Rig.Refused].self)
            let rest = try await rig.service.get("/v1/refused-results?limit=2&after=\(first[1].id)").json([Rig.Refused].self)
            #expect((first.count, rest.count) == (2, 1))
            #expect(Set((first + rest).map(\.id)).count == 3)
            #expect(try await rig.service.get("/v1/board").text.contains(#""POLICE":{"verification.key-unknown":3}"#))
        }
    }
}

/// A rig in which one household has been asked about and the police have a key.
enum AnsweredRig {
    static func with(
        at now: String = "2018-10-22T01:00:00.000Z", _ body: @Sendable (Rig, RequestSent, Signer) async throws -> Void
    ) async throws {
        try await Rig.with(at: now) { rig in
            try await rig.issueCampaign()
            let household = HouseholdID(UUID())
            try await rig.propose(.new, household, .notRegistered)
            let signer = Signer(.police)
            _ = try await rig.register(signer)
            let sent = try await rig.send(household)
            guard let request = sent.first(where: { $0.department == .police }) else { throw Missing() }
            try await body(rig, request, signer)
        }
    }

    struct Missing: Error {}
}

extension RequestSent {
    func asking(_ request: RequestID, of household: HouseholdID) -> RequestSent {
        RequestSent(
            request: request, household: household, campaign: campaign, department: department, topic: topic,
            population: population, dueOn: dueOn, persons: persons)
    }
}
