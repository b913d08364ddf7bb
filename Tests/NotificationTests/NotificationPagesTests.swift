import Contracts
import Foundation
import NotificationDomain
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Notification

/// The clerk's and the public's pages in a real browser.
@Suite struct NotificationPagesTests {
    @Test func `a clerk prints letters, notes the receipt, and settles what nobody knows`() async throws {
        try await withNotification { service in
            let rig = LetterRig(service: service, campaign: CampaignID(UUID()), group: "530427001002-03")
            for head in ["张一", "李二"] { _ = try await rig.confirm(head) }
            try await service.deliver(
                HouseholdTipRaised(
                    tip: TipID(UUID()), household: HouseholdID(UUID()), campaign: rig.campaign, number: 7, dueOn: LocalDate(daysSinceEpoch: 17_827),
                    division: DivisionCode("530427001002"), raisedAt: rig.now))
            while try await service.runErrands() {}
            try await service.serving { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/")
                    #expect(try await browser.texts("#owed, #letters") == ["1", "2"])
                    #expect(try await browser.count("#promises tbody tr") == 1)
                    try await browser.picture("notification-desk")
                    try await browser.open("\(address)/letters")
                    try await browser.click("#waiting button")
                    #expect(try await browser.text("#open") == "2")
                    try await browser.fill(["letter-1": "delivered", "letter-2": "returned"], in: "main form")
                    try await browser.picture("notification-round")
                    try await browser.click("#note")
                    #expect(try await browser.texts("#open, #delivered, #returned") == ["0", "1", "1"])

                    try await browser.open("\(address)/notices?status=failed&channel=letter")
                    try await browser.click("#notices a")
                    #expect(try await browser.text("#body").contains(CaseKind.exit.label.zh))
                    try await browser.picture("notification-notice")
                    try await browser.click("#send")
                    #expect(try await browser.text("#status").contains("待发送"))
                    #expect(try await browser.count("#send") == 0)
                }
                try await Browser.with(width: 500, height: 900) { browser in
                    for page in ["", "notices", "letters", "texts"] {
                        try await browser.open("\(address)/\(page)")
                        #expect(try await browser.evaluate("return String(document.documentElement.scrollWidth <= window.innerWidth)") == "true", "\(page)")
                    }
                    try await browser.open("\(address)/letters")
                    try await browser.picture("notification-letters-narrow")
                }
            }
        }
    }

    @Test func `an editor tries a text, is told what it may not name, and keeps a new version`() async throws {
        try await withNotification { service in
            try await service.serving { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/texts/case_confirmed/zh-CN")
                    try await browser.clear("textarea[name=body]")
                    try await browser.type("您户的{{kind}}已确定。", into: "textarea[name=body]")
                    try await browser.click("#try")
                    #expect(try await browser.text("#preview-body") == "您户的\(CaseKind.exit.label.zh)已确定。")
                    try await browser.picture("notification-text")
                    try await browser.click("#keep")
                    #expect(try await browser.text().contains("版本 2"))
                    try await browser.clear("textarea[name=body]")
                    try await browser.type("{{phone}}", into: "textarea[name=body]")
                    try await browser.click("#keep")
                    #expect(try await browser.text().contains("template.unknown-field"))
                }
            }
        }
    }

    @Test func `anybody reads an announcement, which names no number and no cause`() async throws {
        try await withNotification { service in
            let rig = LetterRig(service: service, campaign: CampaignID(UUID()), group: "530427001002-03")
            for head in ["张一", "李二"] { _ = try await rig.confirm(head) }
            let gone = try await rig.confirm("王三")
            try await service.deliver(HouseholdPurged(purge: PurgeID(UUID()), household: gone, purgedAt: rig.now))
            try await service.serving { address in
                try await Browser.with(width: 500, height: 900) { browser in
                    try await browser.open("\(address)/announcements")
                    try await browser.click("#announcements a")
                    #expect(try await browser.count("table.list tbody tr") == 2)
                    #expect(try await browser.text().contains("张一"))
                    #expect(try await browser.evaluate("return String(document.documentElement.scrollWidth <= window.innerWidth)") == "true")
                    try await browser.picture("announcement-narrow")
                }
            }
        }
    }
}
