import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit
import TestKit
import Testing

@testable import Review

/// The scheduler's pages in a real browser.
@Suite struct ReviewPagesTests {
    @Test func `a scheduler calls a meeting, writes its minutes and sees its cases go on`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(3).map(\.case) + round.openCases(1, kind: .removal).map(\.case)
            try await round.setClock("2018-10-15T08:00:00+08:00")
            try await round.service.serving { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/meetings")
                    try await browser.fill(["community": "530427001001", "called": "9", "at": "2018-10-15T09:30", "place": "社区活动室"], in: "#convene")
                    try await browser.click("#convene button")
                    #expect(try await browser.text("#state").contains("已召集"))
                    #expect(try await browser.texts("fieldset legend").count == 2)
                    try await browser.picture("review-meeting-open")
                    try await browser.open("\(address)/")
                    #expect(try await browser.count("#meetings tbody tr.now") == 1)

                    try await round.setClock("2018-10-15T11:00:00+08:00")
                    try await browser.click("#meetings a")
                    try await browser.fill(
                        ["present": "8", "at": "2018-10-15T09:40", "chair": "陈主任", "recorder": "周会计", "for-EXIT": "8", "for-REMOVAL": "5"], in: "#minutes")
                    try await browser.click("#minutes input[type=checkbox]")
                    try await browser.click("#minutes button")
                    #expect(try await browser.text("#present") == "8")
                    #expect(try await browser.text("#state").contains("已召开"))
                    #expect(try await browser.count("#decisions tbody tr") == 4)
                    #expect(try await browser.count("#decisions .bad") == 1)
                    #expect(try await browser.evaluate("return document.querySelector('#opinions').href").hasSuffix("/tip-entry?channel=meeting"))
                    try await browser.picture("review-meeting-held")
                    try await browser.open("\(address)/cases?status=internally_reviewed")
                    #expect(try await browser.count("#cases tbody tr") == 3)
                    try await browser.picture("review-cases")
                }
                try await Browser.with(width: 500, height: 900) { browser in
                    try await browser.open("\(address)/")
                    #expect(try await browser.evaluate("return String(document.documentElement.scrollWidth <= window.innerWidth)") == "true")
                    try await browser.picture("review-board-narrow")
                }
            }
            var standing: [CaseStatus: Int] = [:]
            for id in cases { standing[try await round.status(id), default: 0] += 1 }
            #expect(standing == [.internallyReviewed: 3, .rejected: 1])
        }
    }

    @Test func `a meeting to which too few came is refused its minutes and called anew`() async throws {
        try await Round.run { round in
            _ = try await round.openCases(1)
            try await round.setClock("2018-10-15T08:00:00+08:00")
            struct Called: Decodable { let meeting: MeetingID, status: String, adjournments: Int }
            let called = try await round.post(
                "/v1/convenings", #"{"kind":"public_review","community":"530427001001","called":30,"calledFor":"2018-10-15T02:00:00.000Z"}"#)
            #expect(called.status == 201)
            let meeting = try called.json(Called.self).meeting
            try await round.setClock("2018-10-15T12:00:00+08:00")
            let few = try await round.post("/v1/meetings", #"{"meeting":"\#(meeting)","present":19,"decisions":[]}"#)
            #expect(try few.json(Round.Told.self).code == "review.below-quorum")
            let again = try await round.post("/v1/meetings/\(meeting)/adjournments", #"{"called":30,"calledFor":"2018-10-16T02:00:00.000Z","place":"一组晒场"}"#)
            #expect(try again.json(Called.self).adjournments == 1)
            #expect(try await round.post("/v1/meetings", #"{"present":19,"decisions":[]}"#).status == 422)
            let cancelled = try await round.post("/v1/meetings/\(meeting)/cancellations", #"{"reason":"called_in_error"}"#)
            #expect(try cancelled.json(Called.self).status == "cancelled")
            #expect(try await round.service.get("/v1/meetings?status=cancelled").json([Called].self).count == 1)
        }
    }

    @Test func `the board shows the windows, the places that wait, and what a re-run still has`() async throws {
        try await Round.run { round in
            let opened = try await round.openCases(2)
            try await round.decideInitially(opened.map(\.case))
            let window = try await round.drawUp(.community).json(Round.Opened.self).window
            for (number, due) in [(1, "2018-10-19"), (2, "2018-10-16")] {
                try await round.service.deliver(
                    HouseholdTipRaised(
                        tip: TipID(UUID()), household: opened[number - 1].household, campaign: Specimen.campaign, number: number, dueOn: Specimen.day(due),
                        raisedAt: Specimen.moment("2018-10-13T09:00:00+08:00")))
            }
            _ = try await round.post("/v1/windows/\(window)/postings", #"{"place":"\#(Round.places[0])"}"#)
            try await round.service.serving { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/")
                    #expect(try await browser.texts("#windows .warn") == [Round.places[1]])
                    #expect(try await browser.text("#rerun b") == "2018-10-30")
                    #expect(try await browser.texts("#objections td:nth-child(2)") == ["2018-0002", "2018-0001"])
                    #expect(try await browser.count("#objections .bad") == 1)
                    try await browser.picture("review-board")
                    _ = try await round.post("/v1/windows/\(window)/postings", #"{"place":"\#(Round.places[1])"}"#)
                    try await browser.open("\(address)/")
                    #expect(try await browser.count("#windows .warn") == 0)
                    #expect(try await browser.text("#windows tbody").contains("2018-10-22 00:00"))
                }
            }
        }
    }
}
