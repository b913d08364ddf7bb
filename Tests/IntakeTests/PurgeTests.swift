import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// What is personal about a household is destroyed by two, and nothing of it is left (I10).
@Suite struct PurgeTests {
    private struct Asked: Decodable { let countersigning: UUID }

    static func ask(_ service: TestService, of household: HouseholdID) async throws -> TestService.Answer {
        try await service.post("/v1/households/\(household)/purge", ["reason": "entered_in_error"], headers: ["Lika-Actor": "li.ming"])
    }

    static func confirm(_ asked: TestService.Answer, in service: TestService) async throws -> TestService.Answer {
        let id = try asked.json(Asked.self).countersigning.lowercased
        return try await service.post("/v1/countersignings/\(id)/confirmation", [String: String](), headers: ["Lika-Actor": "wang.wu"])
    }

    private static func outside(_ number: String, from sequence: Int = 1) -> HouseholdEntry {
        var household = entry(number, status: nil, from: sequence)
        (household.attribute, household.causes) = (nil, nil)
        return household
    }

    @Test func `nothing personal is left, the proof is, and the number is not given again`() async throws {
        try await IntakeBench.with { bench in
            let household = Self.outside("53042700001")
            let sheet = bench.registeredSheet([household], .notRegistered)
            _ = try await bench.imported("not_registered", sheet)
            let id = try #require(try await bench.service.told(HouseholdRegistered.self).first).household
            let hash = IntakeBench.vault.hash(household.members[0].residentID).text
            #expect(try await bench.service.keeping("李0") == ["members", "outbox"])
            #expect(try await bench.service.keeping(hash) == ["members"])

            let asked = try await Self.ask(bench.service, of: id)
            #expect(asked.status == 202)
            #expect(try await bench.service.get("/v1/households/\(id)").status == 200, "asking changes nothing")
            #expect(try await Self.confirm(asked, in: bench.service).status == 204)

            // The bytes of the sheet that came in are sealed, and destroyed by their own clock.
            for secret in ["李0", hash, household.members[0].residentID.reveal] { #expect(try await bench.service.keeping(secret) == [], "\(secret)") }
            #expect(try await bench.service.get("/v1/households/\(id)").status == 410)
            let purged = try await bench.service.told(HouseholdPurged.self)
            #expect(purged.map(\.household) == [id])
            #expect(try await bench.service.keeping("asked for by li.ming").contains("purges"))
            #expect(try await Self.ask(bench.service, of: id).status == 410)

            let again = try await bench.imported("not_registered", sheet + Array("\n".utf8))
            #expect((again.entered, again.refused) == (0, 1))
            #expect(again.faults.map(\.code) == ["household.purged"])
        }
    }

    @Test func `whoever is on the register or has an open case stays`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry())
            _ = try await bench.imported("not_registered", bench.registeredSheet([Self.outside("9", from: 20)], .notRegistered))
            let households = try await bench.service.told(HouseholdRegistered.self).map(\.household)
            #expect(try await Self.ask(bench.service, of: households[0]).text.contains("intake.household-still-on-register"))
            let asked = try await Self.ask(bench.service, of: households[1])
            let proposal = #"{"campaign":"\#(bench.campaign)","household":"9","kind":"NEW","reason":"新发现"}"#
            #expect(try await bench.service.post("/v1/cases", bytes: Array(proposal.utf8), headers: ["Lika-Actor": "li.ming"]).status == 201)
            #expect(try await Self.confirm(asked, in: bench.service).text.contains("intake.household-has-open-case"), "what holds then decides")
            #expect(try await bench.service.get("/v1/households/\(households[1])").status == 200)
        }
    }
}
