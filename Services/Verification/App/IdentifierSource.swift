import AsyncHTTPClient
import Contracts
import Foundation
import NIOCore
import NIOHTTP1
import Registry
import ServiceKit

/// Intake's names and ID numbers. Each reading is logged there with its purpose, and its answer is kept nowhere.
struct IdentifierSource: Sendable {
    /// `http://host:port`
    let intake: String
    var access = Access.trusted

    struct Unavailable: Error { let status: UInt }

    private struct Query: Encodable {
        let households: [HouseholdID]
        let topics: [VerificationTopic]
        let purpose: String
    }

    private struct Reply: Decodable {
        let households: [Household]

        struct Household: Decodable {
            let household: HouseholdID
            let persons: [Person]
        }
    }

    /// Somebody of a household.
    struct Person: Decodable, Sendable {
        let member: MemberID
        let name: String
        let idNumber: String
        /// The topics that they are part of; all, where none is named.
        let topics: [VerificationTopic]?

        func isPart(of topic: VerificationTopic) -> Bool { topics?.contains(topic) ?? true }
        var asked: RequestSent.Person { RequestSent.Person(member: member, name: name, idNumber: idNumber) }
    }

    private static let patience = TimeAmount.seconds(10)
    /// A hundred households are some 100 kB.
    private static let largestReply = 4 << 20

    func persons(
        of households: [HouseholdID], for topics: [VerificationTopic]
    ) async throws -> [HouseholdID: [Person]] {
        var request = HTTPClientRequest(url: "\(intake)/v1/identifiers")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        for (name, value) in try await access.credentials(of: "lika-verification") { request.headers.add(name: name, value: value) }
        request.body = .bytes(try JSON.encode(Query(households: households, topics: topics, purpose: "verification")))
        let response = try await HTTPClient.shared.execute(request, timeout: Self.patience)
        guard response.status == .ok else { throw Unavailable(status: response.status.code) }
        let body = try await response.body.collect(upTo: Self.largestReply)
        let reply = try JSON.decode(Reply.self, from: Array(body.readableBytesView))
        return Dictionary(reply.households.map { ($0.household, $0.persons) }, uniquingKeysWith: { first, _ in first })
    }
}
