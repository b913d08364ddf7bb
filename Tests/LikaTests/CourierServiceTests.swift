import ArgumentParser
import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain
@testable import lika

/// From the open requests of the real service to its receipts, by the files alone.
@Suite struct CourierServiceTests {
    private static let idNumber = "990101199001010011"

    /// Intake's side of `POST /v1/identifiers`: everybody is one person.
    private func withIntake(_ body: (String) async throws -> Void) async throws {
        struct Asked: Decodable { let households: [HouseholdID] }
        struct Reply: Encodable {
            let households: [Entry]
            struct Entry: Encodable {
                let household: HouseholdID
                let persons: [RequestSent.Person]
            }
        }
        let router = Router()
        router.post("/v1/identifiers") { request, _ in
            let asked: Asked = try JSON.decode(from: Array(try await request.body.collect(upTo: 1 << 20).readableBytesView))
            let reply = Reply(households: asked.households.map { .init(household: $0, persons: [.init(member: MemberID($0.rawValue), name: "甲某", idNumber: Self.idNumber)]) })
            return Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: try JSON.encode(reply))))
        }
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) }, logger: Logger(label: "intake") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup { group in
            group.addTask { try await application.run() }
            for await port in ports {
                try await body("http://127.0.0.1:\(port)")
                break
            }
            group.cancelAll()
        }
    }

    /// Two households whose questions are out, and the police's key registered.
    private func ask(_ service: TestService, _ police: KeyPair) async throws {
        let campaign = CampaignID(UUID())
        try await service.deliver(
            CampaignIssued(
                campaign: campaign, year: 2018, subdistrict: DivisionCode("530427001")!, entryLine: Money(yuan: 2952), exitLine: Money(yuan: 3500),
                publicityDays: 5, countFirstDay: true, verificationDueOn: LocalDate("2018-11-02")!, dataFreezeOn: LocalDate("2018-11-10")!, stages: [],
                issuedAt: Instant("2018-10-01T00:00:00.000Z")!))
        for _ in 0..<2 {
            try await service.deliver(
                HouseholdRegistered(
                    household: HouseholdID(UUID()), campaign: campaign, population: .registered, division: DivisionCode("530427001001-03")!,
                    headName: "甲某", memberCount: 1, registeredAt: Instant("2018-10-01T00:00:00.000Z")!))
        }
        let key = police.publicSigning
        let registered = try await service.post(
            "/v1/departments/police/keys",
            ["kty": key.kty, "crv": key.crv, "x": key.x, "kid": key.kid, "validFrom": "2018-10-01T00:00:00.000Z", "validTo": "2018-12-01T00:00:00.000Z"])
        #expect(registered.status == 201)
        try await service.post("/v1/batches", ["campaign": campaign])
        while try await service.runErrands() {}
    }

    @Test func `carried out, answered and carried in, every request of the department counts, once`() async throws {
        let police = KeyPair()
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString, directoryHint: .isDirectory)
        try police.write(to: folder.appending(path: "keys"), "police")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path: @Sendable (String) -> String = { folder.appending(path: $0).path }
        try Data(#"{"\#(Self.idNumber)": {"VEHICLE": {"outcome": "discrepant", "code": "VEHICLE_OVER_30000", "field": "vehicle"}}}"#.utf8)
            .write(to: URL(filePath: path("data.json")))
        try await withIntake { intake in
            try await TestService.with(Main.migrations, parts: verification(Config(intake: intake)), now: Instant("2018-10-20T01:00:00.000Z")) { service in
                try await ask(service, police)
                try await service.serving { address in
                    let suite = Suite(round: "courier", patience: 20, urls: [.verification: address])
                    try await Courier.Export.parse([
                        "--department", "police", "--keys", path("keys"), "--office", path("office"), "--output", path("requests"),
                    ]).run(suite)
                    try await Courier.Answer.parse([
                        path("requests"), "--department", "police", "--keys", path("keys"), "--office", path("office/office.jwk.json"), "--data",
                        path("data.json"), "--signatory", "王五", "--post", "所长", "--output", path("answers"),
                    ]).run()
                    for file in ["requests", "answers"] {
                        let text = try String(contentsOfFile: path(file), encoding: .utf8)
                        #expect(!text.contains(Self.idNumber))
                    }
                    let bring = try Courier.Import.parse([path("answers"), "--office", path("office"), "--receipts", path("receipts")])
                    try await bring.run(suite)
                    let receipts = try String(contentsOfFile: path("receipts"), encoding: .utf8)
                    // Carried in again, by somebody who does not know that it was.
                    try await bring.run(Suite(round: "another", patience: 20, urls: [.verification: address]))
                    let lines = receipts.split(separator: "\n")
                    #expect(lines.count == 2 * Department.police.registeredReviewTopics.count)
                    #expect(lines.allSatisfy { $0.contains(#""accepted":true,"repeated":false"#) }, "\(receipts)")
                    let again = try String(contentsOfFile: path("receipts"), encoding: .utf8)
                    #expect(again == receipts.replacing(#""repeated":false"#, with: #""repeated":true"#))
                }
                let accepted = try await service.told(ResultAccepted.self)
                #expect(accepted.count == 2 * Department.police.registeredReviewTopics.count)
                #expect(accepted.count { $0.outcome == .discrepant } == 2)
            }
        }
    }
}
