import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// What the subdistrict sees of the capturing, in a real browser.
@Suite struct PositionPagesTests {
    /// Rings as hands draw them, side by side.
    private static let rings: [(DivisionCode, [(Int, Int)])] = [
        (PositionBench.first, [(-90, -110), (-60, -10), (-95, 30), (-20, 60), (70, 45), (100, -20), (60, -80), (10, -120)]),
        (PositionBench.second, [(-95, 30), (-110, 120), (-30, 190), (60, 160), (95, 90), (70, 45), (-20, 60)]),
        (subdistrict, [(-130, -130), (-120, 200), (110, 200), (120, -130)]),
    ]

    private static func at(_ north: Int, _ east: Int) -> Coordinates { PositionBoundsTests.at(north * 1_000, east * 1_000) }

    private static func draw(_ bench: PositionBench) async throws {
        for (division, ring) in rings {
            let answer = try await bench.outline(Outline(ring.map { at($0.0, $0.1) }), of: division, version: division == PositionBench.first ? 1 : 0)
            #expect(answer.status == 200, "\(answer.text)")
        }
        _ = try await bench.lookAnew()
        for (number, place) in [("1", (20, -40)), ("2", (-30, 10))] { _ = try await bench.capture(bench.door(number), position(at(place.0, place.1))) }
        _ = try await bench.put(bench.door("1") + "/mark", #"{"marked":true}"#, by: "jiedao", version: 1)
        _ = try await bench.capture(bench.seat(PositionBench.first), position(at(0, 0)))
        _ = try await bench.put(bench.mark(PositionBench.first), #"{"marked":true}"#, by: "jiedao", version: 1)
        _ = try await bench.capture(bench.seat(PositionBench.second), position(at(10, 110)), by: "naxi")
    }

    @Test func `an office sees how far each community is, and where on a map that names nobody`() async throws {
        try await PositionBench.with { bench in
            try await Self.draw(bench)
            try await bench.service.serving { address in
                try await Browser.with(width: 1000) { browser in
                    try await browser.open("\(address)/")
                    try await browser.click("tbody a[href$='/positions']")
                    #expect(try await browser.texts("#required, #captured, #marked, #overdue") == ["6", "4", "2", "0"])
                    let table = try await browser.text("table")
                    #expect(table.contains("锦绣社区") && table.contains("已标记") && table.contains("待采集"))
                    #expect(try await browser.text("p.notice").contains("还有 30 天"))
                    try await browser.click("main a.button")
                    #expect(try await browser.texts("#marked, #captured, #missing") == ["2", "2", "2"])
                    #expect(try await browser.text("svg[role=img]").contains("纳溪社区"))
                    #expect(try await browser.evaluate("return document.querySelectorAll('svg[role=img] circle').length + ' ' + document.querySelector('svg').getAttribute('aria-labelledby')") == "2 map-title map-text")
                    try await browser.click("option[value='530427001002']")
                    try await browser.click("main form button")
                    #expect(try await browser.text("h1").contains("纳溪社区"))
                    #expect(try await browser.evaluate("return String(document.querySelectorAll('svg[role=img] circle').length)") == "0")
                }
                // A telephone: nothing is wider than the screen.
                try await Browser.with(width: 500) { browser in
                    for page in ["positions", "positions/map"] {
                        try await browser.open("\(address)/campaigns/\(bench.bench.campaign)/\(page)")
                        _ = try await browser.text("h1")
                        #expect(try await browser.evaluate("return String(document.documentElement.scrollWidth <= window.innerWidth)") == "true")
                    }
                }
            }
        }
    }

    @Test func `a map shows no name and no number, and each look at doors is noted`() async throws {
        try await PositionBench.with { bench in
            let map = "/campaigns/\(bench.bench.campaign)/positions/map"
            #expect(try await bench.service.get(map).text.contains(">锦绣社区</text>"), "the outline is there before any point")
            try await Self.draw(bench)
            let page = try await bench.service.get(map)
            #expect(page.status == 200 && page.text.contains(#"<circle cx="#))
            for secret in ["李", "240700", "1019900", try #require(bench.households["1"]).description] { #expect(!page.text.contains(secret)) }
            _ = try await bench.service.get(map + "?within=530427001002")
            let noted = try await bench.service.store.work { work in
                try work.query("SELECT kind, persons, purpose FROM disclosures").map { "\(try $0["kind", as: String.self]) \(try $0["persons", as: Int.self]) \(try $0["purpose", as: String.self])" }
            }
            #expect(noted == ["map 2 map of 530427001"])
            #expect(try await bench.service.get(map + "?within=530427002").text.contains("没有找到"))
        }
    }

    @Test func `a campaign without positions and outlines says so`() async throws {
        try await IntakeBench.with { bench in
            let (board, map) = try await (bench.service.get("/campaigns/\(bench.campaign)/positions"), bench.service.get("/campaigns/\(bench.campaign)/positions/map"))
            #expect(board.text.contains("每日零时") && map.text.contains("还没有位置"))
        }
    }
}
