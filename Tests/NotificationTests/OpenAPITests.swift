import Contracts
import Foundation
import HTTPTypes
import NotificationDomain
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Notification

/// Notification on an empty schema; every call that goes through, and its answer, is held against `openapi.yaml`.
func withNotification<T: Sendable>(_ config: Config = Config(), now: Instant? = nil, _ body: (TestService) async throws -> T) async throws -> T {
    try await TestService.with(migrations, parts: notification(config), now: now, describedBy: OpenAPITests.document, body)
}

/// `openapi.yaml` is what notification is. The rig of all suites holds each call against it; this one leaves out no operation.
@Suite struct OpenAPITests {
    static let document = try! OpenAPI(of: "Notification")

    @Test func `the routes for programs are those of the document`() async throws {
        try await withNotification { service in #expect(Self.document.differences(from: service.routes) == []) }
    }

    @Test func `every operation is taken, and answers as the document says`() async throws {
        let config = Config(webhook: .init(key: Array(repeating: 1, count: 32), hosts: ["127.0.0.1"]))
        try await withNotification(config) { service in
            let rig = LetterRig(service: service, campaign: CampaignID(UUID()), group: "530427001002-03")
            for head in ["张一", "李二", "王三"] { _ = try await rig.confirm(head) }
            try await service.deliver(
                HouseholdTipRaised(
                    tip: TipID(UUID()), household: HouseholdID(UUID()), campaign: rig.campaign, number: 7, dueOn: LocalDate(daysSinceEpoch: 17_827),
                    division: DivisionCode("530427001002"), raisedAt: rig.now))
            func take(_ method: HTTPRequest.Method, _ path: String, _ body: String = "{}", expecting status: Int = 200) async throws {
                let answer =
                    switch method {
                    case .post: try await service.post("/v1/\(path)", bytes: Array(body.utf8))
                    default: try await service.call(method, "/v1/\(path)", method == .get ? [] : Array(body.utf8), [:])
                    }
                #expect(answer.status == status, "\(method) \(path) \(answer.text)")
            }
            try await take(.get, "letters")
            let round = try await rig.print().round.lowercased
            try await take(.post, "letter-rounds/\(round)/receipts", #"{"delivered":[1],"returned":[2]}"#)
            let letters = try await rig.notices(by: .letter)
            try await take(.post, "notices/\(letters[1])/send-again")
            try await take(.post, "notices/\(letters[0])/return")
            try await service.store.work { try $0.settle(letters[2], .uncertain(send: 1)) }
            try await take(.post, "notices/\(letters[2])/arrival")
            for path in ["", "/letters/pdf", "/receipt/pdf"] { try await take(.get, "letter-rounds/\(round)\(path)") }
            for path in ["board", "notices?limit=1&channel=letter", "notices/\(letters[0])", "unanswered", "letter-rounds?limit=1", "texts", "announcements?limit=1"] {
                try await take(.get, path)
            }
            let announcement = try await service.get("/v1/announcements").json([NoticeRoutes.Announcement].self)[0].announcement.lowercased
            try await take(.get, "announcements/\(announcement)?limit=1")
            let wording = #"{"envelope":"有信","body":"您户的{{kind}}已确定"}"#
            try await take(.put, "texts/case_confirmed/zh-CN", wording)
            let preview = try await service.call(.post, "/v1/texts/case_confirmed/zh-CN/preview", Array(wording.utf8), [:])
            #expect(preview.status == 200)
            try await take(.put, "recipients/department/police/ways/email", #"{"isOn":true,"address":"police@office.example"}"#, expecting: 204)
            try await take(.put, "recipients/department/police/language", #"{"language":"en"}"#, expecting: 204)
            #expect(Self.document.operations.subtracting(service.takenOperations).sorted() == [])
        }
    }
}
