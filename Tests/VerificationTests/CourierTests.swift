import Contracts
import Foundation
import HTTPTypes
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

@Suite struct CourierTests {
    private static let clerk = ["Lika-Actor": "office.clerk"]

    struct Open: Decodable {
        let id: UUID
        let type: String
        let request: RequestID
        let household: HouseholdID
        let value: String
    }

    private func open(_ rig: Rig, _ query: String = "") async throws -> [Open] {
        let answer = try await rig.service.call(.get, "/v1/departments/police/open-requests\(query)", [], Self.clerk)
        #expect(answer.status == 200)
        return try answer.json([Open].self)
    }

    private func hand(
        _ value: [UInt8], _ rig: Rig, jws: String?, id: UUID = UUID(), to department: Department = .police, type: String = ResultReturned.name
    ) async throws -> TestService.Answer {
        var headers = Self.clerk
        for (name, text) in [
            ("ce-specversion", "1.0"), ("ce-id", id.uuidString), ("ce-source", "/departments/\(department.slug)"), ("ce-type", type),
            ("ce-time", "2018-10-22T01:00:00.000Z"), ("jws", jws),
        ] { headers[name] = text }
        return try await rig.service.post("/v1/departments/\(department.slug)/results", bytes: value, headers: headers)
    }

    /// One household whose questions are out, and the police's key.
    private func asked(_ rig: Rig) async throws -> (RequestSent, Signer) {
        try await rig.issueCampaign()
        let signer = Signer(.police)
        _ = try await rig.register(signer)
        let sent = try await rig.send(rig.register())
        return (try #require(sent.first { $0.department == .police && $0.topic == .vehicle }), signer)
    }

    @Test func `a department's open requests are given byte for byte, until they are answered`() async throws {
        try await Rig.with { rig in
            let (request, signer) = try await asked(rig)
            let all = try await open(rig)
            #expect(all.count == Department.police.registeredReviewTopics.count)
            let one = try #require(all.first { $0.request == request.request })
            #expect(one.type == RequestSent.name)
            #expect(one.household == request.household)
            let digest = try await rig.wireDigest(of: request.request)
            #expect(Fingerprint(of: Array(one.value.utf8)).rawValue == digest)
            try await rig.deliver(rig.answer(request), by: signer)
            #expect(try await open(rig).map(\.request) == all.map(\.request).filter { $0 != request.request })
        }
    }

    @Test func `they are given page by page, and what was asked anew is not among them`() async throws {
        try await Rig.with { rig in
            let (request, _) = try await asked(rig)
            let first = try await open(rig, "?limit=2")
            let rest = try await open(rig, "?limit=2&after=\(first[1].id.uuidString)")
            #expect(first.count == 2 && rest.count == 1)
            #expect(Set((first + rest).map(\.request)).count == 3)
            try await rig.correct(request.household)
            #expect(try await open(rig).isEmpty)
        }
    }

    @Test func `nobody in particular gets nothing and hands in nothing`() async throws {
        try await Rig.with { rig in
            let list = try await rig.service.get("/v1/departments/police/open-requests")
            let post = try await rig.service.post("/v1/departments/police/results", bytes: Array("{}".utf8))
            let nobody = try await rig.service.call(.get, "/v1/departments/poverty/open-requests", [], Self.clerk)
            #expect(list.status == 400)
            #expect(post.status == 400)
            #expect(nobody.status == 404)
        }
    }

    @Test func `an answer that is carried in counts as one that comes by the log`() async throws {
        try await Rig.with { rig in
            let (request, signer) = try await asked(rig)
            let value = try JSON.encode(try await rig.answer(request, .discrepant))
            let receipt = try await hand(value, rig, jws: signer.jws(over: value)).json(CourierReceipt.self)
            #expect(receipt.accepted && !receipt.repeated)
            #expect(receipt.request == request.request)
            #expect(receipt.digest == Fingerprint(of: value).rawValue)
            #expect(try await rig.show(request.household).status(of: Check(.police, .vehicle)) == "accepted")
            let told = try await rig.service.told(ResultAccepted.self)
            #expect(told.map(\.outcome) == [.discrepant])
        }
    }

    @Test(arguments: [true, false]) func `an answer that comes both ways counts once`(byLogFirst: Bool) async throws {
        try await Rig.with { rig in
            let (request, signer) = try await asked(rig)
            let value = try JSON.encode(try await rig.answer(request))
            let (jws, id) = (try signer.jws(over: value), UUID())
            func byLog() async throws { try await rig.deliver(value, jws: jws, topic: .police, key: request.household, id: id) }
            if byLogFirst { try await byLog() }
            let receipt = try await hand(value, rig, jws: jws, id: id).json(CourierReceipt.self)
            if !byLogFirst { try await byLog() }
            #expect(receipt.accepted)
            #expect(receipt.repeated == byLogFirst)
            #expect(try await rig.service.told(ResultAccepted.self).count == 1)
            #expect(try await rig.refused().isEmpty)
        }
    }

    @Test func `carried in again it gets the same verdict and does nothing`() async throws {
        try await Rig.with { rig in
            let (request, signer) = try await asked(rig)
            let value = try JSON.encode(try await rig.answer(request))
            let (jws, id) = (try signer.jws(over: value), UUID())
            let first = try await hand(value, rig, jws: jws, id: id).json(CourierReceipt.self)
            let again = try await hand(value, rig, jws: jws, id: id).json(CourierReceipt.self)
            #expect(again.accepted && again.repeated && again.receivedAt == first.receivedAt)
            #expect(try await rig.service.told(ResultAccepted.self).count == 1)
        }
    }

    @Test func `a forged answer is refused and recorded with its reason, as in the log`() async throws {
        try await Rig.with { rig in
            let (request, signer) = try await asked(rig)
            let value = try JSON.encode(try await rig.answer(request))
            let jws = try signer.jws(over: value)
            let forged = try JSON.encode(try await rig.answer(request, .discrepant))
            for (bytes, signature, reason) in [
                (forged, jws, ResultRefusal.signatureInvalid), (value, nil, .signatureMissing),
                (value, try Signer(.police).jws(over: value), .keyUnknown),
            ] {
                let receipt = try await hand(bytes, rig, jws: signature).json(CourierReceipt.self)
                #expect(!receipt.accepted && receipt.reason == reason.rawValue)
            }
            #expect(try await rig.refused().map(\.reason) == ["verification.signature-invalid", "verification.signature-missing", "verification.key-unknown"])
            #expect(try await rig.show(request.household).status(of: Check(.police, .vehicle)) == "sent")
        }
    }

    @Test func `an answer to another department's question is refused`() async throws {
        try await Rig.with { rig in
            let (request, signer) = try await asked(rig)
            let value = try JSON.encode(try await rig.answer(request))
            let receipt = try await hand(value, rig, jws: signer.jws(over: value), to: .market).json(CourierReceipt.self)
            #expect(receipt.reason == ResultRefusal.wrongDepartment.rawValue)
        }
    }

    @Test func `what is no result is told so and leaves no trace`() async throws {
        try await Rig.with { rig in
            let (request, signer) = try await asked(rig)
            let value = try JSON.encode(try await rig.answer(request))
            let jws = try signer.jws(over: value)
            #expect(try await hand(Array("no json".utf8), rig, jws: jws).status == 422)
            #expect(try await hand(value, rig, jws: jws, type: RequestSent.name).status == 422)
            let lacking = try JSON.encode(["request": request.request.description, "household": request.household.description])
            #expect(try await hand(lacking, rig, jws: jws).status == 422)
            #expect(try await rig.service.parked().isEmpty)
            #expect(try await rig.refused().isEmpty)
            // Another answer under an id that was judged before is never taken for that one.
            let id = UUID()
            #expect(try await hand(value, rig, jws: jws, id: id).status == 200)
            let other = try JSON.encode(try await rig.answer(request, .discrepant))
            #expect(try await hand(other, rig, jws: signer.jws(over: other), id: id).status == 422)
        }
    }
}
