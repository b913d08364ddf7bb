import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Registry

/// Intake's side of `POST /v1/identifiers`.
actor Intake {
    struct Asked: Decodable, Sendable {
        let households: [HouseholdID]
        let topics: [VerificationTopic]
        let purpose: String
    }

    /// Of nobody: no area has this prefix.
    static let idNumber = "990101199001010011"

    private(set) var asked: [Asked] = []
    private var meanwhile: @Sendable () async throws -> Void = {}
    private var unknown: Set<HouseholdID> = []

    /// Runs once, while a fetch is under way.
    func during(_ body: @escaping @Sendable () async throws -> Void) { meanwhile = body }
    func forget(_ household: HouseholdID) { unknown.insert(household) }

    private struct Reply: Encodable {
        let households: [Entry]
        struct Entry: Encodable {
            let household: HouseholdID
            let persons: [RequestSent.Person]
        }
    }

    private func answer(_ asked: Asked) async throws -> [UInt8] {
        self.asked.append(asked)
        let now = meanwhile
        meanwhile = {}
        try await now()
        return try JSON.encode(Reply(households: asked.households.filter { !unknown.contains($0) }.map {
            .init(household: $0, persons: [.init(member: MemberID($0.rawValue), name: "甲某", idNumber: Self.idNumber)])
        }))
    }

    nonisolated func serving(_ body: (String) async throws -> Void) async throws {
        let router = Router()
        router.post("/v1/identifiers") { request, _ in
            let bytes = try await request.body.collect(upTo: 1 << 20)
            let reply = try await self.answer(JSON.decode(Asked.self, from: Array(bytes.readableBytesView)))
            return Response(
                status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: reply)))
        }
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "intake") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup { group in
            group.addTask { try await application.run() }
            for await port in ports {
                try await body("http://127.0.0.1:\(port)")
                break
            }
            group.cancelAll()
        }
    }
}
