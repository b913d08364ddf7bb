import Contracts
import Foundation
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

/// A department's people at their desk, in a real browser with its own keys.
@Suite struct DeskPagesTests {
    /// Makes keys in the browser and has the office register their public halves.
    private static func makeKeys(_ uses: [String], _ browser: Browser, _ rig: Rig) async throws {
        for (count, use) in uses.enumerated() {
            try await browser.click("[data-make=\(use)]")
            _ = try await browser.text("#mine tbody tr:nth-child(\(count + 1))")
        }
        let halves = try await browser.evaluate("return document.querySelector('#public').value").split(separator: "\n")
        #expect(halves.count == uses.count && !halves.joined().contains(#""d""#))
        for half in halves {
            var jwk: [String: String] = try JSON.decode(from: Array(half.utf8))
            (jwk["validFrom"], jwk["validTo"]) = ("2018-10-01T00:00:00.000Z", "2018-12-01T00:00:00.000Z")
            #expect(try await rig.service.post("/v1/departments/police/keys", jwk).status == 201)
        }
    }

    @Test func `a signatory makes keys, opens what is sealed, answers many at once and one differently, and signs`() async throws {
        try await Rig.with(plain: .refused) { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            try await rig.service.serving { address in
                try await Browser.with(width: 1100) { browser in
                    try await browser.open("\(address)/desk")
                    try await browser.click("#open button")
                    #expect(try await eventually { try await browser.text("#said").contains("请先生成并登记") ? true : nil })
                    _ = try await browser.text("#keys[open]")
                    try await Self.makeKeys(["sig", "enc"], browser, rig)
                    let sent = try await rig.send(household).filter { $0.department == .police }
                    #expect(!sent.isEmpty && sent.allSatisfy { $0.persons.isEmpty && $0.sealedPersons != nil })

                    try await browser.click("#open button")
                    let persons = try await browser.text("#queue tbody tr .persons")
                    #expect(persons.contains("甲某") && persons.contains(Intake.idNumber))
                    #expect(try await browser.count("#queue tbody tr") == sent.count)
                    try await browser.click("#all")
                    try await browser.click("#consistent")
                    try await browser.click("#queue tbody tr:nth-child(1) .outcome option[value=discrepant]")
                    try await browser.type("某所长", into: "#signatory")
                    try await browser.click("#sign")
                    #expect(try await eventually { try await browser.text("#progress").contains("职务") ? true : nil })
                    try await browser.type("所长", into: "#post")
                    try await browser.click("#sign")
                    #expect(try await eventually { try await browser.text("#progress").contains("\(sent.count) / \(sent.count)") ? try await browser.text("#progress") : nil }.contains("1 项未成"))
                    #expect(try await browser.text("#queue tbody tr:nth-child(1) .fate").contains("情况代码"))
                    try await browser.type("VEHICLE_OVER_30000", into: "#queue tbody tr:nth-child(1) .code")
                    try await browser.type("名下有小汽车", into: "#queue tbody tr:nth-child(1) .remark")
                    try await browser.click("#sign")
                    _ = try await eventually { try await browser.texts(".fate.good").count == sent.count ? true : nil }
                    try await browser.picture("desk")

                    let shown = try await rig.show(household).questions.filter { $0.department == .police }
                    #expect(shown.allSatisfy { $0.status == "accepted" && $0.answer?.signatory == "某所长" && $0.answer?.post == "所长" })
                    #expect(shown.filter { $0.outcome == .discrepant }.map { $0.answer?.findings.first?.code } == ["VEHICLE_OVER_30000"])
                    #expect(try await rig.refused().isEmpty)
                    // The keys outlast the page.
                    try await browser.open("\(address)/desk")
                    try await browser.click("#open button")
                    #expect(try await eventually { try await browser.evaluate("return document.querySelector('#work').hidden ? '' : 'open'") == "open" ? true : nil })
                    #expect(try await browser.count("#queue tbody tr") == 0)
                }
            }
        }
    }

    @Test func `a clerk prepares on a telephone, and has no button to sign`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            try await rig.service.serving { address in
                try await Browser.with(width: 390, height: 800) { browser in
                    try await browser.open("\(address)/desk")
                    _ = try await browser.text("#keys[open]")
                    try await Self.makeKeys(["desk"], browser, rig)
                    let sent = try await rig.send(household).filter { $0.department == .police }
                    try await browser.click("#open button")
                    _ = try await browser.text("#queue tbody tr .persons")
                    #expect(try await browser.evaluate("return String(document.querySelector('#sign').hidden)") == "true")
                    #expect(try await browser.evaluate("return String(document.documentElement.scrollWidth <= innerWidth)") == "true", "nothing sticks out")
                    try await browser.click("#queue tbody tr:nth-child(1) .outcome option[value=cannot_determine]")
                    try await browser.type("NO_RECORD", into: "#queue tbody tr:nth-child(1) .code")
                    try await browser.click("#prepare")
                    _ = try await browser.text(".fate.good")
                    try await browser.picture("desk-phone")
                    let states = try await rig.show(household).questions.filter { $0.department == .police }.map(\.status)
                    #expect(states.filter { $0 == "returned" }.count == 1 && states.count == sent.count)
                    try await browser.open("\(address)/desk")
                    try await browser.click("#open button")
                    let state = try await browser.text("#queue tbody tr:nth-child(1) .state")
                    #expect(state.contains("待签字"), "\(state)")
                    #expect(try await browser.evaluate("return document.querySelector('#queue tbody tr .code').value") == "NO_RECORD")
                }
            }
        }
    }
}
