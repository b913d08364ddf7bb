import Foundation
import HTTPTypes
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// Nobody comes too often, whoever they are.
@Suite struct ThrottleTests {
    private static let pages = Pages(
        ["board": Array("{{<layout}}{{$title}}板{{/title}}{{$content}}<h1>板</h1>{{/content}}{{/layout}}".utf8)], links: [], footer: .init("测试", "Test"))

    private static let parts = Parts(
        reactions: ledgerReactions,
        permissions: Permissions("""
            GET /v1/public     everybody
            GET /v1/staff      staff
            GET /board         everybody
            """)
    ) { api in
        api.get("/v1/public") { _, _ in .text("here") }
        api.get("/v1/staff") { _, _ in .text("here") }
        api.page("/board", of: pages) { call, _ in try pages.show("board", 0, for: call) }
    }

    private func serving(_ body: (TestService) async throws -> Void) async throws {
        let limits = HTTPLimits(
            account: .init(capacity: 5, secondsPerToken: 600), network: .init(capacity: 3, secondsPerToken: 300), clientHeader: "X-Forwarded-For")
        try await TestService.with(Ledger.migrations, parts: Self.parts, access: try await AccessWalk.access(), limits: limits, body)
    }

    @Test func `an account has a bucket of its own, and is told when to come again`() async throws {
        try await serving { service in
            let clerk = try await AccessWalk.bearer([.clerk], account: "wang.wu")
            for _ in 0..<5 { #expect(try await service.call(.get, "/v1/staff", [], clerk).status == 200) }
            let refused = try await service.call(.get, "/v1/staff", [], clerk)
            #expect(refused.status == 429 && refused.headers["content-type"] == "application/problem+json" && refused.text.contains("too-many-requests"))
            let wait = try #require(refused.headers["retry-after"].flatMap { Int($0) })
            #expect((590...600).contains(wait))
            #expect(try await service.call(.get, "/v1/staff", [], AccessWalk.bearer([.clerk], account: "zhao.liu")).status == 200)
            let suite = try await AccessWalk.bearer([.service], account: "lika-verification")
            for _ in 0..<10 { #expect(try await service.call(.get, "/v1/staff", [], suite).status == 200, "the suite's own services have no limit") }
        }
    }

    @Test func `whoever is unknown shares their network's bucket, also for what they may not`() async throws {
        try await serving { service in
            func status(_ path: String, from address: String, token: String? = nil) async throws -> Int {
                try await service.call(.get, path, [], ["X-Forwarded-For": "9.9.9.9, \(address)"].merging(token.map { ["Authorization": "Bearer \($0)"] } ?? [:]) { $1 }).status
            }
            #expect(try await status("/v1/public", from: "192.0.2.7") == 200)
            #expect(try await status("/v1/staff", from: "192.0.2.8") == 401)
            #expect(try await status("/v1/staff", from: "192.0.2.9", token: "forged") == 401)
            #expect(try await status("/v1/public", from: "192.0.2.7") == 429)
            #expect(try await status("/v1/staff", from: "192.0.2.7", token: "forged") == 429)
            #expect(try await status("/v1/public", from: "192.0.3.7") == 200)
            for _ in 0..<3 { #expect(try await status("/v1/public", from: "2001:db8:1:2::1") == 200) }
            #expect(try await status("/v1/public", from: "2001:db8:1:2:ffff::9") == 429)
            #expect(try await status("/v1/public", from: "2001:db8:1:3::1") == 200)
            let page = try await service.call(.get, "/board", [], ["X-Forwarded-For": "192.0.2.7"])
            #expect(page.status == 429 && page.text.contains("请求过于频繁") && page.headers["retry-after"] != nil)
            #expect(try await status("/sign-in", from: "192.0.2.7") == 429)
        }
    }

    @Test func `a flood from everywhere fills no memory`() async throws {
        let throttle = Throttle(.none, most: 100)
        let rate = TokenBucket.Rate(capacity: 1, secondsPerToken: 3_600)
        try await throttle.take("spent", rate)
        for number in 0..<10_000 {
            try await throttle.take("network \(number)", rate)
            #expect(await throttle.count <= 100)
        }
    }

    @Test func `settings name requests a minute, and a rehearsal has no limit`() {
        var settings = Settings(["LIKA_HTTP_RATE": "60", "LIKA_HTTP_PUBLIC_RATE": "0"])
        let limits = HTTPLimits(&settings, isRehearsal: false)
        #expect(limits.account == TokenBucket.Rate(capacity: 60, secondsPerToken: 1) && limits.network == nil)
        var usual = Settings([:])
        #expect(HTTPLimits(&usual, isRehearsal: false).network == TokenBucket.Rate(capacity: 300, secondsPerToken: 0.2))
        #expect(HTTPLimits(&usual, isRehearsal: true).account == nil)
        var wrong = Settings(["LIKA_HTTP_RATE": "-1", "LIKA_HTTP_URL": "https://a.example/b"])
        _ = HTTPLimits(&wrong, isRehearsal: false)
        #expect(wrong.problems.map(\.name).sorted() == ["LIKA_HTTP_RATE", "LIKA_HTTP_URL"])
    }
}
