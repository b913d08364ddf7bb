import Contracts
import Crypto
import Foundation
import Registry
import Testing

@testable import Verification
@testable import VerificationDomain

@Suite struct DetachedJWSTests {
    /// Made with Python's `cryptography` from the private key 00 01 02 … 1f, as a department would.
    enum Python {
        static let publicKey = "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"
        static let value = #"{"request":"0190a1b2-0000-7000-8000-000000000001","requestDigest":"0000000000000000000000000000000000000000000000000000000000000001","household":"0190a1b2-0000-4000-8000-000000000002","department":"POLICE","topic":"VEHICLE","outcome":"consistent","findings":[],"signatory":"示例责任人","post":"信息数据复核责任人","signedAt":"2018-10-22T01:00:00.000Z"}"#
        static let digest = "ffa408612227bbddab57169bbccb41922f4706f720031e10aad85a2c66cf2b90"
        static let jws = "eyJhbGciOiJFZERTQSIsImtpZCI6InZlY3RvciIsInR5cCI6InZlcmlmaWNhdGlvbi1yZXN1bHQrandzIn0..nRwXkK4bkGDMPPD2gEHT-n3gkt_ASKWQ-5x-PVz7h71mfMGIktURo_sHNVr-Kerd7WBNIlndla7VgultEf9pDA"
    }

    func key(_ publicKey: [UInt8]) -> DepartmentKey {
        DepartmentKey(
            "vector", department: .police, publicKey: publicKey, validFrom: Example.now, validTo: Example.now + 1)
    }

    @Test func `what Python signs holds here, over exactly its bytes`() throws {
        let jws = try #require(DetachedJWS(Python.jws))
        let key = key(try #require([UInt8](base64url: Python.publicKey)))
        let value = Array(Python.value.utf8)
        #expect((jws.algorithm, jws.kid) == ("EdDSA", "vector"))
        #expect(jws.holds(over: value, by: key))
        #expect(Fingerprint(of: value).rawValue == Python.digest)
        for place in value.indices {
            var changed = value
            changed[place] ^= 1
            #expect(!jws.holds(over: changed, by: key), "byte \(place)")
        }
        #expect(!jws.holds(over: value + [0x0A], by: key))
        #expect(!jws.holds(over: value.dropLast(), by: key))
    }

    @Test func `another key's signature, or none, does not hold`() throws {
        let jws = try #require(DetachedJWS(Python.jws))
        let other = Curve25519.Signing.PrivateKey().publicKey.rawRepresentation
        #expect(!jws.holds(over: Array(Python.value.utf8), by: key(Array(other))))
        #expect(!jws.holds(over: Array(Python.value.utf8), by: key([])))
        let cut = try #require(DetachedJWS(String(Python.jws.split(separator: ".")[0]) + ".."))
        #expect(!cut.holds(over: Array(Python.value.utf8), by: key(Array(other))))
    }

    static func header(_ json: String) -> String { Array(json.utf8).base64url + "..AAAA" }

    @Test(arguments: [
        "", ".", "..", "a.b.c", "not base64..AAAA", Python.jws + ".", Python.jws + "=", "." + Python.jws,
        header("{}"), header("[]"), header("not json"),
        header(#"{"alg":"EdDSA","typ":"verification-result+jws"}"#),
        header(#"{"alg":"EdDSA","kid":"k","typ":"JWT"}"#),
        header(#"{"alg":"EdDSA","kid":"k"}"#),
        header(#"{"alg":"EdDSA","kid":"k","typ":"verification-result+jws","crit":["b64"],"b64":false}"#),
        header(#"{"alg":"EdDSA","alg":"none","kid":"k","typ":"verification-result+jws"}"#),
        header(#"{"alg":"EdDSA","kid":7,"typ":"verification-result+jws"}"#),
    ])
    func `what is no detached JWS of a result is not read`(text: String) {
        #expect(DetachedJWS(text)?.kid == nil)
    }

    @Test func `bytes have one base64url, without padding`() {
        for bytes: [UInt8] in [[], [0], [0xFB, 0xFF], [1, 2, 3], Array(0...255)] {
            #expect([UInt8](base64url: bytes.base64url) == bytes)
            #expect(!bytes.base64url.contains("="))
        }
        for text in ["AA==", "+/8", "A", "AB", "A A", "é"] { #expect([UInt8](base64url: text) == nil, "\(text)") }
    }
}

