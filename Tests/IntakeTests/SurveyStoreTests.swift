import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

@testable import Intake

/// What lies in the tables of visits and cases, on a real PostgreSQL.
@Suite struct SurveyStoreTests {
    struct Issued: Decodable { let campaign: CampaignID }

    @Test func `the one survey of before is the household's first visit, and still opens`() async throws {
        let vault = IntakeBench.vault
        try await TestService.with(Intake.migrations.filter { !["0004_survey", "0013_reach"].contains($0.name) }, parts: Intake.parts(vault: vault), now: october10) { service in
            let campaign = try await service.post("/v1/campaigns", plan2018()).json(Issued.self).campaign
            let bench = IntakeBench(service: service, campaign: campaign)
            _ = try await bench.register(ready("1"))
            let household = try #require(try await service.told(HouseholdRegistered.self).first).household
            try await service.store.work { work in
                let key = try work.keys(of: [household], vault)[household]
                try work.execute(
                    """
                    INSERT INTO surveys (campaign_id, household_id, fingerprint, sealed)
                    VALUES (\(campaign), \(household), \(try vault.fingerprint(facts())), \(try key.seal(facts(), in: .visit(1, of: household, in: campaign))))
                    """)
            }
            try await service.migrate(Intake.migrations)
            let counting = try await service.store.work { try $0.countingVisits(of: [household], in: campaign, vault)[household].map { ($0.number, $0.facts) } }
            #expect(counting?.0 == 1 && counting?.1 == facts())
            // The sheet that brought it is on file.
            try await bench.survey(["1": facts()])
            #expect(try await service.get("/v1/households/\(household)/visits").text.components(separatedBy: "\"number\"").count == 2)
        }
    }

    /// A household with a case that a person has judged, and a record in conflict.
    func judged(_ bench: IntakeBench) async throws -> IntakeBench.Case {
        let survey = SurveyServiceTests()
        var household = entry("1")
        household.clues.circumstance = .largeProducer
        _ = try await bench.register(household)
        _ = try await bench.command("rosters")
        _ = try await survey.send(
            bench, survey.record("a", base: 0) {
                ($0.income, $0.circumstance) = (YearlyIncome(year: 2018, net: Money(fen: 7_654_321)), .init(.largeProducer, on: day("2016-01-01")))
            },
            survey.record("b", base: 0) { $0.income = YearlyIncome(year: 2018, net: Money(fen: 1_234_567)) })
        _ = try await bench.command("assessments")
        let removal = try #require(try await bench.cases().first)
        let judgement = RoundTests.Judgement(eligible: true, reason: "种粮大户属实")
        #expect(try await bench.service.post("/v1/cases/\(removal.case)/judgement", judgement, headers: survey.clerk).status == 200)
        return removal
    }

    @Test func `income, causes and reasons lie nowhere open`() async throws {
        try await IntakeBench.with { bench in
            _ = try await judged(bench)
            for table in ["visits", "survey_conflicts", "proposals", "assessments", "judgements", "case_steps", "roster_steps", "visit_choices"] {
                let rows = try await bench.service.store.work { try $0.query("SELECT to_jsonb(t)::text AS text FROM \(unsafe: table) t").map { try $0["text", as: String.self] } }
                for secret in ["7654321", "1234567", "R06", "大户"] {
                    #expect(rows.allSatisfy { !$0.contains(secret) }, "\(table) shows \(secret)")
                }
            }
        }
    }

    @Test func `without the household's key nothing of its visits, judgements and proposals can be read`() async throws {
        try await IntakeBench.with { bench in
            let removal = try await judged(bench)
            try await bench.service.store.work { try $0.shredKey(of: removal.household) }
            #expect(try await SurveyServiceTests().reveal(bench, "/v1/cases/\(removal.case)/explanation").status == 500)
            let counting = try await bench.service.store.work { try $0.countingVisits(of: [removal.household], in: bench.campaign, IntakeBench.vault).count }
            #expect(counting == 0)
            // The list of cases, which names no reason, is still there.
            let rosters = try await SurveyServiceTests().reveal(bench, "/v1/campaigns/\(bench.campaign)/rosters")
            #expect(rosters.status == 200 && rosters.text.contains(removal.case.description) && !rosters.text.contains("removal.clue"))
        }
    }

    @Test func `a household cannot have a second open case of its own, whoever writes it`() async throws {
        try await IntakeBench.with { bench in
            let removal = try await judged(bench)
            for status in CampaignCase.Status.open {
                await #expect(throws: PostgresError.self) {
                    try await bench.service.store.work { work in
                        try work.insert(
                            CampaignCase(id: CaseID(UUID()), campaign: bench.campaign, household: removal.household, kind: .exit, status: status))
                    }
                }
            }
        }
    }
}
