import Contracts
import Crypto
import Foundation
import HTTPTypes
import JWTKit
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// Staff sign in at a real OpenID Connect provider; programs bring its access tokens.
@Suite struct OpenIDTests {
    private static let pages = Pages(
        ["board": Array("{{<layout}}{{$title}}板{{/title}}{{$content}}<h1>板</h1>{{/content}}{{/layout}}".utf8)],
        links: [.init("/board", "板", "Board")], footer: .init("测试", "Test"))

    private static let parts = Parts(
        reactions: ledgerReactions,
        permissions: Permissions("""
            GET /v1/staff      staff
            POST /v1/office    poverty_office
            GET /board         poverty_office
            """)
    ) { api in
        api.get("/v1/staff") { call, _ in
            let principal = try #require(call.principal)
            return .text("\(principal.account) \(principal.roles.map(\.rawValue).sorted().joined(separator: ",")) \(principal.reach.setting)")
        }
        api.post("/v1/office") { call, work in .text(work.deed.actor.description) }
        api.page("/board", of: pages) { call, _ in try pages.show("board", 0, for: call) }
    }

    private static let people = [
        IdentityProvider.Person("li.ming", password: "a-long-password-1", groups: ["lika:poverty_office", "lika:in:530427001", "choir"]),
        IdentityProvider.Person("wang.wu", password: "a-long-password-2", groups: ["choir"]),
    ]

    private static func openID(_ issuer: String, home: String = "http://127.0.0.1:1", pace: OpenIDProvider.Pace = .init()) async throws -> OpenID {
        OpenID(
            OpenIDSettings(issuer: issuer, client: IdentityProvider.client, secret: IdentityProvider.secret, audience: "lika", home: home),
            tokens: try await Tokens(key: AccessWalk.key), pace: pace)
    }

    /// A service and a provider that know each other.
    private func serving(pace: OpenIDProvider.Pace = .init(), _ body: @escaping @Sendable (TestService, IdentityProvider, OpenID, Int) async throws -> Void) async throws {
        let port = try freePort()
        try await IdentityProvider.with(home: "http://127.0.0.1:\(port)", people: Self.people) { provider in
            let openID = try await Self.openID(provider.issuer, home: "http://127.0.0.1:\(port)", pace: pace)
            try await TestService.with(Ledger.migrations, parts: Self.parts, access: .oidc(openID)) { try await body($0, provider, openID, port) }
        }
    }

    // MARK: People

