import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

@Suite struct DeadlineTests {
    enum Expected { case tells(Deadline.Status, String), keeps }

    static let id = DeadlineID(UUID())
    static func deadline(_ status: Deadline.Status) -> Deadline {
        Deadline(id, campaign: Example.campaign, department: .police, dueOn: Example.dueOn, status)
    }

    static let (reminded, missed, escalated) = (DeadlineReminded.name, DeadlineMissed.name, DeadlineEscalated.name)

    /// What each state answers to a reminder, to the end of the last day, and to the day of escalation.
    static let table: [(Deadline.Status, [Expected])] = [
        (.running, [.tells(.reminded, reminded), .tells(.missed, missed), .tells(.escalated, escalated)]),
        (.reminded, [.keeps, .tells(.missed, missed), .tells(.escalated, escalated)]),
        (.missed, [.keeps, .keeps, .tells(.escalated, escalated)]),
        (.escalated, [.keeps, .keeps, .keeps]),
    ]

    @Test(arguments: table.indices)
    func `every state answers every command as the picture says`(index: Int) {
        let (status, expectations) = Self.table[index]
        let before = Self.deadline(status)
        for (command, expected) in zip([Deadline.Command.remind(unanswered: 7), .miss(unanswered: 7), .escalate(unanswered: 7)], expectations) {
            let decision = before.deciding(command, at: Example.now)
            switch expected {
            case .keeps: #expect(decision == Decision(before))
            case .tells(let next, let name):
                #expect(decision.state == Self.deadline(next))
                #expect(decision.events.map { type(of: $0).name } == [name])
            }
        }
    }

    @Test(arguments: Deadline.Status.allCases)
    func `who has answered everything is not admonished, and a later day begins anew`(status: Deadline.Status) {
        let before = Self.deadline(status)
        for command: Deadline.Command in [.remind(unanswered: 0), .miss(unanswered: 0), .escalate(unanswered: 0), .move(Example.dueOn)] {
            #expect(before.deciding(command, at: Example.now) == Decision(before))
        }
        let later = before.deciding(.move(Example.dueOn + 3), at: Example.now)
        #expect(later.events.isEmpty && later.state.status == .running && later.state.dueOn == Example.dueOn + 3)
    }

    @Test(arguments: Deadline.Status.allCases)
    func `a batch and an answer that went back are told whatever was said before, and no batch without a request`(status: Deadline.Status) {
        let before = Self.deadline(status)
        let asked = before.deciding(.ask(requests: 9), at: Example.now)
        #expect(asked.state == before && (asked.events as? [DepartmentAsked])?.map(\.requests) == [9])
        #expect(before.deciding(.ask(requests: 0), at: Example.now) == Decision(before))
        let returned = before.deciding(.returnAnswer, at: Example.now)
        #expect(returned.state == before && (returned.events as? [AnswerReturned])?.map(\.department) == [.police])
    }

    @Test func `reminders come in the morning some days before, and escalation in the morning some days after`() {
        let settings = Admonition()
        #expect(AdmonitionTimer.remind.due(Example.dueOn, settings) == Instant("2018-10-30T08:00:00.000+08:00"))
        #expect(AdmonitionTimer.miss.due(Example.dueOn, settings) == Instant("2018-11-03T00:00:00.000+08:00"))
        #expect(AdmonitionTimer.escalate.due(Example.dueOn, settings) == Instant("2018-11-05T08:00:00.000+08:00"))
        var silent = settings
        silent.remindDays = 0
        #expect(AdmonitionTimer.remind.due(Example.dueOn, silent) == nil)
    }
}

@Suite struct AdmonitionTests {
    /// Six departments asked about one household; the police have answered.
    private func with(at now: String, _ body: (Rig, [RequestSent]) async throws -> Void) async throws {
        try await Rig.with(at: now) { rig in
            try await rig.issueCampaign()
            let household = HouseholdID(UUID())
            try await rig.propose(.new, household, .notRegistered)
            let (sent, signer) = (try await rig.send(household), Signer(.police))
            _ = try await rig.register(signer)
            try await rig.deliver(rig.answer(sent.first { $0.department == .police }!), by: signer)
            try await body(rig, sent)
        }
    }

    private let late: Set<Department> = [.land, .planning, .finance, .socialSecurity, .market]

    @Test func `departments that have not answered are reminded once, before the last day`() async throws {
        try await with(at: "2018-10-30T00:00:01.000Z") { rig, _ in
            #expect(try await rig.service.fireTimers() == 1)
            #expect(try await rig.service.fireTimers() == 0)
            let told = try await rig.service.told(DeadlineReminded.self)
            #expect(Set(told.map(\.department)) == late && told.count == late.count)
            #expect(told.allSatisfy { $0.unanswered == 1 && $0.dueOn == Example.dueOn && $0.campaign == rig.campaign })
            #expect(try await rig.service.told(DeadlineMissed.self).isEmpty)
        }
    }

    @Test func `each department hears of a batch once, with what is in it for it`() async throws {
        try await with(at: "2018-10-20T00:00:01.000Z") { rig, sent in
            let told = try await rig.service.told(DepartmentAsked.self)
            #expect(Set(told.map(\.department)) == Set(sent.map(\.department)) && told.count == sent.count)
            #expect(told.allSatisfy { $0.requests == 1 && $0.dueOn == Example.dueOn })
        }
    }

    @Test func `nobody is reminded a moment too early`() async throws {
        try await with(at: "2018-10-29T23:50:00.000Z") { rig, _ async throws in
            #expect(try await rig.service.fireTimers() == 0)
            #expect(try await rig.service.told(DeadlineReminded.self).isEmpty)
        }
    }

    @Test func `whoever is still late some days after goes to the poverty office, once, by several instances at the same moment`() async throws {
        try await with(at: "2018-11-05T00:00:01.000Z") { rig, sent in
            try await withThrowingTaskGroup { group in
                for _ in 0..<3 { group.addTask { try await rig.service.fireTimers() } }
                try await group.waitForAll()
            }
            #expect(Set(try await rig.service.told(DeadlineEscalated.self).map(\.department)) == late)
            #expect(try await rig.service.told(DeadlineEscalated.self).count == late.count)
            #expect(try await rig.show(sent[0].household).questions.count { $0.status == "overdue" } == late.count)
        }
    }

    @Test func `a campaign whose last day moves admonishes by the new day`() async throws {
        try await with(at: "2018-11-03T00:00:01.000Z") { rig, _ in
            try await rig.service.fireTimers()
            #expect(try await rig.service.told(DeadlineMissed.self).count == late.count)
            try await rig.issueCampaign(due: Example.dueOn + 3)
            try await rig.service.fireTimers()
            let reminded = try await rig.service.told(DeadlineReminded.self).filter { $0.dueOn == Example.dueOn + 3 }
            #expect(reminded.count == late.count)
        }
    }
}
