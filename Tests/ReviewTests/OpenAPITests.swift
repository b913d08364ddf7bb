import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit
import Sheets
import TestKit
import Testing

@testable import Review

/// `openapi.yaml` is what review is. The rig of all suites holds each call against it; this one leaves out no operation.
@Suite struct OpenAPITests {
    @Test func `the routes for programs are those of the document`() async throws {
        try await Round.run { round in
            #expect(Round.openAPI.differences(from: round.service.routes) == [])
        }
    }

    @Test func `every operation is taken, and answers as the document says`() async throws {
        try await Round.run { round in
            let opened = try await round.openCases(2)
            let cases = opened.map(\.case)
            for item in opened { try await round.service.deliver(round.completed(item.household)) }
            struct Called: Decodable { let meeting: MeetingID }
            var called: [MeetingID] = []
            for _ in 0..<2 {
                let convening = #"{"kind":"approval","community":"530427001","called":9,"calledFor":"2018-10-10T02:00:00.000Z","place":"会议室"}"#
                called.append(try await round.post("/v1/convenings", convening).json(Called.self).meeting)
            }
            #expect(try await round.post("/v1/meetings/\(called[0])/adjournments", #"{"called":9,"calledFor":"2018-10-11T02:00:00.000Z"}"#).status == 200)
            #expect(try await round.post("/v1/meetings/\(called[1])/cancellations", #"{"reason":"called_in_error"}"#).status == 200)

            try await round.approve([cases[0]])
            let window = try await round.publish(.subdistrict)
            #expect(try await round.service.get("/v1/windows/\(window)/sheets/1/pdf?paper=a3").body.starts(with: Array("%PDF".utf8)))
            _ = try await round.post("/v1/windows/\(window)/missing", #"{"place":"\#(Round.places[0])"}"#)
            _ = try await round.post("/v1/windows/\(window)/postings", #"{"place":"\#(Round.places[0])","witness":"吴九"}"#)
            try await round.setClock("2018-10-25T09:00:00+08:00")
            let correction = #"{"opensOn":"2018-10-25","reason":"posted_later"}"#
            let refusal = try await round.ask(correction, of: window, by: "first") + "/refusal"
            #expect(try await round.post(refusal, "{}", by: "first").status == 200)
            let confirmation = try await round.ask(correction, of: window, by: "first") + "/confirmation"
            #expect(try await round.post(confirmation, "{}", by: "second").status == 200)
            #expect(try await round.service.get("/v1/countersignings?all=true").text.contains("refused"))
            try await round.setClock("2018-11-03T09:00:00+08:00")
            try await round.service.fireTimers()
            for place in Round.places { _ = try await round.post("/v1/windows/\(window)/recalls", #"{"place":"\#(place)","how":"destroyed"}"#) }
            #expect(try await round.service.get("/v1/windows/\(window)/receipt").status == 200)

            struct Reported: Decodable { let reports: [Filed] }
            struct Filed: Decodable { let report: UUID }
            let report = try await round.post("/v1/reports", "{}").json(Reported.self).reports[0].report.lowercased
            let sheet = try await round.service.get("/v1/reports/\(report)/sheet").body
            #expect(try await round.service.post("/v1/reports/\(report)/answers", bytes: sheet).status == 200)
            _ = try await round.post("/v1/county-answers", #"{"answers":[{"case":"\#(cases[0])","answer":"returned"}]}"#)
            #expect(try await round.post("/v1/cases/\(cases[0])/investigations", #"{"finding":"other_kind"}"#).json(Round.Seen.self).reason == "outcome_changed")
            #expect(try await round.post("/v1/carry-overs", #"{"cases":["\#(cases[1])"],"reason":"rerun_does_not_fit"}"#).status == 200)
            for path in [
                "meetings?limit=1", "meetings/\(called[0])", "windows?level=community", "windows/\(window)", "board",
                "lists/initially_decided/xlsx?kind=EXIT&community=530427001001", "ledger/xlsx?level=subdistrict", "cases?limit=1", "cases/\(cases[0])", "cases/\(cases[0])/certificate", "reports",
            ] {
                let answer = try await round.service.get("/v1/\(path)")
                #expect(answer.status == 200, "\(path) \(answer.text)")
            }
            #expect(Round.openAPI.operations.subtracting(round.service.takenOperations).sorted() == [])
        }
    }
}
