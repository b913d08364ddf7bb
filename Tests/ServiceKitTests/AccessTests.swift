import Contracts
import Crypto
import Foundation
import HTTPTypes
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// Who calls, what shows it, and what they may.
@Suite struct AccessTests {
    private static let office = Principal(account: "li.ming", roles: [.povertyOffice], jurisdictions: [DivisionCode("530427001")!])

    private static let pages = Pages(
        ["board": Array("{{<layout}}{{$title}}板{{/title}}{{$content}}<h1>板</h1>{{/content}}{{/layout}}".utf8)],
        links: [.init("/board", "板", "Board")], footer: .init("测试", "Test"))

    private static let parts = Parts(
        reactions: ledgerReactions,
        permissions: Permissions("""
            GET /v1/public     everybody
            GET /v1/staff      staff
            POST /v1/office    poverty_office subdistrict
            GET /board         poverty_office
            POST /board        poverty_office
            """)
    ) { api in
        api.get("/v1/public") { call, _ in .text(call.actor?.description ?? "nobody") }
        api.get("/v1/staff") { call, _ in .text(try call.namedActor().description) }
        api.post("/v1/office") { call, work in .text(work.deed.actor.description) }
        api.page("/board", of: pages) { call, _ in try pages.show("board", 0, for: call) }
        api.form("/board", of: pages) { _, _ in .see("/board") }
    }

    private func serving(_ access: Access? = nil, _ body: (TestService) async throws -> Void) async throws {
        let embedded = try await AccessWalk.access()
        try await TestService.with(Ledger.migrations, parts: Self.parts, access: access ?? embedded, body)
    }

    @Test func `a token says who somebody is, for its use and its time only`() async throws {
        let tokens = try await Tokens(key: AccessWalk.key)
        #expect(try await tokens.principal(tokens.issue(Self.office, .access), .access) == Self.office)
        #expect(try await tokens.principal(tokens.issue(Self.office, .session), .session) == Self.office)
        await #expect(throws: Denied.self) { try await tokens.principal(tokens.issue(Self.office, .session), .access) }
        await #expect(throws: Denied.self) { try await tokens.principal(tokens.issue(Self.office, .access), .session) }
        await #expect(throws: Denied.self) { try await tokens.principal(tokens.issue(Self.office, .access, at: Date(timeIntervalSinceNow: -901)), .access) }
        let other = try await Tokens(key: Data(repeating: 8, count: 32).base64EncodedString())
        await #expect(throws: Denied.self) { try await tokens.principal(other.issue(Self.office, .access), .access) }
        await #expect(throws: Tokens.KeyUnfit.self) { try await Tokens(key: "short") }
    }

    /// Each is a way in which tokens of others have been forged.
    @Test func `what is not signed by the issuer is nobody's`() async throws {
        let tokens = try await Tokens(key: AccessWalk.key)
        let parts = try await tokens.issue(Self.office, .access).split(separator: ".").map(String.init)
        func encoded(_ text: String) -> String { Array(text.utf8).base64url }
        let claims = #"{"iss":"lika-embedded","aud":"lika","sub":"x","exp":99999999999,"iat":99999999000,"roles":["county"],"jurisdictions":[],"use":"at+jwt"}"#
        let publicKey = try Curve25519.Signing.PrivateKey(rawRepresentation: Data(base64Encoded: AccessWalk.key)!).publicKey.rawRepresentation
        let hmac = HMAC<SHA256>.authenticationCode(for: Data("\(encoded(#"{"alg":"HS256"}"#)).\(encoded(claims))".utf8), using: SymmetricKey(data: publicKey))
        let forged = [
            "", "x", "..", "\(encoded(#"{"alg":"none"}"#)).\(encoded(claims)).", "\(parts[0]).\(encoded(claims)).\(parts[2])",
            "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1]).\(parts[2])A", "\(encoded(#"{"alg":"HS256"}"#)).\(encoded(claims)).\(Array(hmac).base64url)",
        ]
        try await serving { service in
            for token in forged {
                await #expect(throws: Denied.self, "\(token)") { try await tokens.principal(token, .access) }
                #expect(try await service.call(.get, "/v1/staff", [], ["Authorization": "Bearer \(token)"]).status == 401)
            }
            let basic = try await service.call(.get, "/v1/staff", [], ["Authorization": "Basic eDp4"])
            #expect(basic.status == 401)
            #expect(try await service.call(.get, "/v1/staff", [], ["Lika-Actor": "li.ming"]).status == 401, "a word is no proof")
            #expect(try await service.call(.get, "/v1/public", [], ["Lika-Actor": "li.ming"]).text == "nobody")
        }
    }

    @Test func `whoever may not is told so, and it is written down`() async throws {
        try await serving { service in
            let nobody = try await service.get("/v1/staff")
            #expect((nobody.status, nobody.headers["www-authenticate"]) == (401, "Bearer"))
            let clerk = try await AccessWalk.bearer([.clerk], account: "wang.wu")
            #expect(try await service.call(.get, "/v1/staff", [], clerk).text == "wang.wu")
            let refused = try await service.post("/v1/office", bytes: [], headers: clerk)
            #expect(refused.status == 403 && refused.text.contains("poverty office") && refused.text.contains("forbidden"))
            #expect(try await service.post("/v1/office", bytes: [], headers: AccessWalk.bearer([.subdistrict, .clerk], account: "zhao.liu")).text == "zhao.liu")
            let noted = try await service.store.work { work in
                try work.query("SELECT actor, action, object FROM audit WHERE outcome = 'refused' ORDER BY seq").map { "\(try $0["actor", as: String.self]) \(try $0["action", as: String.self]) \(try $0["object", as: String.self])" }
            }
            #expect(noted == ["wang.wu POST /v1/office /v1/office"])
        }
    }

