import Contracts
import Foundation
import HTTPTypes
import Registry
import ReviewDomain
import ServiceKit
import TestKit
import Testing

@testable import Review

@Suite struct WindowServiceTests {
    @Test func `a window opens with its last place and closes at its midnight by the timer`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(2).map(\.case)
            try await round.decideInitially(cases)
            let window = try await round.drawUp(.community).json(Round.Opened.self).window
            _ = try await round.post("/v1/windows/\(window)/postings", #"{"place":"\#(Round.places[0])"}"#)
            #expect(try await round.status(cases[0]) == .initiallyDecided)
            // The group's place a day late: the whole close moves.
            try await round.setClock("2018-10-18T08:00:00+08:00")
            let open = try await round.post("/v1/windows/\(window)/postings", #"{"place":"\#(Round.places[1])"}"#).json(Round.Opened.self)
            #expect(open.closesAt == Specimen.moment("2018-10-23T00:00:00+08:00"))
            #expect(try await round.status(cases[0]) == .communityPublicity)

            try await round.setClock("2018-10-22T23:59:59.999+08:00")
            #expect(try await round.service.fireTimers() == 0)
            #expect(try await round.meet(.resolution, cases).json(Round.Told.self).code == "review.window-not-over")
            try await round.setClock("2018-10-23T00:00:00+08:00")
            #expect(try await round.service.fireTimers() == 1)
            #expect(try await round.stage(window) == "settled")
            #expect(try await round.meet(.resolution, cases).status == 201)
        }
    }

