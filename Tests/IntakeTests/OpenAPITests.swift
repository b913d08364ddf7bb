import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Registry
import TestKit
import Testing

@testable import Intake

/// `openapi.yaml` is what intake is. The benches of all suites hold each call against it; this one leaves out no operation.
@Suite struct OpenAPITests {
    @Test func `the routes for programs are those of the document`() async throws {
        try await IntakeBench.with { bench in
            let openAPI = try OpenAPI(of: "Intake")
            #expect(openAPI.differences(from: bench.service.routes) == [])
        }
    }

    @Test func `every operation is taken, and answers as the document says`() async throws {
        try await PositionBench.with { bench in
            let walk = Walk(bench: bench)
            try await walk.campaign()
            try await walk.positions()
            try await walk.sheets()
            try await walk.households()
            try await walk.surveys()
            try await walk.cases()
            try await walk.closing()
            try await walk.teams()
            try await walk.tips()
            #expect(IntakeBench.openAPI.operations.subtracting(bench.service.takenOperations).sorted() == [])
        }
    }
}

/// One way through all operations. A call that is refused fails at once.
private struct Walk {
    let bench: PositionBench

    var id: CampaignID { bench.bench.campaign }
    var campaign: String { bench.campaign }
    var inCampaign: String { "?campaign=\(id)" }

    @discardableResult
    func call(_ method: String, _ path: String, _ body: String = "", on version: Int? = nil, by actor: String = "office") async throws -> TestService.Answer {
        var headers = ["Lika-Actor": actor, "Idempotency-Key": "\"\(UUID())\""]
        headers["If-Match"] = version.map { "\"\($0)\"" }
        let answer = try await bench.service.call(.init(method)!, path, Array(body.utf8), headers)
        try #require((200..<300).contains(answer.status), "\(method) \(path) \(answer.text)")
        return answer
    }

    @discardableResult
    func get(_ path: String) async throws -> TestService.Answer { try await call("GET", path) }

