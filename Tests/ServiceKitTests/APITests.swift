import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
@testable import ServiceKit
import TestKit
import Testing

/// HTTP in: one effect for one key, and answers that say what they mean.
@Suite struct APITests {
    @Test func `a command takes effect and its reply is stored with it`() async throws {
        try await serving { service in
            let order = Order(account: AccountID(UUID()), amount: 5)
            let answer = try await service.post("/v1/amounts", order)
            #expect(answer.status == 201)
            #expect(try answer.json(Order.self) == order)
            #expect(try await service.get("/v1/accounts/\(order.account)").json(Order.self) == order)
        }
    }

    @Test func `a POST without Idempotency-Key is a bad request`() async throws {
        try await serving { service in
            let body = try JSON.encode(Order(account: AccountID(UUID()), amount: 5))
            for headers in [[:], ["Idempotency-Key": ""], ["Idempotency-Key": "\"\""], ["Idempotency-Key": String(repeating: "k", count: 101)]] {
                let answer = try await service.call(.post, "/v1/amounts", body, headers)
                try expect(answer, 400, "idempotency-key-missing")
            }
        }
    }

    @Test func `the same key and request get the same reply and no second effect`() async throws {
        try await serving { service in
            let order = Order(account: AccountID(UUID()), amount: 5)
            let first = try await service.post("/v1/amounts", order, key: "k1")
            let second = try await service.post("/v1/amounts", order, key: "k1")
            #expect((first.status, first.body) == (second.status, second.body))
            #expect(try await service.get("/v1/accounts/\(order.account)").json(Order.self).amount == 5)
        }
    }

    @Test func `the same key for another request is refused: another body, query or path`() async throws {
        try await serving { service in
            let order = Order(account: AccountID(UUID()), amount: 5)
            _ = try await service.post("/v1/amounts?campaign=1", order, key: "k1")
            try expect(try await service.post("/v1/amounts?campaign=1", Order(account: order.account, amount: 6), key: "k1"), 422, "idempotency-key-reused")
            try expect(try await service.post("/v1/amounts?campaign=2", order, key: "k1"), 422, "idempotency-key-reused")
            #expect(try await service.get("/v1/accounts/\(order.account)").json(Order.self).amount == 5)
        }
    }

    @Test func `a reply is forgotten after thirty days and not before, and its key is a new one`() async throws {
        try await Bench.with { bench in
            try await bench.database.transaction { sql in
                for (key, age) in [("young", "29 days 23 hours"), ("old", "30 days 1 hour")] {
                    try sql.execute(
                        """
                        INSERT INTO replies (key, request, status, content_type, body, replied_at)
                        VALUES (\(key), '', 201, '', '', now() - \(age)::text::interval)
                        """)
                }
            }
            try await ReplyExpiry.forget(in: bench.database)
            let left = try await bench.database.transaction { try $0.query("SELECT key FROM replies").map { try $0["key", as: String.self] } }
            #expect(left == ["young"])
        }
    }

