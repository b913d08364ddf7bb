import Foundation
import HTTPTypes
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// What a browser sends by itself, its cookie, is used by our pages only; and of several acts each has its own people.
@Suite struct SessionTests {
    private static let pages = Pages(
        ["board": Array(#"{{<layout}}{{$title}}板{{/title}}{{$content}}<form method="post"><input type="hidden" name="key" value="{{key}}-note"></form>{{/content}}{{/layout}}"#.utf8)],
        links: [], footer: .init("测试", "Test"))

    private static let parts = Parts(
        reactions: ledgerReactions,
        permissions: Permissions("""
            GET /board        staff
            POST /board       staff
            POST /find        staff
            POST /public      everybody
            GET /v1/staff     staff
            POST /v1/staff    staff
            PUT /v1/staff     staff
            POST /v1/public   everybody
            POST /v1/meetings act=first,second  committee
            POST /v1/meetings act=third         subdistrict
            POST /meetings    act=first         committee
            POST /meetings    act=second        subdistrict
            """)
    ) { api in
        api.page("/board", of: pages) { call, _ in try pages.show("board", 0, for: call) }
        api.form("/board", of: pages) { _, _ in .see("/board") }
        api.search("/find", of: pages) { _, _ in .text("found") }
        api.search("/public", of: pages) { _, _ in .text("taken") }
        api.get("/v1/staff") { _, _ in .text("here") }
        api.post("/v1/staff") { _, _ in .text("done") }
        api.put("/v1/staff") { _, _ in .text("done") }
        api.ask("/v1/public") { call, _ in .text(call.actor?.description ?? "nobody") }
        api.post("/v1/meetings", acting: .field("kind")) { _, _ in .text("held") }
        api.form("/meetings", of: pages, acting: .field("act")) { call, _ in .text(call.may("POST /meetings", "second") ? "both" : "one") }
    }

    private func serving(home: String? = nil, _ body: (TestService) async throws -> Void) async throws {
        try await TestService.with(
            Ledger.migrations, parts: Self.parts, access: try await AccessWalk.access(), limits: HTTPLimits(account: nil, network: nil, home: home), body)
    }

    private static func key(on page: TestService.Answer) throws -> String {
        String(try #require(page.text.firstMatch(of: /name="key" value="([^"]+)"/)?.1))
    }

    private static let form = ["Content-Type": "application/x-www-form-urlencoded"]

    @Test func `a form is taken from the session it was shown to, and from no other site`() async throws {
        try await serving(home: "https://lika.example") { service in
            let (mine, other) = (try await AccessWalk.session([.clerk]), try await AccessWalk.session([.clerk], account: "else"))
            func send(_ path: String, _ body: String, _ headers: [String: String]) async throws -> TestService.Answer {
                try await service.call(.post, path, Array(body.utf8), Self.form.merging(headers) { $1 })
            }
            let key = try await Self.key(on: service.call(.get, "/board", [], mine))
            #expect(key.hasSuffix("-note") && key.utf8.count <= 100)
            #expect(try await send("/board", "key=\(key)", mine).status == 303)
            #expect(try await send("/find", "key=\(key)", mine).status == 200)
            let foreign = try await Self.key(on: service.call(.get, "/board", [], other))
            for body in ["key=\(foreign)", "key=\(UUID())", "key=", "", "key=\(key.dropFirst())", "key=\(key.replacing(".", with: ""))"] {
                for path in ["/board", "/find"] {
                    let refused = try await send(path, body, mine)
                    #expect(refused.status == 403 && refused.text.contains("other-session"), "\(path) \(body)")
                }
            }
            for origin in ["https://elsewhere", "http://localhost.elsewhere", "http://localhost:9", "null.elsewhere"] {
                #expect(try await send("/board", "key=\(key)", mine.merging(["Origin": origin]) { $1 }).text.contains("cross-site"), "\(origin)")
            }
            for origin in ["http://localhost", "https://localhost", "https://lika.example", "null"] {
                let key = try await Self.key(on: service.call(.get, "/board", [], mine))
                let answer = try await send("/board", "key=\(key)", mine.merging(["Origin": origin]) { $1 })
                #expect(answer.status == 303, "\(origin)")
            }
            let byItself = mine.merging(["Origin": "https://elsewhere", "Sec-Fetch-Site": "same-origin"]) { $1 }
            #expect(try await send("/find", "key=\(key)", byItself).status == 200, "what the browser says of the site counts more than a name")
            #expect(try await send("/board", "key=\(UUID())", AccessWalk.bearer([.clerk])).status == 303, "a token is sent by whoever has it")
            #expect(try await send("/public", "key=\(UUID())", mine).status == 200, "what is for everybody needs no session")
        }
    }

    @Test func `a cookie opens pages and what they link to, and no command of a program`() async throws {
        try await serving { service in
            let session = try await AccessWalk.session([.clerk])
            #expect(try await service.call(.get, "/v1/staff", [], session).status == 200)
            for method in [HTTPRequest.Method.post, .put] {
                let refused = try await service.call(method, "/v1/staff", [], session.merging(["Idempotency-Key": "k", "Sec-Fetch-Site": "same-origin"]) { $1 })
                #expect(refused.status == 401 && refused.text.contains("cookie-not-enough"))
            }
            #expect(try await service.call(.post, "/v1/public", [], session).text == "nobody")
            #expect(try await service.post("/v1/staff", bytes: [], headers: AccessWalk.bearer([.clerk])).text == "done")
        }
    }

    @Test func `each act of a route has its own people, also when it is sent again`() async throws {
        try await serving { service in
            let (committee, subdistrict, clerk) = (try await AccessWalk.bearer([.committee]), try await AccessWalk.bearer([.subdistrict]), try await AccessWalk.bearer([.clerk]))
            func hold(_ kind: String, _ who: [String: String], key: String = UUID().uuidString) async throws -> Int {
                try await service.post("/v1/meetings", ["kind": kind], key: key, headers: who).status
            }
            for kind in ["first", "second"] { #expect(try await hold(kind, committee) == 200) }
            #expect(try await hold("third", subdistrict, key: "third") == 200)
            for (kind, who) in [("third", committee), ("first", subdistrict), ("first", clerk)] { #expect(try await hold(kind, who) == 403) }
            #expect(try await hold("third", committee, key: "third") == 403, "another's reply is not told either")
            #expect(try await hold("fourth", committee) == 422)
            #expect(try await service.post("/v1/meetings", bytes: Array("[]".utf8), headers: committee).status == 422)
            func act(_ act: String, _ who: [String: String]) async throws -> TestService.Answer {
                try await service.call(.post, "/meetings", Array("key=\(UUID())&act=\(act)".utf8), Self.form.merging(who) { $1 })
            }
            #expect(try await act("first", committee).text == "one")
            #expect(try await act("second", subdistrict).text == "both")
            #expect(try await act("second", committee).status == 403)
            let noted: Int? = try await service.store.work { try $0.first("SELECT count(*) AS count FROM audit WHERE outcome = 'refused'")?["count"] }
            #expect(noted == 5)
        }
    }
}
