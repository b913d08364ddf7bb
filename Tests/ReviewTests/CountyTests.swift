import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit
import Sheets
import TestKit
import Testing

@testable import Review

/// The report to the county, its certificates, and the answers that come back by sheet.
@Suite struct CountyTests {
    private struct Reported: Decodable {
        let reported: [CaseID]
        let reports: [Filed]
    }

    private struct Filed: Decodable {
        let report: UUID
        let number: Int
        let cases: Int
    }

    private struct Heard: Decodable {
        let confirmed: Int
        let rejected: Int
        let returned: Int
        let blank: Int
        let faults: [Round.Told.Fault]
    }

    /// Cases at the gate with everything there.
    private func ready(_ count: Int, in round: Round) async throws -> [CaseID] {
        let opened = try await round.openCases(count)
        for item in opened { try await round.service.deliver(round.completed(item.household)) }
        try await round.approve(opened.map(\.case))
        _ = try await round.publish(.subdistrict)
        try await round.setClock("2018-10-29T00:00:00+08:00")
        try await round.service.fireTimers()
        try await round.setClock("2018-11-03T09:00:00+08:00")
        return opened.map(\.case)
    }

    @Test func `each reported case has a certificate of what stood for it, which its digest proves`() async throws {
        try await Round.run { round in
            let cases = try await ready(2, in: round)
            let filed = try await round.post("/v1/reports", "{}").json(Reported.self)
            #expect(filed.reports.map(\.number) == [1])
            #expect(filed.reports.map(\.cases) == [2])
            let answer = try await round.service.get("/v1/cases/\(cases[0])/certificate")
            #expect(answer.headers["lika-digest"] == Digest.sha256(answer.body))
            let certificate = try answer.json(GateCertificate.self)
            #expect(certificate.items.map(\.item) == GateItem.allCases)
            #expect(certificate.items[0].at == Specimen.firstMidnight)
            #expect(!answer.text.contains("李明"))
            #expect(try await round.service.get("/v1/cases/\(UUID().lowercased)/certificate").status == 404)
        }
    }

    @Test func `a later report of the same campaign is its supplement`() async throws {
        try await Round.run { round in
            let cases = try await ready(1, in: round)
            _ = try await round.post("/v1/reports", "{}")
            #expect(try await round.post("/v1/reports", "{}").json(Reported.self).reports.isEmpty)
            _ = try await round.post("/v1/county-answers", #"{"answers":[{"case":"\#(cases[0])","answer":"returned"}]}"#)
            _ = try await round.post("/v1/cases/\(cases[0])/investigations", #"{"finding":"corrected_unchanged"}"#)
            #expect(try await round.post("/v1/reports", "{}").json(Reported.self).reports.map(\.number) == [2])
            #expect(try await round.service.get("/v1/reports").json([Filed].self).map(\.number) == [2, 1])
        }
    }

    @Test func `the county answers in the sheet, a row at a time, and the same sheet again changes nothing`() async throws {
        try await Round.run { round in
            let cases = try await ready(5, in: round)
            let report = try await round.post("/v1/reports", "{}").json(Reported.self).reports[0].report.lowercased
            let workbook = try await round.service.get("/v1/reports/\(report)/sheet")
            #expect(workbook.headers["content-disposition"] == "attachment; filename=\"report-1.xlsx\"")
            var rows = try XLSXReader.rows(in: workbook.body).map(\.cells)
            #expect(rows.count == 6)
            let answers = [("同意", ""), ("不同意", "exceeds_quota"), ("不同意", "too poor"), ("也许", ""), ("", "")]
            for (place, answer) in answers.enumerated() { rows[place + 1][7...8] = [answer.0, answer.1] }
            rows.append(["6", CaseID(UUID()).description, "", "", "", "", "", "同意", ""])
            var sheet = CSVWriter()
            for row in rows { sheet.append(row) }
            let heard = try await round.service.post("/v1/reports/\(report)/answers", bytes: sheet.bytes).json(Heard.self)
            #expect("\(heard.confirmed) \(heard.rejected) \(heard.returned) \(heard.blank)" == "1 1 0 1")
            #expect(heard.faults.map(\.pointer) == ["/4/原因代码", "/5/县级意见", "/7"])
            #expect(heard.faults.map(\.code) == ["reason-code", "county.answer", "county.not-reported"])
            let again = try await round.service.post("/v1/reports/\(report)/answers", bytes: sheet.bytes).json(Heard.self)
            #expect(again.confirmed + again.rejected == 0)
            #expect(again.faults.count == 3)
            var standing: [CaseStatus: Int] = [:]
            for id in cases { standing[try await round.status(id), default: 0] += 1 }
            #expect(standing == [.confirmed: 1, .rejected: 1, .reported: 3])
            #expect(try await round.service.post("/v1/reports/\(report)/answers", bytes: Array("a,b\n".utf8)).json(Round.Told.self).errors?.map(\.code) == ["sheet.headings"])
        }
    }

    @Test func `an objection that came while the county had the case holds it when it comes back`() async throws {
        try await Round.run { round in
            let id = try await ready(1, in: round)[0]
            _ = try await round.post("/v1/reports", "{}")
            let household = try await round.seen(id).household
            try await round.service.deliver(
                HouseholdTipRaised(
                    tip: Specimen.tip, household: household, campaign: Specimen.campaign, number: 1, dueOn: Specimen.day("2018-11-07"), raisedAt: Specimen.now))
            #expect(try await !round.seen(id).held)
            _ = try await round.post("/v1/county-answers", #"{"answers":[{"case":"\#(id)","answer":"returned"}]}"#)
            #expect(try await round.seen(id).held)
            #expect(try await round.seen(id).missing == [.tipsAnswered, .investigation])
        }
    }

    @Test func `what comes after the report is passed on to the county once, and moves nothing`() async throws {
        try await Round.run { round in
            let opened = try await round.openCases(1)[0]
            try await round.service.deliver(round.completed(opened.household))
            try await round.approve([opened.case])
            _ = try await round.publish(.subdistrict)
            try await round.setClock("2018-10-29T00:00:00+08:00")
            try await round.service.fireTimers()
            try await round.setClock("2018-11-03T09:00:00+08:00")
            _ = try await round.post("/v1/reports", "{}")
            let request = RequestID(UUID())
            try await round.service.deliver(round.accepted(opened.household, request, .discrepant))
            let tip = TipID(UUID())
            try await round.service.deliver(
                HouseholdTipRaised(tip: tip, household: opened.household, campaign: Specimen.campaign, number: 1, dueOn: Specimen.day("2018-11-07"), raisedAt: Specimen.now),
                HouseholdTipSettled(tip: tip, household: opened.household, campaign: Specimen.campaign, settledAt: Specimen.now))
            #expect(try await round.status(opened.case) == .reported)
            let told = try await round.service.told(CaseEvidenceForwarded.self)
            #expect(told.map(\.evidence) == ["discrepancy", "tip"])
            #expect(told.map(\.reference) == [request.rawValue, tip.rawValue])
            try await round.service.serving { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/cases/\(opened.case)")
                    #expect(try await browser.count("#late tbody tr") == 2)
                    #expect(try await browser.text("#status").contains("已上报县"))
                    try await browser.picture("review-case")
                }
            }
        }
    }
}
