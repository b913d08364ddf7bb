import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// Surveys, rosters, proposals and explanations, over HTTP on a real PostgreSQL.
@Suite struct SurveyServiceTests {
    struct Batch: Encodable, Sendable {
        let campaign: CampaignID
        let records: [VisitRecord]
    }

    struct One: Encodable, Sendable {
        let campaign: CampaignID
        let record: VisitRecord
    }

    struct Received: Decodable {
        struct Record: Decodable {
            let key: String
            let outcome: String
            let visit: Int?
            let conflict: UUID?
            let found: Int?
            let fields: [String]?
            let faults: [Invalid.Fault]?
        }
        let records: [Record]
    }

    struct Decided: Encodable, Sendable {
        var take: Bool?
        var visit: Int?
        let by = "赵六"
        let reason = "实地核查"
    }

    func record(_ key: String, base: Int, _ change: (inout SurveyFacts) -> Void = { _ in }) -> VisitRecord {
        VisitRecord(
            key: key, household: "1", base: base, surveyor: "王五", evidence: [.init(kind: .photo, digest: String(repeating: "0a", count: 32))],
            facts: facts {
                $0.surveyedOn = day("2018-10-09")
                change(&$0)
            })
    }

    func send(_ bench: IntakeBench, _ records: VisitRecord...) async throws -> [Received.Record] {
        let answer = try await bench.service.post("/v1/surveys/batches", Batch(campaign: bench.campaign, records: records))
        #expect(answer.status == 201, "\(answer.text)")
        return try answer.json(Received.self).records
    }

    func explanation(_ bench: IntakeBench, _ query: String = "") async throws -> Explanation {
        let household = try #require(try await bench.service.told(HouseholdRegistered.self).first).household
        return try await bench.service.get("/v1/households/\(household)/explanation\(query)").json(Explanation.self)
    }

    // MARK: Visits

