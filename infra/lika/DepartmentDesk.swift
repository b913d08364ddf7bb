import Contracts
import Crypto
import Foundation
import Registry
import ServiceKit

/// A department at its desk: answers requests from what it knows and signs the answers, by the published contract alone. With the
/// same keys, data and signatory it writes the same bytes as the reference clients in infra/departments.
struct DepartmentDesk: Sendable {
    let department: String
    let keys: KeyPair
    /// By ID number and topic; who is not in there is consistent.
    var facts: [String: [String: Fact]] = [:]
    let signatory: String
    let post: String

    struct Fact: Decodable, Sendable {
        let field: String
        let outcome: CheckOutcome
        let code: String
        let remark: String?
    }

    /// Of a request, what an answer needs.
    struct Asked: Decodable {
        let request: RequestID
        let household: HouseholdID
        let department: String
        let topic: String
        let persons: [RequestSent.Person]
        let sealedPersons: String?

        func persons(openedBy keys: KeyPair) throws -> [RequestSent.Person] {
            guard let sealedPersons else { return persons }
            return try JSON.decode(from: Sealed.open(sealedPersons, with: keys.opening))
        }
    }

    struct Answer: Sendable {
        let request: RequestID
        let household: HouseholdID
        /// The `ce_id`: the same answer has the same, another answer another.
        let id: UUID
        let outcome: CheckOutcome
        let value: [UInt8]
        let jws: String
        let signedAt: Instant
    }

    /// In the order of the wire, which is that of the reference clients.
    private struct Result: Encodable {
        let request: RequestID
        let requestDigest: String
        let household: HouseholdID
        let department, topic: String
        let outcome: CheckOutcome
        let findings: [ResultReturned.Finding]
        let signatory, post: String
        let signedAt: Instant
    }

    struct NotOurs: Error, CustomStringConvertible {
        let department: String
        var description: String { "it is a question to another department (\(department))" }
    }

    /// - Parameter sentAt: The request's `ce_time`: signed as of then, so that a resend yields the same bytes.
    func answer(_ value: [UInt8], sentAt: Instant) throws -> Answer {
        let asked: Asked = try JSON.decode(from: value)
        guard asked.department == department else { throw NotOurs(department: asked.department) }
        let findings = try asked.persons(openedBy: keys).compactMap { person in
            facts[person.idNumber]?[asked.topic].map {
                ResultReturned.Finding(member: person.member, field: $0.field, outcome: $0.outcome, code: $0.code, remark: $0.remark)
            }
        }
        let outcome = [CheckOutcome.discrepant, .cannotDetermine].first { findings.map(\.outcome).contains($0) } ?? .consistent
        let result = try JSON.encode(
            Result(
                request: asked.request, requestDigest: Digest.sha256(value), household: asked.household, department: department, topic: asked.topic,
                outcome: outcome, findings: findings, signatory: signatory, post: post, signedAt: sentAt))
        return Answer(
            request: asked.request, household: asked.household, id: Self.id(of: result, to: asked.request), outcome: outcome, value: result,
            jws: try Signed.detached(result, type: Signed.result, by: keys), signedAt: sentAt)
    }

    static func id(of result: [UInt8], to request: RequestID) -> UUID { UUID(named: "\(request):\(Digest.sha256(result))", in: ids) }

    /// The name space of results' ids, fixed by the contract: 6f1c2a0e-7d4b-5a7e-9c55-2f0d8be41a66.
    private static let ids = UUID(uuid: (0x6f, 0x1c, 0x2a, 0x0e, 0x7d, 0x4b, 0x5a, 0x7e, 0x9c, 0x55, 0x2f, 0x0d, 0x8b, 0xe4, 0x1a, 0x66))
}
