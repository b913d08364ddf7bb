import Contracts
import Foundation
import HTTPTypes
import Logging
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// What was done, read and refused is written into a chain in which nothing can be changed unseen (I9, F39).
@Suite struct AuditTests {
    private static let key = try! AuditKey(Data(repeating: 9, count: 32).base64EncodedString())
    private static let thing = "0a0a0a0a-0000-4000-8000-000000000001"

    private static func with(_ body: (TestService) async throws -> Void) async throws {
        let parts = Parts(reactions: Reactions(service: "intake", purpose: "audit").keepingCheckpoints(besides: .intake), permissions: .everybody) { api in
            api.post("/v1/things/:thing") { _, _ in .noContent }
            api.put("/v1/things/:thing") { _, _ in .noContent }
            api.post("/v1/forbidden") { _, _ in throw Forbidden.elsewhere }
            api.get("/v1/things/:thing") { _, _ in .noContent }
            api.ask("/v1/things/:thing/reveal") { _, work in
                work.noteReading(of: "thing \(thing)", for: "an objection")
                return .noContent
            }
        }
        try await TestService.with([], parts: parts, body)
    }

    private struct Row: Equatable {
        let actor, action, object, purpose, outcome: String

        init(_ actor: String, _ action: String, _ object: String, _ purpose: String, _ outcome: String) {
            (self.actor, self.action, self.object, self.purpose, self.outcome) = (actor, action, object, purpose, outcome)
        }
    }

    private static func rows(_ service: TestService) async throws -> [Row] {
        try await service.store.work { work in
            try work.query("SELECT * FROM audit ORDER BY seq").map { Row(try $0["actor"], try $0["action"], try $0["object"], try $0["purpose"], try $0["outcome"]) }
        }
    }

