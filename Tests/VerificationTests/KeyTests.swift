import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

@Suite struct KeyTests {
    let signer = Signer(.police)

    func post(_ rig: Rig, to department: String = "police", _ change: (inout [String: String]) -> Void) async throws -> (Int, String) {
        var jwk = signer.jwk(from: "2018-10-01T00:00:00.000Z", to: "2018-12-01T00:00:00.000Z")
        change(&jwk)
        let answer = try await rig.service.post("/v1/departments/\(department)/keys", jwk)
        return (answer.status, answer.text)
    }

    @Test func `a key is registered once, however often it is sent`() async throws {
        try await Rig.with { rig async throws in
            #expect(try await rig.register(signer) == 201)
            #expect(try await rig.register(signer) == 200)
        }
    }

    @Test func `a key's name is never given to another key, validity or department`() async throws {
        try await Rig.with { rig async throws in
            #expect(try await rig.register(signer) == 201)
            #expect(try await rig.register(Signer(.police, kid: signer.kid)) == 409)
            #expect(try await rig.register(signer, to: "2019-01-01T00:00:00.000Z") == 409)
            #expect(try await post(rig, to: "market") { _ in }.0 == 409)
        }
    }

    @Test(arguments: [
        ("kty", "EC", "/kty"), ("crv", "X25519", "/crv"), ("x", "AAAA", "/x"), ("x", "not base64url!", "/x"), ("kid", "", "/kid"),
        ("validTo", "2018-09-01T00:00:00.000Z", "/validTo"), ("d", "c2VjcmV0", "/d"), ("validFrom", "yesterday", "/validFrom"),
    ])
    func `a key that cannot be one is refused with its fault, and without its private half`(
        field: String, value: String, pointer: String
    ) async throws {
        try await Rig.with { rig in
            let (status, text) = try await post(rig) { $0[field] = value }
            #expect(status == 422)
            #expect(text.contains(#""pointer":"\#(pointer)""#))
            #expect(!text.contains("c2VjcmV0"))
        }
    }

    @Test func `departments that are not asked have no keys`() async throws {
        try await Rig.with { rig async throws in
            #expect(try await post(rig, to: "poverty") { _ in }.0 == 404)
            #expect(try await post(rig, to: "nobody") { _ in }.0 == 404)
        }
    }

    @Test func `a key is revoked once, and only as its department's`() async throws {
        try await Rig.with { rig in
            _ = try await rig.register(signer)
            #expect(try await rig.revoke(signer.kid, of: "market") == 404)
            #expect(try await rig.revoke("unknown", of: "police") == 404)
            #expect(try await rig.revoke(signer.kid, of: "police") == 200)
            #expect(try await rig.revoke(signer.kid, of: "police") == 409)
        }
    }

    @Test func `a key to seal to is registered beside the one to sign with, and both are listed with what they are for`() async throws {
        try await Rig.with { rig in
            let opener = Opener(.police)
            #expect(try await rig.register(signer) == 201)
            #expect(try await rig.register(opener) == 201)
            #expect(try await rig.register(opener) == 200)
            #expect(try await rig.register(Opener(.police, kid: signer.kid)) == 409, "a name is one key's")
            struct Key: Decodable { let kid: String; let use: String; let department: Department }
            let keys = try await rig.service.get("/v1/departments/police/keys").json([Key].self)
            #expect(Dictionary(uniqueKeysWithValues: keys.map { ($0.kid, $0.use) }) == [signer.kid: "sig", opener.kid: "enc"])
            #expect(try await rig.service.get("/v1/departments/market/keys").json([Key].self).isEmpty)
        }
    }

    @Test(arguments: [
        ("kty", "OKP", "/kty"), ("crv", "P-384", "/crv"), ("x", "AAAA", "/x"), ("y", "AAAA", "/y"), ("y", "", "/y"), ("use", "both", "/use"),
        ("d", "c2VjcmV0", "/d"), ("x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE", "/x"),
    ])
    func `a key to seal to that cannot be one is refused with its fault`(field: String, value: String, pointer: String) async throws {
        try await Rig.with { rig in
            var jwk = Opener(.police).jwk(from: "2018-10-01T00:00:00.000Z", to: "2018-12-01T00:00:00.000Z")
            jwk[field] = value.isEmpty ? nil : value
            let answer = try await rig.service.post("/v1/departments/police/keys", jwk)
            #expect(answer.status == 422)
            #expect(answer.text.contains(#""pointer":"\#(pointer)""#))
        }
    }
}
