import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

@testable import Intake

/// Two keys as the file has them.
private let oldKey = String(repeating: "A", count: 43) + "="
private let newKey = String(repeating: "B", count: 42) + "A="

/// Material of a key from file.
private func material(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

private func isUnopenable(_ open: () throws -> Void) -> Bool {
    do {
        try open()
        return false
    } catch { return error is Vault.Unopenable }
}

@Suite struct VaultTests {
    let vault = Vault(material(7))
    let member = MemberID(UUID())

    func key(_ id: UUID = UUID()) throws -> HouseholdKey { try vault.open(vault.newKey(id)) }

    @Test func `what is sealed opens in its own cell`() throws {
        let key = try key()
        #expect(try key.open(key.seal(residentID(), in: .identifier(member)), in: .identifier(member), as: ResidentID.self) == residentID())
    }

    @Test func `nothing of the number lies open`() throws {
        let key = try key()
        let sealed = try key.seal(residentID(), in: .identifier(member))
        #expect(sealed.array.firstRange(of: Array("999999".utf8)) == nil)
        #expect(try key.seal(residentID(), in: .identifier(member)) != sealed)
    }

    @Test func `a sealed value names its form, its algorithm and its key`() throws {
        let id = UUID()
        let sealed = try key(id).seal(residentID(), in: .identifier(member)).array
        #expect(Array(sealed.prefix(2)) == [2, 1])
        #expect(Array(sealed[2..<18]) == withUnsafeBytes(of: id.uuid, Array.init))
        // Nonce, the 20 bytes of the JSON text, and the tag.
        #expect(sealed.count == 18 + 12 + 20 + 16)
    }

    @Test func `it opens in no other cell, with no other household's key, and not when a bit has changed`() throws {
        let (id, own) = (UUID(), try vault.newKey(UUID()))
        let key = try vault.open(own)
        let sealed = try key.seal(residentID(), in: .identifier(member))
        func isClosed(_ sealed: Bytes, _ cell: Cell, _ key: HouseholdKey) -> Bool {
            isUnopenable { _ = try key.open(sealed, in: cell, as: ResidentID.self) }
        }
        #expect(isClosed(sealed, .identifier(MemberID(UUID())), key))
        #expect(isClosed(sealed, .entry(HouseholdID(member.rawValue), version: 1), key))
        #expect(try isClosed(sealed, .identifier(member), vault.open(vault.newKey(id))))
        // Another household's key under this one's id.
        #expect(try isClosed(sealed, .identifier(member), vault.open(vault.newKey(own.id))))
        for place in sealed.array.indices {
            var damaged = sealed.array
            damaged[place] ^= 1
            #expect(isClosed(Bytes(damaged), .identifier(member), key))
        }
        #expect(isClosed(Bytes([]), .identifier(member), key))
    }

    @Test func `a version of an entry opens as that version only`() throws {
        let (key, household) = (try key(), HouseholdID(UUID()))
        let sealed = try key.seal(entry(), in: .entry(household, version: 1))
        #expect(try key.open(sealed, in: .entry(household, version: 1), as: HouseholdEntry.self) == entry())
        #expect(isUnopenable { _ = try key.open(sealed, in: .entry(household, version: 2), as: HouseholdEntry.self) })
    }

    @Test func `a data key opens under its key from file only, and not when a bit has changed`() throws {
        let wrapped = try vault.newKey(UUID())
        #expect(isUnopenable { _ = try Vault(material(8)).open(wrapped) })
        // Under the right name, but with another key.
        #expect(isUnopenable { _ = try Vault(material(8)).open(WrappedKey(id: wrapped.id, under: Vault(material(8)).newest, bytes: wrapped.bytes)) })
        var damaged = wrapped.bytes.array
        damaged[9] ^= 1
        #expect(isUnopenable { _ = try vault.open(WrappedKey(id: wrapped.id, under: wrapped.under, bytes: Bytes(damaged))) })
    }

    @Test func `the newest key wraps, and the older ones still open`() throws {
        let old = try vault.newKey(UUID())
        let sealed = try vault.open(old).seal(residentID(), in: .identifier(member))
        let rotated = Vault(material(7), [material(9)])
        #expect(rotated.older == [vault.newest])
        #expect(try rotated.newKey(UUID()).under == rotated.newest)
        let moved = try rotated.rewrap(old)
        #expect((moved.id, moved.under) == (old.id, rotated.newest))
        for wrapped in [old, moved] {
            #expect(try rotated.open(wrapped).open(sealed, in: .identifier(member), as: ResidentID.self) == residentID())
        }
        #expect(isUnopenable { _ = try vault.open(moved) })
    }

    @Test func `a person has one hash under one key, and keeps it when a newer key comes`() {
        #expect(vault.hash(residentID()) == vault.hash(residentID()))
        #expect(vault.hash(residentID()) == Vault(material(7), [material(9)]).hash(residentID()))
        #expect(vault.hash(residentID()) != vault.hash(residentID("19700101", 2)))
        #expect(vault.hash(residentID()) != Vault(material(8)).hash(residentID()))
        #expect(vault.hash(residentID()).text.count == 64)
    }

    @Test func `equal entries have equal fingerprints`() throws {
        #expect(try vault.fingerprint(entry()) == vault.fingerprint(entry()))
        var other = entry()
        other.members[0].name = "李新"
        #expect(try vault.fingerprint(entry()) != vault.fingerprint(other))
    }

    @Test(arguments: [
        ("", nil), ("c2hvcnQ=", nil), (oldKey, 1), ("\(oldKey)\n\(newKey)\n", 2), ("\(oldKey)\n\(oldKey)", nil), ("\(oldKey)\nnot base64", nil),
    ] as [(String, Int?)])
    func `keys are 32 bytes in base64, one a line`(text: String, keys: Int?) {
        #expect(Vault.material(text)?.count == keys)
    }

    @Test func `intake says which key it seals under, and never the key`() throws {
        var settings = Settings(["LIKA_INTAKE_KEY": "\(oldKey)\n\(newKey)"])
        let vault = try Config(&settings).openVault()
        let shown = try #require(settings.effective.first { $0.name == "LIKA_INTAKE_KEY" }?.value)
        #expect(shown == "seals under \(vault.newest), opens \(vault.older[0])")
        #expect(vault.newest.count == 8 && !shown.contains("AAAA"))
    }
}

@Suite struct HouseholdKeyTests {
    @Test func `each household has a key of its own, and keeps it`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"), entry("2", from: 10))
            var corrected = entry("1")
            corrected.members[0].name = "李新"
            _ = try await bench.register(corrected)
            let keys = try await bench.service.store.work { try $0.query("SELECT id FROM household_keys").map { try $0["id", as: UUID.self] } }
            #expect(Set(keys).count == 2)
        }
    }

    @Test func `without its key nothing of a household can be read, and the others can`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"), entry("2", from: 10))
            try await bench.survey(["1": facts(), "2": facts()])
            let households = try await bench.service.told(HouseholdRegistered.self).map(\.household)
            try await bench.service.store.work { work in
                try work.shredKey(of: households[0])
                #expect(throws: Vault.Unopenable.self) { try work.entry(of: households[0], IntakeBench.vault) }
                #expect(try work.entry(of: households[1], IntakeBench.vault).number == "2")
                #expect(try work.entries(in: bench.campaign, IntakeBench.vault).map(\.household) == [households[1]])
                #expect(try Array(work.countingVisits(of: households, in: bench.campaign, IntakeBench.vault).keys) == [households[1]])
            }
            let body = #"{"households":["\#(households[0])"],"topics":["VEHICLE"],"purpose":"test"}"#
            #expect(try await bench.service.call(.post, "/v1/identifiers", Array(body.utf8), [:]).text == #"{"households":[]}"#)
        }
    }

    @Test func `a sealed cell that is put into another row does not open`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"))
            let household = try #require(try await bench.service.told(HouseholdRegistered.self).first).household
            try await bench.service.store.work { work in
                try work.execute(
                    """
                    UPDATE identifiers i SET sealed = o.sealed FROM identifiers o
                    WHERE i.member_id = (SELECT min(member_id::text)::uuid FROM identifiers) AND o.member_id = (SELECT max(member_id::text)::uuid FROM identifiers)
                    """)
            }
            let body = #"{"households":["\#(household)"],"topics":["VEHICLE"],"purpose":"test"}"#
            let answer = try await bench.service.call(.post, "/v1/identifiers", Array(body.utf8), [:])
            #expect(answer.status == 500)
            #expect(!answer.text.contains("999999"))
        }
    }

    @Test func `after the file got a newer key all data keys come under it`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"), entry("2", from: 10))
            let rotated = Vault([UInt8](repeating: 7, count: 32), [material(9)])
            let errand = Rewrapping(vault: rotated).errand
            #expect(try await errand.runOnce(bench.service.store))
            #expect(try await !errand.runOnce(bench.service.store))
            try await bench.service.store.work { work in
                let names = try work.query("SELECT DISTINCT wrapped_under FROM household_keys").map { try $0["wrapped_under", as: String.self] }
                #expect(names == [rotated.newest])
                #expect(try work.entries(in: bench.campaign, rotated).map(\.entry.number) == ["1", "2"])
                #expect(throws: Vault.Unopenable.self) { try work.entries(in: bench.campaign, IntakeBench.vault) }
            }
        }
    }
}
