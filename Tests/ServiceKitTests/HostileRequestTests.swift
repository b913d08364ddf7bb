import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// Requests that nobody honest sends, on a real socket: each is refused cleanly, with our headers, and the service lives on.
@Suite struct HostileRequestTests {
    private static let pages = Pages(
        ["board": Array("{{<layout}}{{$title}}板{{/title}}{{$content}}<h1>板</h1>{{/content}}{{/layout}}".utf8)], links: [], footer: .init("测试", "Test"))

    private static let parts = Parts(reactions: ledgerReactions, permissions: .everybody) { api in
        api.get("/v1/public") { call, _ in .text(call.query("q") ?? "here") }
        api.get("/v1/things/:thing") { call, _ in .text(try call.parameter("thing")) }
        api.post("/v1/amounts") { call, _ in .text("\(try call.body(Order.self).amount)") }
        api.form("/board", of: pages) { call, _ in .see("/board?\(try call.form().all("a").count)") }
    }

    private func serving(patience: Duration = .seconds(30), _ body: @escaping @Sendable (RawHTTP) async throws -> Void) async throws {
        var limits = HTTPLimits.none
        limits.patience = patience
        try await TestService.with(Ledger.migrations, parts: Self.parts, limits: limits) { service in
            let port = try freePort()
            try await service.serving(on: port) { _ in
                try await body(RawHTTP(port))
                let alive = await RawHTTP(port).send("GET /v1/public HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect((alive.status, alive.body) == (200, "here"), "the service lives on")
            }
        }
    }

    private static func post(_ path: String, _ type: String, _ body: [UInt8], length: Int? = nil) -> [UInt8] {
        Array("POST \(path) HTTP/1.1\r\nHost: a\r\nIdempotency-Key: \"\(UUID())\"\r\nContent-Type: \(type)\r\nContent-Length: \(length ?? body.count)\r\n\r\n".utf8) + body
    }

    private func expect(_ answer: RawHTTP.Answer, _ statuses: [Int], _ what: String) {
        #expect(statuses.contains(answer.status), "\(what): \(answer.status) \(answer.head.prefix(60))")
        for header in ["content-security-policy: default-src 'none'", "x-content-type-options: nosniff", "strict-transport-security: max-age=31536000"] {
            #expect(answer.head.contains(header), "\(what): \(header)")
        }
    }

    @Test func `what is no HTTP, or says two things at once, is refused`() async throws {
        try await serving { http in
            let get = "GET /v1/public HTTP/1.1\r\nHost: a\r\n"
            for (what, request) in [
                ("no host", "GET /v1/public HTTP/1.1\r\n\r\n"), ("two hosts", "\(get)Host: b\r\n\r\n"),
                ("two lengths", "POST /v1/amounts HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"),
                ("a length and chunks", "POST /v1/amounts HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
                ("chunks not last", "POST /v1/amounts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
                ("chunks by another name", "POST /v1/amounts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
                ("a length that is none", "POST /v1/amounts HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
                ("a length with a sign", "POST /v1/amounts HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}"),
                ("a chunk of a size that is none", "POST /v1/amounts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n"),
                ("a header without a name", "\(get): x\r\n\r\n"), ("a space before the colon", "\(get)X-A : 1\r\n\r\n"),
                ("a NUL in a header", "\(get)X-A: a\u{0}b\r\n\r\n"), ("a lone CR in a header", "\(get)X-A: a\rSet-Cookie: x\r\n\r\n"),
                ("two tokens", "\(get)Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n"),
                ("two origins", "\(get)Origin: http://a\r\nOrigin: http://b\r\n\r\n"),
                ("another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ("another version", "GET / HTTP/9.9\r\nHost: a\r\n\r\n"), ("no method", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n"),
                ("everything", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
                ("an unknown method", "HACK /v1/public HTTP/1.1\r\nHost: a\r\n\r\n"),
            ] {
                let answer = await http.send(request)
                expect(answer, [400, 404, 405], what)
            }
        }
    }

    @Test func `an address that hides something is refused`() async throws {
        try await serving { http in
            for path in [
                "/v1/public%00", "/v1/public%0d%0aSet-Cookie:%20a=b", "/v1/things/%ff", "/v1/things/%c0%ae", "/v1/things/%e4%bd", "/v1/things/%zz", "/v1/things/%4",
                "/../etc/passwd", "/v1/../v1/public", "/%2e%2e/etc/passwd", "/v1/things/..", "/v1/things/a%2fb", "/v1/things/a%5cb", "/v1//public", "/v1/./public",
                "/v1/public?q=%00", "/v1/public?q=%0d%0aX:1", "/v1/public?q=%ff", "/v1/public?\(String(repeating: "a=1&", count: 150))",
            ] {
                let answer = await http.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                expect(answer, [400], path)
                #expect(!answer.head.contains("set-cookie"))
            }
            expect(await http.send("GET /v1/public?q=\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\nHost: a\r\n\r\n"), [414], "a long address")
            let honest = await http.send("GET /v1/public?q=%E5%8F%A4%E5%9F%8E%26 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect((honest.status, honest.body) == (200, "古城&"))
        }
    }

    @Test func `headers without end are refused`() async throws {
        try await serving { http in
            let get = "GET /v1/public HTTP/1.1\r\nHost: a\r\n"
            expect(await http.send("\(get)Cookie: \(String(repeating: "a=b; ", count: 2_000))\r\n\r\n"), [431], "a bomb of cookies")
            expect(await http.send(get + String(repeating: "Cookie: \(String(repeating: "a", count: 200))=b\r\n", count: 60) + "\r\n"), [431], "many cookies")
            expect(await http.send("\(get)X-A: \(String(repeating: "a", count: 20_000))\r\n\r\n"), [400, 431], "a long header")
            expect(await http.send(get + (0..<500).map { "X-\($0): 1\r\n" }.joined() + "\r\n"), [400, 431], "many headers")
            expect(await http.send("GET /\(String(repeating: "a", count: 200_000)) HTTP/1.1\r\nHost: a\r\n\r\n"), [400, 414], "an address without end")
        }
    }

    @Test func `a body that is too large, or no text, is refused`() async throws {
        try await serving { http in
            let order = #"{"account":"\#(UUID())","amount":1,"x":""#
            expect(await http.send(Self.post("/v1/amounts", "application/json", [], length: (1 << 20) + 1)), [413], "a declared size")
            expect(await http.send(Self.post("/v1/amounts", "application/json", [UInt8](repeating: 0x20, count: (1 << 20) + 1))), [413], "a large body")
            expect(await http.send(Self.post("/board", "application/x-www-form-urlencoded", [UInt8](repeating: 0x61, count: (256 << 10) + 1))), [413], "a large form")
            expect(await http.send(Self.post("/v1/amounts", "application/json", Array(order.utf8) + [0xFF, 0x22, 0x7D])), [422], "invalid UTF-8")
            expect(await http.send(Self.post("/v1/amounts", "application/json", Array((order + #"\u0000"}"#).utf8))), [422], "NUL in JSON")
            expect(await http.send(Self.post("/v1/amounts", "application/json", [UInt8](repeating: 0x5B, count: 100_000))), [422], "deep JSON")
            for (what, form) in [
                ("invalid UTF-8 in a form", "key=k1&a=%ff"), ("NUL in a form", "key=k2&a=%00"), ("NUL in a name", "key=k3&a%00=1"),
                ("very many fields", "key=k4" + String(repeating: "&a=1", count: 6_000)),
            ] { expect(await http.send(Self.post("/board", "application/x-www-form-urlencoded", Array(form.utf8))), [422], what) }
            let parts = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
            expect(await http.send(Self.post("/board", "multipart/form-data; boundary=x", Array(parts.utf8) + [0xC0, 0x80] + Array("\r\n--x--".utf8))), [422], "invalid UTF-8 in a part")
            let good = await http.send(Self.post("/board", "application/x-www-form-urlencoded", Array("key=k5&a=%E4%BA%8C&a=2".utf8)))
            #expect(good.status == 303 && good.head.contains("location: /board?2"))
        }
    }

    @Test func `a body without end is answered, and its connection closed`() async throws {
        try await serving { http in
            let head = "POST /v1/amounts HTTP/1.1\r\nHost: a\r\nIdempotency-Key: \"k\"\r\nTransfer-Encoding: chunked\r\n\r\n"
            let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 0x20, count: 65_536) + Array("\r\n".utf8)
            let answer = await http.send(Array(head.utf8), then: chunk, closing: 10)
            expect(answer, [413], "an endless body")
            #expect(answer.head.contains("connection: close") && answer.isClosed)
            let unknown = await http.send(Array(head.replacing("/v1/amounts", with: "/v1/nothing").utf8), then: chunk, closing: 10)
            expect(unknown, [404], "an endless body for nobody")
            #expect(unknown.isClosed)
        }
    }

    @Test func `a body that hardly comes is not waited for`() async throws {
        try await serving(patience: .seconds(1)) { http in
            let began = ContinuousClock.now
            let answer = await http.send(Self.post("/v1/amounts", "application/json", [], length: 1_000), then: [0x20], every: 0.2, closing: 10)
            expect(answer, [408], "a slow body")
            #expect(answer.isClosed && ContinuousClock.now - began < .seconds(15))
        }
    }
}
