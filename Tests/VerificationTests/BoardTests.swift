import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import Sheets
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

@Suite struct BoardTests {
    struct Shown: Decodable {
        struct Progress: Decodable, Equatable {
            let asked, unsent, withheld, answered, discrepant, undetermined, sentBack, overdue: Int
            let medianDays: Double?
        }

        struct DepartmentRow: Decodable {
            let department: Department
            let progress: Progress
            let refused: Int
        }

        struct CommunityRow: Decodable {
            let community: String
            let progress: Progress
        }

        let dueOn: LocalDate
        let departments: [DepartmentRow]
        let communities: [CommunityRow]

        subscript(_ department: Department) -> DepartmentRow? { departments.first { $0.department == department } }
    }

    static func board(_ rig: Rig) async throws -> Shown {
        try await rig.service.get("/v1/campaigns/\(rig.campaign)/board").json(Shown.self)
    }

    /// Two households after the last day: the police found one vehicle, the market office one forged result and nothing else.
    static func withAnswers(_ body: (Rig, HouseholdID) async throws -> Void) async throws {
        try await Rig.with(at: "2018-11-03T02:00:00.000Z") { rig in
            try await rig.issueCampaign()
            let households = [HouseholdID(UUID()), HouseholdID(UUID())]
            for household in households { try await rig.propose(.new, household, .notRegistered) }
            let police = Signer(.police)
            _ = try await rig.register(police)
            try await rig.send(households[0])
            let asked = try await rig.service.told(RequestSent.self).filter { $0.department == .police }
            // Three days and one day on the way.
            for (place, request) in asked.enumerated() {
                try await rig.service.store.work { work in
                    try work.execute("UPDATE requests SET sent_at = sent_at - make_interval(days => \(place == 0 ? 3 : 1)::int) WHERE id = \(request.request)")
                }
                let finding = ResultReturned.Finding(member: MemberID(UUID()), field: "vehicle", outcome: .discrepant, code: "V01", remark: "=SUM(A1) 有机动车")
                let result = place == 0 ? try await rig.answer(request, .discrepant, findings: [finding]) : try await rig.answer(request)
                try await rig.deliver(result, by: police)
            }
            let market = try #require(try await rig.sent(households[0]).first { $0.department == .market })
            try await rig.deliver(rig.answer(market), by: Signer(.market))
            try await body(rig, asked[0].household)
        }
    }

