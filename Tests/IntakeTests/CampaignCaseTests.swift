import Contracts
import Foundation
import IntakeDomain
import Registry
import Testing

@Suite struct CampaignCaseTests {
    let met = rules2018.assess(.exit, Surveyed(household(), facts()))!
    let unmet = rules2018.assess(.exit, Surveyed(household(), facts { $0.acknowledged = false }))!
    let referred = rules2018.assess(.removal, Surveyed(household(), facts { $0.circumstance = .init(.largeProducer, on: day("2016-01-01")) }))!

    func open(_ kind: CaseKind = .exit, _ status: CampaignCase.Status) -> CampaignCase {
        CampaignCase(id: CaseID(UUID()), campaign: CampaignID(UUID()), household: HouseholdID(UUID()), kind: kind, status: status)
    }

    func decide(_ command: CampaignCase.Command, _ status: CampaignCase.Status, _ kind: CaseKind = .exit) throws(CampaignCase.Refusal) -> Decision<CampaignCase> {
        try open(kind, status).deciding(command, at: october10)
    }

    @Test func `a proposal tells who it is about, without any number`() throws {
        let record = household(.registered(.exited))
        let decision = CampaignCase.proposing(.return, of: record, as: CaseID(UUID()), at: october10)
        let event = try #require(decision.events.first as? CaseProposed)
        #expect((event.population, event.memberCount, event.headName) == (.exited, 3, "李1"))
        #expect(event.household == record.id)
    }

    @Test func `a survey that meets the guard is told`() throws {
        let decision = try decide(.assess(met), .proposed)
        #expect(decision.state.status == .surveyed)
        #expect((decision.events.first as? CaseSurveyed)?.met == true)
        #expect((decision.events.first as? CaseSurveyed)?.ruleSet == "2018.2.1")
    }

    @Test func `one that fails is told with the rules that failed`() throws {
        let decision = try decide(.assess(unmet), .proposed)
        #expect(decision.state.status == .dropped)
        #expect((decision.events.first as? CaseSurveyed)?.reasons == ["exit.acknowledged"])
    }

    @Test func `what is referred waits for a person and is told when it is judged`() throws {
        let waiting = try decide(.assess(referred), .proposed, .removal)
        #expect(waiting.state.status == .referred)
        #expect(waiting.events.isEmpty)
        let judged = try waiting.state.deciding(.judge(eligible: true, under: rules2018), at: october10)
        #expect(judged.state.status == .surveyed)
        #expect((judged.events.first as? CaseSurveyed)?.reasons == ["removal.before-registration"])
        #expect(try waiting.state.deciding(.judge(eligible: false, under: rules2018), at: october10).state.status == .dropped)
    }

    @Test func `a later survey withdraws what no longer holds, and leaves alone what does`() throws {
        #expect(try decide(.assess(met), .surveyed).events.isEmpty)
        let withdrawn = try decide(.assess(unmet), .surveyed)
        #expect(withdrawn.state.status == .dropped)
        #expect((withdrawn.events.first as? CaseSurveyed)?.met == false)
    }

    @Test func `what review closes twice stays closed`() throws {
        for status in CampaignCase.Status.open {
            #expect(try decide(.close(reason: "meeting"), status).state.status == .closed)
        }
        #expect(try decide(.close(reason: "meeting"), .dropped).state.status == .dropped)
        #expect(try decide(.close(reason: "meeting"), .closed).state.reasons == [])
    }

    @Test(arguments: [CampaignCase.Status.marked, .dropped, .closed]) func `a case that is over cannot be marked`(status: CampaignCase.Status) {
        #expect(throws: CampaignCase.Refusal.over) { try decide(.mark, status) }
    }

    @Test(arguments: [CampaignCase.Status.proposed, .referred]) func `a case that was not surveyed cannot be marked`(status: CampaignCase.Status) {
        #expect(throws: CampaignCase.Refusal.notSurveyed) { try decide(.mark, status) }
    }

    @Test(arguments: [
        (CheckOutcome.consistent, CampaignCase.Status.marked), (.discrepant, .dropped), (.cannotDetermine, .referred),
    ])
    func `the police decides a natural change, or leaves it to a person`(outcome: CheckOutcome, status: CampaignCase.Status) throws {
        #expect(try decide(.answer(outcome), .proposed, .naturalChange).state.status == status)
    }

    @Test func `a person decides what the police cannot tell`() throws {
        #expect(try decide(.judge(eligible: true, under: rules2018), .referred, .naturalChange).state.status == .marked)
        #expect(try decide(.judge(eligible: false, under: rules2018), .referred, .naturalChange).state.status == .dropped)
        #expect(throws: CampaignCase.Refusal.notReferred) { try decide(.judge(eligible: true, under: rules2018), .proposed, .naturalChange) }
    }

    @Test func `natural changes are neither surveyed nor announced, and other cases not answered`() {
        #expect(throws: CampaignCase.Refusal.natural) { try decide(.assess(met), .proposed, .naturalChange) }
        #expect(throws: CampaignCase.Refusal.natural) { try decide(.mark, .proposed, .naturalChange) }
        #expect(throws: CampaignCase.Refusal.over) { try decide(.answer(.consistent), .marked, .naturalChange) }
        #expect(throws: CampaignCase.Refusal.notNatural) { try decide(.answer(.consistent), .proposed) }
    }

