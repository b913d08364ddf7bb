import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// The register in a real browser.
@Suite struct HouseholdPagesTests {
    static func withRegister(_ body: @escaping @Sendable (IntakeBench, _ address: String, Browser) async throws -> Void) async throws {
        try await IntakeBench.with { bench in
            let divisions = """
                [{"code":"530427","name":"新平县"},{"code":"530427001","name":"桂山街道"},{"code":"530427001001","name":"太平社区"},
                {"code":"530427001001-01","name":"一组"}]
                """
            let answer = try await bench.service.call(.put, "/v1/divisions", Array(divisions.utf8), ["Content-Type": "application/json"])
            #expect(answer.status == 200, "\(answer.text)")
            _ = try await bench.imported("registered", bench.registeredSheet([try RegisterColumnTests.full(), ready("2", from: 10)]))
            _ = try await bench.command("rosters")
            try await bench.service.serving { address in try await Browser.with(width: 900) { try await body(bench, address, $0) } }
        }
    }

    @Test func `a clerk finds a household by its number, reads it with its members, its case and its history, and as of a day`() async throws {
        try await Self.withRegister { bench, address, browser in
            try await browser.open("\(address)/campaigns/\(bench.campaign)/households")
            #expect(try await browser.count("tbody tr") == 2)
            #expect(try await browser.text("tbody").contains("太平社区 一组"))
            try await browser.type("2", into: "input[name=number]")
            try await browser.click("form[role=search] button")
            #expect(try await browser.count("tbody tr") == 1)
            try await browser.click("tbody a")
            #expect(try await browser.text("#cases").contains("脱贫退出"))
            #expect(try await browser.count("details.member") == 3)
            let text = try await browser.text()
            #expect(text.contains("首次登记"))
            let id = try #require(try await browser.address.split(separator: "/").last)
            try await browser.click("#why")
            #expect(try await browser.text().contains("按在册信息列入"))
            try await browser.open("\(address)/households/\(id)?at=2018-10-01")
            #expect(try await browser.text("h1").contains("没有找到"))
            try await browser.open("\(address)/households/\(id)?at=2018-10-10")
            #expect(try await browser.text(".notice.care").contains("2018-10-10"))
        }
    }

    @Test func `an ID number is looked for by a form, never by an address, and no page shows one`() async throws {
        try await Self.withRegister { bench, address, browser in
            let full = try RegisterColumnTests.full()
            let number = full.members[1].residentID.reveal
            try await browser.open("\(address)/campaigns/\(bench.campaign)/households")
            try await browser.click("details summary")
            try await browser.type(number, into: "input[name=idNumber]")
            try await browser.type("核对身份", into: "input[name=purpose]")
            try await browser.click("details form button")
            #expect(try await browser.text("tbody").contains(full.number))
            #expect(try await !browser.address.contains(number))
            try await browser.click("tbody a")
            let page = try await browser.evaluate("return document.documentElement.outerHTML")
            for secret in full.members.map(\.residentID.reveal) + ["14012341234", "9999000000000000", full.members[0].name] {
                #expect(!page.contains(secret))
            }
            let noted = try await bench.service.store.work { try $0.query("SELECT kind, purpose FROM disclosures").map { try "\($0["kind", as: String.self]) \($0["purpose", as: String.self])" } }
            #expect(noted == ["search 核对身份"])
        }
    }

    @Test func `a sheet is asked for, followed and fetched on a page`() async throws {
        try await Self.withRegister { bench, address, browser in
            try await browser.open("\(address)/campaigns/\(bench.campaign)/exports")
            _ = try await browser.evaluate("document.querySelector('select[name=kind]').value = 'comparison'; return ''")
            try await browser.type("入户核查", into: "input[name=purpose]")
            try await browser.click("main form button")
            #expect(try await browser.text("#exports").contains("对照采集表"))
            try await bench.service.runErrands()
            // The page follows by itself.
            #expect(try await browser.text("#exports td a").contains("下载"))
        }
    }

    @Test func `a leader fixes what they have seen of a roster, and a conflict is decided by a named account`() async throws {
        try await IntakeBench.with { bench in
            _ = try await bench.register(ready("1"))
            let path = "/campaigns/\(bench.campaign)/rosters"
            let form = ["Content-Type": "application/x-www-form-urlencoded"]
            #expect(try await bench.service.call(.post, path, Array("key=a".utf8), form).status == 303)
            func fix(_ key: String, version: Int, actor: String? = "leader") async throws -> Int {
                var headers = form
                headers["Lika-Actor"] = actor
                return try await bench.service.call(.post, "\(path)/EXIT/fixing", Array("key=\(key)&version=\(version)&reason=%E5%B1%9E%E5%AE%9E".utf8), headers).status
            }
            #expect(try await fix("b", version: 1, actor: nil) == 400)
            #expect(try await fix("c", version: 0) == 412)
            #expect(try await fix("d", version: 1) == 303)
            let page = try await bench.service.get(path).text
            #expect(page.contains("已确定") && page.contains("leader") && page.contains("属实"))

            let survey = SurveyServiceTests()
            _ = try await survey.send(
                bench, survey.record("a", base: 0), survey.record("b", base: 0) { $0.income = YearlyIncome(year: 2018, net: Money(fen: 1_234_567)) })
            let conflicts = try await bench.service.get("/campaigns/\(bench.campaign)/conflicts").text
            let id = try #require(conflicts.firstMatch(of: #/conflicts/([0-9a-f-]{36})"/#).map { String($0.1) })
            #expect(!conflicts.contains("12345"))
            var headers = form
            headers["Lika-Actor"] = "leader"
            let decided = try await bench.service.call(
                .post, "/campaigns/\(bench.campaign)/conflicts/\(id)", Array("key=e&version=1&take=true&reason=%E5%B1%9E%E5%AE%9E".utf8), headers)
            #expect(decided.status == 303, "\(decided.text)")
            #expect(try await bench.service.get("/campaigns/\(bench.campaign)/conflicts").text.contains("没有待处理的冲突"))
        }
    }

    /// Leaves a picture of each for a person to look at.
    @Test(arguments: [380, 1_100]) func `every page fits a telephone and a desk`(width: Int) async throws {
        try await IntakeBench.with { bench in
            var nameless = entry("3", from: 30)
            nameless.members[1].name = ""
            let report = try await bench.imported("registered", bench.registeredSheet([try RegisterColumnTests.full(), ready("2", from: 10), nameless]))
            _ = try await bench.command("rosters")
            let household = try #require(try await bench.service.told(HouseholdRegistered.self).first).household
            try await bench.service.serving { address in
                try await Browser.with(width: width) { browser in
                    let campaign = "\(address)/campaigns/\(bench.campaign)"
                    for (name, path) in [
                        ("campaigns", "\(address)/"), ("imports", "\(campaign)/imports"), ("import", "\(campaign)/imports/\(report.import)"),
                        ("households", "\(campaign)/households"), ("progress", campaign), ("rosters", "\(campaign)/rosters"), ("conflicts", "\(campaign)/conflicts"),
                        ("explanation", "\(address)/explanation?number=2"), ("positions", "\(campaign)/positions"), ("tips", "\(address)/tips"), ("tip", "\(address)/tip"), ("household", "\(address)/households/\(household)"), ("exports", "\(campaign)/exports"),
                    ] {
                        try await browser.open(path)
                        #expect(try await browser.evaluate("return `${document.documentElement.scrollWidth <= window.innerWidth}`") == "true", "\(name)")
                        try await browser.picture("\(name)-\(width)")
                    }
                }
            }
        }
    }
}
