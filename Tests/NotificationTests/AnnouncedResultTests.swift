import Contracts
import Foundation
import NotificationDomain
import Registry
import Testing

@Suite struct AnnouncedResultTests {
    let now = Instant(milliseconds: 1_541_203_200_000)
    let announcement = UUID()

    func confirmed(_ kind: CaseKind = .exit, division: String = "530427001002-03", headName: String = "李三") throws -> CaseConfirmed {
        CaseConfirmed(
            case: CaseID(UUID()), household: HouseholdID(UUID()), campaign: CampaignID(UUID()), kind: kind,
            division: try #require(DivisionCode(division)), headName: headName, memberCount: 4, confirmedAt: now)
    }

    @Test func `a line shows kind, community, group, head and number of persons, and no more`() throws {
        let line = try AnnouncedResult.Line(of: confirmed())
        #expect(line.community == DivisionCode("530427001002"))
        #expect(line.group == DivisionCode("530427001002-03"))
        #expect(Mirror(reflecting: line).children.compactMap(\.label) == ["kind", "community", "group", "headName", "memberCount"])
    }

    @Test func `announcing a case tells it once, under the case's own number`() throws {
        let event = try confirmed()
        let decision = AnnouncedResult.announcing(event, line: try .init(of: event), on: announcement, at: now)
        #expect(decision.state.id == event.case)
        let told = ResultAnnounced(case: event.case, household: event.household, announcement: announcement, announcedAt: now)
        #expect(decision == Decision(decision.state, [told]))
    }

    @Test func `a natural change is on no public list`() throws {
        let event = try confirmed(.naturalChange)
        #expect(throws: AnnouncedResult.Refusal.neverPublicised) { try AnnouncedResult.Line(of: event) }
    }

    @Test(arguments: ["李三 99010119900101123X", "李三１３８００００００００", "王1"])
    func `a name that carries a number is refused`(headName: String) throws {
        let event = try confirmed(headName: headName)
        #expect(throws: AnnouncedResult.Refusal.unfitName) { try AnnouncedResult.Line(of: event) }
    }

    @Test func `a place above the community has no announcement`() throws {
        let event = try confirmed(division: "530427001")
        #expect(throws: AnnouncedResult.Refusal.noCommunity) { try AnnouncedResult.Line(of: event) }
    }
}