    @Test func `each command is written once, each reading with its purpose, each refusal too, and nothing else`() async throws {
        try await Self.with { service in
            let path = "/v1/things/\(Self.thing)"
            let li = ["Lika-Actor": "li.ming"]
            for _ in 1...2 { try await service.post(path, [String: String](), key: "one", headers: li) }
            try await service.call(.put, path, [], li)
            try await service.get(path)
            try await service.call(.post, "\(path)/reveal", [], li)
            #expect(try await service.post("/v1/forbidden", [String: String](), headers: li).status == 403)
            let rows = try await Self.rows(service)
            #expect(rows == [
                Row("li.ming", "POST /v1/things/:thing", path, "", "done"), Row("li.ming", "PUT /v1/things/:thing", path, "", "done"),
                Row("li.ming", "POST /v1/things/:thing/reveal", "thing \(Self.thing)", Digest.sha256("an objection".utf8), "read"),
                Row("li.ming", "POST /v1/forbidden", "/v1/forbidden", "", "refused"),
            ])
        }
    }

    /// What the owner of the database did to six rows, of which the fifth was signed; and what is found.
    @Test(arguments: [
        ("SELECT", AuditVerification.Finding.intact(rows: 6)),
        ("UPDATE audit SET actor = 'somebody.else' WHERE seq = 3", .broken(seq: 3, why: "it was changed, or does not belong behind the one before")),
        ("UPDATE audit SET object = purpose, purpose = object WHERE seq = 3", .broken(seq: 3, why: "it was changed, or does not belong behind the one before")),
        ("DELETE FROM audit WHERE seq = 3", .broken(seq: 3, why: "this row is missing")),
        ("UPDATE audit a SET actor = b.actor, object = b.object, hash = b.hash FROM audit b WHERE (a.seq, b.seq) IN ((3, 4), (4, 3))",
            .broken(seq: 3, why: "it was changed, or does not belong behind the one before")),
        ("DELETE FROM audit WHERE seq > 4", .short(rows: 4, signed: 6)),
        ("DELETE FROM audit WHERE seq > 4; UPDATE audit_head SET seq = 4, hash = (SELECT hash FROM audit WHERE seq = 4)", .short(rows: 4, signed: 5)),
        ("DELETE FROM audit; UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex');"
            + "SELECT audit_append(lika_now(), 'nobody', 'GET /', '/', '', 'read') FROM generate_series(1, 6)",
            .broken(seq: 5, why: "this is not what was signed on 2018-10-20T01:00:00.000Z: the chain was written anew")),
        ("UPDATE audit_head SET chain = gen_random_uuid()", .broken(seq: 1, why: "this is not the chain that was signed on 2018-10-20T01:00:00.000Z")),
    ])
    func `what was done to the rows is found, by its first`(_ deed: String, _ finding: AuditVerification.Finding) async throws {
        try await Self.with { service in
            try await service.store.work { work in
                try work.sql.run(script: "CREATE OR REPLACE FUNCTION lika_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT timestamptz '2018-10-20T01:00:00Z' $$")
            }
            for number in 1...5 { try await service.post("/v1/things/\(number)", [String: String](), headers: ["Lika-Actor": "clerk.\(number)"]) }
            let signing = AuditSigning(service: .intake, key: Self.key, store: service.store, logger: .init(label: "test"))
            for _ in 1...2 { try await service.store.work { try signing.sign($0) } }
            let signed = try await service.told(AuditCheckpointed.self)
            #expect(signed.map(\.seq) == [5], "nothing came since: nothing to sign")
            try await service.post("/v1/things/6", [String: String]())
            try await service.asOwner(deed)
            let schema = try await service.schema
            let found = try await AuditVerification(.intake, in: service.store.database, schema: schema)
                .run(against: signed.map { try JSON.decode(AuditVerification.Checkpoint.self, from: JSON.encode($0)) }, signedBy: Self.key.publicKey)
            #expect(found == finding)
            let other = try AuditKey(Data(repeating: 1, count: 32).base64EncodedString())
            #expect(!other.publicKey.verifies(signed[0].signature, over: signed[0].statement), "nobody else can have signed it")
            if finding == .intact(rows: 6) {
                let stranger = try await AuditVerification(.intake, in: service.store.database, schema: schema)
                    .run(against: signed.map { try JSON.decode(AuditVerification.Checkpoint.self, from: JSON.encode($0)) }, signedBy: other.publicKey)
                #expect(stranger == .broken(seq: 5, why: "a checkpoint of this row is kept that is not signed by this key"))
                try await service.asOwner("UPDATE audit_head SET signed_at = signed_at - interval '11 minutes'")
                let alone = try await AuditVerification(.intake, in: service.store.database, schema: schema).run(against: [], signedBy: Self.key.publicKey)
                #expect(alone == .broken(seq: 5, why: "it was signed up to here, and nobody keeps that"))
            }
        }
    }

    @Test func `commands at the same moment make one chain`() async throws {
        try await Self.with { service in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...40 { group.addTask { try await service.post("/v1/things/\(number)", [String: String]()) } }
                try await group.waitForAll()
            }
            let schema = try await service.schema
            let found = try await AuditVerification(.intake, in: service.store.database, schema: schema).run(against: [], signedBy: Self.key.publicKey)
            #expect(found == .intact(rows: 40))
        }
    }

    @Test func `a service keeps what the others sign, and not its own word`() async throws {
        try await Self.with { service in
            func checkpoint(_ of: AuditedService) -> AuditCheckpointed {
                AuditCheckpointed(service: of, chain: AuditChainID(UUID()), seq: 7, hash: String(repeating: "0a", count: 32), signedAt: Instant(milliseconds: 0), signature: "x")
            }
            try await service.deliver(checkpoint(.review), checkpoint(.intake))
            let kept: [String] = try await service.store.work { try $0.query("SELECT service FROM audit_checkpoints").map { try $0["service"] } }
            #expect(kept == ["review"])
        }
    }
}