    @Test func `the board counts by department and by community`() async throws {
        try await Self.withAnswers { rig, _ in
            let board = try await Self.board(rig)
            #expect(board.dueOn == Example.dueOn)
            #expect(board.departments.map(\.department) == [.police, .finance, .socialSecurity, .land, .planning, .market])
            #expect(board[.police]?.progress == .init(
                asked: 2, unsent: 0, withheld: 0, answered: 2, discrepant: 1, undetermined: 0, sentBack: 0, overdue: 0, medianDays: 2))
            #expect(board[.market]?.progress == .init(
                asked: 2, unsent: 0, withheld: 0, answered: 0, discrepant: 0, undetermined: 0, sentBack: 0, overdue: 2, medianDays: nil))
            #expect((board[.market]?.refused, board[.police]?.refused) == (1, 0))
            #expect(board.communities.map(\.community) == ["530427001001"])
            #expect(board.communities[0].progress == .init(
                asked: 12, unsent: 0, withheld: 0, answered: 2, discrepant: 1, undetermined: 0, sentBack: 0, overdue: 10, medianDays: 2))
        }
    }

    @Test func `a campaign that was not issued has no board`() async throws {
        try await Rig.with { rig async throws in
            #expect(try await rig.service.get("/v1/campaigns/\(rig.campaign)/board").status == 404)
            #expect(try await rig.service.get("/v1/campaigns/\(rig.campaign)/discrepancies.xlsx").status == 404)
            #expect(try await rig.service.get("/v1/campaigns/\(rig.campaign)/reports/police.xlsx").status == 404)
        }
    }

    private func rows(_ answer: TestService.Answer) throws -> [[String]] {
        #expect(answer.status == 200)
        return try XLSXReader.rows(in: answer.body).map(\.cells)
    }

    @Test func `the discrepancy list names household, department, finding and signatory, and no formula runs in it`() async throws {
        try await Self.withAnswers { rig, household in
            let rows = try rows(await rig.service.get("/v1/campaigns/\(rig.campaign)/discrepancies.xlsx"))
            #expect(rows.count == 2)
            let row = Dictionary(uniqueKeysWithValues: zip(rows[0], rows[1]))
            #expect(row["户主"] == "甲某" && row["户标识"] == "\(household)" && row["社区代码"] == "530427001001")
            #expect(row["部门"] == "派出所" && row["核查事项"] == "车辆" && row["结论"] == "不一致" && row["差异代码"] == "V01")
            #expect(row["说明"]?.hasPrefix("=") == false && row["说明"]?.contains("有机动车") == true)
            #expect(row["责任人"] == "示例责任人" && row["职务"] == "所长")
        }
    }

    @Test func `a department's report has a row for each signed answer, with the digest of what was signed`() async throws {
        try await Self.withAnswers { rig, _ in
            let police = try rows(await rig.service.get("/v1/campaigns/\(rig.campaign)/reports/police.xlsx"))
            #expect(police.count == 3)
            let digests: [String] = try await rig.service.store.work { try $0.query("SELECT digest FROM accepted_results").map { try $0["digest"] } }
            #expect(Set(police.dropFirst().compactMap(\.last)) == Set(digests))
            #expect(try rows(await rig.service.get("/v1/campaigns/\(rig.campaign)/reports/market.xlsx")).count == 1)
            #expect(try await rig.service.get("/v1/campaigns/\(rig.campaign)/reports/nobody.xlsx").status == 404)
        }
    }
}

/// The board in a real browser.
@Suite struct BoardPagesTests {
    @Test func `the poverty office sees who is late, what differs and what was refused, at a desk and on a telephone`() async throws {
        try await BoardTests.withAnswers { rig, _ in
            try await rig.service.serving { address in
                try await Browser.with(width: 1100) { browser in
                    try await browser.open("\(address)/")
                    #expect(try await browser.text("tbody").contains("2018-11-02"))
                    try await browser.click("tbody a")
                    #expect(try await browser.texts("#asked, #answered, #discrepant, #overdue") == ["12", "2", "1", "10"])
                    #expect(try await browser.text(".notice.care").contains("已过"))
                    #expect(try await browser.count("#departments tbody tr") == 6)
                    #expect(try await browser.texts("#departments tbody tr:first-child td").first?.contains("派出所") == true)
                    #expect(try await browser.count("#departments td.bad") == 5)
                    #expect(try await browser.text("#communities tbody").contains("530427001001"))
                    #expect(try await browser.text("#refused").contains("verification.key-unknown"))
                    #expect(try await browser.count("#withheld") == 0)
                    #expect(try await browser.evaluate("return document.querySelector('#departments a').getAttribute('href')").hasSuffix("/reports/police.xlsx"))
                    #expect(try await !browser.text().contains(Intake.idNumber))
                    try await browser.picture("verification-board")
                }
                try await Browser.with(width: 380) { browser in
                    try await browser.open("\(address)/campaigns/\(rig.campaign)/board")
                    let fits = try await browser.evaluate("return document.documentElement.scrollWidth <= window.innerWidth ? 'yes' : 'no'")
                    #expect(fits == "yes")
                }
            }
        }
    }

    @Test func `what may not go out stands at the top of the board`() async throws {
        try await Rig.with(plain: .refused) { rig in
            try await rig.issueCampaign()
            try await rig.register()
            try await rig.openBatch()
            let page = try await rig.service.get("/campaigns/\(rig.campaign)/board")
            #expect(page.status == 200 && page.text.contains(#"id="withheld""#))
        }
    }
}