    func reveal(_ path: String) async throws { try await call("POST", path + "/reveal", #"{"purpose":"年度核对"}"#) }

    func household(_ number: String) async throws -> HouseholdID {
        struct Listed: Decodable { let household: HouseholdID }
        return try #require(try await get("/v1/households\(inCampaign)&number=\(number)").json([Listed].self).first).household
    }

    // MARK: Ground

    func campaign() async throws {
        for path in ["/v1/campaigns", campaign, campaign + "/summary", campaign + "/summary/xlsx", campaign + "/summary/pdf", campaign + "/settings"] { try await get(path) }
        let settings = #"{"entryLine":295200,"exitLine":350000,"tipAnswerDays":5,"recallDays":1,"reason":"县里通知"}"#
        try await call("PUT", campaign + "/settings", settings, on: 1)
        try await get(campaign + "/settings/history")
        try await get("/v1/divisions?within=530427001")
    }

    func positions() async throws {
        try await get("/v1/divisions/\(PositionBench.first)/outline")
        try await get("/v1/position-accounts")
        #expect(try await bench.lookAnew().contains(#""added":6"#))
        let (door, seat) = (try bench.door("1"), bench.seat(PositionBench.first))
        for place in [door, seat] {
            #expect(try await bench.capture(place).status == 200)
            try await get(place)
        }
        try await call("PUT", door + "/mark", #"{"marked":true}"#, on: 1, by: "jiedao")
        try await call("PUT", bench.mark(PositionBench.first), #"{"marked":true}"#, on: 1, by: "jiedao")
        try await get(door + "/history")
        try await get("/v1/divisions/\(PositionBench.first)/seat/history\(inCampaign)")
        try await reveal(door)
        try await get(campaign + "/positions?within=530427001001&state=marked&limit=1")
        try await call("POST", campaign + "/positions/marks", #"{"marks":[{"seat":"530427001002","version":0},{"seat":"530427001001","version":1}]}"#, by: "jiedao")
        try await get(campaign + "/positions/progress")
        try await get(campaign + "/positions/progress.xlsx")
    }

    // MARK: Sheets and households

    func sheets() async throws {
        let report = try await bench.bench.register(ready("5", from: 40), ready("6", from: 50), entry("4", persons: 1, from: 30))
        #expect(report.entered == 3, "\(report.faults)")
        _ = try await bench.bench.imported("survey", sheet([["户编号"], ["1"]]))
        try await get("/v1/imports\(inCampaign)&limit=1")
        try await get("/v1/imports/\(report.import)")
        try await get("/v1/imports/\(report.import)/sheet")
        try await get("/v1/templates/changes?format=csv")
        for (kind, format) in [("checklist", "xlsx"), ("households", "csv")] {
            let asked = try await call(
                "POST", "/v1/exports", #"{"campaign":"\#(id)","kind":"\#(kind)","format":"\#(format)","within":"530427001","purpose":"年度核对"}"#)
            let export = try asked.json(ExportReport.self).export
            while try await bench.service.runErrands() {}
            #expect(try await get("/v1/exports/\(export)").json(ExportReport.self).state == .done)
            try await get("/v1/exports/\(export)/file")
        }
        try await get("/v1/exports\(inCampaign)&limit=1")
    }

    func households() async throws {
        let household = try await household("5")
        let path = "/v1/households/\(household)"
        struct Shown: Decodable { let version: Int; let members: [Person]; struct Person: Decodable { let member: MemberID } }
        let shown = try await get(path).json(Shown.self)
        try await get(path + "?at=2018-10-10")
        try await get("/v1/households\(inCampaign)&standing=registered&within=530427001&limit=1")
        try await call("PATCH", path, #"{"reason":"入户更正","household":{"floorArea":90,"safeWater":true}}"#, on: shown.version)
        try await get(path + "/history")
        try await reveal(path)
        try await reveal("/v1/members/\(try #require(shown.members.first).member)")
        try await call("POST", "/v1/households/search", #"{"idNumber":"\#(residentID("19700101", 30).reveal)","purpose":"来访"}"#)
        try await call("POST", "/v1/identifiers", #"{"households":["\#(household)"],"topics":["RESIDENCE"],"purpose":"部门核查"}"#)
        try await call("POST", "/v1/phones", #"{"households":["\#(household)"],"purpose":"notification"}"#)
    }

    // MARK: Surveys and cases

    func surveys() async throws {
        func record(_ key: String, _ change: (inout SurveyFacts) -> Void = { _ in }) -> VisitRecord {
            VisitRecord(
                key: key, household: "6", base: 0, surveyor: "王五", evidence: [.init(kind: .photo, digest: String(repeating: "0a", count: 32))],
                facts: facts { $0.surveyedOn = day("2018-10-09"); change(&$0) })
        }
        let one = SurveyServiceTests.One(campaign: id, record: record("a"))
        try await call("POST", "/v1/surveys", String(decoding: try JSON.encode(one), as: UTF8.self))
        let many = SurveyServiceTests.Batch(campaign: id, records: [record("a"), record("b") { $0.housing = .d }])
        let received = try await call("POST", "/v1/surveys/batches", String(decoding: try JSON.encode(many), as: UTF8.self)).json(SurveyServiceTests.Received.self)
        let conflict = "/v1/survey-conflicts/\(try #require(received.records.last?.conflict))"
        try await get("/v1/survey-conflicts\(inCampaign)&limit=1")
        try await get(conflict)
        try await reveal(conflict)
        try await call("POST", conflict + "/resolution", #"{"take":true,"reason":"实地核查"}"#, on: 1)
        let household = "/v1/households/\(try await household("6"))"
        try await get(household + "/visits")
        try await call("POST", household + "/visit-choice", #"{"visit":1,"reason":"实地核查"}"#, on: 2)
    }

    func cases() async throws {
        try await get(campaign + "/analysis")
        try await reveal(campaign + "/analysis")
        try await call("POST", campaign + "/rosters")
        try await get(campaign + "/rosters")
        try await reveal(campaign + "/rosters")
        try await call("POST", campaign + "/rosters/EXIT/fixing", #"{"reason":"组长审定"}"#, on: 1)
        try await call("POST", campaign + "/assessments")
        let exit = try #require(try await bench.bench.cases().first { $0.kind == .exit && $0.number == "6" })
        for path in ["/v1/cases/\(exit.case)/explanation", "/v1/households/\(exit.household)/explanation"] {
            try await get(path + "?at=2018-10-10")
            try await reveal(path)
        }
        let change = try await propose(death: "202", of: "2")
        try await bench.bench.verify(change.household, .cannotDetermine)
        try await call("POST", "/v1/cases/\(change.case)/judgement", #"{"eligible":false,"reason":"人在家中"}"#)
        try await get("/v1/cases\(inCampaign)&kind=EXIT&status=surveyed&number=6&limit=1")
    }

    /// Nobody is left in a household of one.
    func closing() async throws {
        let change = try await propose(death: "401", of: "4")
        try await bench.bench.verify(change.household, .consistent)
        #expect(try await get(campaign + "/closings").text.contains("\(change.household)"))
        try await call("POST", "/v1/households/\(change.household)/closure")
        func ask() async throws -> String {
            let asked = try await call("POST", "/v1/households/\(change.household)/purge", #"{"reason":"retention_over"}"#)
            return try #require(asked.headers["location"])
        }
        try await call("POST", ask() + "/refusal")
        let second = try await ask()
        try await get("/v1/countersignings")
        try await call("POST", second + "/confirmation", by: "jiedao")
    }

    private func propose(death person: String, of number: String) async throws -> IntakeBench.Case {
        try await call(
            "POST", "/v1/cases",
            #"""
            {"campaign":"\#(id)","household":"\#(number)","kind":"NATURAL","person":"\#(person)",
            "change":{"reason":"D01","on":"2018-05-05","evidence":"ZM-1"},"reason":"家属告知"}
            """#)
        return try #require(try await bench.bench.cases().first { $0.person == person })
    }

    // MARK: Teams and tips

    func teams() async throws {
        let team = String(decoding: try JSON.encode(WorkTeamTests.team()), as: UTF8.self)
        let formed = try await call("POST", "/v1/work-teams\(inCampaign)", team).json(WorkTeamTests.Shown.self)
        try await get("/v1/work-teams\(inCampaign)&for=530427001001")
        try await get("/v1/work-teams/\(formed.team)")
        try await call("PUT", "/v1/work-teams/\(formed.team)", team, on: 1)
    }

    func tips() async throws {
        try await call("PUT", "/v1/tip-offices", #"[{"division":"530427001","telephone":"0877-7012345","box":"街道办事处大门"}]"#)
        try await get("/v1/tip-offices\(inCampaign)")
        let given = try await call(
            "POST", "/v1/tips",
            #"""
            {"campaign":"\#(id)","place":"530427001001","channel":"box","text":"去年买了小汽车","household":"1","concerns":"community",
            "receivedOn":"2018-10-09","tipster":{"name":"赵六","contact":"街口小店"}}
            """#).json(TipRig.Receipt.self)
        for order in [
            #""act":"assign","level":"work_team","handler":"office""#, #""act":"investigate""#, #""act":"find","outcome":"dismissed","text":"车辆登记已核对""#,
            #""act":"answer","manner":"notice","text":"经核查，反映的情况不属实。""#,
        ] { try await call("POST", "/v1/tips/\(given.tip)/acts", "{\(order)}") }
        try await get("/v1/tips\(inCampaign)&state=answered&within=530427001&limit=1")
        try await get("/v1/tips/\(given.tip)")
        try await call("POST", "/v1/tips/\(given.tip)/tipster", #"{"purpose":"答复"}"#)
        try await call("POST", "/v1/tip-receipts", #"{"code":"\#(given.code)"}"#)
        try await get(campaign + "/tip-figures")
        try await get(campaign + "/tip-ledger.xlsx")
    }
}
