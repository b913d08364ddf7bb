import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// What a clerk sees of an import, in a real browser.
@Suite struct ImportPagesTests {
    @Test func `a clerk imports a sheet with a fault, reads where it is, mends it and imports again`() async throws {
        try await IntakeBench.with { bench in
            let right = bench.registeredSheet([entry("1"), entry("2", from: 10)])
            let number = residentID("19700101", 11).reveal
            let wrong = String(decoding: right, as: UTF8.self).replacing(number, with: number.dropLast() + (number.hasSuffix("0") ? "1" : "0"))
            let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).csv")
            defer { try? FileManager.default.removeItem(at: file) }
            try await bench.service.serving { address in
                try await Browser.with(width: 900) { browser in
                    try Data(wrong.utf8).write(to: file)
                    try await browser.open("\(address)/")
                    #expect(try await browser.text().contains("530427001"))
                    try await browser.click("tbody a[href$='/imports']")
                    try await Self.send(file, in: browser)
                    try await bench.service.runErrands()
                    // The page follows by itself.
                    _ = try await browser.text("#sheet")
                    #expect(try await browser.texts("#entered, #refused") == ["1", "1"])
                    let faults = try await browser.text("#faults")
                    #expect(faults.contains("id.check-character") || faults.contains("check"), "\(faults)")
                    #expect(faults.contains("证件号码"))
                    #expect(!faults.contains(number.prefix(17)), "a report quotes no number")

                    try Data(right).write(to: file)
                    try await browser.click("main p:last-child a.button")
                    try await Self.send(file, in: browser)
                    try await bench.service.runErrands()
                    _ = try await browser.text("p.done")
                    let figures = try await browser.texts("#entered, #unchanged, #refused")
                    #expect(figures == ["1", "1", "0"])
                    #expect(try await browser.count("#faults") == 0)
                    try await browser.click("main p:last-child a.button")
                    #expect(try await browser.count("tbody tr") == 2)
                }
            }
        }
    }

    @Test func `a form without a file, or of an unknown kind, says so on a page`() async throws {
        try await IntakeBench.with { bench in
            let path = "/campaigns/\(bench.campaign)/imports"
            let headers = ["Content-Type": "application/x-www-form-urlencoded"]
            let without = try await bench.service.call(.post, path, Array("key=k1&kind=registered".utf8), headers)
            #expect(without.status == 422 && without.text.contains("/sheet") && without.headers["content-type"] == "text/html; charset=utf-8")
            #expect(try await bench.service.get("\(path)/\(UUID())").status == 404)
            #expect(try await bench.service.get("/campaigns/\(UUID())/imports").text.contains("没有找到"))
        }
    }

    private static func send(_ file: URL, in browser: Browser) async throws {
        try await browser.type(file.path, into: "input[name=sheet]")
        try await browser.click("main form button")
        #expect(try await browser.text("#progress").contains("导入会继续"))
    }
}