    // MARK: Doubts after the survey

    @Test func `what the county returned is in doubt until review goes on, a person judges or a survey decides`() throws {
        let reopened = try decide(.reopen, .reported).state
        #expect((reopened.status, reopened.reasons) == (.reopened, ["county.returned"]))
        #expect(try reopened.deciding(.resume, at: october10).state.status == .surveyed)
        #expect(try reopened.deciding(.judge(eligible: false, under: rules2018), at: october10).state.status == .dropped)
        #expect(try reopened.deciding(.assess(met), at: october10).state.status == .surveyed)
        #expect(try reopened.deciding(.assess(unmet), at: october10).state.status == .dropped)
        #expect(try reopened.deciding(.mark, at: october10).state.status == .marked)
        #expect(try reopened.deciding(.close(reason: "x"), at: october10).state.status == .closed)
    }

    @Test(arguments: [CampaignCase.Status.proposed, .referred, .reopened, .marked, .dropped, .closed])
    func `only what was surveyed is reopened`(status: CampaignCase.Status) throws {
        #expect(try decide(.reopen, status).state.status == status)
    }

    @Test func `what a department finds discrepant before the report is reopened for that`() throws {
        #expect(try decide(.reopen, .surveyed).state.reasons == ["department.discrepant"])
    }

    @Test func `a doubt of the county or a department is not dispelled by one person more or less`() throws {
        let reopened = try decide(.reopen, .reported).state
        #expect(try reopened.deciding(.reassess(met, members: 4), at: october10).state == reopened)
        #expect(try reopened.deciding(.reassess(referred, members: 4), at: october10).state == reopened)
        #expect(try reopened.deciding(.reassess(unmet, members: 4), at: october10).state.status == .dropped)
    }

    @Test func `what the rules still leave to a person stays reopened, and is marked if the county decides it`() throws {
        let doubted = try decide(.assess(referred), .reopened, .removal).state
        #expect((doubted.status, doubted.reasons) == (.reopened, ["removal.before-registration"]))
        #expect(try doubted.deciding(.mark, at: october10).state.status == .marked)
    }

    // MARK: With the county

    @Test func `only the county moves what was reported to it`() throws {
        let reported = try decide(.report, .surveyed).state
        #expect(reported.status == .reported)
        #expect(try reported.deciding(.assess(unmet), at: october10).events.isEmpty)
        let told = try reported.deciding(.reassess(unmet, members: 2), at: october10)
        #expect(told.state == reported)
        #expect(told.events.compactMap { ($0 as? CaseReassessed)?.verdict } == [.notMet])
        #expect(throws: CampaignCase.Refusal.notReferred) { try reported.deciding(.judge(eligible: false, under: rules2018), at: october10) }
        #expect(try reported.deciding(.mark, at: october10).state.status == .marked)
        #expect(try reported.deciding(.close(reason: "county_rejected"), at: october10).state.status == .closed)
    }

    @Test func `a report that was on its way when the case was dropped here stands`() throws {
        let dropped = try decide(.assess(unmet), .surveyed).state
        #expect(try dropped.deciding(.report, at: october10).state.status == .reported)
    }

    @Test(arguments: [CampaignCase.Status.proposed, .referred]) func `what was not surveyed cannot be reported`(status: CampaignCase.Status) {
        #expect(throws: CampaignCase.Refusal.notSurveyed) { try decide(.report, status) }
    }

    @Test(arguments: [
        (CampaignCase.Status.proposed, false, false, true), (.referred, false, false, false), (.referred, true, false, true),
        (.referred, false, true, true), (.surveyed, false, true, false), (.surveyed, true, false, true), (.reopened, true, false, true),
        (.reported, true, true, false), (.marked, true, true, false), (.dropped, true, true, false), (.closed, true, true, false),
    ])
    func `a case is judged by what it was not judged by yet`(status: CampaignCase.Status, visit: Bool, rules: Bool, isDue: Bool) {
        #expect(open(.exit, status).isToBeJudged(visitIsNew: visit, rulesAreNew: rules) == isDue)
    }

    @Test func `one person more or less is told with what the rules say now`() throws {
        let again = try decide(.reassess(met, members: 4), .surveyed)
        #expect(again.state.status == .surveyed)
        #expect(again.events.compactMap { ($0 as? CaseReassessed)?.verdict } == [.met])
        let withdrawn = try decide(.reassess(unmet, members: 4), .surveyed)
        #expect(withdrawn.state.status == .dropped)
        #expect((withdrawn.events.first as? CaseReassessed)?.memberCount == 4)
        #expect((withdrawn.events.last as? CaseSurveyed)?.met == false)
        #expect(try decide(.reassess(unmet, members: 4), .proposed).events.isEmpty)
    }

    @Test func `a new doubt needs a person again, one that was judged does not`() throws {
        let doubt = try decide(.reassess(referred, members: 2), .surveyed).state
        #expect((doubt.status, doubt.reasons) == (.reopened, ["removal.before-registration"]))
        // Review going on does not dispel it.
        #expect(try doubt.deciding(.resume, at: october10).state.status == .reopened)
        let judged = try doubt.deciding(.judge(eligible: true, under: rules2018), at: october10).state
        #expect(judged.status == .surveyed)
        #expect(try judged.deciding(.reassess(referred, members: 3), at: october10).state.status == .surveyed)
    }
}
