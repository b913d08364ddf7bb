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
        let reason = "实地核查"
    }

    struct Purpose: Encodable, Sendable {
        let purpose: String
    }

    let clerk = ["Lika-Actor": "zhaoliu"]

    /// A decision on what was seen as `version`.
    func decide(_ bench: IntakeBench, _ path: String, _ decided: Decided, on version: Int) async throws -> TestService.Answer {
        try await bench.service.post(path, decided, headers: clerk.merging(["If-Match": "\"\(version)\""]) { $1 })
    }

    func reveal(_ bench: IntakeBench, _ path: String, for purpose: String = "review", at day: String? = nil) async throws -> TestService.Answer {
        try await bench.service.call(
            .post, "\(path)/reveal\(day.map { "?at=\($0)" } ?? "")", JSON.encode(Purpose(purpose: purpose)), clerk)
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

    func household(_ bench: IntakeBench) async throws -> HouseholdID {
        try #require(try await bench.service.told(HouseholdRegistered.self).first).household
    }

    func explanation(_ bench: IntakeBench, at day: String? = nil) async throws -> Explanation {
        try await bench.service.get("/v1/households/\(household(bench))/explanation\(day.map { "?at=\($0)" } ?? "")").json(Explanation.self)
    }

    func disclosed(_ bench: IntakeBench, for purpose: String = "review") async throws -> Explanation {
        try await reveal(bench, "/v1/households/\(household(bench))/explanation", for: purpose).json(Explanation.self)
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
            #expect(try await post(record("b", base: 0) { $0.housing = .d }) == 202)
            #expect(try await post(record("c", base: 1) { $0.surveyedOn = day("2030-01-01") }) == 422)
        }
    }

    @Test func `a person resolves a conflict, once, and sees both versions for a purpose`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            let conflict = try #require(try await send(bench, record("a", base: 0), record("b", base: 0) { $0.housing = .d })[1].conflict).uuidString
            let path = "/v1/survey-conflicts/\(conflict)"
            #expect(!(try await bench.service.get(path).text.contains("housing")))
            let revealed = try await reveal(bench, path).text
            #expect(revealed.contains(#""fields":["housing"]"#) && revealed.contains(#""housing":"A""#) && revealed.contains(#""housing":"D""#))
            #expect(try await bench.service.call(.post, path + "/reveal", JSON.encode(Purpose(purpose: "review")), [:]).status == 400)
            #expect(try await bench.service.get("/v1/survey-conflicts?campaign=\(bench.campaign)").text.contains(#""base":0,"found":1"#))
            #expect(try await bench.service.post("\(path)/resolution", Decided(take: true), headers: clerk).status == 428)
            #expect(try await decide(bench, "\(path)/resolution", Decided(take: true), on: 0).status == 412)
            #expect(try await decide(bench, "\(path)/resolution", Decided(take: true), on: 1).text == #"{"visit":2}"#)
            #expect(try await decide(bench, "\(path)/resolution", Decided(take: false), on: 2).status == 409)
            #expect(try await bench.service.get("/v1/survey-conflicts?campaign=\(bench.campaign)").text == "[]")
        }
    }

    @Test func `the newest complete visit counts, unless a person says otherwise`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            let household = try await household(bench)
            func counting() async throws -> [Int] {
                struct Visit: Decodable { let number: Int; let counts: Bool }
                return try await bench.service.get("/v1/households/\(household)/visits").json([Visit].self).filter(\.counts).map(\.number)
            }
            var broken = record("c", base: 2) { $0.housing = .d }
            broken.complete = false
            _ = try await send(bench, record("a", base: 0), record("b", base: 1) { $0.housing = .c }, broken)
            #expect(try await counting() == [2])
            let path = "/v1/households/\(household)/visit-choice"
            #expect(try await decide(bench, path, Decided(visit: 9), on: 3).status == 404)
            // Somebody who has not seen the third does not know what they choose against.
            #expect(try await decide(bench, path, Decided(visit: 1), on: 2).status == 412)
            #expect(try await decide(bench, path, Decided(visit: 1), on: 3).status == 204)
            #expect(try await counting() == [1])
            #expect(try await disclosed(bench).cases.isEmpty)
            _ = try await send(bench, record("d", base: 3) { $0.housing = .b })
            #expect(try await counting() == [4])
        }
    }

    @Test func `a later visit has its case judged again`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            _ = try await bench.command("rosters")
            _ = try await send(bench, record("a", base: 0))
            #expect(try await bench.service.told(CaseSurveyed.self).isEmpty)
            _ = try await bench.command("assessments")
            _ = try await bench.command("assessments")
            #expect(try await bench.service.told(CaseSurveyed.self).map(\.met) == [true])
            _ = try await send(bench, record("b", base: 1) { $0.housing = .d })
            #expect(try await bench.service.told(CaseSurveyed.self).map(\.reasons) == [[], ["exit.C3"]])
        }
    }

    @Test func `what is told of a survey says which account recorded it, by no name`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            _ = try await bench.command("rosters")
            _ = try await bench.service.post("/v1/surveys/batches", Batch(campaign: bench.campaign, records: [record("a", base: 0)]), headers: clerk)
            _ = try await bench.command("assessments")
            let told = try #require(try await bench.service.told(CaseSurveyed.self).first)
            #expect(told.surveyedBy == Actor(account: "zhaoliu").alias(in: told.case.rawValue))
            _ = try await send(bench, record("b", base: 1) { $0.housing = .d })
            #expect(try await bench.service.told(CaseSurveyed.self).map { $0.surveyedBy == nil } == [false, true], "nobody in particular recorded the second")
        }
    }

    @Test func `a choice between visits has the case judged by the chosen one`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            _ = try await bench.command("rosters")
            _ = try await send(bench, record("a", base: 0) { $0.acknowledged = false }, record("b", base: 1))
            _ = try await bench.command("assessments")
            #expect(try await bench.cases().map(\.status) == ["surveyed"])
            #expect(try await decide(bench, "/v1/households/\(household(bench))/visit-choice", Decided(visit: 1), on: 2).status == 204)
            #expect(try await bench.cases().map(\.status) == ["dropped"])
            #expect(try await bench.service.told(CaseSurveyed.self).last?.reasons == ["exit.acknowledged"])
        }
    }

    @Test func `a second sheet is a second visit, and the same sheet again is none`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            _ = try await bench.command("rosters")
            try await bench.survey(["1": facts()])
            _ = try await bench.command("assessments")
            try await bench.survey(["1": facts()])
            try await bench.survey(["1": facts { $0.housing = .c }])
            #expect(try await bench.cases().map(\.status) == ["dropped"])
            #expect(try await disclosed(bench).cases.first?.visits.map(\.facts?.housing) == [.a, .c])
        }
    }

    @Test func `what waits for a person is judged anew by a visit and by new settings only`() async throws {
        try await IntakeBench.with { bench in
            var household = entry("1")
            household.clues.circumstance = .largeProducer
            _ = try await bench.register(household)
            _ = try await bench.command("rosters")
            _ = try await send(bench, record("a", base: 0) { $0.circumstance = .init(.largeProducer, on: day("2016-01-01")) })
            func assessed() async throws -> Int {
                _ = try await bench.command("assessments")
                return try await explanation(bench).cases.first?.assessments.count ?? 0
            }
            #expect(try await assessed() == 1)
            #expect(try await assessed() == 1)
            let settings = try await bench.service.get("/v1/campaigns/\(bench.campaign)/settings").text
            let changed = settings.replacingOccurrences(of: "350000", with: "360000").dropLast() + #","reason":"x"}"#
            let put = try await bench.service.call(
                .put, "/v1/campaigns/\(bench.campaign)/settings", Array(changed.utf8), clerk.merging(["If-Match": "\"1\""]) { $1 })
            #expect(put.status == 200, "\(put.text)")
            #expect(try await assessed() == 2)
            #expect(try await explanation(bench).cases.first?.assessments.map(\.record.ruleSet) == ["2018.2.1", "2018.2.2"])
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
            #expect(masked.headName == "李*")
            let shown = try #require(masked.cases.first)
            #expect((shown.kind, shown.status) == (.exit, "surveyed"))
            #expect(shown.proposal.signs.isEmpty && shown.visits.first?.facts == nil)
            #expect(shown.assessments.first?.record.lines.allSatisfy { $0.compared.isEmpty } == true)
            #expect(shown.assessments.first?.record.lines.map(\.rule).contains("exit.C1") == true)

            let whole = try await disclosed(bench, for: "objection")
            #expect(whole.headName == "李0")
            let disclosed = try #require(whole.cases.first)
            #expect(disclosed.proposal.signs.map(\.sign) == ["income.above-exit-line"])
            #expect(disclosed.proposal.income?.net == Money(yuan: 30_000))
            #expect(disclosed.visits.map(\.facts?.income?.net) == [Money(yuan: 20_000)])
            let income = try #require(disclosed.assessments.first?.record.lines.first { $0.rule == "exit.C1" })
            #expect(income.compared.last?.figures == .income(net: Money(yuan: 20_000), year: 2018, line: Money(yuan: 3_500), members: 3))
            #expect(income.compared.last?.wording.en == "net income of 2018 2000000 fen, against 350000 × 3 = 1050000 fen")
            #expect(disclosed.steps.map(\.place) == ["proposed", "surveyed"])
            let noted = try await bench.service.store.work { work in
                try work.query("SELECT kind, actor, purpose FROM disclosures").map {
                    "\(try $0["kind", as: String.self]) \(try $0["actor", as: String.self]) \(try $0["purpose", as: String.self])"
                }
            }
            #expect(noted == ["explanation zhaoliu objection"])
            // Nothing of it lies open.
            let open = try await bench.service.store.work { try $0.query("SELECT encode(sealed, 'escape') AS text FROM assessments").map { try $0["text", as: String.self] } }
            #expect(open.allSatisfy { !$0.contains("2000000") && !$0.contains("exit.C1") })
        }
    }

    @Test func `before it was proposed there was nothing to explain`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            _ = try await bench.command("rosters")
            #expect(try await explanation(bench, at: "2018-10-09").cases.isEmpty)
            #expect(try await explanation(bench, at: "2018-10-10").cases.map(\.status) == ["proposed"])
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
            #expect(try await bench.service.post("/v1/cases/\(removal.case)/judgement", ["eligible": true], headers: clerk).status == 422)
            let judgement = RoundTests.Judgement(eligible: true, reason: "属实")
            #expect(try await bench.service.post("/v1/cases/\(removal.case)/judgement", judgement).status == 400)
            #expect(try await bench.service.post("/v1/cases/\(removal.case)/judgement", judgement, headers: clerk).status == 200)
            try await bench.verify(removal.household, .consistent)
            try await bench.service.deliver(
                CaseMoved(case: removal.case, household: removal.household, kind: .removal, status: .surveyed, movedAt: october10),
                CaseReported(case: removal.case, household: removal.household, kind: .removal, gate: [], reportedAt: october10),
                CaseMoved(case: removal.case, household: removal.household, kind: .removal, status: .reopened, movedAt: october10))
            let shown = try #require(try await disclosed(bench).cases.first)
            #expect(shown.judgements.map(\.by) == ["zhaoliu"] && shown.judgements.map(\.reason) == ["属实"])
            #expect(shown.departments.map(\.department) == [.police])
            #expect(shown.steps.filter { $0.teller == "review" }.map(\.place) == ["surveyed", "reported", "reopened"])
            #expect(shown.status == "reopened")
            #expect(shown.steps.last { $0.teller == "intake" }?.reasons == ["county.returned"])
            #expect(shown.steps.filter { $0.teller == "intake" }.map { "\($0.place) \($0.by)" }
                == ["proposed unnamed", "referred unnamed", "surveyed zhaoliu", "reported lika", "reopened lika"])
            #expect(try await explanation(bench).cases.first?.judgements.first?.reason == nil)
        }
    }

    // MARK: Rosters and analysis

    @Test func `the leader fixes a roster, and what comes later makes its next edition`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            let path = "/v1/campaigns/\(bench.campaign)/rosters"
            func fix(_ kind: String, on version: Int) async throws -> TestService.Answer { try await decide(bench, "\(path)/\(kind)/fixing", Decided(), on: version) }
            #expect(try await fix("EXIT", on: 0).status == 409)
            _ = try await bench.command("rosters")
            // Whoever has seen it empty has not seen what they would answer for.
            #expect(try await fix("EXIT", on: 0).status == 412)
            #expect(try await fix("EXIT", on: 1).text == #"{"kind":"EXIT","status":"fixed","edition":1,"cases":1}"#)
            #expect(try await fix("EXIT", on: 2).status == 409)
            #expect(try await fix("CLEAROUT", on: 0).status == 404)
            _ = try await bench.register(ready("1"), ready("2", from: 10))
            _ = try await bench.command("rosters")
            struct Roster: Decodable {
                struct Line: Decodable { let number: String; let headName: String; let edition: Int; let reasons: [ProposalBasis.SignShown]? }
                struct Step: Decodable { let edition: Int; let status: String; let cases: Int; let by: String; let reason: String? }
                let kind: CaseKind
                let status: String?
                let version: Int
                let lines: [Line]
                let history: [Step]
            }
            let rosters = try await reveal(bench, path, for: "leader").json([Roster].self)
            #expect(rosters.map(\.kind) == [.removal, .exit, .return, .new])
            #expect(rosters.map(\.status) == [nil, "drafted", nil, nil])
            #expect(rosters.map(\.version) == [0, 3, 0, 0])
            #expect(rosters[1].lines.map(\.edition) == [1, 2])
            #expect(rosters[1].lines.map(\.headName) == ["李*", "李*"])
            #expect(rosters[1].lines.first?.reasons?.map(\.sign) == ["income.above-exit-line"])
            #expect(rosters[1].history.map { "\($0.edition) \($0.status) \($0.cases) \($0.by) \($0.reason ?? "-")" }
                == ["1 drafted 1 unnamed -", "1 fixed 1 zhaoliu 实地核查", "2 drafted 1 unnamed -"])
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
            #expect(try await reveal(bench, path, for: "analysis").text.contains("removal.clue"))
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
        let reason = "入户走访发现"
    }

    @Test func `a person proposes a case of any kind, within its guards`() async throws {
        try await IntakeBench.with { bench in
            var exited = entry("2", status: .exited, from: 10)
            exited.exitYear = 2016
            _ = try await bench.register(entry("1"), exited)
            _ = try await bench.imported("not_registered", bench.registeredSheet([entry("W3", status: nil, from: 20)], .notRegistered))
            func propose(_ household: String, _ kind: CaseKind, person: String? = nil, _ change: Order.Change? = nil) async throws -> TestService.Answer {
                try await bench.service.post(
                    "/v1/cases", Order(campaign: bench.campaign, household: household, kind: kind, person: person, change: change), headers: clerk)
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
            let proposal = try await disclosed(bench).cases.first?.proposal
            #expect((proposal?.by, proposal?.reason) == ("zhaoliu", "入户走访发现"))
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
            #expect(try await explanation(bench).cases.first?.assessments.map(\.occasion) == ["survey", "members"])
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

    @Test func `what has gone to the county is told of a change and left to it`() async throws {
        try await IntakeBench.with { bench in
            let household = ready("1")
            _ = try await bench.register(household)
            _ = try await bench.command("rosters")
            try await bench.survey(["1": facts(income: Money(yuan: 3_500) * 4)])
            _ = try await bench.command("assessments")
            let exit = try #require(try await bench.cases().first)
            _ = try await bench.imported("changes", bench.changeSheet([RoundTests().birth(household)]))
            try await bench.service.deliver(CaseReported(case: exit.case, household: exit.household, kind: .exit, gate: [], reportedAt: october10))
            try await bench.verify(exit.household, .consistent)
            #expect(try await bench.service.told(CaseReassessed.self).map(\.verdict) == [.notMet])
            #expect(try await bench.service.told(CaseSurveyed.self).map(\.met) == [true])
            #expect(try await bench.cases().first { $0.kind == .exit }?.status == "reported")
            try await bench.service.deliver(
                CaseConfirmed(
                    case: exit.case, household: exit.household, campaign: bench.campaign, kind: .exit, division: group, headName: "李0", memberCount: 3,
                    confirmedAt: october10))
            try await bench.announce(exit, .exit)
            #expect(try await bench.cases().first { $0.kind == .exit }?.status == "marked")
            let steps = try #require(try await explanation(bench).cases.first { $0.kind == .exit }?.steps)
            #expect(steps.filter { $0.teller == "review" }.map(\.place) == ["reported", "confirmed", "announced"])
        }
    }

    @Test func `when the head dies the spouse is head in the same transaction, and the open case is judged by who is left`() async throws {
        try await IntakeBench.with { bench in
            let household = ready("1")
            _ = try await bench.register(household)
            _ = try await bench.command("rosters")
            try await bench.survey(["1": facts()])
            _ = try await bench.command("assessments")
            let exit = try #require(try await bench.cases().first)
            _ = try await bench.imported("changes", bench.changeSheet([RoundTests().death(household, 0)]))
            try await bench.verify(exit.household, .consistent)
            let transactions = try await bench.service.store.work { work in
                try work.query("SELECT xmin::text AS id FROM outbox WHERE type IN (\(HouseholdMarked.name), \(CaseReassessed.name))").map { try $0["id", as: String.self] }
            }
            #expect(transactions.count == 2 && Set(transactions).count == 1)
            let members = try await bench.service.store.work { work in
                try work.query("SELECT relation, state FROM members ORDER BY position").map { "\(try $0["relation", as: String.self]) \(try $0["state", as: String.self])" }
            }
            #expect(members == ["01 ended", "01 active", "03 active"])
            #expect(try await bench.service.told(CaseReassessed.self).map(\.memberCount) == [2])
        }
    }

    @Test func `the analysis counts whoever is there now, not whoever stood in the sheet`() async throws {
        try await IntakeBench.with { bench in
            // Above the exit line for three, not for four.
            var household = ready("1")
            household.income = YearlyIncome(year: 2017, net: Money(yuan: 3_500) * 4)
            _ = try await bench.register(household)
            func analysed() async throws -> String { try await bench.service.get("/v1/campaigns/\(bench.campaign)/analysis").text }
            #expect(try await analysed().contains(#""persons":3,"candidates":{"EXIT":1}"#))
            _ = try await bench.imported("changes", bench.changeSheet([RoundTests().birth(household)]))
            try await bench.verify(try await self.household(bench), .consistent)
            #expect(try await analysed().contains(#""persons":4,"candidates":{},"keyCheck":0"#))
            #expect(try await bench.command("rosters").text == #"{"proposed":{},"alreadyProposed":0}"#)
        }
    }

    @Test func `a device that never got its answer sends the batch again and gets the same`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            let batch = Batch(campaign: bench.campaign, records: [record("a", base: 0), record("b", base: 0) { $0.housing = .d }])
            let first = try await bench.service.post("/v1/surveys/batches", batch, key: "device-7")
            #expect(try await bench.service.post("/v1/surveys/batches", batch, key: "device-7").text == first.text)
            let again = try await bench.service.post("/v1/surveys/batches", batch, key: "device-8").json(Received.self).records
            #expect(again.map(\.outcome) == ["known", "known"])
            let kept = try await bench.service.store.work { try $0.first("SELECT (SELECT count(*) FROM visits) + (SELECT count(*) FROM survey_conflicts) AS kept")?["kept", as: Int.self] }
            #expect(kept == 2)
        }
    }
}