    @Test func `the same key at the same moment has one effect and one reply`() async throws {
        try await serving { service in
            // A second withdrawal would be refused: whoever comes second must get the first one's reply, not a refusal.
            let order = Order(account: AccountID(UUID()), amount: 10)
            _ = try await service.post("/v1/amounts", order)
            let withdrawal = Order(account: order.account, amount: -10)
            let answers = try await withThrowingTaskGroup(of: TestService.Answer.self) { group in
                for _ in 0..<8 { group.addTask { try await service.post("/v1/amounts", withdrawal, key: "k") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 201 })
            #expect(try await service.get("/v1/accounts/\(order.account)").json(Order.self).amount == 0)
        }
    }

    @Test func `two commands that make the same thing at the same moment both succeed`() async throws {
        try await serving { service in
            let account = AccountID(UUID())
            let answers = try await withThrowingTaskGroup(of: TestService.Answer.self) { group in
                for _ in 0..<6 { group.addTask { try await service.post("/v1/amounts", Order(account: account, amount: 1)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.status) == [Int](repeating: 201, count: 6))
            #expect(try await service.get("/v1/accounts/\(account)").json(Order.self).amount == 6)
        }
    }

    @Test func `a refusal is a conflict with its code, and its key stays free`() async throws {
        try await serving { service in
            let account = AccountID(UUID())
            let answer = try await service.post("/v1/amounts", Order(account: account, amount: -5), key: "k")
            try expect(answer, 409, "ledger.overdrawn")
            _ = try await service.post("/v1/amounts", Order(account: account, amount: 5))
            #expect(try await service.post("/v1/amounts", Order(account: account, amount: -5), key: "k").status == 201)
        }
    }

    @Test func `data that are not acceptable are told with every fault and without a value`() async throws {
        try await serving { service in
            let answer = try await service.post("/v1/amounts", Order(account: AccountID(UUID()), amount: -5_000))
            try expect(answer, 422, "invalid")
            #expect(try answer.json(Problem.self).errors?.map(\.pointer) == ["/amount", "/account"])

            let broken = try await service.post("/v1/amounts", bytes: Array(#"{"account":"530427199001011234","amount":1}"#.utf8))
            try expect(broken, 422, "invalid")
            let fault = try #require(try broken.json(Problem.self).errors?.first)
            #expect((fault.pointer, fault.code) == ("/account", "json.invalid-value"))
            #expect(!broken.text.contains("530427"))

            let noJSON = try await service.post("/v1/amounts", bytes: Array("hello".utf8))
            #expect(try noJSON.json(Problem.self).errors?.map(\.code) == ["json.syntax"])
        }
    }

    @Test func `what is not there is not found, and neither is a path`() async throws {
        try await serving { service in
            try expect(try await service.get("/v1/accounts/\(UUID())"), 404, "not-found")
            try expect(try await service.get("/v1/accounts/none"), 404, "not-found")
            try expect(try await service.get("/v1/nothing"), 404, "http-404")
        }
    }

    @Test func `a failure tells nothing of itself`() async throws {
        try await serving { service in
            let answer = try await service.post("/v1/amounts", Order(account: AccountID(UUID()), amount: 666))
            try expect(answer, 500, "failed")
            #expect(!answer.text.contains("ledgers") && !answer.text.contains("666"))
            try expect(try await service.post("/v1/amounts", Order(account: AccountID(UUID()), amount: Amount.broken)), 500, "failed")
        }
    }

    @Test func `a body beyond the limit is too large`() async throws {
        try await serving { service in
            try expect(try await service.post("/v1/amounts", bytes: [UInt8](repeating: 0x20, count: (1 << 20) + 1)), 413, "too-large")
            #expect(try await service.post("/v1/amounts", bytes: [UInt8](repeating: 0x20, count: 1 << 20)).status == 422)
        }
    }

    @Test func `a PUT needs no key`() async throws {
        try await serving { service in
            let account = AccountID(UUID())
            let answer = try await service.call(.put, "/v1/accounts/\(account)", [], [:])
            #expect(answer.status == 204)
        }
    }

    @Test func `a list comes in pages, each naming the next`() async throws {
        try await serving { service in
            for _ in 1...5 { _ = try await service.post("/v1/amounts", Order(account: AccountID(UUID()), amount: 1)) }
            var seen: [AccountID] = []
            var path = "/v1/accounts?limit=2&note=\("二 &".addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
            for _ in 1...3 {
                let (ids, link) = try await page(service, path)
                seen += ids
                guard let link else { break }
                let next = try #require(link.firstMatch(of: /<\?(.*)>; rel="next"/)?.1)
                #expect(next.contains("note=%E4%BA%8C%20%26"))
                path = "/v1/accounts?\(next)"
            }
            #expect(seen.count == 5)
            #expect(seen == seen.sorted())
            try expect(try await service.get("/v1/accounts?limit=501"), 422, "invalid")
        }
    }

    @Test func `without its database the service is unavailable and says when to try again`() async throws {
        let store = Store(Database(PostgresSettings("host=127.0.0.1 port=1", connections: 1)))
        let bench = Workbench(store: store, parts: Parts(reactions: ledgerReactions, permissions: .everybody, routes: ledgerRoutes))
        try await Application(responder: bench.responder, logger: .silent).test(.router) { client in
            try await client.execute(uri: "/v1/accounts", method: .get) { response in
                #expect(response.status == .serviceUnavailable)
                #expect(response.headers[.retryAfter] == "1")
                #expect(response.headers[.contentType] == "application/problem+json")
                #expect(!String(buffer: response.body).contains("127.0.0.1"))
            }
        }
    }

    @Test func `a lost COMMIT reply is looked up by its key: one effect, one reply`() async throws {
        try await withSchema(Kernel.migrations + Ledger.migrations) { settings in
            let database = Database(settings)
            let port: String = try await database.transaction { try #require(try $0.first("SELECT current_setting('port') AS port"))["port"] }
            try await withProxy(to: try #require(Int(port))) { proxy in
                let behind = Database(PostgresSettings(settings.conninfo + " host=127.0.0.1 port=\(proxy.port)", connections: 1, session: settings.session))
                let bench = Workbench(store: Store(behind), parts: Parts(reactions: ledgerReactions, permissions: .everybody, routes: ledgerRoutes))
                let order = Order(account: AccountID(UUID()), amount: 5)
                let body = ByteBuffer(bytes: try JSON.encode(order))
                let headers: HTTPFields = [try #require(HTTPField.Name("Idempotency-Key")): "k"]
                // Only the first connection's COMMIT loses its reply.
                proxy.lose(.swallowReply(to: "COMMIT"))
                try await Application(responder: bench.responder, logger: .silent).test(.router) { client in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            _ = try await eventually { try await database.transaction { try $0.query("SELECT 1 AS one FROM ledgers").count } == 1 ? true : nil }
                            proxy.lose(.none)
                        }
                        try await client.execute(uri: "/v1/amounts", method: .post, headers: headers, body: body) { response in
                            #expect(response.status == .created)
                        }
                        try await group.waitForAll()
                    }
                }
                let balance: Int? = try await database.transaction { try $0.first("SELECT balance FROM ledgers")?["balance"] }
                #expect(balance == 5)
                await behind.close()
            }
            await database.close()
        }
    }

    private func serving(_ body: (TestService) async throws -> Void) async throws {
        try await TestService.with(Ledger.migrations, parts: Parts(reactions: ledgerReactions, permissions: .everybody, routes: ledgerRoutes), body)
    }

    private func expect(_ answer: TestService.Answer, _ status: Int, _ code: String, at location: SourceLocation = #_sourceLocation) throws {
        #expect(answer.status == status, sourceLocation: location)
        let problem = try answer.json(Problem.self)
        #expect((problem.status, problem.code) == (status, code), sourceLocation: location)
        #expect(problem.type.hasPrefix("/problems/") && problem.instance.count == 32, sourceLocation: location)
    }

    private func page(_ service: TestService, _ path: String) async throws -> ([AccountID], String?) {
        try await Application(responder: service.responder, logger: .silent).test(.router) { client in
            try await client.execute(uri: path, method: .get) { response in
                (try JSON.decode([AccountID].self, from: Array(response.body.readableBytesView)), HTTPField.Name("Link").flatMap { response.headers[$0] })
            }
        }
    }
}