    @Test func `a person signs in at the provider, sees what they may, and is out afterwards`() async throws {
        try await serving { service, provider, _, port in
            try await service.serving(on: port) { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/board")
                    try await Self.signIn(browser, "li.ming", "a-long-password-1")
                    #expect(try await browser.text("main h1") == "板")
                    #expect(try await browser.address == "\(address)/board")
                    #expect(try await browser.text(".who span") == "li.ming")
                    // Away, it takes nobody down who has signed in.
                    await provider.stop()
                    try await browser.open("\(address)/board")
                    #expect(try await browser.text("main h1") == "板")
                    try await provider.start()
                    try await browser.click(".who button")
                    try await eventually { try await browser.address.hasPrefix(provider.issuer) ? () : nil }
                    try await browser.open("\(address)/board")
                    #expect(try await browser.address.hasPrefix(provider.issuer), "signing in again is asked for")
                }
            }
        }
    }

    @Test func `a person without a role gets 403 and an audit row, not data`() async throws {
        try await serving { service, _, _, port in
            try await service.serving(on: port) { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/board")
                    try await Self.signIn(browser, "wang.wu", "a-long-password-2")
                    #expect(try await browser.text("main h1").contains("没有这项权限"))
                    #expect(try await browser.text(".who span") == "wang.wu")
                    try await browser.open("\(address)/v1/staff")
                    #expect(try await browser.text("body").contains("forbidden"))
                }
            }
            let noted = try await service.store.work { work in
                try work.query("SELECT actor, action FROM audit ORDER BY seq").map { "\(try $0["actor", as: String.self]) \(try $0["action", as: String.self])" }
            }
            #expect(noted == ["wang.wu GET /board", "wang.wu GET /v1/staff"])
        }
    }

    private static func signIn(_ browser: Browser, _ account: String, _ password: String) async throws {
        try await browser.type(account, into: "#loginform input[name=login]")
        try await browser.click("#loginform button[type=submit]")
        try await browser.type(password, into: "#passwordform input[name=password]")
        try await browser.click("#passwordform button[type=submit]")
    }

    @Test func `a sign-in is bound to its browser, and leads nowhere else`() async throws {
        try await serving { service, provider, openID, _ in
            let away = try await service.get("/board")
            #expect((away.status, away.headers["location"]) == (303, "/sign-in?to=%2Fboard"))
            let begun = try await service.get("/sign-in?to=%2Fboard")
            let address = try #require(begun.headers["location"])
            #expect(begun.status == 303 && address.hasPrefix("\(provider.issuer)/oauth/authorize?"))
            #expect(address.contains("code_challenge_method=S256") && address.contains("response_type=code") && address.contains("nonce="))
            let cookie = try #require(begun.headers["set-cookie"])
            #expect(cookie.hasPrefix("__Host-lika-sign-in=") && cookie.contains("Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"))
            let sealed = String(cookie.prefix { $0 != ";" })
            let flow = try #require(openID.opened(String(sealed.dropFirst("__Host-lika-sign-in=".count))))
            #expect(flow.to == "/board")
            let state = openID.state(of: flow)
            #expect(address.contains("state=\(state)") && !address.contains(flow.seed), "nothing that the browser holds is told to the provider")
            func back(_ query: String, _ cookie: String?) async throws -> Int {
                try await service.call(.get, "/sign-in/back?\(query)", [], cookie.map { ["Cookie": $0] } ?? [:]).status
            }
            #expect(try await back("code=x&state=\(state)", nil) == 400)
            #expect(try await back("code=x&state=y", sealed) == 400)
            #expect(try await back("code=x", sealed) == 400)
            #expect(try await back("code=x&state=\(state)", sealed + "A") == 400)
            #expect(try await back("code=x&state=\(state)&iss=https%3A%2F%2Felsewhere", sealed) == 401)
            #expect(try await back("error=access_denied&state=\(state)", sealed) == 401)
            #expect(try await back("code=invented&state=\(state)", sealed) == 401, "the provider never gave this code out")
            for to in ["https%3A%2F%2Felsewhere", "%2F%2Felsewhere", "%2F%5Celsewhere", "elsewhere", "%2Fsign-in"] {
                let begun = try await service.get("/sign-in?to=\(to)")
                let sealed = try #require(begun.headers["set-cookie"]).prefix { $0 != ";" }.dropFirst("__Host-lika-sign-in=".count)
                #expect(openID.opened(String(sealed))?.to == "/")
            }
            #expect(try await service.get("/sign-in?to=%2F%09%2Felsewhere").status == 400)
        }
    }

    @Test func `a provider that is away, or another than it should be, is said to be so`() async throws {
        let away = try await Self.openID("http://127.0.0.1:\(try freePort())")
        try await TestService.with(Ledger.migrations, parts: Self.parts, access: .oidc(away)) { service in
            let page = try await service.get("/sign-in?to=%2Fboard")
            #expect(page.status == 503 && page.headers["retry-after"] == "1" && page.text.contains("统一身份认证暂时无法连接"))
            let bearer = try await service.call(.get, "/v1/staff", [], ["Authorization": "Bearer \(Self.unsigned(issuer: away.settings.issuer))"])
            #expect(bearer.status == 503 && bearer.text.contains("provider-away"))
            let session = try await away.tokens.issue(Principal(account: "li.ming", roles: [.povertyOffice], reach: .everywhere), .session)
            #expect(try await service.call(.get, "/board", [], ["Cookie": "__Host-lika=\(session)"]).status == 200)
        }
        try await IdentityProvider.with(home: "http://127.0.0.1:1", people: []) { provider in
            let other = try await Self.openID("\(provider.issuer)/")
            try await TestService.with(Ledger.migrations, parts: Self.parts, access: .oidc(other)) { service in
                let page = try await service.get("/sign-in")
                #expect(page.status == 503 && page.text.contains("provider-unfit"), "it calls itself by another name, if only by a stroke")
            }
        }
    }

    // MARK: Programs

    private struct Claims: JWTPayload {
        var iss: String
        var aud = ["lika"]
        var sub = "li.ming"
        var iat = Date().timeIntervalSince1970.rounded(.down)
        var lifetime = 600.0
        var nbf: Double?
        var groups = ["lika:poverty_office", "lika:in:530427001"]

        enum CodingKeys: CodingKey { case iss, aud, sub, iat, exp, nbf, groups }
        init(iss: String, _ change: (inout Self) -> Void = { _ in }) {
            self.iss = iss
            change(&self)
        }
        init(from decoder: any Decoder) throws { throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "only written")) }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(iss, forKey: .iss)
            try fields.encode(aud, forKey: .aud)
            try fields.encode(sub, forKey: .sub)
            try fields.encode(iat, forKey: .iat)
            try fields.encode(iat + lifetime, forKey: .exp)
            try fields.encodeIfPresent(nbf, forKey: .nbf)
            try fields.encode(groups, forKey: .groups)
        }
        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    private static func member(_ name: String, of key: JSONValue) -> String? {
        if case .object(let members) = key, case .string(let text)? = members[name] { text } else { nil }
    }

    /// Signs as the provider would.
    private static func signed(_ claims: Claims, by key: JSONValue, _ algorithm: JWK.Algorithm, typ: String = "at+jwt", kid: String? = nil, crit: Bool = false) async throws -> String {
        var jwk = try JSONDecoder().decode(JWK.self, from: Data(JSON.encode(key)))
        jwk.algorithm = algorithm
        var header: JWTHeader = ["typ": .string(typ), "kid": .string(kid ?? member("kid", of: key) ?? "")]
        if crit { header.crit = ["b64"] }
        let keys = try await JWTKeyCollection().add(jwk: jwk)
        return try await keys.sign(claims, header: header)
    }

    private static func encoded(_ text: String) -> String { Array(text.utf8).base64url }

    private static func unsigned(issuer: String, header: String = #"{"alg":"RS256","typ":"at+jwt","kid":"k"}"#) -> String {
        let now = Int(Date().timeIntervalSince1970)
        return "\(encoded(header)).\(encoded(#"{"iss":"\#(issuer)","aud":"lika","sub":"x","iat":\#(now),"exp":\#(now + 600),"groups":["lika:county"]}"#)).AAAA"
    }

    @Test func `an access token of the provider opens what its person may, and everything else is refused`() async throws {
        try await serving { service, provider, openID, _ in
            func status(_ token: String) async throws -> Int { try await service.call(.get, "/v1/staff", [], ["Authorization": "Bearer \(token)"]).status }
            let keys = try await provider.keys()
            let (rsa, ec, okp) = (keys[0], keys[1], keys[2])
            let issuer = provider.issuer
            for (key, algorithm) in [(rsa, JWK.Algorithm.rs256), (rsa, .ps256), (ec, .es256), (okp, .eddsa)] {
                let answer = try await service.call(.get, "/v1/staff", [], ["Authorization": "Bearer \(try await Self.signed(Claims(iss: issuer), by: key, algorithm))"])
                #expect((answer.status, answer.text) == (200, "li.ming poverty_office 530427001"), "\(algorithm.rawValue)")
            }
            let good = try await Self.signed(Claims(iss: issuer), by: rsa, .rs256)
            #expect(try await service.post("/v1/office", bytes: [], headers: ["Authorization": "Bearer \(good)"]).text == "li.ming")
            let parts = good.split(separator: ".").map(String.init)
            let now = Date().timeIntervalSince1970.rounded(.down)
            let hmacHead = Self.encoded(#"{"alg":"HS256","typ":"at+jwt","kid":"\#(Self.member("kid", of: rsa) ?? "")"}"#)
            let modulus = try #require(Self.member("n", of: rsa).flatMap { [UInt8](base64url: $0) })
            let hmac = Array(HMAC<SHA256>.authenticationCode(for: Data("\(hmacHead).\(parts[1])".utf8), using: SymmetricKey(data: modulus))).base64url
            let bad: [(String, String)] = [
                ("another algorithm", try await Self.signed(Claims(iss: issuer), by: rsa, .rs512)),
                ("no algorithm", "\(Self.encoded(#"{"alg":"none","typ":"at+jwt"}"#)).\(parts[1])."),
                ("the public key as a secret", "\(hmacHead).\(parts[1]).\(hmac)"),
                ("no access token by its type", try await Self.signed(Claims(iss: issuer), by: rsa, .rs256, typ: "JWT")),
                ("what nobody understands and must", try await Self.signed(Claims(iss: issuer), by: rsa, .rs256, crit: true)),
                ("over", try await Self.signed(Claims(iss: issuer) { $0.iat = now - 700 }, by: rsa, .rs256)),
                ("too long", try await Self.signed(Claims(iss: issuer) { $0.lifetime = 901 }, by: rsa, .rs256)),
                ("of tomorrow", try await Self.signed(Claims(iss: issuer) { $0.iat = now + 86_400 }, by: rsa, .rs256)),
                ("not yet", try await Self.signed(Claims(iss: issuer) { $0.nbf = now + 300 }, by: rsa, .rs256)),
                ("for somebody else", try await Self.signed(Claims(iss: issuer) { $0.aud = ["other"] }, by: rsa, .rs256)),
                ("from somebody else", try await Self.signed(Claims(iss: "https://elsewhere"), by: rsa, .rs256)),
                ("an account of the suite's own", try await Self.signed(Claims(iss: issuer) { $0.sub = "lika-verification" }, by: rsa, .rs256)),
                ("an account that is none", try await Self.signed(Claims(iss: issuer) { $0.sub = "李明 1" }, by: rsa, .rs256)),
                ("under another key's name", try await Self.signed(Claims(iss: issuer), by: rsa, .rs256, kid: Self.member("kid", of: ec))),
                ("under a key's name that nobody has", try await Self.signed(Claims(iss: issuer), by: rsa, .rs256, kid: "nobody")),
                ("other claims", "\(parts[0]).\(Self.unsigned(issuer: issuer).split(separator: ".")[1]).\(parts[2])"),
                ("no signature", "\(parts[0]).\(parts[1])."), ("two parts", "\(parts[0]).\(parts[1])"), ("nothing", ""),
                ("an embedded token with a person's role", try await openID.tokens.issue(Principal(account: "x", roles: [.county], reach: .everywhere), .access)),
                ("an embedded token with a role beside the service's", try await openID.tokens.issue(Principal(account: "x", roles: [.county, .service], reach: .everywhere), .access)),
                ("a session", try await openID.tokens.issue(Principal(account: "x", roles: [.county], reach: .everywhere), .session)),
            ]
            for (name, token) in bad { #expect(try await status(token) == 401, "\(name)") }
            let service1 = try await openID.tokens.issue(Principal(account: "lika-verification", roles: [.service], reach: .everywhere), .access)
            #expect(try await status(service1) == 200, "a service of the suite")
            let noRole = try await Self.signed(Claims(iss: issuer) { $0.groups = ["choir", "lika:service", "lika:department", "lika:king"] }, by: rsa, .rs256)
            #expect(try await status(noRole) == 403, "known, and nothing in the review")
        }
    }

    @Test func `the provider may change its keys, and invented ones storm nothing`() async throws {
        try await serving(pace: .init(fresh: .seconds(2), pause: .seconds(1))) { service, provider, openID, _ in
            @Sendable func status(_ token: String) async throws -> Int { try await service.call(.get, "/v1/staff", [], ["Authorization": "Bearer \(token)"]).status }
            let old = try await provider.keys()[0]
            let token = try await Self.signed(Claims(iss: provider.issuer), by: old, .rs256)
            // All of the first ones wait for the same reading.
            let first = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 { group.addTask { try await status(token) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(first == Array(repeating: 200, count: 20))
            #expect(await openID.provider.readings == 1)
            let began = ContinuousClock.now
            for number in 0..<200 {
                #expect(try await status(Self.unsigned(issuer: provider.issuer, header: #"{"alg":"RS256","typ":"at+jwt","kid":"k\#(number)"}"#)) == 401)
            }
            let seconds = Int((ContinuousClock.now - began) / .seconds(1))
            #expect(await openID.provider.readings <= 3 + seconds, "200 invented keys in \(seconds) s")
            await provider.stop()
            #expect(try await status(token) == 200, "what is known goes on to count while it is away")
            try await provider.changeKeys()
            try await provider.start()
            let new = try await Self.signed(Claims(iss: provider.issuer), by: provider.keys()[0], .rs256)
            // Whoever signs in the moment after waits for nothing.
            try await eventually {
                try await openID.provider.verify(OpenIDToken(new), isTheirs: true)
                return ()
            }
            try await eventually { try await status(new) == 200 ? () : nil }
            #expect(try await status(token) == 401, "the old key is gone")
        }
    }

    // MARK: Rules, one by one

    @Test func `an ID token is for this client, this sign-in and this moment`() throws {
        func token(_ claims: String, typ: String = #","typ":"JWT""#) throws -> OpenIDToken {
            try OpenIDToken("\(Self.encoded(#"{"alg":"RS256"\#(typ)}"#)).\(Self.encoded(claims)).AAAA")
        }
        func isTaken(_ claims: String, typ: String = #","typ":"JWT""#) throws -> Bool {
            let token = try token(claims, typ: typ)
            do { try token.check(for: "lika", from: "https://i", nonce: "n", at: 1_000_000) } catch { return false }
            return true
        }
        let times = #""iat":999990,"exp":1000600"#
        #expect(try isTaken(#"{"iss":"https://i","aud":"lika","nonce":"n",\#(times)}"#))
        #expect(try isTaken(#"{"iss":"https://i","aud":["lika"],"nonce":"n",\#(times)}"#, typ: ""))
        #expect(try isTaken(#"{"iss":"https://i","aud":["lika","other"],"azp":"lika","nonce":"n",\#(times)}"#))
        for claims in [
            #"{"iss":"https://i/","aud":"lika","nonce":"n",\#(times)}"#, #"{"iss":"https://i","aud":"other","nonce":"n",\#(times)}"#,
            #"{"iss":"https://i","aud":["lika","other"],"nonce":"n",\#(times)}"#, #"{"iss":"https://i","aud":"lika","azp":"other","nonce":"n",\#(times)}"#,
            #"{"iss":"https://i","aud":"lika","nonce":"m",\#(times)}"#, #"{"iss":"https://i","aud":"lika",\#(times)}"#,
            #"{"iss":"https://i","aud":"lika","nonce":"n","iat":999990,"exp":999999}"#, #"{"iss":"https://i","aud":"lika","nonce":"n","exp":1000600}"#,
            #"{"iss":"https://i","aud":"lika","nonce":"n","iat":900000,"exp":1000600}"#, #"{"iss":"https://i","aud":"lika","nonce":"n","iat":"999990","exp":"1000600"}"#,
        ] { #expect(try !isTaken(claims), "\(claims)") }
        #expect(try !isTaken(#"{"iss":"https://i","aud":"lika","nonce":"n",\#(times)}"#, typ: #","typ":"at+jwt""#))
        #expect(throws: Denied.self) { try token(#"{"iss":"https://i","iss":"https://j"}"#) }
    }

    @Test func `roles and jurisdictions come from claims or groups, and from nothing else`() throws {
        func principal(_ claims: JSONValue) throws -> Principal {
            guard case .object(let object) = claims else { throw Denied.accountUnfit }
            return try StaffClaims().principal(object)
        }
        let subdistrict = try #require(DivisionCode("530427001"))
        #expect(try principal(["sub": "a", "lika_roles": ["work_team", "clerk"], "lika_jurisdictions": "530427001"])
            == Principal(account: "a", roles: [.workTeam, .clerk], jurisdictions: [subdistrict]))
        #expect(try principal(["sub": "a", "groups": ["lika:county", "lika:in:530427001", "county", "lika:in:x", "lika:service"]])
            == Principal(account: "a", roles: [.county], jurisdictions: [subdistrict]))
        #expect(try principal(["sub": "a", "groups": ["admin"], "roles": ["county"]]).roles.isEmpty)
        for sub: JSONValue in ["lika", "unnamed", "lika-intake", "", "a b", 7] {
            #expect(throws: Denied.self) { try principal(["sub": sub, "lika_roles": ["county"]]) }
        }
    }

    @Test func `settings name a provider by TLS, and production takes it`() {
        func problems(_ change: (inout [String: String]) -> Void = { _ in }, home: String? = "https://intake.example") -> [String] {
            var environment = [
                "LIKA_ACCESS": "oidc", "LIKA_ACCESS_KEY": "x", "LIKA_PRODUCTION": "yes", "LIKA_OIDC_ISSUER": "https://sign-in.example/realm",
                "LIKA_OIDC_CLIENT_ID": "lika", "LIKA_OIDC_CLIENT_SECRET": "s",
            ]
            change(&environment)
            var settings = Settings(environment)
            _ = Access.Choice(&settings, home: home)
            return settings.problems.map(\.name)
        }
        #expect(problems().isEmpty)
        #expect(problems { $0["LIKA_OIDC_ISSUER"] = "http://sign-in.example" } == ["LIKA_OIDC_ISSUER"])
        #expect(problems { $0["LIKA_OIDC_ISSUER"] = "http://127.0.0.1:5000" }.isEmpty)
        #expect(problems { $0["LIKA_OIDC_CLIENT_SECRET"] = nil } == ["LIKA_OIDC_CLIENT_SECRET"])
        #expect(problems { $0["LIKA_ACCESS_KEY"] = nil } == ["LIKA_ACCESS_KEY"])
        #expect(problems { $0["LIKA_ACCESS_SIGN_IN"] = "demo" } == ["LIKA_ACCESS_SIGN_IN"])
        #expect(problems(home: nil) == ["LIKA_HTTP_URL"])
        #expect(problems(home: "http://intake.example") == ["LIKA_HTTP_URL"])
    }
}
