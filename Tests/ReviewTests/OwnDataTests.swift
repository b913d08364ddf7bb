import Contracts
import Foundation
import HTTPTypes
import Registry
import ReviewDomain
import ServiceKit
import TestKit
import Testing

@testable import Review

/// Nobody approves or reports what they surveyed themselves (domain.md section 8).
@Suite struct OwnDataTests {
    /// Cases that `li.ming` surveyed, up to the approval.
    private static func resolved(_ round: Round, by account: String = "li.ming") async throws -> [CaseID] {
        let opened = try await round.openCases(1)
        for item in opened { try await round.service.deliver(round.surveyed(item.case, item.household, by: account), round.completed(item.household)) }
        let cases = opened.map(\.case)
        try await round.decideInitially(cases)
        _ = try await round.publish(.community)
        try await round.setClock("2018-10-22T00:00:00+08:00")
        try await round.service.fireTimers()
        try await round.setClock("2018-10-24T09:00:00+08:00")
        try await round.meet(.resolution, cases)
        return cases
    }

    /// The same data, served to whoever has signed in.
    private static func signedIn(_ round: Round) async throws -> TestService {
        var settings = Settings([:])
        return round.service.learning(by: try await AccessWalk.access(), parts: review(try Config(&settings)))
    }

    private static func subdistrict(_ account: String) async throws -> [String: String] { try await AccessWalk.bearer([.subdistrict], account: account) }

    private static func code(_ answer: TestService.Answer) throws -> String { try answer.json(Round.Told.self).code }

    @Test func `an approval is not entered by who surveyed one of its cases`() async throws {
        try await Round.run { round in
            let cases = try await Self.resolved(round)
            let service = try await Self.signedIn(round)
            let minutes = Array(
                #"{"kind":"approval","community":"530427001001","called":9,"present":9,"decisions":[{"case":"\#(cases[0])","outcome":"pass","for":9,"against":0,"abstain":0}]}"#.utf8)
            let own = try await service.post("/v1/meetings", bytes: minutes, headers: Self.subdistrict("li.ming"))
            #expect(own.status == 409)
            #expect(try Self.code(own) == "review.own-data")
            #expect(try await round.status(cases[0]) == .resolved, "nothing of it is kept")
            #expect(try await service.post("/v1/meetings", bytes: minutes, headers: Self.subdistrict("wang.wu")).status == 201)
            #expect(try await round.status(cases[0]) == .approved)
        }
    }

    @Test func `nor with a browser`() async throws {
        try await Round.run { round in
            let cases = try await Self.resolved(round)
            let service = try await Self.signedIn(round)
            struct Called: Decodable { let meeting: MeetingID }
            let convening = #"{"kind":"approval","community":"530427001","called":9,"calledFor":"2018-10-24T02:00:00.000Z"}"#
            let meeting = try await round.post("/v1/convenings", convening).json(Called.self).meeting
            try await round.setClock("2018-10-24T11:00:00+08:00")
            func enter(_ account: String) async throws -> TestService.Answer {
                let form = "key=\(UUID())&act=hold&present=9&at=2018-10-24T10:00&chair=周九&recorder=吴十&for-EXIT=9&against-EXIT=0&abstain-EXIT=0"
                return try await service.call(
                    .post, "/meetings/\(meeting)", Array(form.utf8),
                    Self.subdistrict(account).merging(["Content-Type": "application/x-www-form-urlencoded"]) { $1 })
            }
            let own = try await enter("li.ming")
            #expect(own.status == 409 && own.text.contains("review.own-data"))
            #expect(try await enter("wang.wu").status == 303)
            #expect(try await round.status(cases[0]) == .approved)
        }
    }

    @Test func `a report is not made by who surveyed one of its cases, also where somebody else did before`() async throws {
        try await Round.run { round in
            let cases = try await Self.resolved(round, by: "zhao.liu")
            try await round.service.deliver(round.surveyed(cases[0], try await round.seen(cases[0]).household, by: "li.ming"))
            try await round.meet(.approval, cases)
            _ = try await round.publish(.subdistrict)
            try await round.setClock("2018-11-03T09:00:00+08:00")
            try await round.service.fireTimers()
            let service = try await Self.signedIn(round)
            for account in ["zhao.liu", "li.ming"] {
                let own = try await service.post("/v1/reports", bytes: [], headers: Self.subdistrict(account))
                #expect(own.status == 409)
                #expect(try Self.code(own) == "review.own-data")
            }
            #expect(try await round.status(cases[0]) == .awaitingGate)
            #expect(try await service.post("/v1/reports", bytes: [], headers: Self.subdistrict("wang.wu")).status == 200)
            #expect(try await round.status(cases[0]) == .reported)
            #expect(try await round.service.keeping("zhao.liu").allSatisfy { $0.hasPrefix("audit") }, "no account's name lies with a case")
        }
    }

    @Test func `where a proxy's word is believed, keeping duties apart is the proxy's`() async throws {
        try await Round.run { round in
            let cases = try await Self.resolved(round)
            let minutes =
                #"{"kind":"approval","community":"530427001001","called":9,"present":9,"decisions":[{"case":"\#(cases[0])","outcome":"pass","for":9,"against":0,"abstain":0}]}"#
            #expect(try await round.post("/v1/meetings", minutes, by: "li.ming").status == 201)
        }
    }

    @Test func `a case remembers who surveyed it until it ends, and its survey's steps stay as they are`() throws {
        for status in CaseStatus.allCases {
            let heard = Specimen.aCase(status).hearing(.surveyedBy("a"), at: Specimen.now)
            #expect(heard.state.surveyors == (status.phase == .ended ? [] : ["a"]), "\(status)")
            #expect(heard.state.status == status && heard.events.isEmpty)
            if status.phase != .ended {
                #expect(throws: ReviewCase.Refusal.ownData) { try heard.state.checkHands("a") }
            }
            for other in ["b", nil] { #expect(throws: Never.self) { try heard.state.checkHands(other) } }
        }
    }
}
