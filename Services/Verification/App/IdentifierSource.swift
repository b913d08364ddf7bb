import AsyncHTTPClient
import Contracts
import Foundation
import NIOCore
import NIOHTTP1
import Registry

/// Intake's names and ID numbers. Each reading is logged there with its purpose, and its answer is kept nowhere.
struct IdentifierSource: Sendable {
    /// `http://host:port`
    let intake: String

    struct Unavailable: Error { let status: UInt }

    private struct Query: Encodable {
        let households: [HouseholdID]
        let topic: VerificationTopic
        let purpose: String
    }

    private struct Reply: Decodable {
        let households: [Household]

        struct Household: Decodable {
            let household: HouseholdID
            let persons: [RequestSent.Person]
        }
    }

    private static let patience = TimeAmount.seconds(10)
    /// A hundred households are some 100 kB.
    private static let largestReply = 4 << 20

    func persons(
        of households: [HouseholdID], for topic: VerificationTopic
    ) async throws -> [HouseholdID: [RequestSent.Person]] {
        var request = HTTPClientRequest(url: "\(intake)/v1/identifiers")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "Lika-Actor", value: "lika-verification")
        request.body = .bytes(try JSON.encode(Query(households: households, topic: topic, purpose: "verification")))
        let response = try await HTTPClient.shared.execute(request, timeout: Self.patience)
        guard response.status == .ok else { throw Unavailable(status: response.status.code) }
        let body = try await response.body.collect(upTo: Self.largestReply)
        let reply = try JSON.decode(Reply.self, from: Array(body.readableBytesView))
        return Dictionary(reply.households.map { ($0.household, $0.persons) }, uniquingKeysWith: { first, _ in first })
    }
}
