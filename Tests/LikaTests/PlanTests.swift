import Contracts
import Foundation
import IntakeDomain
import Registry
import Testing

@testable import lika

/// What the calendar of a plan hides.
@Suite struct PlanTests {
    private func plan() throws -> CampaignPlan {
        let file = URL(filePath: #filePath).appending(path: "../../../infra/sample/plan-2018.yaml").standardized
        return try Plan(reading: file.path()).campaign
    }

    private func day(_ text: String) throws -> LocalDate { try #require(LocalDate(text)) }

    private func codes(_ plan: CampaignPlan) -> [String] { plan.findings.map { "\($0.code.rawValue) \($0.stages.joined(separator: "+"))" } }

    /// The 2018 plan with one stage moved.
    private func moving(_ id: String, from: String, to: String) throws -> CampaignPlan {
        var plan = try plan()
        let place = try #require(plan.stages.firstIndex { $0.id == id })
        plan.stages[place] = .init(id: id, from: try day(from), to: try day(to), stated: plan.stages[place].stated)
        return plan
    }

    @Test func `the plan of 2018 has exactly the findings of the domain's sections 3 and 4`() throws {
        #expect(codes(try plan()) == [
            "plan.length-without-first-day management", "plan.length-without-first-day geolocation", "plan.length-without-first-day verification",
            "plan.review-before-verification review+verification+entry", "plan.verification-outlives-publicity verification+subdistrict_publicity",
            "plan.last-rerun community_publicity", "plan.same-day initial_decision+community_publicity", "plan.same-day approval+subdistrict_publicity",
            "plan.holiday preparation+analysis", "plan.geolocation-before-settled geolocation+subdistrict_publicity",
        ])
        #expect(try plan().findings.first { $0.code == .lastRerun }?.words.en.contains("2018-10-30") == true)
        #expect(try plan().findings.first { $0.code == .verificationOutlivesPublicity }?.words.en.contains("2018-11-03") == true)
    }

    @Test func `counted from the day after, the resolution of the plan comes too early`() throws {
        var plan = try plan()
        plan.countFirstDay = false
        #expect(codes(plan).first == "plan.resolution-too-early community_publicity+resolution")
        #expect(plan.findings.first?.weight == .impossible)
        plan = try moving("resolution", from: "2018-10-23", to: "2018-10-23")
        plan.countFirstDay = false
        #expect(plan.findings.allSatisfy { $0.weight == .odd })
    }

    @Test func `a window that is too short is impossible, on both sides of the fifth day`() throws {
        #expect(codes(try moving("subdistrict_publicity", from: "2018-10-24", to: "2018-10-27")).first == "plan.window-too-short subdistrict_publicity")
        #expect(try moving("subdistrict_publicity", from: "2018-10-24", to: "2018-10-28").findings.allSatisfy { $0.weight == .odd })
    }

    @Test func `stages out of order and a length that nothing explains are named`() throws {
        #expect(codes(try moving("initial_decision", from: "2018-10-14", to: "2018-10-14")).contains("plan.out-of-order review+initial_decision"))
        #expect(codes(try moving("survey", from: "2018-10-10", to: "2018-10-13")).contains("plan.length-unexplained survey"))
    }

    @Test func `two windows that do not fit before the freeze are impossible`() throws {
        var plan = try plan()
        plan.dataFreezeOn = try day("2018-10-28")
        #expect(codes(plan).contains("plan.last-rerun community_publicity"))
        plan.dataFreezeOn = try day("2018-10-27")
        #expect(codes(plan).first == "plan.rerun-never-fits community_publicity")
    }

    @Test(arguments: [("共40天", "plan.length-without-first-day management"), ("共41天", nil), ("41", nil), ("共42天", "plan.length-unexplained management")])
    func `a stated length that does not count both ends is noticed, and no more`(stated: String, code: String?) throws {
        var plan = try plan()
        plan.stages = [.init(id: "management", from: try day("2018-10-08"), to: try day("2018-11-17"), stated: stated)]
        #expect(codes(plan) == [code].compactMap(\.self))
    }

    @Test func `a stage that is missing says nothing`() throws {
        var plan = try plan()
        plan.stages = []
        #expect(plan.findings == [])
    }
}
