import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit
import TestKit
import Testing

@testable import Review

@Suite struct RoundTests {
    @Test func `three cases go the whole way and everything is told once and in order`() async throws {
        try await Round.run { round in
            let opened = try await round.openCases(3)
            let cases = opened.map(\.case)
            try await round.approve(cases)
            _ = try await round.publish(.subdistrict)
            try await round.setClock("2018-10-29T00:00:00+08:00")
            // The close, and the alarm that the first list still hangs.
            #expect(try await round.service.fireTimers() == 2)
            for (_, household) in opened { try await round.service.deliver(round.completed(household)) }
            try await round.setClock("2018-11-03T09:00:00+08:00")
            #expect(try await round.post("/v1/reports", "{}").json(Reported.self).reported == cases.sorted())
            let answers = cases.map { #"{"case":"\#($0)","answer":"confirmed"}"# }.joined(separator: ",")
            #expect(try await round.post("/v1/county-answers", #"{"answers":[\#(answers)]}"#).status == 200)
            for (id, household) in opened {
                try await round.service.deliver(
                    ResultAnnounced(case: id, household: household, announcement: UUID(), announcedAt: Specimen.now),
                    HouseholdMarked(
                        household: household, campaign: Specimen.campaign, case: id, kind: .exit, year: 2018, memberCount: 4, markedAt: Specimen.now))
                #expect(try await round.status(id) == .recorded)
            }

            let id = cases[0]
            let moves = try await round.service.told(CaseMoved.self).filter { $0.case == id }.map(\.status)
            #expect(
                moves == [
                    .surveyed, .internallyReviewed, .publiclyReviewed, .initiallyDecided, .communityPublicity, .resolved, .approved,
                    .subdistrictPublicity, .awaitingGate, .recorded,
                ])
            #expect(try await round.service.told(CaseReported.self).count == 3)
            #expect(try await round.service.told(CaseConfirmed.self).count == 3)
            #expect(try await round.service.told(CaseAnnounced.self).count == 3)
            #expect(try await round.service.told(WindowOpened.self).map(\.cases) == [3, 3])
            #expect(
                try await round.service.told(WindowExpired.self).map(\.closesAt) == [Specimen.firstMidnight, Specimen.secondMidnight])
            let numbers: [Int] = try await round.service.store.work { work in
                try work.query("SELECT sequence FROM outbox WHERE subject = \(id) ORDER BY id").map { try $0["sequence"] }
            }
            #expect(numbers == Array(1...13))
        }
    }

    struct Reported: Decodable {
        let reported: [CaseID]
        let blocked: [Blocked]
        struct Blocked: Decodable {
            let `case`: CaseID
            let status: CaseStatus
            let missing: [GateItem]
        }
    }

    @Test func `the report names everything that each blocked case misses`() async throws {
        try await Round.run { round in
            let (id, _) = try await round.openCases(1)[0]
            let report = try await round.post("/v1/reports", "{}").json(Reported.self)
            #expect(report.reported.isEmpty)
            #expect(report.blocked.map(\.case) == [id])
            #expect(report.blocked[0].missing == [.communityWindow, .resolution, .approval, .subdistrictWindow, .departmentResults])
        }
    }

    @Test func `a case that the survey does not bear out is withdrawn`() async throws {
        try await Round.run { round in
            let (id, household) = (CaseID(UUID()), HouseholdID(UUID()))
            try await round.service.deliver(round.proposed(id, household), round.surveyed(id, household, met: false))
            #expect(try await round.seen(id).status == .withdrawn)
            #expect(try await round.service.told(CaseClosed.self).map(\.reason) == ["survey_not_met"])
        }
    }

    @Test func `natural changes do not come here`() async throws {
        try await Round.run { round in
            let (id, household) = (CaseID(UUID()), HouseholdID(UUID()))
            try await round.service.deliver(
                round.proposed(id, household, kind: .naturalChange), round.surveyed(id, household),
                HouseholdMarked(
                    household: household, campaign: Specimen.campaign, case: id, kind: .naturalChange, year: 2018, memberCount: 5,
                    markedAt: Specimen.now))
            #expect(try await round.service.get("/v1/cases/\(id)").status == 404)
            #expect(try await round.service.parked().isEmpty)
        }
    }

    @Test func `when departments are asked again, the household is not verified until they have answered`() async throws {
        try await Round.run { round in
            let request = RequestID(UUID())
            let opened = try await round.openCases(1)[0]
            try await round.service.deliver(round.completed(opened.household))
            #expect(try await round.seen(opened.case).verified)
            func changed(_ asked: [QuestionsChanged.Asked]) -> QuestionsChanged {
                QuestionsChanged(
                    household: opened.household, campaign: Specimen.campaign, cause: .correction, asked: asked,
                    dropped: [.init(.police, .residence)], changedAt: Specimen.now)
            }
            try await round.service.deliver(changed([]))
            #expect(try await round.seen(opened.case).verified, "what is dropped needs no answer")
            try await round.service.deliver(changed([.init(department: .police, topic: .vehicle, request: request, previous: .consistent)]))
            #expect(try await !round.seen(opened.case).verified)
            #expect(try await round.seen(opened.case).missing.contains(.departmentResults))
            try await round.service.deliver(round.completed(opened.household))
            #expect(try await round.seen(opened.case).verified)
        }
    }

    @Test func `a discrepancy whose question is asked anew is none of a case that comes later`() async throws {
        try await Round.run { round in
            let (household, request) = (HouseholdID(UUID()), RequestID(UUID()))
            try await round.service.deliver(round.registered(household), round.accepted(household, request, .discrepant), round.completed(household, discrepant: 1))
            try await round.service.deliver(
                QuestionsChanged(
                    household: household, campaign: Specimen.campaign, cause: .correction,
                    asked: [.init(department: .police, topic: .vehicle, request: RequestID(UUID()), replaces: request, previous: .discrepant)],
                    dropped: [], changedAt: Specimen.now),
                round.completed(household))
            let id = CaseID(UUID())
            try await round.service.deliver(round.proposed(id, household), round.surveyed(id, household))
            #expect(try await !round.seen(id).missing.contains(.investigation))
        }
    }

    /// Topics have no order between them: each interleaving of what three topics say gives the same case.
    @Test func `whatever topic speaks first, a case ends up the same`() async throws {
        try await Round.run { round in
            var results: [[String]] = []
            for order in Self.interleavings {
                let (id, household, request) = (CaseID(UUID()), HouseholdID(UUID()), RequestID(UUID()))
                var streams: [[any Event]] = [
                    [round.registered(household, name: "李明明")],
                    [round.proposed(id, household), round.surveyed(id, household)],
                    [round.accepted(household, request, .discrepant), round.completed(household, discrepant: 1)],
                ]
                for stream in order { try await round.service.deliver(streams[stream].removeFirst()) }
                let seen = try await round.seen(id)
                results.append(["\(seen.status)", "\(seen.verified)", "\(seen.missing)", "\(seen.headName)"])
            }
            #expect(results.count == 30)
            #expect(Set(results) == [["surveyed", "true", "\(results[0][2])", "李明"]])
            #expect(results[0][2].contains("investigation"))
        }
    }

    /// Every order of stream 0 once, 1 twice and 2 twice.
    static let interleavings: [[Int]] = {
        func orders(_ left: [Int]) -> [[Int]] {
            if left.allSatisfy({ $0 == 0 }) { return [[]] }
            return left.indices.filter { left[$0] > 0 }.flatMap { first in
                var rest = left
                rest[first] -= 1
                return orders(rest).map { [first] + $0 }
            }
        }
        return orders([1, 2, 2])
    }()

    @Test func `a case may be opened and closed in one batch`() async throws {
        try await Round.run { round in
            let (id, household) = (CaseID(UUID()), HouseholdID(UUID()))
            try await round.service.store.work { work in
                try openCase(round.proposed(id, household), work)
                try moveSurveyedCase(round.surveyed(id, household, met: false), work)
            }
            #expect(try await round.seen(id).reason == "survey_not_met")
        }
    }

    @Test func `a discrepancy finds a case that is being opened at the same moment`() async throws {
        try await Round.run { round in
            let pairs = (0..<40).map { _ in (CaseID(UUID()), HouseholdID(UUID())) }
            let store = round.service.store
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (id, household) in pairs {
                    group.addTask { try await store.work { try openCase(round.proposed(id, household), $0) } }
                    group.addTask { try await store.work { try reopenDoubtfulCases(round.accepted(household, Specimen.request, .discrepant), $0) } }
                }
                try await group.waitForAll()
            }
            for (id, _) in pairs { #expect(try await round.seen(id).missing.contains(.investigation)) }
        }
    }

    @Test func `a late discrepancy reopens the household's cases, and each goes on after its own investigation`() async throws {
        try await Round.run { round in
            let (id, household) = try await round.openCases(1)[0]
            let member = CaseID(UUID())
            try await round.service.deliver(round.proposed(member, household, kind: .clearOut), round.surveyed(member, household))
            try await round.decideInitially([id, member])
            let request = RequestID(UUID())
            try await round.service.deliver(
                round.accepted(household, RequestID(UUID()), .consistent), round.accepted(household, request, .discrepant))
            #expect(try await round.status(id) == .reopened)
            #expect(try await round.status(member) == .reopened)
            #expect(try await round.post("/v1/cases/\(id)/investigations", #"{"finding":"corrected_unchanged"}"#).json(Round.Seen.self).status == .initiallyDecided)
            #expect(try await round.post("/v1/cases/\(member)/investigations", #"{"finding":"dropped"}"#).json(Round.Seen.self).reason == "discrepancy_confirmed")
        }
    }

    @Test func `a correction reaches later words but not the frozen list`() async throws {
        try await Round.run { round in
            let (id, household) = try await round.openCases(1)[0]
            try await round.decideInitially([id])
            let window = try await round.drawUp(.community).json(Round.Opened.self).window
            try await round.service.deliver(
                HouseholdCorrected(
                    household: household, campaign: Specimen.campaign, fields: ["headName"], headName: "李明华", memberCount: 5,
                    correctedAt: Specimen.now))
            #expect(try await round.seen(id).headName == "李明华")
            #expect(try await round.service.get("/v1/windows/\(window)").text.contains(#""headName":"李明","#))
        }
    }

    @Test func `the county may reject and return`() async throws {
        try await Round.run { round in
            let opened = try await round.openCases(2)
            let cases = opened.map(\.case)
            try await round.approve(cases)
            _ = try await round.publish(.subdistrict)
            try await round.setClock("2018-11-03T09:00:00+08:00")
            try await round.service.fireTimers()
            for (_, household) in opened { try await round.service.deliver(round.completed(household)) }
            _ = try await round.post("/v1/reports", "{}")
            let answer = try await round.post(
                "/v1/county-answers",
                #"{"answers":[{"case":"\#(cases[0])","answer":"rejected","reason":"exceeds_quota"},{"case":"\#(cases[1])","answer":"returned"}]}"#)
            #expect(answer.status == 200)
            #expect(try await round.seen(cases[0]).reason == "exceeds_quota")
            #expect(try await round.seen(cases[1]).suspended == .awaitingGate)
        }
    }

    @Test func `cases are listed by status, division and page, and counted on the board`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(3).map(\.case).sorted()
            let first = try await round.service.get("/v1/cases?status=surveyed&community=530427001001&limit=2").json([Round.Seen].self)
            #expect(first.map(\.case) == Array(cases.prefix(2)))
            let rest = try await round.service.get("/v1/cases?status=surveyed&limit=2&after=\(cases[1])").json([Round.Seen].self)
            #expect(rest.map(\.case) == [cases[2]])
            #expect(try await round.service.get("/v1/cases?community=530427001009").json([Round.Seen].self).isEmpty)
            #expect(try await round.service.get("/v1/cases?held=true").json([Round.Seen].self).isEmpty)
            #expect(try await round.service.get("/v1/cases?status=lost").status == 422)
            let board = try await round.service.get("/v1/board").text
            #expect(board.contains(#"{"kind":"EXIT","status":"surveyed","count":3,"held":0}"#))
            #expect(board.contains(#""rerun":{"lastPostingOn":"2018-10-30","fits":true}"#))
        }
    }
}
