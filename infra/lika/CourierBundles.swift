import Contracts
import Crypto
import Foundation
import Registry

/// A department's open requests on their way to it: one file, signed by the office (JWS) and sealed to the department (JWE).
struct RequestBundle: Codable, Sendable {
    let bundle: UUID
    let department: String
    let madeAt: Instant
    /// To which key the answers are to be sealed.
    let office: PublicKey
    let messages: [Message]

    /// One record of the department's request topic.
    struct Message: Codable, Sendable {
        let id: UUID
        let type: String
        let request: RequestID
        let household: HouseholdID
        let toldAt: Instant
        let traceparent: String?
        /// The exact bytes.
        let value: String
    }

    private static let type = "lika-courier-requests+jws"

    func sealed(to department: PublicKey, signedBy office: KeyPair) throws -> String {
        try Sealed.seal(Array(Signed.compact(JSON.encode(self), type: Self.type, by: office).utf8), to: department, holding: "JWS")
    }

    init(opening text: String, with keys: KeyPair, from office: PublicKey) throws {
        let signed = try Sealed.open(text, with: keys.opening)
        self = try JSON.decode(from: Signed.opened(String(decoding: signed, as: UTF8.self), type: Self.type, by: office))
    }

    init(bundle: UUID, department: String, madeAt: Instant, office: PublicKey, messages: [Message]) {
        (self.bundle, self.department, self.madeAt, self.office, self.messages) = (bundle, department, madeAt, office, messages)
    }
}

/// Signed answers on their way back, sealed to the office. Each is signed by itself, as in the log.
struct AnswerBundle: Codable, Sendable {
    /// That of the requests.
    let bundle: UUID
    let department: String
    let answers: [Answer]

    /// One record of the department's result topic.
    struct Answer: Codable, Sendable {
        let id: UUID
        let request: RequestID
        let household: HouseholdID
        let time: Instant
        let traceparent: String?
        let jws: String
        /// The exact bytes.
        let value: String
    }

    func sealed(to office: PublicKey) throws -> String { try Sealed.seal(JSON.encode(self), to: office) }

    init(opening text: String, with office: KeyPair) throws { self = try JSON.decode(from: Sealed.open(text, with: office.opening)) }

    init(bundle: UUID, department: String, answers: [Answer]) { (self.bundle, self.department, self.answers) = (bundle, department, answers) }
}
