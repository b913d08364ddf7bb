import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets
import TestKit
import Testing

@testable import Intake

@Suite struct RoundTests {
    struct Judgement: Encodable, Sendable {
        let eligible: Bool
        let reason: String
    }

    let judgement = Judgement(eligible: true, reason: "实地核查属实")
    let clerk = ["Lika-Actor": "wangwu"]

    @Test func `what the analysis shows is proposed once`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready(), entry("2", from: 10))
            #expect(try await bench.command("rosters").text == #"{"proposed":{"EXIT":1},"alreadyProposed":0}"#)
            #expect(try await bench.command("rosters").text == #"{"proposed":{},"alreadyProposed":1}"#)
            #expect(try await bench.service.told(CaseProposed.self).map(\.kind) == [.exit])
        }
    }

    @Test func `the survey decides, and what it has not seen stays open`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"), ready("2", from: 10), ready("3", from: 20))
            _ = try await bench.command("rosters")
            try await bench.survey(["1": facts(), "2": facts { $0.housing = .c }])
            _ = try await bench.command("assessments")
            let told = try await bench.service.told(CaseSurveyed.self)
            #expect(Set(told.map(\.met)) == [true, false])
            #expect(told.first { !$0.met }?.reasons == ["exit.C3"])
            #expect(try await bench.cases().map(\.status).sorted() == ["dropped", "proposed", "surveyed"])
        }
    }

    @Test func `what is referred waits for a person`() async throws {
        try await IntakeBench.with { bench in
            var household = entry()
            household.clues.circumstance = .largeProducer
            _ = try await bench.register(household)
            _ = try await bench.command("rosters")
            try await bench.survey([household.number: facts { $0.circumstance = .init(.largeProducer, on: day("2016-01-01")) }])
            _ = try await bench.command("assessments")
            #expect(try await bench.service.told(CaseSurveyed.self).isEmpty)
            let referred = try #require(try await bench.cases().first)
            #expect(referred.status == "referred")
            #expect(try await bench.service.post("/v1/cases/\(referred.case)/judgement", judgement, headers: clerk).text == #"{"status":"surveyed"}"#)
            #expect(try await bench.service.post("/v1/cases/\(referred.case)/judgement", judgement, headers: clerk).status == 409)
        }
    }

    /// A household with a case that the survey has met.
    func surveyed(_ bench: IntakeBench, _ household: HouseholdEntry, _ facts: SurveyFacts) async throws -> IntakeBench.Case {
        _ = try await bench.register(household)
        _ = try await bench.command("rosters")
        try await bench.survey([household.number: facts])
        _ = try await bench.command("assessments")
        return try #require(try await bench.cases().first)
    }

    @Test func `an announced exit is marked and told, once`() async throws {
        try await IntakeBench.with { bench in
            let exit = try await surveyed(bench, ready(), facts())
            try await bench.announce(exit, .exit)
            let marked = try await bench.service.told(HouseholdMarked.self)
            #expect(marked.map(\.kind) == [.exit])
            #expect(marked.map(\.memberCount) == [3])
            #expect(try await bench.cases().map(\.status) == ["marked"])
            #expect(try await bench.service.get("/v1/households?campaign=\(bench.campaign)").text.contains(#""exitStatus":"1","standingYear":2018"#))
        }
    }

    @Test func `a removal takes household and persons off the sums, which reconcile`() async throws {
        try await IntakeBench.with { bench in
            var household = entry("1")
            household.clues.circumstance = .villageCadre
            _ = try await bench.register(entry("2", from: 10))
            let removal = try await surveyed(bench, household, facts { $0.circumstance = .init(.villageCadre, on: day("2013-01-01")) })
            try await bench.announce(removal, .removal)
            let summary = try await bench.summary()
            #expect(summary.opening == .init(households: 2, persons: 6))
            #expect(summary.removed == .init(households: 1, persons: 3))
            #expect(summary.closing == .init(households: 1, persons: 3))
            #expect(summary.reconciles)

            let rows = try XLSXReader.rows(in: try await bench.service.get("/v1/campaigns/\(bench.campaign)/summary/xlsx").body).map(\.cells)
            for row in [["台账核对", "减少", "户", "1"], ["台账核对", "实有", "人", "3"], ["各类结果", "剔除", "已标注", "1"]] { #expect(rows.contains(row), "\(rows)") }
            #expect(try await bench.service.get("/v1/campaigns/\(bench.campaign)/summary/pdf").body.starts(with: Array("%PDF".utf8)))
            try await bench.service.serving { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/campaigns/\(bench.campaign)/summary")
                    #expect(try await browser.text("#verdict").contains("相符"))
                    #expect(try await browser.count("table") == 4)
                    try await browser.picture("intake-summary")
                }
            }
        }
    }

    @Test func `a new household adds to the sums`() async throws {
        try await IntakeBench.with { bench in
            var poor = entry("W1", status: nil)
            (poor.income, poor.clues.cause, poor.clues.causeOn) = (YearlyIncome(year: 2017, net: .zero), "01", day("2018-03-03"))
            _ = try await bench.imported("not_registered", bench.registeredSheet([poor], .notRegistered))
            _ = try await bench.command("rosters")
            let new = try #require(try await bench.cases().first)
            try await bench.service.store.work { work in
                try work.decide(CampaignCase.self, new.case) { open in
                    var surveyed = open
                    surveyed.status = .surveyed
                    return Decision(surveyed)
                }
            }
            try await bench.announce(new, .new)
            let summary = try await bench.summary()
            #expect(summary.opening == .init())
            #expect(summary.new == .init(households: 1, persons: 3))
            #expect(summary.reconciles)
        }
    }

    @Test func `a head who is cleared out leaves the household to the spouse`() async throws {
        try await IntakeBench.with { bench in
            var household = entry()
            household.members[0].clearOutClue = "K03"
            let person = household.members[0].number
            let clearOut = try await surveyed(bench, household, facts { $0.clearOut = .init(person: person, reason: "K03", on: day("2014-01-01")) })
            #expect(clearOut.person == person)
            try await bench.announce(clearOut, .clearOut)
            #expect(try await bench.service.get("/v1/households?campaign=\(bench.campaign)").text.contains(#""headName":"李*","memberCount":2"#))
            #expect(try await bench.summary().removed == .init(persons: 1))
            #expect(try await bench.summary().reconciles)
        }
    }

    @Test func `a case that review closes frees its household`() async throws {
        try await IntakeBench.with { bench in
            let exit = try await surveyed(bench, ready(), facts())
            try await bench.service.deliver(
                CaseClosed(case: exit.case, household: exit.household, kind: .exit, status: .rejected, reason: "review.public-review", closedAt: october10))
            #expect(try await bench.cases().map(\.status) == ["closed"])
        }
    }

    @Test func `announcing what was never surveyed is refused and marks nothing`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready())
            _ = try await bench.command("rosters")
            let exit = try #require(try await bench.cases().first)
            await #expect(throws: CampaignCase.Refusal.notSurveyed) { try await bench.announce(exit, .exit) }
            #expect(try await bench.service.told(HouseholdMarked.self).isEmpty)
        }
    }

    // MARK: Natural changes

    func birth(_ household: HouseholdEntry) -> [String] {
        [household.number, "\(household.number)99", "A01", "2018-03-01", "ZM-1", "李芳", residentID("20180301", 2).reveal, "04"]
    }

    func death(_ household: HouseholdEntry, _ place: Int) -> [String] {
        [household.number, household.members[place].number, "D01", "2018-03-01", "ZM-2", "", "", ""]
    }

    @Test func `the police confirms a birth and a death, and the register follows`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry())
            let sheet = bench.changeSheet([birth(entry()), death(entry(), 0)])
            #expect(try await bench.imported("changes", sheet).entered == 2)
            #expect(try await bench.imported("changes", sheet).unchanged == 2)
            let household = try #require(try await bench.cases().first).household
            #expect(try await bench.summary().counted == .init(households: 1, persons: 3))
            try await bench.verify(household, .consistent)
            let summary = try await bench.summary()
            #expect((summary.naturalIncrease, summary.naturalDecrease) == (1, 1))
            #expect(summary.closing == .init(households: 1, persons: 3))
            #expect(summary.reconciles)
            #expect(try await bench.service.told(HouseholdMarked.self).map(\.memberCount).count == 2)
        }
    }

    @Test func `what the police does not confirm changes nothing`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry())
            _ = try await bench.imported("changes", bench.changeSheet([birth(entry())]))
            try await bench.verify(try #require(try await bench.cases().first).household, .discrepant)
            #expect(try await bench.cases().map(\.status) == ["dropped"])
            #expect(try await bench.summary().counted == .init(households: 1, persons: 3))
            #expect(try await bench.service.told(HouseholdMarked.self).isEmpty)
        }
    }

    @Test func `what the police cannot tell a person decides`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry())
            _ = try await bench.imported("changes", bench.changeSheet([birth(entry())]))
            let birth = try #require(try await bench.cases().first)
            try await bench.verify(birth.household, .cannotDetermine)
            #expect(try await bench.service.post("/v1/cases/\(birth.case)/judgement", judgement, headers: clerk).status == 200)
            #expect(try await bench.summary().naturalIncrease == 1)
            #expect(try await bench.summary().reconciles)
        }
    }

    @Test func `where the police was not asked about residence nothing changes`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry())
            _ = try await bench.imported("changes", bench.changeSheet([birth(entry())]))
            let household = try #require(try await bench.cases().first).household
            try await bench.service.deliver(VerificationCompleted(household: household, campaign: bench.campaign, discrepant: 0, completedAt: october10))
            #expect(try await bench.cases().map(\.status) == ["proposed"])
        }
    }

    @Test func `after the police has answered no change can be proposed unasked`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry())
            let household = try #require(try await bench.service.told(HouseholdRegistered.self).first).household
            try await bench.verify(household, .consistent)
            let report = try await bench.imported("changes", bench.changeSheet([birth(entry())]))
            #expect(report.faults.map(\.code) == ["change.after-verification"])
        }
    }

    @Test func `one person more may put a household back under the exit line`() async throws {
        try await IntakeBench.with { bench in
            let exit = try await surveyed(bench, ready(), facts(income: Money(yuan: 3_500) * 4))
            #expect(exit.status == "surveyed")
            _ = try await bench.imported("changes", bench.changeSheet([birth(ready())]))
            try await bench.verify(exit.household, .consistent)
            #expect(try await bench.service.told(CaseSurveyed.self).last?.reasons == ["exit.C1"])
            #expect(try await bench.cases().first { $0.kind == .exit }?.status == "dropped")
        }
    }

    @Test func `a household that nobody is left in is closed by a person`() async throws {
        try await IntakeBench.with { bench in
            let alone = entry(persons: 1)
            _ = try await bench.register(alone)
            _ = try await bench.imported("changes", bench.changeSheet([death(alone, 0)]))
            let household = try #require(try await bench.cases().first).household
            #expect(try await bench.service.post("/v1/households/\(household)/closure", [String: String]()).status == 409)
            try await bench.verify(household, .consistent)
            #expect(try await bench.summary().closingDue == 1)
            #expect(try await bench.service.post("/v1/households/\(household)/closure", [String: String]()).status == 204)
            let summary = try await bench.summary()
            #expect(summary.closing == .init())
            #expect(summary.removed == .init(households: 1))
            #expect(summary.reconciles)
        }
    }

    // MARK: Identifiers

    struct Disclosed: Decodable {
        struct Household: Decodable {
            let household: HouseholdID
            let persons: [Person]
        }
        struct Person: Decodable { let member: MemberID; let name: String; let idNumber: String; let topics: [String]? }
        let households: [Household]
    }

    @Test func `numbers are disclosed for a purpose, which is noted, and kept nowhere`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry())
            _ = try await bench.imported("changes", bench.changeSheet([birth(entry())]))
            let household = try #require(try await bench.cases().first).household
            func ask(_ topics: [String], _ purpose: String = "department verification") async throws -> TestService.Answer {
                let body = #"{"households":["\#(household)"],"topics":[\#(topics.map { "\"\($0)\"" }.joined(separator: ","))],"purpose":"\#(purpose)"}"#
                return try await bench.service.call(.post, "/v1/identifiers", Array(body.utf8), [:])
            }
            let vehicles = try await ask(["VEHICLE"]).json(Disclosed.self)
            #expect(vehicles.households.first?.persons.map(\.idNumber) == entry().members.map(\.residentID.reveal))
            // Who is only said to have joined is asked about where that is the question.
            #expect(try await ask(["RESIDENCE"]).json(Disclosed.self).households.first?.persons.count == 4)
            let both = try await ask(["RESIDENCE", "VEHICLE"]).json(Disclosed.self)
            #expect(both.households.first?.persons.map(\.topics) == [nil, nil, nil, ["RESIDENCE"]])
            #expect(try await ask(["VEHICLE"], "").status == 422)
            #expect(try await ask([]).status == 422)
            let noted = try await bench.service.store.work { work in
                try work.query("SELECT persons, array_to_string(topics, '+') AS topics FROM disclosures ORDER BY id").map { "\(try $0["topics", as: String.self]) \(try $0["persons", as: Int.self])" }
            }
            #expect(noted == ["VEHICLE 3", "RESIDENCE 4", "RESIDENCE+VEHICLE 4"])
        }
    }
}
