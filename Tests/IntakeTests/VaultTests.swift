import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import Testing

@testable import Intake

@Suite struct VaultTests {
    let vault = Vault([UInt8](repeating: 7, count: 32))
    let member = MemberID(UUID())

    @Test func `what is sealed opens in its own cell`() throws {
        let sealed = try vault.seal(residentID(), in: .identifier(member))
        #expect(try vault.open(sealed, in: .identifier(member), as: ResidentID.self) == residentID())
    }

    @Test func `nothing of the number lies open`() throws {
        let sealed = try vault.seal(residentID(), in: .identifier(member))
        #expect(sealed.array.firstRange(of: Array("999999".utf8)) == nil)
        #expect(try vault.seal(residentID(), in: .identifier(member)) != sealed)
    }

    @Test func `it opens in no other cell, under no other key, and not when a bit has changed`() throws {
        let sealed = try vault.seal(residentID(), in: .identifier(member))
        func isClosed(_ sealed: Bytes, _ cell: Cell, _ vault: Vault) -> Bool {
            do {
                _ = try vault.open(sealed, in: cell, as: ResidentID.self)
                return false
            } catch { return error is Vault.Unopenable }
        }
        #expect(isClosed(sealed, .identifier(MemberID(UUID())), vault))
        #expect(isClosed(sealed, .entry(HouseholdID(member.rawValue)), vault))
        #expect(isClosed(sealed, .identifier(member), Vault([UInt8](repeating: 8, count: 32))))
        for place in sealed.array.indices {
            var damaged = sealed.array
            damaged[place] ^= 1
            #expect(isClosed(Bytes(damaged), .identifier(member), vault))
        }
        #expect(isClosed(Bytes([]), .identifier(member), vault))
    }

    @Test func `a person has one hash under one key`() {
        #expect(vault.hash(residentID()) == vault.hash(residentID()))
        #expect(vault.hash(residentID()) != vault.hash(residentID("19700101", 2)))
        #expect(vault.hash(residentID()) != Vault([UInt8](repeating: 8, count: 32)).hash(residentID()))
        #expect(vault.hash(residentID()).text.count == 64)
    }

    @Test func `equal entries have equal fingerprints`() throws {
        #expect(try vault.fingerprint(entry()) == vault.fingerprint(entry()))
        var other = entry()
        other.members[0].name = "李新"
        #expect(try vault.fingerprint(entry()) != vault.fingerprint(other))
    }

    @Test(arguments: [("", false), ("c2hvcnQ=", false), (String(repeating: "A", count: 43) + "=", true), ("not base64", false)])
    func `a key is 32 bytes in base64`(text: String, isKey: Bool) {
        #expect((Vault.material(text) != nil) == isKey)
    }
}
