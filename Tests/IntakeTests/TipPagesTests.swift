import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// The public's form and the clerk's pages in a real browser.
@Suite struct TipPagesTests {
    @Test func `somebody gives a tip on a telephone, a clerk brings it to its answer, and the answer is read by the code`() async throws {
        try await TipRig.with { rig in
            try await rig.service.serving { address in
                let code = try await Browser.with(width: 500, height: 900) { browser in
                    try await browser.open("\(address)/tip")
                    #expect(try await browser.text("#offices").contains(TipRig.telephone))
                    #expect(try await browser.evaluate("return String(document.documentElement.scrollWidth <= window.innerWidth)") == "true")
                    try await browser.type(TipRig.text, into: "textarea")
                    // Every field in turn by keyboard alone, and never the one that nobody sees.
                    let fields = try await [browser.tab(), browser.tab(), browser.tab(), browser.tab()]
                    #expect(zip(fields, ["concerns", "\"name\"", "contact", "<button"]).allSatisfy { $0.contains($1) }, "\(fields)")
                    try await browser.click("main form button")
                    #expect(try await browser.text("#number") == "2018-0001")
                    #expect(try await browser.text("#due") == "2018-10-15")
                    #expect(try await !browser.address.contains("2018-0001"))
                    return try await browser.text("#code")
                }
                try await Browser.with { browser in
                    try await browser.open("\(address)/tips")
                    #expect(try await browser.texts("#open, #due, #overdue") == ["1", "0", "0"])
                    try await browser.click("#tips a")
                    #expect(try await browser.text("#text") == TipRig.text)
                    #expect(try await browser.count("#answer, #close, #reopen") == 0)
                    try await browser.click("#relate summary")
                    try await browser.type("53042700001", into: "#relate input[name=household]")
                    try await browser.click("#relate button")
                    #expect(try await browser.text("main dl").contains("53042700001"))
                    try await browser.type("li.ming", into: "#assign input[name=handler]")
                    try await browser.click("#assign button")
                    try await browser.click("#investigate button")
                    try await browser.type("车辆登记已核对", into: "#find textarea")
                    try await browser.click("#find button")
                    #expect(try await browser.texts("#answer option").count == 1)
                    try await browser.type("经查属实，已重新核算。", into: "#answer textarea")
                    try await browser.click("#answer button")
                    #expect(try await browser.text("#state").contains("已答复"))
                    #expect(try await browser.count("#history tbody tr") == 6)
                    try await browser.click("#close button")
                    #expect(try await browser.text("#state").contains("已办结"))

                    try await browser.open("\(address)/tip-receipt")
                    try await browser.type(code.lowercased(), into: "input[name=code]")
                    try await browser.click("main form button")
                    #expect(try await browser.text("#answer") == "经查属实，已重新核算。")
                    #expect(try await !browser.address.uppercased().contains(code.prefix(4)))
                }
            }
        }
    }

    @Test func `a clerk enters what lay in the box`() async throws {
        try await TipRig.with { rig in
            try await rig.service.serving { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/tip-entry?channel=meeting")
                    #expect(try await browser.evaluate("return document.querySelector('select[name=channel]').value") == "meeting")
                    try await browser.type("匿名来信", into: "textarea")
                    try await browser.type("53042700001", into: "input[name=household]")
                    try await browser.click("main form button")
                    #expect(try await browser.text("#number") == "2018-0001")
                    try await browser.click("main a.button")
                    #expect(try await browser.text("main dl").contains("匿名"))
                    try await browser.open("\(address)/tips?state=registered")
                    #expect(try await browser.count("#tips tbody tr") == 1)
                    try await browser.open("\(address)/tips?overdue=1")
                    #expect(try await browser.count("#tips") == 0)
                }
            }
        }
    }

    @Test func `the page of a tipster is for the handler alone`() async throws {
        try await TipRig.with { rig in
            let receipt = try await rig.given(TipRig.text, named: true)
            try await rig.investigate(receipt.tip)
            let page = try await rig.service.get("/tips/\(receipt.tip)").text
            #expect(!page.contains(TipRig.name) && !page.contains(TipRig.contact))
            func see(_ actor: String) async throws -> TestService.Answer {
                try await rig.service.call(
                    .post, "/tips/\(receipt.tip)/tipster", Array("purpose=abc".utf8),
                    ["Content-Type": "application/x-www-form-urlencoded", "Lika-Actor": actor])
            }
            #expect(try await see("wang.fang").text.contains("intake.tip-not-handler"))
            #expect(try await see("li.ming").text.contains(TipRig.name))
            #expect(try await rig.disclosures().last == "tipster li.ming abc")
        }
    }
}
