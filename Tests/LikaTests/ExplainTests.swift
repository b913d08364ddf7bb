import Contracts
import Foundation
import IntakeDomain
import Registry
import Testing

@testable import lika

/// What `lika explain` prints.
@Suite struct ExplainTests {
    func explanation(disclosed: Bool) throws -> Explanation {
        let rules = RuleSet(year: 2018, entryLine: Money(yuan: 2_952), exitLine: Money(yuan: 3_500))
        let facts = SurveyFacts(surveyedOn: LocalDate("2018-10-12")!, income: YearlyIncome(year: 2018, net: Money(yuan: 20_000)), housing: .d)
        let assessment = try #require(rules.assess(.exit, Surveyed(standing: .registered(.notExited), registeredOn: nil, members: 3, facts: facts)))
        let record = AssessmentRecord(assessment)
        let at = Instant("2018-10-12T02:00:00.000Z")!
        let shown = CaseExplanation(
            case: CaseID(UUID()), campaign: CampaignID(UUID()), kind: .exit, person: nil, status: "dropped",
            proposal: ProposalBasis(by: "wangwu", reason: "入户走访发现"), proposedAt: at,
            visits: [.init(number: 1, surveyor: "王五", visitedOn: LocalDate(at), complete: true, counts: true, evidence: [], facts: nil)],
            assessments: [.init(at: at, occasion: "survey", visit: 1, record: disclosed ? record : record.withheld)], judgements: [],
            departments: [.init(department: .police, topic: .vehicle, outcome: .consistent, acceptedAt: at)],
            steps: [.init(at: at, teller: "intake", place: "dropped", reasons: ["exit.C3"], by: "wangwu")])
        return Explanation(
            household: HouseholdID(UUID()), number: "53042700001", headName: "李*", division: DivisionCode("530427001001-01")!,
            at: LocalDate("2018-10-20")!, disclosed: disclosed, cases: [shown])
    }

    @Test func `each link of the chain has its line`() throws {
        let text = ExplanationText(try explanation(disclosed: true)).lines.joined(separator: "\n")
        for part in [
            "household 53042700001, 李*, 530427001001-01, as of 2018-10-20", "脱贫退出", "proposed 2018-10-12 by wangwu", "reason: 入户走访发现",
            "visit 1 on 2018-10-12 by 王五, counts", "rule set 2018.2.1: 不符合 not met", "[exit.C3; ", "350000 × 3 = 1050000", "consistent",
            "intake: 不符合 dropped, by wangwu (exit.C3)",
        ] { #expect(text.contains(part), "\(part)") }
        #expect(!text.contains("withheld"))
    }

    @Test func `what is withheld is said to be`() throws {
        let text = ExplanationText(try explanation(disclosed: false)).lines.joined(separator: "\n")
        #expect(text.contains("withheld") && text.contains("--as and --purpose"))
        #expect(!text.contains("1050000"))
    }
}
