import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Notification

/// Households of one group, whom the county's decisions are told by letter.
struct LetterRig {
    let service: TestService
    let campaign: CampaignID
    let group: String
    let now = Instant(milliseconds: 1_541_203_200_000)

    func confirm(_ head: String) async throws -> HouseholdID {
        let household = HouseholdID(UUID())
        try await service.deliver(
            CaseConfirmed(
                case: CaseID(UUID()), household: household, campaign: campaign, kind: .exit, division: try #require(DivisionCode(group)), headName: head,
                memberCount: 4, confirmedAt: now))
        return household
    }

    func print(_ division: String? = nil) async throws -> LetterRound {
        let answer = try await service.post("/v1/letter-rounds", ["division": division ?? group])
        #expect(answer.status == 201)
        return try answer.json(LetterRound.self)
    }

    func notices(by channel: PersonalNotice.Channel) async throws -> [NoticeID] {
        try await service.store.work { try $0.query("SELECT id FROM notices WHERE channel = \(channel) ORDER BY number NULLS LAST, id").map { try $0["id"] } }
    }

    /// The text of a PDF.
    func text(_ path: String) async throws -> String {
        let answer = try await service.get(path)
        #expect(answer.status == 200)
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).pdf")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(answer.body).write(to: file)
        return try await Command(URL(filePath: "/usr/bin/pdftotext")).run("-layout", file.path(), "-").text
    }
}

/// Letters on paper: printed for a group, carried there, signed for or brought back.
@Suite struct LetterRoundTests {
    func with(_ body: @Sendable (LetterRig) async throws -> Void) async throws {
        try await withNotification { service in
            try await body(LetterRig(service: service, campaign: CampaignID(UUID()), group: "530427001002-03"))
        }
    }

    @Test func `where there is no gateway each household gets a letter, and each is on its own page`() async throws {
        try await with { rig in
            let named = DivisionNamed(
                id: DivisionID(UUID()), division: try #require(DivisionCode("530427001002-03")), name: "三组", namedAt: rig.now)
            try await rig.service.deliver(named)
            for head in ["张一", "李二", "王三"] { _ = try await rig.confirm(head) }
            let waiting = try await rig.service.get("/v1/letters").json([LetterRoutes.Waiting].self)
            #expect(waiting.map(\.letters) == [3])
            let round = try await rig.print("530427001002")
            #expect(round.letters == 3 && round.open == 3)
            #expect(try await rig.service.get("/v1/letters").json([LetterRoutes.Waiting].self).isEmpty)
            #expect(try await rig.service.post("/v1/letter-rounds", ["division": rig.group]).status == 409)

            let pages = try await rig.text("/v1/letter-rounds/\(round.round)/letters/pdf").split(separator: "\u{0c}")
            #expect(pages.count == 3)
            for (page, head) in zip(pages, ["张一", "李二", "王三"].sorted()) {
                #expect(page.contains(head) && page.contains(CaseKind.exit.label.zh) && page.contains("三组"))
                #expect(["张一", "李二", "王三"].filter(page.contains) == [head], "a page speaks of its household alone")
            }
            let receipt = try await rig.text("/v1/letter-rounds/\(round.round)/receipt/pdf")
            #expect(["张一", "李二", "王三"].allSatisfy(receipt.contains) && !receipt.contains(CaseKind.exit.label.zh), "whoever signs sees no result")
        }
    }

    @Test func `a receipt settles its letters, and what came back goes out in a later round`() async throws {
        try await with { rig in
            for head in ["张一", "李二", "王三"] { _ = try await rig.confirm(head) }
            let round = try await rig.print()
            let path = "/v1/letter-rounds/\(round.round)/receipts"
            #expect(try await rig.service.post(path, LetterRoutes.Receipts(delivered: [9])).status == 422)
            let noted = try await rig.service.post(path, LetterRoutes.Receipts(delivered: [1, 2], returned: [3])).json(LetterRound.self)
            #expect((noted.open, noted.delivered, noted.returned) == (0, 2, 1))
            let media = try await rig.service.told(NoticeDelivered.self).map(\.medium)
            #expect(media == ["letter", "letter"])

            let returned = try await rig.notices(by: .letter)[2]
            #expect(try await rig.service.post("/v1/notices/\(returned)/send-again", [String: String]()).status == 200)
            let later = try await rig.print()
            #expect(later.letters == 1 && later.round != round.round)
            let first = try await rig.service.get("/v1/letter-rounds/\(round.round)").json(LetterRoutes.Shown.self)
            #expect(first.letters.map(\.status) == ["delivered", "delivered"] && first.round.letters == 3)
        }
    }

    @Test func `two printers at the same moment share the letters, and none is in both rounds`() async throws {
        try await with { rig in
            for _ in 0..<20 { _ = try await rig.confirm("张一") }
            let rounds = try await withThrowingTaskGroup(of: TestService.Answer.self) { group in
                for _ in 0..<3 { group.addTask { try await rig.service.post("/v1/letter-rounds", ["division": rig.group]) } }
                return try await group.reduce(into: [TestService.Answer]()) { $0.append($1) }
            }
            let printed = try rounds.filter { $0.status == 201 }.map { try $0.json(LetterRound.self).letters }
            #expect(printed.reduce(0, +) == 20)
            #expect(rounds.allSatisfy { [201, 409].contains($0.status) })
        }
    }

    @Test func `of a purged household nothing is printed`() async throws {
        try await with { rig in
            let household = try await rig.confirm("张一")
            let round = try await rig.print()
            _ = try await rig.confirm("李二")
            try await rig.service.deliver(HouseholdPurged(purge: PurgeID(UUID()), household: household, purgedAt: rig.now))
            #expect(try await rig.service.get("/v1/letter-rounds/\(round.round)/letters/pdf").status == 409)
            #expect(try await rig.print().letters == 1)
        }
    }

    @Test func `reading what a letter says is written down`() async throws {
        try await with { rig in
            _ = try await rig.confirm("张一")
            let round = try await rig.print()
            let notice = try await rig.notices(by: .letter)[0]
            _ = try await rig.service.get("/v1/letter-rounds/\(round.round)/letters/pdf")
            _ = try await rig.service.get("/v1/notices/\(notice)")
            let read = try await rig.service.store.work { try $0.query("SELECT object FROM audit WHERE outcome = 'read' ORDER BY seq").map { try $0["object"] as String } }
            #expect(read == ["letter round \(round.round.lowercased)", "notice \(notice)"])
        }
    }
}
