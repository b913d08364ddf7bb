import Contracts
import Foundation
import HTTPTypes
@testable import ServiceKit
import TestKit
import Testing

/// Who changes something, and on which version.
@Suite struct DeedTests {
    private func actor(_ text: String?) throws -> Actor? {
        var headers = HTTPFields()
        headers[try #require(HTTPField.Name("Lika-Actor"))] = text
        return try Actor.of(headers)
    }

    @Test func `a caller names an account, or nobody`() throws {
        #expect(try actor("clerk.3@gucheng")?.description == "clerk.3@gucheng")
        #expect(try actor(nil) == nil)
    }

    @Test(arguments: ["", "王小明", "a b", "clerk;drop", String(repeating: "a", count: 65)])
    func `what is no account's name is refused`(text: String) {
        #expect(throws: Rejected.self) { try actor(text) }
    }

    private func match(_ condition: String?, _ version: Int) throws -> Int? {
        var headers = HTTPFields()
        headers[.ifMatch] = condition
        let call = Call(headers: headers)
        do {
            try call.requireMatch(of: version)
            return nil
        } catch let rejected as Rejected { return rejected.status.code }
    }

    @Test(arguments: [
        ("\"3\"", nil), ("\"2\", \"3\"", nil), (nil, 428), ("", 428), ("\"2\"", 412), ("*", 412), ("3", 412), ("W/\"3\"", 412),
    ] as [(String?, Int?)])
    func `a change names the version that it was decided on`(condition: String?, status: Int?) throws {
        #expect(try match(condition, 3) == status)
    }

    @Test func `a version is told as it is asked for`() throws {
        #expect(Reply.noContent.tagged(12).headers[.eTag] == "\"12\"")
    }

    @Test func `a unit of work knows who does it, and why`() async throws {
        let routes: @Sendable (API) -> Void = { api in
            api.get("/v1/deed/:thing") { _, work in .text("\(work.deed.actor): \(work.deed.reason)") }
            api.get("/v1/named") { call, _ in .text("\(try call.namedActor())") }
        }
        try await TestService.with(Ledger.migrations, parts: Parts(reactions: ledgerReactions, permissions: .everybody, routes: routes)) { service in
            let named = try await service.call(.get, "/v1/deed/7", [], ["Lika-Actor": "clerk"])
            #expect(named.text == "clerk: GET /v1/deed/:thing")
            #expect(try await service.get("/v1/deed/7").text == "unnamed: GET /v1/deed/:thing")
            #expect(try await service.get("/v1/named").status == 400)
            #expect(try await service.call(.get, "/v1/named", [], ["Lika-Actor": "no body"]).status == 400)
            #expect(try await service.store.work { $0.deed } == .own)
        }
    }
}
