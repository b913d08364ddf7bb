import Contracts
import Foundation
import NotificationDomain
import Registry
import Testing

@testable import Notification

@Suite struct LetterTests {
    let everyTiding: [Tiding] =
        CaseKind.allCases.map { Tiding.confirmed($0) }
        + CaseKind.allCases.map { Tiding.closed($0, as: .rejected, because: "not_passed") }
        + [.received(answerBy: LocalDate(daysSinceEpoch: 17_826)), .recall(of: .community, after: LocalDate(daysSinceEpoch: 17_825))]
        + TipOutcome.allCases.map { Tiding.answered($0) }

    func letters(_ language: Letter.Language = .chinese) throws -> [Letter] { try everyTiding.map { try LetterTexts.builtIn.letter($0, in: language) } }

    @Test func `an envelope is the same whatever the letter says`() throws {
        for language in Letter.Language.allCases {
            let byAudience = Dictionary(grouping: try letters(language), by: \.template.audience).mapValues { Set($0.map(\.envelope)).count }
            #expect(byAudience == [.household: 1, .tip: 1, .workTeam: 1])
        }
    }

    @Test func `no envelope names a kind of case or an outcome`() throws {
        let telling = CaseKind.allCases.map(\.label.zh) + ["贫", "通过", "终止", "属实", "剔除"]
        for letter in try letters() {
            #expect(!telling.contains { letter.envelope.contains($0) })
        }
    }

    @Test func `a closed case is explained in words`() throws {
        let letter = try LetterTexts.builtIn.letter(.closed(.new, as: .withdrawn, because: "survey_not_met"))
        #expect(letter.body.contains("新识别纳入"))
        #expect(letter.body.contains("已终止办理"))
        #expect(letter.body.contains("不符合"))
    }

    @Test func `a reason without words still shows its code`() throws {
        #expect(try LetterTexts.builtIn.letter(.closed(.exit, as: .rejected, because: "x-1")).body.contains("代码x-1"))
    }

    @Test func `the sender of a tip learns the day of the answer and nothing of the household`() throws {
        let letter = try LetterTexts.builtIn.letter(.received(answerBy: LocalDate(daysSinceEpoch: 17_826)))
        #expect(letter.body.contains("2018年10月22日"))
        #expect(!letter.body.contains("户"))
    }
}
