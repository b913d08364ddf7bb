import Contracts
import Crypto
import Foundation
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

@Suite struct SealedPersonsTests {
    private func key(_ opener: Opener) -> DepartmentKey {
        DepartmentKey(
            opener.kid, department: opener.department, use: .encryption, publicKey: Array(opener.key.publicKey.rawRepresentation),
            validFrom: Example.now, validTo: Example.now + 1)
    }

    /// RFC 7518, appendix C.
    @Test func `the key is derived as the standard's example has it`() throws {
        let alice = try P256.KeyAgreement.PrivateKey(rawRepresentation: #require([UInt8](base64url: "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo")))
        let bob = try P256.KeyAgreement.PublicKey(
            rawRepresentation: #require([UInt8](base64url: "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ"))
                + #require([UInt8](base64url: "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck")))
        let secret = try alice.sharedSecretFromKeyAgreement(with: bob).withUnsafeBytes(Array.init)
        let derived = ConcatKDF.key(from: secret, for: "A128GCM", Array("Alice".utf8), Array("Bob".utf8), bits: 128)
        #expect(derived.base64url == "VqqN6vgjbSBcIijNcacQGg")
    }

    @Test func `what is sealed is opened by its key, bound to its request, and never the same twice`() throws {
        let (opener, request) = (Opener(.police), RequestID(UUID()))
        let persons = [Example.person(), Example.person("乙某")]
        let sealed = try SealedPersons.seal(persons, to: key(opener), for: request)
        #expect(try opener.open(sealed) == persons)
        let header = try opener.header(of: sealed)
        #expect((header.alg, header.enc, header.typ, header.kid) == ("ECDH-ES", "A256GCM", "verification-persons+jwe", opener.kid))
        #expect([UInt8](base64url: header.apu) == Array("\(request)".utf8))
        #expect(try SealedPersons.seal(persons, to: key(opener), for: request) != sealed)
        #expect(throws: (any Error).self) { try Opener(.police).open(sealed) }
    }

    @Test func `a changed byte anywhere opens nothing`() throws {
        let opener = Opener(.police)
        let parts = try SealedPersons.seal([Example.person()], to: key(opener), for: RequestID(UUID()))
            .split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        #expect(parts.count == 5 && parts[1].isEmpty)
        for place in [2, 3, 4] {
            var bytes = try #require([UInt8](base64url: parts[place]))
            bytes[0] ^= 1
            var changed = parts
            changed[place] = bytes.base64url
            #expect(throws: (any Error).self) { try opener.open(changed.joined(separator: ".")) }
        }
        let other = try SealedPersons.seal([Example.person()], to: key(opener), for: RequestID(UUID())).split(separator: ".").first
        #expect(throws: (any Error).self) { try opener.open(([String(other ?? "")] + parts.dropFirst()).joined(separator: ".")) }
    }

    /// An implementation that shares nothing with ours: joserfc on Python's `cryptography`.
    @Test func `another language's library opens it`() async throws {
        let (opener, persons) = (Opener(.police), [Example.person()])
        let sealed = try SealedPersons.seal(persons, to: key(opener), for: RequestID(UUID()))
        let program = """
            import json, sys
            from joserfc import jwe
            from joserfc.jwk import ECKey
            opened = jwe.decrypt_compact(sys.argv[1], ECKey.import_key(json.loads(sys.argv[2])), algorithms=["ECDH-ES", "A256GCM"])
            print(json.dumps([opened.headers()["typ"], json.loads(opened.plaintext)[0]["name"]]))
            """
        let home = ProcessInfo.processInfo.environment["LIKA_HOME"] ?? ".lika"
        let outcome = try await Command(URL(filePath: "\(home)/venv/bin/python")).run("-c", program, sealed, opener.privateJWK)
        #expect(outcome.status == 0, "\(outcome.text)")
        #expect(try JSON.decode([String].self, from: Array(outcome.text.utf8.dropLast())) == ["verification-persons+jwe", persons[0].name])
    }
}

@Suite struct SealedSendingTests {
    @Test func `with a key for it, persons go out sealed, and no ID number lies anywhere in clear`() async throws {
        try await Rig.with(plain: .refused) { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            let openers = Dictionary(uniqueKeysWithValues: Department.asked.map { ($0, Opener($0)) })
            for opener in openers.values { #expect(try await rig.register(opener) == 201) }
            let sent = try await rig.send(household)
            #expect(sent.count == CheckRoutes.customary.checks(of: .registered).count)
            for request in sent {
                #expect(request.persons.isEmpty)
                let opened = try openers[request.department]!.open(#require(request.sealedPersons))
                #expect(opened.map(\.idNumber) == [Intake.idNumber])
            }
            let signer = Signer(.police)
            _ = try await rig.register(signer)
            try await rig.deliver(rig.answer(#require(sent.first { $0.department == .police })), by: signer)
            #expect(try await rig.service.told(ResultAccepted.self).count == 1)
            let places: [String] = try await rig.service.store.work { work in
                try work.query("SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()").compactMap { table in
                    let name: String = try table["name"]
                    return try work.query("SELECT FROM \(unsafe: name) AS t WHERE t::text LIKE \("%\(Intake.idNumber)%")").isEmpty ? nil : name
                }
            }
            #expect(places.isEmpty)
        }
    }

    @Test func `where plain is refused a department without a key is asked nothing, its persons are not even read, and the board says why`() async throws {
        try await Rig.with(plain: .refused) { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            #expect(try await rig.register(Opener(.health)) == 201)
            let sent = try await rig.send(household)
            #expect(Set(sent.map(\.department)) == [.health])
            #expect(Set(await rig.intake.asked.flatMap(\.topics)) == Set(sent.map(\.topic)))
            #expect(try await rig.service.runErrands() == false)
            let board = try await rig.service.get("/v1/board").text
            #expect(board.contains(#""POLICE":{"verification.encryption-key-missing":3}"#))
            #expect(!board.contains(#""HEALTH":{"verification.encryption-key-missing""#))
            let question = try #require(try await rig.show(household).question(Check(.police, .residence)))
            #expect((question.status, question.withheld) == ("created", "verification.encryption-key-missing"))
            let opener = Opener(.police)
            #expect(try await rig.register(opener) == 201)
            while try await rig.service.runErrands() {}
            #expect(Set(try await rig.sent(household).map(\.department)) == [.health, .police])
        }
    }

    @Test func `where plain is allowed a department with a key gets it sealed, and the others plain`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            #expect(try await rig.register(Opener(.health)) == 201)
            for request in try await rig.send(rig.register()) {
                #expect((request.sealedPersons != nil) == (request.department == .health))
                #expect(request.persons.isEmpty == (request.department == .health))
            }
        }
    }

    @Test func `of a purged household neither its name nor whom departments were asked about is kept`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            let asked = try await rig.send(household)
            #expect(asked.contains { !$0.persons.isEmpty })
            try await rig.service.deliver(HouseholdPurged(purge: PurgeID(UUID()), household: household, purgedAt: Example.now))
            let told = try await rig.sent(household)
            #expect(told.count == asked.count && told.allSatisfy { $0.persons.isEmpty && $0.sealedPersons == nil && $0.declared == nil })
            #expect(try await rig.service.keeping("甲某") == [])
        }
    }

    @Test func `a key revoked while persons are fetched gets nothing`() async throws {
        try await Rig.with(plain: .refused) { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            let (old, new) = (Opener(.health), Opener(.health))
            #expect(try await rig.register(old) == 201)
            try await rig.openBatch()
            await rig.intake.during {
                _ = try await rig.revoke(old.kid, of: "health")
            }
            #expect(try await rig.service.runErrands())
            #expect(try await rig.sent(household).isEmpty)
            #expect(try await rig.service.runErrands() == false)
            #expect(try await rig.register(new) == 201)
            #expect(try await rig.service.runErrands())
            for request in try await rig.sent(household) { #expect(try new.header(of: #require(request.sealedPersons)).kid == new.kid) }
        }
    }
}

@Suite struct SharedSendingTests {
    @Test func `several senders at once send each question once`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            for _ in 0..<230 {
                try await rig.propose(.new, HouseholdID(UUID()), .notRegistered)
            }
            try await rig.openBatch()
            try await withThrowingTaskGroup { group in
                for _ in 0..<3 { group.addTask { while try await rig.service.runErrands() {} } }
                try await group.waitForAll()
            }
            let sent = try await rig.service.told(RequestSent.self)
            #expect(sent.count == 230 * 6)
            #expect(Set(sent.map(\.request)).count == sent.count)
            let asked = await rig.intake.asked
            #expect(asked.count == 3, "each slice is read once, for all topics")
        }
    }

    @Test func `what a sender had in hand when it died is sent by another, and by it no more if it wakes`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = HouseholdID(UUID())
            try await rig.propose(.new, household, .notRegistered)
            try await rig.openBatch()
            try await rig.intake.serving { url in
                let slice = try #require(try await rig.service.store.work { try $0.claimSlice(100, for: 15, .allowed) }.first)
                let fetched = try await Fetched(slice, from: IdentifierSource(intake: url))
                #expect(try await rig.service.runErrands() == false, "its lease holds")
                try await rig.service.store.work { try $0.execute("UPDATE sendings SET leased_until = now() - interval '1 second'") }
                #expect(try await rig.service.runErrands())
                try await rig.service.store.work { try send(fetched, in: $0) }
            }
            #expect(try await rig.sent(household).count == 6)
            #expect(Set(try await rig.show(household).questions.map(\.status)) == ["sent"])
        }
    }

    @Test func `a batch that is opened while its questions are being sent leaves nothing in the queue`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = HouseholdID(UUID())
            try await rig.propose(.new, household, .notRegistered)
            try await rig.openBatch()
            try await rig.whileSending {
                let opened = try await rig.openBatch()
                #expect(opened.households == 0)
            }
            #expect(try await rig.queued() == 0)
            #expect(Set(try await rig.show(household).questions.map(\.status)) == ["sent"])
        }
    }
}

extension Rig {
    fileprivate func queued() async throws -> Int {
        try await service.store.work { try $0.first("SELECT count(*) AS n FROM sendings").map { try $0["n"] } ?? 0 }
    }

    /// Sends what is queued, and does not commit before `other` waits for it.
    fileprivate func whileSending(_ other: @escaping @Sendable () async throws -> Void) async throws {
        try await intake.serving { url in
            let slice = try #require(try await service.store.work { try $0.claimSlice(100, for: 15, .allowed) }.first)
            let fetched = try await Fetched(slice, from: IdentifierSource(intake: url))
            let task = try await service.store.work { work in
                try Verification.send(fetched, in: work)
                let task = Task { try await other() }
                let deadline = ContinuousClock.now + .seconds(30)
                while try work.first("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))") == nil {
                    try #require(ContinuousClock.now < deadline, "nobody waits for the sender")
                }
                return task
            }
            try await task.value
        }
    }
}
