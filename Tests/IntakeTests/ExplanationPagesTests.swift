import Contracts
import Foundation
import IntakeDomain
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// What staff see of why a household is on a list, in a real browser.
@Suite struct ExplanationPagesTests {
    @Test func `a clerk asks why a household is on a list, and as of which day`() async throws {
        try await IntakeBench.with { bench in
            let survey = SurveyServiceTests()
            _ = try await bench.register(ready("1"), entry("2", from: 10))
            _ = try await bench.command("rosters")
            _ = try await survey.send(bench, survey.record("a", base: 0) { $0.acknowledged = false })
            _ = try await bench.command("assessments")
            try await bench.service.serving { address in
                try await Browser.with(width: 900) { browser in
                    try await browser.open("\(address)/explanation")
                    try await browser.type("1", into: "input[name=number]")
                    try await browser.click("main form button")
                    let text = try await browser.text()
                    #expect(text.contains("李*") && text.contains("第1次入户，王五") && text.contains("exit.acknowledged"))
                    #expect(try await browser.texts("td.bad").count == 1)
                    #expect(try await browser.texts("section .mark").first?.contains("不符合") == true)
                    for secret in ["20000", "10500", "李0", "income.above-exit-line"] { #expect(!text.contains(secret), "\(secret)") }

                    try await browser.open("\(address)/explanation?number=1&at=2018-10-09")
                    #expect(try await browser.count("#none") == 1)
                    try await browser.open("\(address)/explanation?number=2")
                    #expect(try await browser.count("#none") == 1)
                    try await browser.open("\(address)/explanation?number=99")
                    #expect(try await browser.count("#unknown") == 1)
                }
            }
            #expect(try await bench.service.get("/explanation?number=1&at=yesterday").status == 422)
        }
    }
}
