import Contracts
import Foundation
import HTTPTypes
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

/// `openapi.yaml` is what verification is. The rig of all suites holds each call against it; this one leaves out no operation.
@Suite struct OpenAPITests {
    @Test func `the routes for programs are those of the document`() async throws {
        try await Rig.with { rig in
            #expect(Rig.openAPI.differences(from: rig.service.routes) == [])
        }
    }

    @Test func `every operation is taken, and answers as the document says`() async throws {
        try await DeskTests.withDesk { rig, request, signatory, clerk in
            func get(_ path: String) async throws {
                let answer = try await rig.service.call(.get, path, [], ["Lika-Actor": "office"])
                #expect(answer.status == 200, "\(path) \(answer.text)")
            }
            let campaign = "/v1/campaigns/\(rig.campaign)"
            for path in ["/board", "/discrepancies.xlsx", "/reports/police.xlsx", "/routes", "/routes/history"] { try await get(campaign + path) }
            for path in ["/v1/board", "/v1/households/\(request.household)", "/v1/refused-results?limit=1", "/v1/departments/police/keys"] { try await get(path) }
            try await get("/v1/departments/police/open-requests?limit=1")

            let routes = String(decoding: try JSON.encode(CheckRoutes.customary.all), as: UTF8.self)
            let changed = try await rig.service.call(
                .put, campaign + "/routes", Array(#"{"routes":\#(routes),"reason":"年度核对"}"#.utf8), ["Lika-Actor": "office", "If-Match": "\"1\""])
            #expect(changed.status == 200, "\(changed.text)")

            let desk = try await DeskTests.open(rig, by: clerk)
            #expect(try await DeskTests.waiting(rig, desk).isEmpty == false)
            #expect(try await DeskTests.prepare(rig, desk, request).status == 201)
            let value = try JSON.encode(try await rig.answer(request))
            let headers = [
                "Lika-Actor": "courier", "ce-specversion": "1.0", "ce-id": UUID().uuidString, "ce-source": "/departments/police",
                "ce-type": ResultReturned.name, "ce-time": "2018-10-22T01:00:00.000Z", "jws": try signatory.jws(over: value),
            ]
            let handedIn = try await rig.service.post("/v1/departments/police/results", bytes: value, headers: headers)
            #expect(try handedIn.json(CourierReceipt.self).accepted)
            let order = ["reason": "verification.answer-doubtful"]
            #expect(try await rig.service.post("/v1/requests/\(request.request)/send-back", order, headers: ["Lika-Actor": "office"]).status == 200)
            #expect(try await rig.revoke(clerk.kid, of: "police") == 200)
            #expect(try await rig.service.get("/v1/countersignings?all=true").text.contains("confirmed"))
            let again = try await rig.service.post(
                "/v1/departments/police/keys/\(signatory.kid)/revocation", [String: String](), headers: ["Lika-Actor": "first"])
            let refusal = try #require(again.headers["location"]) + "/refusal"
            #expect(try await rig.service.post(refusal, [String: String](), headers: ["Lika-Actor": "first"]).status == 200)
            #expect(Rig.openAPI.operations.subtracting(rig.service.takenOperations).sorted() == [])
        }
    }
}