    @Test func `a batch made offline is taken record by record, and again changes nothing`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            let records = [record("a", base: 0), record("b", base: 1) { $0.housing = .b }, record("c", base: 1) { $0.housing = .d }]
            var elsewhere = record("d", base: 0)
            elsewhere.household = "77"
            let first = try await send(bench, records[0], records[1], records[2], elsewhere)
            #expect(first.map(\.outcome) == ["accepted", "accepted", "conflict", "invalid"])
            #expect(first[2].found == 2 && first[2].fields == ["housing"])
            #expect(first[3].faults?.map(\.code) == ["household.unknown"])
            let again = try await send(bench, records[0], records[1], records[2])
            #expect(again.map(\.outcome) == ["known", "known", "known"])
            #expect(again.map(\.conflict) == [nil, nil, first[2].conflict])
            // The same facts under another name are the same visit; another record under a known name is none.
            #expect(try await send(bench, record("e", base: 0)).map(\.visit) == [1])
            #expect(try await send(bench, record("a", base: 2) { $0.housing = .c }).first?.faults?.map(\.code) == ["record.key-reused"])
        }
    }

    @Test func `a record that cannot be read does not stop the others`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            let good = String(decoding: try JSON.encode(record("a", base: 0)), as: UTF8.self)
            let body = #"{"campaign":"\#(bench.campaign)","records":[{"key":"x"},\#(good)]}"#
            let answer = try await bench.service.post("/v1/surveys/batches", bytes: Array(body.utf8))
            #expect(try answer.json(Received.self).records.map(\.outcome) == ["invalid", "accepted"])
        }
    }

    @Test func `one record answers by its status`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            func post(_ record: VisitRecord) async throws -> Int {
                try await bench.service.post("/v1/surveys", One(campaign: bench.campaign, record: record)).status
            }
            #expect(try await post(record("a", base: 0)) == 201)
            #expect(try await post(record("a", base: 0)) == 200)
            #expect(try await post(record("b", base: 0) { $0.housing = .d }) == 409)
            #expect(try await post(record("c", base: 1) { $0.surveyedOn = day("2030-01-01") }) == 422)
        }
    }

    @Test func `a person resolves a conflict, once, and sees both versions for a purpose`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            let conflict = try #require(try await send(bench, record("a", base: 0), record("b", base: 0) { $0.housing = .d })[1].conflict).uuidString
            #expect(!(try await bench.service.get("/v1/survey-conflicts/\(conflict)").text.contains("housing")))
            #expect(try await bench.service.get("/v1/survey-conflicts/\(conflict)?purpose=review").text.contains(#""housing":"D""#))
            #expect(try await bench.service.get("/v1/survey-conflicts?campaign=\(bench.campaign)").text.contains(#""base":0,"found":1"#))
            let answer = try await bench.service.post("/v1/survey-conflicts/\(conflict)/resolution", Decided(take: true))
            #expect(answer.text == #"{"visit":2}"#)
            #expect(try await bench.service.post("/v1/survey-conflicts/\(conflict)/resolution", Decided(take: false)).status == 409)
            #expect(try await bench.service.get("/v1/survey-conflicts?campaign=\(bench.campaign)").text == "[]")
        }
    }

    @Test func `the newest complete visit counts, unless a person says otherwise`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            let household = try #require(try await bench.service.told(HouseholdRegistered.self).first).household
            func counting() async throws -> [Int] {
                struct Visit: Decodable { let number: Int; let counts: Bool }
                return try await bench.service.get("/v1/households/\(household)/visits").json([Visit].self).filter(\.counts).map(\.number)
            }
            var broken = record("c", base: 2) { $0.housing = .d }
            broken.complete = false
            _ = try await send(bench, record("a", base: 0), record("b", base: 1) { $0.housing = .c }, broken)
            #expect(try await counting() == [2])
            #expect(try await bench.service.post("/v1/households/\(household)/visit-choice", Decided(visit: 9)).status == 404)
            #expect(try await bench.service.post("/v1/households/\(household)/visit-choice", Decided(visit: 1)).status == 204)
            #expect(try await counting() == [1])
            #expect(try await explanation(bench, "?purpose=x").cases.isEmpty)
            _ = try await send(bench, record("d", base: 3) { $0.housing = .b })
            #expect(try await counting() == [4])
        }
    }

    @Test func `a later visit has its case judged again`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            _ = try await bench.command("rosters")
            _ = try await send(bench, record("a", base: 0))
            _ = try await bench.command("assessments")
            _ = try await bench.command("assessments")
            #expect(try await bench.service.told(CaseSurveyed.self).map(\.met) == [true])
            _ = try await send(bench, record("b", base: 1) { $0.housing = .d })
            _ = try await bench.command("assessments")
            #expect(try await bench.service.told(CaseSurveyed.self).map(\.reasons) == [[], ["exit.C3"]])
        }
    }

    // MARK: Explanation

    @Test func `an explanation withholds figures, and shows them for a purpose that is noted`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            _ = try await bench.command("rosters")
            _ = try await send(bench, record("a", base: 0))
            _ = try await bench.command("assessments")
            let masked = try await explanation(bench)
            let shown = try #require(masked.cases.first)
            #expect((shown.kind, shown.status) == (.exit, "surveyed"))
            #expect(shown.proposal.signs.isEmpty && shown.visits.first?.facts == nil)
            #expect(shown.assessments.first?.record.lines.allSatisfy { $0.compared.isEmpty } == true)
            #expect(shown.assessments.first?.record.lines.map(\.rule).contains("exit.C1") == true)

            let disclosed = try #require(try await explanation(bench, "?purpose=objection").cases.first)
            #expect(disclosed.proposal.signs.map(\.sign) == ["income.above-exit-line"])
            #expect(disclosed.proposal.income?.net == Money(yuan: 30_000))
            #expect(disclosed.visits.map(\.facts?.income?.net) == [Money(yuan: 20_000)])
            let income = try #require(disclosed.assessments.first?.record.lines.first { $0.rule == "exit.C1" })
            #expect(income.compared.last?.figures == .income(net: Money(yuan: 20_000), year: 2018, line: Money(yuan: 3_500), members: 3))
            #expect(income.compared.last?.wording.en == "net income of 2018 2000000 fen, against 350000 × 3 = 1050000 fen")
            #expect(disclosed.steps.map(\.place) == ["proposed", "surveyed"])
            let noted = try await bench.service.store.work { try $0.query("SELECT topic, purpose FROM disclosures").map { "\(try $0["topic", as: String.self]) \(try $0["purpose", as: String.self])" } }
            #expect(noted == ["EXPLANATION objection"])
            // Nothing of it lies open.
            let open = try await bench.service.store.work { try $0.query("SELECT encode(sealed, 'escape') AS text FROM assessments").map { try $0["text", as: String.self] } }
            #expect(open.allSatisfy { !$0.contains("2000000") && !$0.contains("exit.C1") })
        }
    }

    @Test func `before it was proposed there was nothing to explain`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            _ = try await bench.command("rosters")
            #expect(try await explanation(bench, "?at=2018-10-09").cases.isEmpty)
            #expect(try await explanation(bench, "?at=2018-10-10").cases.map(\.status) == ["proposed"])
            let household = try #require(try await bench.cases().first)
            #expect(try await bench.service.get("/v1/households/\(household.household)/explanation?at=tomorrow").status == 422)
            #expect(try await bench.service.get("/v1/cases/\(household.case)/explanation").json(Explanation.self).cases.map(\.case) == [household.case])
            #expect(try await bench.service.get("/v1/cases/\(UUID())/explanation").status == 404)
        }
    }

    @Test func `it tells who judged and why, what departments answered, and where review has it`() async throws {
        try await IntakeBench.with { bench in
            var household = entry("1")
            household.clues.circumstance = .largeProducer
            _ = try await bench.register(household)
            _ = try await bench.command("rosters")
            _ = try await send(bench, record("a", base: 0) { $0.circumstance = .init(.largeProducer, on: day("2016-01-01")) })
            _ = try await bench.command("assessments")
            let removal = try #require(try await bench.cases().first)
            #expect(try await bench.service.post("/v1/cases/\(removal.case)/judgement", ["eligible": true]).status == 422)
            #expect(try await bench.service.post("/v1/cases/\(removal.case)/judgement", RoundTests.Judgement(eligible: true, by: "王五", reason: "属实")).status == 200)
            try await bench.verify(removal.household, .consistent)
            try await bench.service.deliver(
                CaseMoved(case: removal.case, household: removal.household, kind: .removal, status: .surveyed, movedAt: october10),
                CaseReported(case: removal.case, household: removal.household, kind: .removal, gate: [], reportedAt: october10),
                CaseMoved(case: removal.case, household: removal.household, kind: .removal, status: .reopened, movedAt: october10))
            let shown = try #require(try await explanation(bench, "?purpose=x").cases.first)
            #expect(shown.judgements.map(\.by) == ["王五"] && shown.judgements.map(\.reason) == ["属实"])
            #expect(shown.departments.map(\.department) == [.police])
            #expect(shown.steps.filter { $0.teller == "review" }.map(\.place) == ["surveyed", "reported", "reopened"])
            #expect(shown.status == "reopened")
            #expect(shown.steps.last { $0.teller == "intake" }?.reasons == ["county.returned"])
            #expect(try await explanation(bench).cases.first?.judgements.first?.reason == nil)
        }
    }

    // MARK: Rosters and analysis

    @Test func `the leader fixes a roster, and what comes later makes its next edition`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            let path = "/v1/campaigns/\(bench.campaign)/rosters"
            #expect(try await bench.service.post("\(path)/EXIT/fixing", Decided()).status == 409)
            _ = try await bench.command("rosters")
            #expect(try await bench.service.post("\(path)/EXIT/fixing", Decided()).text == #"{"kind":"EXIT","status":"fixed","edition":1,"cases":1}"#)
            #expect(try await bench.service.post("\(path)/EXIT/fixing", Decided()).status == 409)
            #expect(try await bench.service.post("\(path)/CLEAROUT/fixing", Decided()).status == 404)
            _ = try await bench.register(ready("1"), ready("2", from: 10))
            _ = try await bench.command("rosters")
            struct Roster: Decodable {
                struct Line: Decodable { let number: String; let edition: Int; let reasons: [ProposalBasis.SignShown]? }
                struct Step: Decodable { let edition: Int; let status: String; let cases: Int; let by: String? }
                let kind: CaseKind
                let status: String?
                let lines: [Line]
                let history: [Step]
            }
            let rosters = try await bench.service.get("\(path)?purpose=leader").json([Roster].self)
            #expect(rosters.map(\.kind) == [.removal, .exit, .return, .new])
            #expect(rosters.map(\.status) == [nil, "drafted", nil, nil])
            #expect(rosters[1].lines.map(\.edition) == [1, 2])
            #expect(rosters[1].lines.first?.reasons?.map(\.sign) == ["income.above-exit-line"])
            #expect(rosters[1].history.map { "\($0.edition) \($0.status) \($0.cases) \($0.by ?? "-")" } == ["1 drafted 1 -", "1 fixed 1 赵六", "2 drafted 1 -"])
            #expect(try await bench.service.get(path).json([Roster].self)[1].lines.allSatisfy { $0.reasons == nil })
        }
    }

    @Test func `the analysis counts by residents' group and says why for a purpose`() async throws {
        try await IntakeBench.with { bench in
            var rich = ready("2", from: 10)
            rich.clues.circumstance = .costlyVehicle
            _ = try await bench.register(ready("1"), rich)
            let path = "/v1/campaigns/\(bench.campaign)/analysis"
            let counted = try await bench.service.get(path).text
            #expect(counted.contains(#""groups":[{"division":"530427001001-01","registered":2,"exited":0,"notRegistered":0,"persons":6,"candidates":{"EXIT":1,"REMOVAL":1},"keyCheck":2,"rich":1}]"#), "\(counted)")
            #expect(!counted.contains("removal.clue"))
            #expect(try await bench.service.get("\(path)?purpose=analysis").text.contains("removal.clue"))
            let noted = try await bench.service.store.work { try $0.query("SELECT household_id FROM disclosures WHERE purpose = 'analysis'").count }
            #expect(noted == 2)
        }
    }

    // MARK: Proposals by a person

    struct Order: Encodable, Sendable {
        struct Change: Encodable, Sendable {
            let reason: String
            var on: LocalDate?
            var evidence: String?
            var newcomer: [String: String]?
        }
        let campaign: CampaignID
        let household: String
        let kind: CaseKind
        var person: String?
        var change: Change?
        let by = "王五"
        let reason = "入户走访发现"
    }

    @Test func `a person proposes a case of any kind, within its guards`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(entry("1"), entry("2", status: .exited, from: 10))
            _ = try await bench.imported("not_registered", bench.registeredSheet([entry("W3", status: nil, from: 20)], .notRegistered))
            func propose(_ household: String, _ kind: CaseKind, person: String? = nil, _ change: Order.Change? = nil) async throws -> TestService.Answer {
                try await bench.service.post("/v1/cases", Order(campaign: bench.campaign, household: household, kind: kind, person: person, change: change))
            }
            #expect(try await propose("9", .exit).status == 422)
            #expect(try await propose("1", .return).text.contains("intake.household-not-exited"))
            #expect(try await propose("1", .exit).status == 201)
            #expect(try await propose("1", .removal).text.contains("intake.household-has-open-case"))
            #expect(try await propose("2", .return).status == 201)
            #expect(try await propose("W3", .new).status == 201)
            #expect(try await propose("1", .clearOut, person: "103", .init(reason: "K01")).status == 201)
            #expect(try await propose("1", .clearOut, person: "103", .init(reason: "K01")).status == 409)
            #expect(try await propose("1", .clearOut, person: "102", .init(reason: "D01")).status == 422)
            let death = Order.Change(reason: "D01", on: day("2018-05-05"), evidence: "ZM-1")
            #expect(try await propose("2", .naturalChange, person: "201", death).status == 201)
            #expect(try await propose("2", .naturalChange, person: "201", death).status == 409)
            let birth = Order.Change(
                reason: "A01", on: day("2018-03-01"), evidence: "ZM-2",
                newcomer: ["name": "李芳", "idNumber": residentID("20180301", 2).reveal, "relation": "03"])
            #expect(try await propose("2", .naturalChange, person: "299", birth).status == 201)
            #expect(try await bench.service.told(CaseProposed.self).map(\.kind) == [.exit, .return, .new, .clearOut, .naturalChange, .naturalChange])
            #expect(try await explanation(bench, "?purpose=x").cases.first?.proposal.reason == "入户走访发现")
        }
    }

    // MARK: Who joins and leaves

    @Test func `a divisor that changes is told with a new assessment, and the last to leave opens a closing decision`() async throws {
        try await IntakeBench.with { bench in
            var household = ready("1")
            household.members = Array(household.members.prefix(1))
            _ = try await bench.register(household)
            _ = try await bench.command("rosters")
            try await bench.survey(["1": facts()])
            _ = try await bench.command("assessments")
            let exit = try #require(try await bench.cases().first)
            _ = try await bench.imported("changes", bench.changeSheet([["1", household.members[0].number, "D01", "2018-03-01", "ZM-2", "", "", ""]]))
            try await bench.verify(exit.household, .consistent)
            let told = try await bench.service.told(CaseReassessed.self)
            #expect(told.map(\.memberCount) == [0] && told.map(\.verdict) == [.notMet] && told.map(\.reasons) == [["household.someone-left"]])
            #expect(try await explanation(bench, "?purpose=x").cases.first?.assessments.map(\.occasion) == ["survey", "members"])
            let closings = "/v1/campaigns/\(bench.campaign)/closings"
            #expect(try await bench.service.get(closings).text.contains(#""decided":false"#))
            #expect(try await bench.service.post("/v1/households/\(exit.household)/closure", [String: String]()).status == 204)
            #expect(try await bench.service.get(closings).text.contains(#""decided":true"#))
        }
    }

    @Test func `a clear-out changes the divisor too`() async throws {
        try await IntakeBench.with { bench in
            var household = ready("1")
            household.members[2].clearOutClue = "K01"
            _ = try await bench.register(household)
            _ = try await bench.command("rosters")
            try await bench.survey(["1": facts { $0.clearOut = .init(person: household.members[2].number, reason: "K01", on: day("2014-01-01")) }])
            _ = try await bench.command("assessments")
            let clearOut = try #require(try await bench.cases().first { $0.kind == .clearOut })
            try await bench.announce(clearOut, .clearOut)
            #expect(try await bench.service.told(CaseReassessed.self).map(\.memberCount) == [2])
            #expect(try await bench.cases().first { $0.kind == .exit }?.status == "surveyed")
        }
    }

    @Test func `what the county returned is reopened, and goes on when review does`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            _ = try await bench.command("rosters")
            try await bench.survey(["1": facts()])
            _ = try await bench.command("assessments")
            let exit = try #require(try await bench.cases().first)
            func move(_ status: CaseStatus) async throws -> String? {
                try await bench.service.deliver(CaseMoved(case: exit.case, household: exit.household, kind: .exit, status: status, movedAt: october10))
                return try await bench.cases().first?.status
            }
            #expect(try await move(.awaitingGate) == "surveyed")
            #expect(try await move(.reopened) == "reopened")
            // Nothing new was found: the old survey does not dispel the doubt.
            _ = try await bench.command("assessments")
            #expect(try await bench.cases().first?.status == "reopened")
            #expect(try await move(.awaitingGate) == "surveyed")
            try await bench.announce(exit, .exit)
            #expect(try await bench.cases().first?.status == "marked")
        }
    }
}