    @Test func `a department's account is none of those who ask and decide`() async throws {
        try await serving { service in
            let both = try await service.call(.get, "/v1/staff", [], AccessWalk.bearer([.department, .workTeam]))
            #expect(both.status == 403 && both.text.contains("an account of a department"))
            #expect(try await service.call(.get, "/v1/staff", [], AccessWalk.bearer([.department])).status == 200)
        }
    }

    @Test func `an account's alias is the same for one thing, another for another, and not for nobody in particular`() {
        let (account, thing) = (Actor(account: "li.ming"), UUID())
        #expect(account.alias(in: thing) == Actor(account: "li.ming").alias(in: thing))
        #expect(account.alias(in: thing) != account.alias(in: UUID()) && account.alias(in: thing) != Actor(account: "wang.wu").alias(in: thing))
        #expect(account.alias(in: thing)?.contains("li.ming") == false)
        #expect(Actor.unnamed.alias(in: thing) == nil && Actor.suite.alias(in: thing) == nil)
    }

    @Test func `behind a proxy that signs people in, its word counts`() async throws {
        try await serving(.trusted) { service in
            let believed = try await service.call(.get, "/v1/staff", [], ["Lika-Actor": "li.ming"])
            #expect(believed.text == "li.ming")
            #expect(try await service.get("/v1/staff").status == 400)
            #expect(try await service.get("/sign-in").status == 404)
        }
    }

    @Test func `a page leads to the sign-in and back, and to nowhere else`() async throws {
        try await serving { service in
            let away = try await service.get("/board")
            #expect((away.status, away.headers["location"]) == (303, "/sign-in?to=%2Fboard"))
            #expect(try await service.get("/sign-in?to=%2Fboard").text.contains(#"name="to" value="/board""#))
            #expect(try await service.get("/sign-in?to=https%3A%2F%2Felsewhere").text.contains(#"name="to" value="/""#))
            #expect(try await service.get("/sign-in?to=%2F%2Felsewhere").text.contains(#"name="to" value="/""#))
            let form = ["Content-Type": "application/x-www-form-urlencoded"]
            #expect(try await service.call(.post, "/sign-in", Array("account=root&to=%2F".utf8), form).status == 422)
            #expect(try await service.call(.post, "/sign-in", Array("account=demo.clerk&to=%2F".utf8), form.merging(["Sec-Fetch-Site": "cross-site"]) { $1 }).status == 403)
            let entered = try await service.call(.post, "/sign-in", Array("account=demo.poverty_office&to=%2Fboard".utf8), form)
            let cookie = try #require(entered.headers["set-cookie"])
            #expect(entered.headers["location"] == "/board")
            for to in ["https%3A%2F%2Felsewhere", "%2F%2Felsewhere", "%2F%5Celsewhere", "%2F%09%2Felsewhere", "%2F%0D%0ASet-Cookie%3A+a", "%2F%E4%BA%8C"] {
                let entered = try await service.call(.post, "/sign-in", Array("account=demo.clerk&to=\(to)".utf8), form)
                #expect(entered.headers["location"] == "/", "\(to)")
            }
            #expect(cookie.hasPrefix("__Host-lika=") && cookie.contains("; Secure; HttpOnly; SameSite=Lax") && cookie.contains("Path=/;"))
            let session = String(cookie.prefix { $0 != ";" })
            #expect(try await service.call(.get, "/board", [], ["Cookie": "a=b; \(session)"]).text.contains("demo.poverty_office"))
            #expect(try await service.call(.get, "/v1/staff", [], ["Authorization": "Bearer \(session.dropFirst(12))"]).status == 401, "a session is no access token")
            let left = try await service.call(.post, "/sign-out", [], form.merging(["Cookie": session]) { $1 })
            #expect(left.headers["set-cookie"]?.contains("Max-Age=0") == true)
        }
    }

    @Test func `a person signs in, sees what they may, hears what they may not, and signs out`() async throws {
        try await serving { service in
            try await service.serving { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/board")
                    #expect(try await browser.text("h1").contains("登录"))
                    try await browser.picture("kit-sign-in")
                    try await browser.click("[value='demo.clerk']")
                    #expect(try await browser.text("h1").contains("没有这项权限"))
                    #expect(try await browser.text(".who span") == "demo.clerk")
                    try await browser.click(".who button")
                    try await browser.open("\(address)/board")
                    try await browser.click("[value='demo.poverty_office']")
                    #expect(try await browser.address.hasSuffix("/board"))
                    #expect(try await browser.texts("main h1") == ["板"])
                }
            }
        }
    }

    @Test func `production refuses what only a demo may have, and nothing is open by default`() {
        func problems(_ environment: [String: String]) -> [String] {
            var settings = Settings(environment)
            _ = Access.Choice(&settings)
            return settings.problems.map(\.name)
        }
        #expect(problems([:]) == ["LIKA_ACCESS"])
        #expect(problems(["LIKA_ACCESS": "open"]) == ["LIKA_ACCESS"])
        #expect(problems(["LIKA_ACCESS": "embedded"]) == ["LIKA_ACCESS_KEY"])
        #expect(problems(["LIKA_ACCESS": "embedded", "LIKA_ACCESS_KEY": "x", "LIKA_PRODUCTION": "yes"]) == ["LIKA_ACCESS"])
        #expect(problems(["LIKA_ACCESS": "trusted", "LIKA_ACCESS_SIGN_IN": "demo"]) == ["LIKA_ACCESS_SIGN_IN"])
        #expect(problems(["LIKA_ACCESS": "trusted", "LIKA_PRODUCTION": "yes"]).isEmpty)
    }
}
