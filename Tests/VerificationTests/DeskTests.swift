import Contracts
import Crypto
import Foundation
import HTTPTypes
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

/// What the desk gives to whom.
@Suite struct DeskTests {
    struct Session: Decodable {
        let token: String
        let department: Department
        let use: String
    }

    struct Waiting: Decodable {
        let request: RequestID
        let status: String
        let value: String
        let sentBack: SentBack?
        let prepared: Prepared?

        struct SentBack: Decodable { let reason, zh: String; let remark: String? }
        struct Prepared: Decodable { let outcome: CheckOutcome; let kid: String }
    }

    struct Proof: Encodable {
        var kid: String
        var at: Instant
        var nonce: String
        var signature = ""

        init(_ signer: Signer, at: Instant = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)), nonce: String = UUID().uuidString) throws {
            (kid, self.at, self.nonce) = (signer.kid, at, nonce)
            signature = Array(try signer.key.signature(for: Data("lika-desk \(kid) \(at) \(nonce)".utf8))).base64url
        }
    }

    static func open(_ rig: Rig, _ proof: Proof) async throws -> TestService.Answer { try await rig.service.call(.post, "/v1/desk/sessions", JSON.encode(proof), [:]) }

    static func open(_ rig: Rig, by signer: Signer) async throws -> [String: String] {
        ["Authorization": "Bearer \(try await open(rig, Proof(signer)).json(Session.self).token)"]
    }

    static func waiting(_ rig: Rig, _ desk: [String: String], _ query: String = "", of department: Department = .police) async throws -> [Waiting] {
        try await rig.service.call(.get, "/v1/departments/\(department.slug)/desk\(query)", [], desk).json([Waiting].self)
    }

    static func prepare(_ rig: Rig, _ desk: [String: String], _ request: RequestSent, _ outcome: CheckOutcome = .consistent) async throws -> TestService.Answer {
        let full = try await rig.answer(request, outcome)
        let body = Prepared(request: full.request, requestDigest: full.requestDigest, outcome: full.outcome, findings: full.findings)
        return try await rig.service.post("/v1/departments/\(request.department.slug)/prepared-answers", body, headers: desk)
    }

    struct Prepared: Encodable {
        let request: RequestID
        let requestDigest: String
        let outcome: CheckOutcome
        let findings: [ResultReturned.Finding]
    }

    static func register(_ clerk: Signer, _ rig: Rig) async throws {
        let jwk = clerk.jwk(from: "2018-10-01T00:00:00.000Z", to: "2018-12-01T00:00:00.000Z", use: .desk)
        #expect(try await rig.service.post("/v1/departments/\(clerk.department.slug)/keys", jwk).status == 201)
    }

    /// One household whose questions are out, the police's signatory, and their clerk.
    static func withDesk(_ body: (Rig, RequestSent, Signer, Signer) async throws -> Void) async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let (signatory, clerk) = (Signer(.police), Signer(.police))
            _ = try await rig.register(signatory)
            try await register(clerk, rig)
            let sent = try await rig.send(rig.register())
            try await body(rig, try #require(sent.first { $0.department == .police && $0.topic == .vehicle }), signatory, clerk)
        }
    }

    // MARK: Who comes

    @Test func `a department sees its own questions, and no other's`() async throws {
        try await Self.withDesk { rig, request, signatory, clerk in
            for signer in [signatory, clerk] {
                let desk = try await Self.open(rig, by: signer)
                let waiting = try await Self.waiting(rig, desk)
                #expect(waiting.count == Department.police.registeredReviewTopics.count)
                let one = try #require(waiting.first { $0.request == request.request })
                #expect(Fingerprint(of: Array(one.value.utf8)).rawValue == (try await rig.wireDigest(of: request.request)))
                #expect(try await Self.waiting(rig, desk, "?topic=VEHICLE&limit=1").map(\.request) == [request.request])
                for path in ["desk", "open-requests"] {
                    #expect(try await rig.service.call(.get, "/v1/departments/market/\(path)", [], desk).status == 401)
                }
                #expect(try await rig.service.post("/v1/departments/market/results", bytes: Array("{}".utf8), headers: desk).status == 401)
            }
        }
    }

    @Test func `nobody opens the desk without a key that holds now`() async throws {
        try await Self.withDesk { rig, _, signatory, _ in
            let stranger = Signer(.police)
            let opener = Opener(.police)
            _ = try await rig.register(opener)
            let early = Signer(.police)
            _ = try await rig.register(early, from: "2018-11-20T00:00:00.000Z")
            var ofOther = try Proof(stranger)
            ofOther.kid = signatory.kid
            var toOther = try Proof(signatory)
            toOther.nonce = UUID().uuidString
            var sealing = try Proof(signatory)
            sealing.kid = opener.kid
            for proof in [try Proof(stranger), ofOther, toOther, sealing, try Proof(early)] {
                let answer = try await Self.open(rig, proof)
                #expect(answer.status == 401)
                #expect(answer.text.contains("verification.desk-closed"))
            }
            for headers in [[:], ["Authorization": "Bearer AAAA"], ["Authorization": ""]] {
                #expect(try await rig.service.call(.get, "/v1/departments/police/desk", [], headers).status == 401)
            }
        }
    }

    @Test func `a proof opens the desk once, and soon`() async throws {
        try await Self.withDesk { rig, _, signatory, _ in
            let proof = try Proof(signatory)
            #expect(try await Self.open(rig, proof).status == 201)
            #expect(try await Self.open(rig, proof).status == 401)
            let late = try await Self.open(rig, Proof(signatory, at: proof.at + -600))
            #expect(late.status == 422)
            #expect(late.text.contains("clock-differs"))
            #expect(try await Self.open(rig, Proof(signatory, nonce: "short")).status == 422)
        }
    }

    @Test func `revoking the key closes the desk at once`() async throws {
        try await Self.withDesk { rig, _, signatory, _ in
            let desk = try await Self.open(rig, by: signatory)
            #expect(try await rig.revoke(signatory.kid, of: "police") == 200)
            #expect(try await rig.service.call(.get, "/v1/departments/police/desk", [], desk).status == 401)
        }
    }

    @Test func `no token is kept`() async throws {
        try await Self.withDesk { rig, _, signatory, _ in
            let desk = try await Self.open(rig, by: signatory)
            let token = try #require(desk["Authorization"]).dropFirst("Bearer ".count)
            let kept = try await rig.service.store.work { work in
                try work.query("SELECT s::text AS s FROM desk_sessions s UNION ALL SELECT r::text FROM replies r").map { try $0["s", as: String.self] }
            }
            #expect(kept.contains { $0.contains(signatory.kid) } && !kept.contains { $0.contains(token) })
        }
    }

    // MARK: Clerk and signatory

    @Test func `what a clerk prepares counts for nothing until the signatory signs`() async throws {
        try await Self.withDesk { rig, request, signatory, clerk in
            let desk = try await Self.open(rig, by: clerk)
            #expect(try await Self.prepare(rig, desk, request, .discrepant).status == 201)
            let check = Check(.police, .vehicle)
            #expect(try await rig.show(request.household).status(of: check) == "returned")
            #expect(try await rig.service.told(ResultAccepted.self).isEmpty)
            // Prepared anew, and shown to the signatory with who prepared it.
            #expect(try await Self.prepare(rig, desk, request).status == 201)
            let shown = try #require(try await Self.waiting(rig, Self.open(rig, by: signatory), "?topic=VEHICLE").first)
            #expect(shown.status == "returned" && shown.prepared?.outcome == .consistent && shown.prepared?.kid == clerk.kid)

            let value = try JSON.encode(try await rig.answer(request))
            // The clerk's key signs nothing.
            try await rig.deliver(value, jws: clerk.jws(over: value), topic: .police, key: request.household)
            #expect(try await rig.refused().map(\.reason) == ["verification.key-not-for-signing"])
            #expect(try await rig.show(request.household).status(of: check) == "returned")
            try await rig.deliver(value, jws: signatory.jws(over: value), topic: .police, key: request.household)
            #expect(try await rig.show(request.household).status(of: check) == "accepted")
            #expect(try await Self.waiting(rig, desk, "?topic=VEHICLE").isEmpty)
            #expect(try await Self.prepare(rig, desk, request).status == 409)
        }
    }

    @Test func `an answer that does not fit its question is not prepared`() async throws {
        try await Self.withDesk { rig, request, _, clerk in
            let desk = try await Self.open(rig, by: clerk)
            let good = try await rig.answer(request)
            let unnamed = Prepared(request: good.request, requestDigest: good.requestDigest, outcome: .discrepant, findings: [])
            let other = Prepared(request: good.request, requestDigest: String(repeating: "0", count: 64), outcome: .consistent, findings: [])
            let unknown = Prepared(request: RequestID(UUID()), requestDigest: good.requestDigest, outcome: .consistent, findings: [])
            for (body, status, code) in [
                (unnamed, 422, "verification.findings-missing"), (other, 422, "verification.request-digest-differs"), (unknown, 404, "not-found"),
            ] {
                let answer = try await rig.service.post("/v1/departments/police/prepared-answers", body, headers: desk)
                #expect(answer.status == status && answer.text.contains(code), "\(answer.text)")
            }
        }
    }

    @Test func `an answer that came back waits again, with why`() async throws {
        try await Self.withDesk { rig, request, signatory, _ in
            try await rig.deliver(rig.answer(request), by: signatory)
            let order = ["reason": "verification.answer-unclear", "remark": "请注明车型"]
            let back = try await rig.service.post("/v1/requests/\(request.request)/send-back", order, headers: ["Lika-Actor": "office"])
            #expect(back.status == 200)
            let shown = try #require(try await Self.waiting(rig, Self.open(rig, by: signatory), "?topic=VEHICLE").first)
            #expect(shown.status == "sent_back" && shown.sentBack?.zh == "说明不清楚" && shown.sentBack?.remark == "请注明车型")
        }
    }
}