    @Test func `a window that ended while nobody watched closes once, and is marked late`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(1).map(\.case)
            try await round.decideInitially(cases)
            _ = try await round.publish(.community)
            try await round.setClock("2018-10-22T00:01:00.001+08:00")
            #expect(try await round.service.fireTimers() == 1)
            #expect(try await round.service.fireTimers() == 0)
            #expect(try await round.service.told(WindowExpired.self).map(\.late) == [true])
        }
    }

    @Test func `a first day noted too early is corrected by two, and the window closes at the new time alone`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(1).map(\.case)
            try await round.decideInitially(cases)
            let window = try await round.publish(.community)
            try await round.setClock("2018-10-19T09:00:00+08:00")
            func code(_ answer: TestService.Answer) throws -> String { try answer.json(Round.Told.self).code }
            func correct(_ json: String) async throws -> TestService.Answer { try await round.post("/v1/windows/\(window)/correction", json, by: "li.ming") }
            #expect(try await code(correct(#"{"opensOn":"2018-10-17","reason":"posted_later"}"#)) == "review.opening-not-later")
            #expect(try await correct(#"{"opensOn":"2018-10-19","reason":"because"}"#).status == 422)

            let asked = try await round.ask(#"{"opensOn":"2018-10-19","reason":"posted_later"}"#, of: window, by: "li.ming")
            #expect(try await round.opened(window).closesAt == Specimen.moment("2018-10-22T00:00:00+08:00"), "one alone moves nothing")
            #expect(try await code(round.post(asked + "/confirmation", "{}", by: "li.ming")) == "countersigning.own")
            #expect(try await round.service.told(WindowExtended.self).isEmpty)
            #expect(try await round.post(asked + "/confirmation", "{}", by: "wang.wu").json(Round.Opened.self).closesAt == Specimen.moment("2018-10-24T00:00:00+08:00"))
            #expect(try await round.service.told(WindowExtended.self).map(\.days) == [2])

            try await round.setClock("2018-10-23T23:59:59.999+08:00")
            #expect(try await round.service.fireTimers() == 0)
            try await round.setClock("2018-10-24T00:00:00+08:00")
            #expect(try await round.service.fireTimers() == 1)
            #expect(try await round.opened(window).late == false)
            #expect(try await code(correct(#"{"opensOn":"2018-10-20","reason":"posted_later"}"#)) == "review.window-already-ended")
        }
    }

    @Test func `a correction is confirmed on its page, by whoever looks after the window's place`() async throws {
        try await Round.run { round in
            var settings = Settings([:])
            let service = round.service.learning(by: try await AccessWalk.access(), parts: review(try Config(&settings)))
            let cases = try await round.openCases(1).map(\.case)
            try await round.decideInitially(cases)
            let window = try await round.publish(.community)
            try await round.setClock("2018-10-19T09:00:00+08:00")
            func who(_ account: String, _ role: Role, in place: String = "530427001") async throws -> [String: String] {
                try await AccessWalk.bearer([role], account: account, within: .within([Specimen.division(place)]))
            }
            let asked = try await service.post(
                "/v1/windows/\(window)/correction", bytes: Array(#"{"opensOn":"2018-10-19","reason":"wrong_place"}"#.utf8), headers: who("li.ming", .povertyOffice))
            #expect(asked.status == 202)
            let page = try await service.call(.get, "/countersignings", [], who("wang.wu", .subdistrict)).text
            for text in ["更正公示起始日", "href=\"/windows/\(window)\"", "2018-10-19", "wrong_place", "value=\"confirm\""] { #expect(page.contains(text), "\(text)") }
            #expect(try await !service.call(.get, "/countersignings", [], who("sun.qi", .subdistrict, in: "530427002")).text.contains("\(window)"))

            let path = try #require(asked.headers["location"]).replacing("/v1", with: "")
            func press(_ account: String, in place: String) async throws -> Int {
                let headers = try await who(account, .subdistrict, in: place).merging(["Content-Type": "application/x-www-form-urlencoded"]) { $1 }
                return try await service.call(.post, path, Array("key=\(UUID())&act=confirm".utf8), headers).status
            }
            #expect(try await press("sun.qi", in: "530427002") == 403)
            #expect(try await press("wang.wu", in: "530427001") == 303)
            #expect(try await round.opened(window).closesAt == Specimen.moment("2018-10-24T00:00:00+08:00"))
        }
    }

    @Test func `what was asked for while a window ran does not reopen it, and a missing sheet holds it open beyond a correction`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(1).map(\.case)
            try await round.decideInitially(cases)
            let window = try await round.publish(.community)
            try await round.setClock("2018-10-20T09:00:00+08:00")
            _ = try await round.post("/v1/windows/\(window)/missing", #"{"place":"\#(Round.places[1])"}"#)
            let asked = try await round.ask(#"{"opensOn":"2018-10-18","reason":"not_readable"}"#, of: window, by: "li.ming")
            #expect(try await round.post(asked + "/confirmation", "{}", by: "wang.wu").status == 200)
            try await round.setClock("2018-10-23T09:00:00+08:00")
            #expect(try await round.service.fireTimers() == 0)
            #expect(try await round.stage(window) == "running")
            _ = try await round.post("/v1/windows/\(window)/postings", #"{"place":"\#(Round.places[1])"}"#)
            #expect(try await round.opened(window).closesAt == Specimen.moment("2018-10-27T00:00:00+08:00"))

            try await round.setClock("2018-10-26T09:00:00+08:00")
            let late = try await round.ask(#"{"opensOn":"2018-10-19","reason":"posted_later"}"#, of: window, by: "li.ming")
            try await round.setClock("2018-10-27T00:00:00+08:00")
            #expect(try await round.service.fireTimers() == 1)
            #expect(try await round.post(late + "/confirmation", "{}", by: "wang.wu").json(Round.Told.self).code == "review.window-already-ended")
            #expect(try await round.stage(window) == "settled")
        }
    }

    @Test func `a tip holds only its own case, and the window settles with its answer`() async throws {
        try await Round.run { round in
            let opened = try await round.openCases(3)
            let cases = opened.map(\.case)
            try await round.approve(cases)
            let window = try await round.publish(.subdistrict)
            let upheld = TipID(UUID())
            try await round.service.deliver(Self.raised(Specimen.tip, opened[0].household), Self.raised(upheld, opened[1].household))
            try await round.setClock("2018-10-29T00:00:00+08:00")
            try await round.service.fireTimers()
            #expect(try await round.status(cases[0]) == .subdistrictPublicity)
            #expect(try await round.status(cases[2]) == .awaitingGate)
            #expect(try await round.stage(window) == "expired")

            try await round.service.deliver(Self.settled(Specimen.tip, opened[0].household, .dismissed))
            #expect(try await round.status(cases[0]) == .awaitingGate)
            #expect(try await round.stage(window) == "expired")
            #expect(try await round.tallied() == [1, 1])
            try await round.service.deliver(Self.settled(upheld, opened[1].household, .upheld))
            #expect(try await round.status(cases[1]) == .reopened)
            #expect(try await round.stage(window) == "settled")
            #expect(try await round.tallied() == [0, 2])

            for place in Round.places { _ = try await round.post("/v1/windows/\(window)/recalls", #"{"place":"\#(place)","how":"destroyed"}"#) }
            #expect(try await round.stage(window) == "recalled")
            #expect(try await round.service.told(WindowRecalled.self).map(\.copies) == [2])
        }
    }

    private static func raised(_ tip: TipID, _ household: HouseholdID) -> HouseholdTipRaised {
        HouseholdTipRaised(
            tip: tip, household: household, campaign: Specimen.campaign, number: 1, dueOn: Specimen.day("2018-10-26"),
            raisedAt: Specimen.moment("2018-10-25T09:00:00+08:00"))
    }

    private static func settled(_ tip: TipID, _ household: HouseholdID, _ outcome: TipOutcome) -> HouseholdTipSettled {
        HouseholdTipSettled(tip: tip, household: household, campaign: Specimen.campaign, outcome: outcome, settledAt: Specimen.now)
    }

    @Test func `two schedulers close the same windows, each exactly once`() async throws {
        try await Round.run { round in
            let count = 150
            try await round.service.store.work { work in try seedRunningWindows(count, work) }
            try await round.setClock("2018-10-22T00:00:00+08:00")
            let service = round.service
            let fired = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await service.fireTimers() } }
                return try await group.reduce(0, +)
            }
            #expect(fired == count)
            let expired = try await round.service.told(WindowExpired.self)
            #expect(expired.count == count)
            #expect(Set(expired.map(\.window)).count == count)
            #expect(expired.allSatisfy { $0.expiredAt == $0.closesAt && !$0.late })
        }
    }

    @Test func `two lists drawn up at once share no case`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(5).map(\.case)
            try await round.decideInitially(cases)
            let answers = try await withThrowingTaskGroup(of: TestService.Answer.self) { group in
                for _ in 0..<3 { group.addTask { try await round.drawUp(.community) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.status).sorted() == [201, 409, 409])
            #expect(try answers.filter { $0.status == 409 }.map { try $0.json(Round.Told.self).code } == Array(repeating: "review.nothing-to-publish", count: 2))
        }
    }

    @Test func `what is not acceptable is named, whole`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(1).map(\.case)
            #expect(try await round.meet(.publicReview, cases, present: 19).json(Round.Told.self).code == "review.below-quorum")
            #expect(try await round.meet(.publicReview, cases).json(Round.Told.self).code == "review.out-of-turn")
            #expect(try await round.meet(.internalReview, [CaseID(UUID())]).status == 404)
            let faulty = try await round.post(
                "/v1/meetings",
                #"{"kind":"internal_review","community":"530427001001","called":3,"present":3,"decisions":[{"case":"\#(cases[0])","outcome":"reject","for":0,"against":3,"abstain":0},{"case":"\#(cases[0])","outcome":"reject","for":0,"against":-1,"abstain":0,"reason":"He is rich"}]}"#)
            #expect(faulty.status == 422)
            #expect(
                try faulty.json(Round.Told.self).errors?.map(\.pointer) == [
                    "/decisions/0/reason", "/decisions/1/case", "/decisions/1", "/decisions/1/reason",
                ])
            #expect(try await round.drawUp(.community).json(Round.Told.self).code == "review.nothing-to-publish")
            #expect(try await round.drawUp(.community, places: []).status == 422)
            #expect(try await round.status(cases[0]) == .surveyed)
        }
    }

    @Test func `a meeting's rulings can be read again`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(2).map(\.case)
            let held = try await round.meet(.internalReview, cases, rejecting: [cases[1]]).json(Held.self)
            #expect(held == Held(meeting: held.meeting, passed: 1, rejected: 1))
            let text = try await round.service.get("/v1/meetings/\(held.meeting)").text
            #expect(text.contains(#""outcome":"reject","for":0,"against":30,"abstain":0,"reason":"income_above_line""#))
        }
    }

    struct Held: Decodable, Equatable {
        let meeting: MeetingID
        let passed: Int
        let rejected: Int
    }

    @Test func `a community's two hundred cases are judged, listed, posted and closed in a few statements each`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(200).map(\.case)
            try await round.setClock("2018-10-17T09:00:00+08:00")
            try await round.countStatements(of: "cases")
            try await round.meet(.internalReview, cases)
            #expect(try await round.statements() == 1)
            try await round.meet(.publicReview, cases)
            try await round.meet(.initialDecision, cases)
            _ = try await round.publish(.community)
            // Listed once, in publicity once.
            #expect(try await round.statements() == 5)
            try await round.setClock("2018-10-22T00:00:00+08:00")
            try await round.service.fireTimers()
            #expect(try await round.statements() == 6)
            _ = try await round.post("/v1/reports", "{}")
            #expect(try await round.statements() <= 7)
        }
    }
}

/// Windows that run until 2018-10-22 00:00, without lists.
private func seedRunningWindows(_ count: Int, _ work: Work) throws {
    for _ in 0..<count {
        let planned = PublicityWindow(
            id: WindowID(work.newID()), campaign: Specimen.campaign, level: .community, division: Specimen.community,
            days: PublicityDays(days: 5, countFirstDay: true), places: [.init("board")])
        try work.insert(planned)
        try work.decide(PublicityWindow.self, planned.id) {
            try $0.deciding(.render(Specimen.notice([Specimen.line()])), at: Specimen.firstMidnight)
        }
        try work.decide(PublicityWindow.self, planned.id) { try $0.deciding(.post("board"), at: Specimen.moment("2018-10-17T18:00:00+08:00")) }
        try work.schedule(closeTimer, planned.id.rawValue, at: Specimen.firstMidnight)
    }
}
