import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// What one account asks for and another confirms.
@Suite struct CountersigningTests {
    private struct Asked: Decodable {
        let countersigning: UUID
        let status: String
        let proposedBy: String
    }

    private static let pages = Pages(["board": Array("板".utf8)], links: [Pages.countersignings], footer: .init("测试", "Test"))

    private static func with(_ body: (TestService) async throws -> Void) async throws {
        let parts = Parts(
            reactions: Reactions(service: "test", purpose: "two"),
            permissions: Permissions("""
                POST /v1/things/:thing/end                             poverty_office
                GET /v1/countersignings                                poverty_office subdistrict
                POST /v1/countersignings/:countersigning/confirmation  poverty_office subdistrict
                POST /v1/countersignings/:countersigning/refusal       poverty_office subdistrict
                GET /countersignings                                   poverty_office subdistrict
                POST /countersignings/:countersigning                  poverty_office subdistrict
                GET /things/:thing                                     poverty_office
                """)
        ) { api in
            api.page("/things/:thing", of: pages) { call, _ in try pages.show("board", 0, for: call) }
            api.postByTwo("/v1/things/:thing/end", named: .init("终止", "End it"), seenAt: "/things/:thing", checking: { call, _ in if try call.parameter("thing") == "none" { throw NotFound("thing") } }) { call, work in
                .text("\(try call.parameter("thing")) ended by \(work.deed.actor), \(work.deed.reason): \(String(decoding: call.bytes, as: UTF8.self))")
            }
        }
        try await TestService.with([], parts: parts, access: AccessWalk.access(), body)
    }

    private static func ask(_ service: TestService, of thing: String = "a", as account: String = "li.ming") async throws -> TestService.Answer {
        try await service.post("/v1/things/\(thing)/end", ["reason": "lost"], headers: AccessWalk.bearer([.povertyOffice], account: account))
    }

    private static func decide(
        _ answer: TestService.Answer, _ what: String, in service: TestService, as account: String, _ role: Role = .povertyOffice, key: String = UUID().uuidString
    ) async throws -> TestService.Answer {
        let id = try answer.json(Asked.self).countersigning.lowercased
        return try await service.post("/v1/countersignings/\(id)/\(what)", [String: String](), key: key, headers: AccessWalk.bearer([role], account: account))
    }

    @Test func `it happens once, with the confirmation of another account that may do the same`() async throws {
        try await Self.with { service in
            let asked = try await Self.ask(service)
            #expect(asked.status == 202)
            #expect(try await Self.ask(service, as: "wang.wu").text.contains("countersigning.already-asked"))
            #expect(try await Self.decide(asked, "confirmation", in: service, as: "li.ming").text.contains("countersigning.own"))
            #expect(try await Self.decide(asked, "confirmation", in: service, as: "zhao.liu", .subdistrict).status == 403, "this role may not ask for it either")
            for _ in 1...2 {
                let done = try await Self.decide(asked, "confirmation", in: service, as: "wang.wu", key: "once")
                #expect(done.text == #"a ended by wang.wu, POST /v1/things/:thing/end, asked for by li.ming: {"reason":"lost"}"#)
            }
            #expect(try await Self.decide(asked, "confirmation", in: service, as: "sun.qi").text.contains("countersigning.decided"))
            #expect(try await Self.ask(service).status == 202, "another time")
        }
    }

    private static func page(_ service: TestService, as account: String, _ role: Role = .povertyOffice) async throws -> String {
        try await service.call(.get, "/countersignings", [], AccessWalk.bearer([role], account: account)).text
    }

    /// As the page's button does.
    private static func press(_ act: String, _ asked: TestService.Answer, in service: TestService, as account: String, _ role: Role = .povertyOffice) async throws -> TestService.Answer {
        let (id, form) = (try asked.json(Asked.self).countersigning.lowercased, ["Content-Type": "application/x-www-form-urlencoded"])
        return try await service.call(
            .post, "/countersignings/\(id)", Array("key=\(UUID())&act=\(act)".utf8), AccessWalk.bearer([role], account: account).merging(form) { $1 })
    }

    @Test func `a page shows what waits, and each one what they can do about it`() async throws {
        try await Self.with { service in
            #expect(try await Self.page(service, as: "wang.wu").contains("Nothing waits"))
            let asked = try await Self.ask(service)
            let seen = try await Self.page(service, as: "wang.wu")
            for text in ["终止", "/v1/things/a/end", "href=\"/things/a\"", "<code>reason</code></dt><dd>lost", "li.ming", "value=\"confirm\"", "value=\"refuse\""] {
                #expect(seen.contains(text), "\(text)")
            }
            let own = try await Self.page(service, as: "li.ming")
            #expect(!own.contains("value=\"confirm\"") && own.contains("Withdraw"))
            #expect(try await Self.page(service, as: "zhao.liu", .subdistrict).contains("Nothing waits"), "for whoever may not ask for it either")

            let refused = try await Self.press("confirm", asked, in: service, as: "li.ming")
            #expect(refused.status == 409 && refused.text.contains("countersigning.own"))
            for act in ["confirm", "refuse"] { #expect(try await Self.press(act, asked, in: service, as: "zhao.liu", .subdistrict).status == 403) }
            #expect(try await Self.press("burn", asked, in: service, as: "wang.wu").status == 422)
            let confirmed = try await Self.press("confirm", asked, in: service, as: "wang.wu")
            #expect(confirmed.status == 303 && confirmed.headers["location"] == "/countersignings")
            #expect(try await Self.page(service, as: "wang.wu").contains("Nothing waits"))
            let all = try await service.call(.get, "/v1/countersignings?all=true", [], AccessWalk.bearer([.povertyOffice])).text
            #expect(all.contains(#""asked":{"reason":"lost"},"status":"confirmed""#) && all.contains(#""decidedBy":"wang.wu""#))

            #expect(try await Self.press("refuse", Self.ask(service), in: service, as: "li.ming").status == 303)
            #expect(try await Self.page(service, as: "li.ming").contains("Nothing waits"))
        }
    }

    @Test func `it can be refused by either, is over after three days, and is not asked for in vain`() async throws {
        try await Self.with { service in
            #expect(try await Self.ask(service, of: "none").status == 404)
            for account in ["wang.wu", "li.ming"] {
                let asked = try await Self.ask(service)
                #expect(try await Self.decide(asked, "refusal", in: service, as: account).json(Asked.self).status == "refused")
                #expect(try await Self.decide(asked, "confirmation", in: service, as: "sun.qi").text.contains("countersigning.decided"))
            }
            let asked = try await Self.ask(service)
            try await service.store.work { try $0.execute("UPDATE countersignings SET expires_at = lika_now() WHERE status = 'open'") }
            #expect(try await Self.decide(asked, "confirmation", in: service, as: "wang.wu").text.contains("countersigning.expired"))
            let list = try await service.call(.get, "/v1/countersignings", [], AccessWalk.bearer([.subdistrict]))
            #expect(list.text == "[]")
            #expect(try await Self.ask(service).status == 202, "what is over does not stand in the way")
        }
    }
}
