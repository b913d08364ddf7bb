import Contracts
import Foundation
import IntakeDomain
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake
@testable import lika

/// The sample through the real intake: every count that the sample expects is what intake counts.
@Suite struct SampleRoundTests {
    struct Issued: Decodable { let campaign: CampaignID }
    struct Accepted: Decodable { let `import`: ImportID }

    @Test func `intake takes the sample, names exactly its faults, and proposes and judges as it expects`() async throws {
        let sample = try SampleFiles(SampleRound(seed: 2018, households: 600))
        let expected = sample.expected
        try await TestService.with(Intake.migrations, parts: Intake.parts(vault: Vault([UInt8](repeating: 1, count: 32)))) { intake in
            let plan = CampaignPlan(
                year: 2018, subdistrict: DivisionCode(SampleRound.subdistrict)!, entryLine: Money(yuan: 2_952), exitLine: Money(yuan: 3_500),
                publicityDays: 5, countFirstDay: true, verificationDueOn: LocalDate("2018-11-02")!, dataFreezeOn: LocalDate("2018-11-10")!,
                stages: [.init(id: "survey", from: LocalDate("2018-10-10")!, to: LocalDate("2018-10-14")!)])
            let campaign = try await intake.post("/v1/campaigns", plan).json(Issued.self).campaign
            var faults: [SampleExpectation.Fault] = []
            for time in 1...2 {
                for sheet in Import.Sheet.all {
                    let bytes = try #require(sample.files[sheet.file])
                    let answer = try await intake.post("/v1/imports?campaign=\(campaign)&kind=\(sheet.kind)", bytes: bytes)
                    let accepted = try answer.json(Accepted.self).import
                    try await intake.runErrands()
                    let report = try await intake.get("/v1/imports/\(accepted)?limit=500").json(Import.Report.self)
                    #expect(report.state == "done")
                    if time == 1 { faults += report.faults.map { .init(file: sheet.file, line: $0.line, code: $0.code) } }
                    if time == 2 { #expect((report.entered, report.corrected) == (0, 0), "\(sheet.file)") }
                }
            }
            #expect(faults == expected.faults)
            #expect(try await intake.told(HouseholdRegistered.self).count == expected.households)

            try await intake.post("/v1/campaigns/\(campaign)/rosters", [String: String]())
            let proposed = Dictionary(grouping: try await intake.told(CaseProposed.self), by: \.kind.rawValue).mapValues(\.count)
            #expect(proposed == expected.kinds.mapValues(\.proposed))

            try await intake.post("/v1/campaigns/\(campaign)/assessments", [String: String]())
            let surveyed = try await intake.told(CaseSurveyed.self)
            let judged = expected.kinds.filter { $0.key != CaseKind.naturalChange.rawValue }.values
            #expect(surveyed.count { $0.met } == judged.map(\.met).reduce(0, +))
            #expect(surveyed.count { !$0.met } == judged.map(\.notMet).reduce(0, +))

            struct Summary: Decodable { let opening: RegisterBalance.Count; let reconciles: Bool }
            let summary = try await intake.get("/v1/campaigns/\(campaign)/summary").json(Summary.self)
            #expect(summary.opening == .init(households: expected.registeredHouseholds, persons: expected.registeredPersons))
            #expect(summary.reconciles)
        }
    }
}
