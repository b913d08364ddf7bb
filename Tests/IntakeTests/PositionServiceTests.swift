import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets
import TestKit
import Testing

@testable import Intake

/// Two communities with three registered households, their accounts, and the outline of the first, on a real PostgreSQL.
struct PositionBench {
    let bench: IntakeBench
    /// By number: "1" and "2" live in the first community, "3" in the second.
    let households: [String: HouseholdID]

    static let first = DivisionCode("530427001001")!
    static let second = DivisionCode("530427001002")!

    var service: TestService { bench.service }
    var campaign: String { "/v1/campaigns/\(bench.campaign)" }

    static func with(now: Instant = october10, _ body: @escaping @Sendable (PositionBench) async throws -> Void) async throws {
        try await TestService.with(Intake.migrations, parts: Intake.parts(vault: IntakeBench.vault), now: now, describedBy: IntakeBench.openAPI) { service in
            struct Issued: Decodable { let campaign: CampaignID }
            var plan = plan2018()
            plan.stages.append(.init(id: "geolocation", from: day("2018-10-10"), to: day("2018-11-08"), stated: "共29天"))
            let bench = IntakeBench(service: service, campaign: try await service.post("/v1/campaigns", plan).json(Issued.self).campaign)
            var third = entry("3", from: 20)
            third.division = DivisionCode("530427001002-01")!
            _ = try await bench.register(entry("1"), entry("2", from: 10), third)
            let households = try await service.store.work { work in
                try Dictionary(uniqueKeysWithValues: work.query("SELECT number, id FROM households").map { (try $0["number", as: String.self], try $0["id", as: HouseholdID.self]) })
            }
            let position = PositionBench(bench: bench, households: households)
            try await position.prepare()
            try await body(position)
        }
    }

    private func prepare() async throws {
        let divisions = sheet([
            ["区划代码", "名称"], ["530427", "新平县"], ["530427001", "古城街道"], ["530427001001", "锦绣社区"], ["530427001002", "纳溪社区"],
        ])
        #expect(try await service.call(.put, "/v1/divisions", divisions, ["Content-Type": "text/csv", "Lika-Actor": "office"]).status == 200)
        for (account, division) in [("jiedao", "530427001"), ("jinxiu", "530427001001"), ("naxi", "530427001002")] {
            #expect(try await put("/v1/position-accounts/\(account)", #"{"division":"\#(division)","reason":"开通账号"}"#, by: "office", version: 0).status == 200)
        }
        #expect(try await outline(boxOutline(), of: Self.first, version: 0).status == 200)
    }

    func put(_ path: String, _ body: String, by actor: String?, version: Int?) async throws -> TestService.Answer {
        var headers = ["Lika-Actor": actor]
        headers["If-Match"] = version.map { "\"\($0)\"" }
        return try await service.call(.put, path, Array(body.utf8), headers.compactMapValues { $0 })
    }

    func outline(_ outline: Outline, of division: DivisionCode, _ system: ReferenceSystem = .wgs84, version: Int) async throws -> TestService.Answer {
        let corners = String(decoding: try JSON.encode(outline.corners), as: UTF8.self)
        return try await put(
            "/v1/divisions/\(division)/outline", #"{"corners":\#(corners),"system":"\#(system.rawValue)","reason":"测绘"}"#, by: "office", version: version)
    }

    func door(_ number: String) throws -> String { "/v1/households/\(try #require(households[number]))/position" }
    func seat(_ division: DivisionCode) -> String { "/v1/divisions/\(division)/seat?campaign=\(bench.campaign)" }
    func mark(_ division: DivisionCode) -> String { "/v1/divisions/\(division)/seat/mark?campaign=\(bench.campaign)" }

    func capture(_ path: String, _ position: Position = position(), by actor: String? = "jinxiu", version: Int? = 0, reason: String? = nil) async throws -> TestService.Answer {
        var body = String(decoding: try JSON.encode(position), as: UTF8.self)
        if let reason { body = body.dropLast() + #","reason":"\#(reason)"}"# }
        return try await put(path, body, by: actor, version: version)
    }

    func lookAnew() async throws -> String {
        try await service.post("\(campaign)/positions/required", [String: String]()).text
    }

    struct Shown: Decodable {
        let state: String
        let isRequired: Bool
        let isOverdue: Bool
        let version: Int
    }

    func shown(_ path: String) async throws -> Shown { try await service.get(path).json(Shown.self) }

    struct Captured: Decodable { let version: Int; let state: String; let warnings: [String] }

    struct Progress: Decodable {
        let dueOn: LocalDate
        let total: Counted
        let divisions: [Of]
        struct Of: Decodable { let division: DivisionCode; let name: String?; let seat: String?; let counted: Counted }
        struct Counted: Decodable, CustomStringConvertible {
            let required: Int
            let captured: Int
            let marked: Int
            let overdue: Int
            var description: String { "\(required) \(captured) \(marked) \(overdue)" }
        }
    }

    func progress() async throws -> Progress { try await service.get("\(campaign)/positions/progress").json(Progress.self) }
}

extension TestService.Answer {
    /// The code of a refusal, or the pointers and codes of what is invalid.
    var codes: [String] {
        struct Problem: Decodable {
            let code: String
            let errors: [Fault]?
            struct Fault: Decodable { let pointer: String; let code: String }
        }
        guard let problem = try? json(Problem.self) else { return [] }
        return problem.errors?.map { "\($0.pointer) \($0.code)" } ?? [problem.code]
    }
}

@Suite struct PositionServiceTests {
    // MARK: Capturing and marking

    @Test func `a community captures a door and the subdistrict marks it; another capture is to be marked anew`() async throws {
        try await PositionBench.with { bench in
            let door = try bench.door("1")
            #expect(try await bench.shown(door).state == "missing")
            let first = try await bench.capture(door)
            #expect(first.status == 200, "\(first.text)")
            #expect(first.headers["etag"] == "\"1\"")
            #expect(try first.json(PositionBench.Captured.self).warnings == [])
            #expect(try await bench.put(door + "/mark", #"{"marked":true}"#, by: "jiedao", version: 1).status == 200)
            var shown = try await bench.shown(door)
            #expect((shown.state, shown.version, shown.isRequired, shown.isOverdue) == ("marked", 2, true, false))

            let again = position(PositionBoundsTests.at(500, 0))
            #expect(try await bench.capture(door, again, version: 2).codes == ["/reason text.length"])
            #expect(try await bench.capture(door, again, version: 2, reason: "门已改建").status == 200)
            shown = try await bench.shown(door)
            #expect((shown.state, shown.version) == ("captured", 3))

            struct Step: Decodable { let version: Int; let step: String; let actor: String; let reason: String }
            let history = try await bench.service.get(door + "/history")
            #expect(try history.json([Step].self).map { "\($0.version) \($0.step) \($0.actor)" } == ["1 capture jinxiu", "2 mark jiedao", "3 capture jinxiu"])
            #expect(try history.json([Step].self).last?.reason == "门已改建")
            #expect(!history.text.contains("240700"))
        }
    }

    @Test func `where a household lives lies sealed, and is revealed for a purpose that is noted`() async throws {
        try await PositionBench.with { bench in
            let door = try bench.door("1")
            _ = try await bench.capture(door)
            _ = try await bench.capture(door, position(PositionBoundsTests.at(500, 0)), version: 1, reason: "重测")
            for path in [door, door + "/history", bench.campaign + "/positions", bench.campaign + "/positions/progress"] {
                let text = try await bench.service.get(path).text
                #expect(!text.contains("240700"))
            }
            let rows = try await bench.service.store.work { work in
                try work.query("SELECT sealed, open FROM location_steps").map { row in
                    (sealed: try row["sealed", as: Bytes.self].array, isOpen: try row["open", as: JSONB?.self] != nil)
                }
            }
            #expect(rows.count == 2 && rows.allSatisfy { !$0.isOpen && !String(decoding: $0.sealed, as: UTF8.self).contains("latitude") })

            struct Revealed: Decodable {
                let captures: [Capture]
                struct Capture: Decodable { let version: Int; let position: Seen }
                struct Seen: Decodable { let wgs84: Coordinates; let gcj02: Coordinates; let accuracy: Int; let system: ReferenceSystem }
            }
            func reveal(_ purpose: String, actor: String?) async throws -> TestService.Answer {
                try await bench.service.call(
                    .post, door + "/reveal", Array(#"{"purpose":"\#(purpose)"}"#.utf8), actor.map { ["Lika-Actor": $0] } ?? [:])
            }
            let revealed = try await reveal("入户走访", actor: "jinxiu").json(Revealed.self).captures
            #expect(revealed.map(\.version) == [1, 2])
            #expect(revealed[0].position.wgs84 == office && revealed[0].position.gcj02 == office.converted(from: .wgs84, to: .gcj02))
            #expect(try await reveal("", actor: "jinxiu").status == 422)
            #expect(try await reveal("入户走访", actor: nil).status == 400)
            let noted = try await bench.service.store.work { work in
                try work.query("SELECT kind, actor, purpose FROM disclosures").map { "\(try $0["kind", as: String.self]) \(try $0["actor", as: String.self]) \(try $0["purpose", as: String.self])" }
            }
            #expect(noted == ["reveal jinxiu 入户走访"])

            // Once the household's key is gone, so is the place, in every copy.
            let household = try #require(bench.households["1"])
            try await bench.service.store.work { try $0.shredKey(of: household) }
            #expect(try await reveal("入户走访", actor: "jinxiu").json(Revealed.self).captures.isEmpty)
        }
    }

    @Test func `the seat of an office is public, and the subdistrict captures only its own`() async throws {
        try await PositionBench.with { bench in
            let shifted = position(office.converted(from: .wgs84, to: .gcj02), .gcj02)
            #expect(try await bench.capture(bench.seat(PositionBench.first), shifted, by: "jiedao").codes == ["intake.position-captured-by-community"])
            #expect(try await bench.capture(bench.seat(PositionBench.first), shifted).status == 200)
            #expect(try await bench.capture(bench.seat(subdistrict), by: "jinxiu").codes == ["intake.position-captured-by-subdistrict"])
            #expect(try await bench.capture(bench.seat(subdistrict), by: "jiedao").json(PositionBench.Captured.self).warnings == ["position.outline-unknown"])
            struct Seat: Decodable { let position: Seen; struct Seen: Decodable { let wgs84: Coordinates; let system: ReferenceSystem } }
            let seat = try await bench.service.get(bench.seat(PositionBench.first)).json(Seat.self).position
            #expect(seat.system == .gcj02)
            #expect(abs(seat.wgs84.latitudeE7 - office.latitudeE7) <= 2 && abs(seat.wgs84.longitudeE7 - office.longitudeE7) <= 2)
            #expect(try await bench.put(bench.mark(PositionBench.first), #"{"marked":true}"#, by: "jiedao", version: 1).status == 200)
            #expect(try await bench.service.get("/v1/divisions/530427001001/seat/history?campaign=\(bench.bench.campaign)").text.contains("wgs84"))
            #expect(try await bench.service.get("/v1/divisions/530427/seat?campaign=\(bench.bench.campaign)").status == 404)
            #expect(try await bench.service.get("/v1/divisions/530427001009/seat?campaign=\(bench.bench.campaign)").status == 404)
            #expect(try await bench.service.get("/v1/divisions/530427001001/seat").status == 422)
        }
    }

    @Test func `who may not, is refused by a public code`() async throws {
        try await PositionBench.with { bench in
            let door = try bench.door("1")
            #expect(try await bench.capture(door, by: "naxi").codes == ["intake.position-elsewhere"])
            #expect(try await bench.capture(door, by: "jiedao").codes == ["intake.position-captured-by-community"])
            #expect(try await bench.capture(door, by: "nobody").codes == ["intake.position-account-unknown"])
            #expect(try await bench.capture(door, by: nil).status == 400)
            #expect(try await bench.put(door + "/mark", #"{"marked":true}"#, by: "jiedao", version: 0).codes == ["intake.position-not-captured"])
            _ = try await bench.capture(door)
            #expect(try await bench.put(door + "/mark", #"{"marked":true}"#, by: "jinxiu", version: 1).codes == ["intake.position-marked-by-subdistrict"])
            #expect(try await bench.put(door + "/mark", #"{"marked":false,"reason":"x"}"#, by: "jiedao", version: 1).codes == ["intake.position-not-marked"])
            // An account that is out of use is none.
            #expect(try await bench.put("/v1/position-accounts/jinxiu", #"{"division":null,"reason":"换人"}"#, by: "office", version: 1).status == 200)
            #expect(try await bench.capture(door, version: 1, reason: "重测").codes == ["intake.position-account-unknown"])
            try await bench.service.store.work { try $0.execute("UPDATE households SET standing = 'struck_off', exit_status = NULL WHERE number = '3'") }
            #expect(try await bench.capture(bench.door("3"), by: "naxi").codes == ["intake.household-archived"])
            #expect(try await bench.capture("/v1/households/\(UUID())/position").status == 404)
        }
    }

    @Test func `nobody overwrites what they have not seen, and the same again is no step`() async throws {
        try await PositionBench.with { bench in
            let door = try bench.door("1")
            #expect(try await bench.capture(door, version: nil).status == 428)
            #expect(try await bench.capture(door, version: 1).status == 412)
            #expect(try await bench.capture(door).status == 200)
            // A telephone that has not heard the answer sends it again.
            let again = try await bench.capture(door)
            #expect((again.status, again.headers["etag"]) == (200, "\"1\""))
            #expect(try await bench.capture(door, position(accuracy: 9), reason: "重测").status == 412)
            #expect(try await bench.put(door + "/mark", #"{"marked":true}"#, by: "jiedao", version: 0).status == 412)
            #expect(try await bench.put(door + "/mark", #"{"marked":true}"#, by: "jiedao", version: 1).status == 200)
            #expect(try await bench.put(door + "/mark", #"{"marked":true}"#, by: "jiedao", version: 1).status == 200)
            #expect(try await bench.put(door + "/mark", #"{"marked":false}"#, by: "jiedao", version: 2).codes == ["/reason text.length"])
            #expect(try await bench.put(door + "/mark", #"{"marked":false,"reason":"标错了"}"#, by: "jiedao", version: 2).status == 200)
            let shown = try await bench.shown(door)
            #expect((shown.state, shown.version) == ("captured", 3))
        }
    }

    @Test func `of two first captures at one moment one is taken`() async throws {
        try await PositionBench.with { bench in
            let door = try bench.door("1")
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for place in 0..<4 { group.addTask { try await bench.capture(door, position(PositionBoundsTests.at(place, 0))).status } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(answers.sorted() == [200, 412, 412, 412])
            #expect(try await bench.shown(door).version == 1)
        }
    }

    @Test func `what cannot be the place is told field by field`() async throws {
        try await PositionBench.with { bench in
            let door = try bench.door("1")
            #expect(try await bench.capture(door, position(PositionBoundsTests.at(100_001, 0), accuracy: 51, takenAt: october10 + 600)).codes == [
                "/latitudeE7 position.outside-division", "/accuracy position.inaccurate", "/takenAt position.in-the-future",
            ])
            #expect(try await bench.capture(door, position(takenAt: Instant("2018-10-05T15:59:59.999Z")!)).codes == ["/takenAt position.before-campaign"])
            #expect(try await bench.capture(door, position(takenAt: Instant("2018-10-05T16:00:00.000Z")!)).status == 200)
            let answer = try await bench.put(door, #"{"latitudeE7":1,"longitudeE7":2,"accuracy":8,"takenAt":"2018-10-10T02:00:00Z","system":"BD-09"}"#, by: "jinxiu", version: 0)
            #expect(answer.status == 422 && answer.text.contains("/system"))
            // The limit is a setting.
            let settings = #"{"entryLine":295200,"exitLine":350000,"tipAnswerDays":3,"recallDays":1,"positionAccuracy":60,"reason":"山区信号差"}"#
            #expect(try await bench.put(bench.campaign + "/settings", settings, by: "office", version: 1).status == 200)
            #expect(try await bench.capture(door, position(accuracy: 60), version: 1, reason: "重测").status == 200)
        }
    }

    @Test func `outlines have versions, and the nearest one around a place counts`() async throws {
        try await PositionBench.with { bench in
            let elsewhere = boxOutline(around: PositionBoundsTests.at(1_000_000, 0))
            #expect(try await bench.outline(elsewhere, of: PositionBench.first, version: 0).status == 412)
            // In the second community nothing is known but what lies around the subdistrict.
            #expect(try await bench.outline(boxOutline(300_000), of: subdistrict, version: 0).status == 200)
            #expect(try await bench.capture(bench.door("3"), position(PositionBoundsTests.at(300_001, 0)), by: "naxi").status == 422)
            #expect(try await bench.capture(bench.door("3"), position(PositionBoundsTests.at(200_000, 0)), by: "naxi").status == 200)
            #expect(try await bench.capture(bench.door("1"), position(PositionBoundsTests.at(200_000, 0))).status == 422)
            let gcj = Outline(elsewhere.corners.map { $0.converted(from: .wgs84, to: .gcj02) })
            #expect(try await bench.outline(gcj, of: PositionBench.first, .gcj02, version: 1).status == 200)
            #expect(try await bench.capture(bench.door("1"), position()).codes == ["/latitudeE7 position.outside-division"])
            struct Drawn: Decodable { let version: Int; let corners: [Coordinates]; let actor: String }
            let drawn = try await bench.service.get("/v1/divisions/530427001001/outline").json(Drawn.self)
            #expect((drawn.version, drawn.actor) == (2, "office"))
            #expect(zip(drawn.corners, elsewhere.corners).allSatisfy { abs($0.latitudeE7 - $1.latitudeE7) <= 2 && abs($0.longitudeE7 - $1.longitudeE7) <= 2 })
            #expect(try await bench.service.get("/v1/divisions/530427001002/outline").status == 404)
            #expect(try await bench.outline(Outline([office]), of: PositionBench.first, version: 2).codes == ["/corners out-of-range"])
        }
    }

    @Test func `accounts are of known subdistricts and communities`() async throws {
        try await PositionBench.with { bench in
            func set(_ account: String, _ division: String, version: Int = 0) async throws -> TestService.Answer {
                try await bench.put("/v1/position-accounts/\(account)", #"{"division":"\#(division)","reason":"开通"}"#, by: "office", version: version)
            }
            #expect(try await set("xin", "530427").codes == ["/division division.level"])
            #expect(try await set("xin", "530427001009").codes == ["/division division.unknown"])
            #expect(try await set("jin!xiu", "530427001").codes == ["/account account.format"])
            #expect(try await set("naxi", "530427001001").status == 412)
            #expect(try await set("naxi", "530427001001", version: 1).headers["etag"] == "\"2\"")
            struct Account: Decodable { let account: String; let division: DivisionCode?; let version: Int }
            let accounts = try await bench.service.get("/v1/position-accounts").json([Account].self)
            #expect(accounts.map { "\($0.account) \($0.division?.code ?? "") \($0.version)" } == [
                "jiedao 530427001 1", "jinxiu 530427001001 1", "naxi 530427001001 2",
            ])
        }
    }

    @Test func `many are marked at once, and one that is refused stops no other`() async throws {
        try await PositionBench.with { bench in
            for number in ["1", "2"] { _ = try await bench.capture(bench.door(number)) }
            _ = try await bench.capture(bench.door("2"), position(accuracy: 4), version: 1, reason: "重测")
            _ = try await bench.capture(bench.seat(PositionBench.first))
            let households = try ["1", "2", "3"].map { try #require(bench.households[$0]) }
            let body = """
                {"marks":[{"household":"\(households[0])","version":1},{"household":"\(households[1])","version":1},
                {"household":"\(households[2])","version":1},{"seat":"530427001001","version":1}]}
                """
            func post(_ body: String, _ actor: String = "jiedao") async throws -> TestService.Answer {
                try await bench.service.post("\(bench.campaign)/positions/marks", bytes: Array(body.utf8), headers: ["Lika-Actor": actor])
            }
            #expect(try await post(body).text == #"{"marked":2,"unchanged":0,"refused":[{"place":1,"code":"changed-meanwhile"},{"place":2,"code":"intake.position-not-captured"}]}"#)
            #expect(try await post(body).text.hasPrefix(#"{"marked":0,"unchanged":2,"#))
            #expect(try await post(body, "jinxiu").text.contains(#"{"place":0,"code":"intake.position-marked-by-subdistrict"}"#))
            #expect(try await post(#"{"marks":[]}"#).status == 422)
            #expect(try await post(#"{"marks":[{"version":1}]}"#).codes == ["/marks/0 mark.place"])
            #expect(try await post(#"{"marks":[{"seat":"530427001001","version":1},{"seat":"530427001001","version":2}]}"#).codes == ["/marks mark.twice"])
        }
    }

    // MARK: What is required

    @Test func `the register says what is required, and what was captured early counts at once`() async throws {
        try await PositionBench.with { bench in
            #expect(try await bench.progress().divisions.isEmpty)
            _ = try await bench.capture(bench.door("1"))
            #expect(try await bench.progress().total.description == "1 1 0 0")
            // Three doors, two communities, one subdistrict; one of them is there already.
            #expect(try await bench.lookAnew() == #"{"required":6,"added":5,"released":0}"#)
            #expect(try await bench.lookAnew() == #"{"required":6,"added":0,"released":0}"#)
            let progress = try await bench.progress()
            #expect(progress.dueOn == day("2018-11-08"))
            #expect(progress.divisions.map { "\($0.division) \($0.name ?? "") \($0.seat ?? "") \($0.counted)" } == [
                "530427001 古城街道 missing 1 0 0 0", "530427001001 锦绣社区 missing 3 1 0 0", "530427001002 纳溪社区 missing 2 0 0 0",
            ])
            struct Listed: Decodable { let number: String?; let seat: DivisionCode?; let state: String; let isOverdue: Bool }
            let list = bench.campaign + "/positions"
            #expect(try await bench.service.get(list + "?within=530427001001&state=missing").json([Listed].self).map { $0.number ?? "\($0.seat!)" }.sorted() == ["2", "530427001001"])
            let page = try await bench.service.get(list + "?limit=4")
            #expect(try page.json([Listed].self).count == 4)
            let next = try #require(page.headers["link"]?.split(separator: ">").first?.dropFirst())
            #expect(try await bench.service.get(list + next).json([Listed].self).count == 2)
        }
    }

    @Test func `at each local midnight the set follows the register, once however many instances look`() async throws {
        try await PositionBench.with { bench in
            let service = bench.service
            func due() async throws -> [Instant] {
                try await service.store.work { try $0.query("SELECT due FROM timers WHERE timer = 'positions.require'").map { try $0["due"] } }
            }
            #expect(try await due() == [day("2018-10-11").start])
            #expect(try await service.fireTimers() == 0)
            _ = try await bench.lookAnew()
            // Overnight one household is struck off and its community has no other; what was captured of it stays.
            _ = try await bench.capture(bench.door("3"), by: "naxi")
            try await service.store.work { work in
                try work.execute("UPDATE households SET standing = 'struck_off', exit_status = NULL WHERE number = '3'")
                try work.execute("UPDATE timers SET due = lika_now() WHERE timer = 'positions.require'")
            }
            let instances = (0..<4).map { _ in Workbench(store: service.store, parts: Intake.parts(vault: IntakeBench.vault)) }
            let fired = try await withThrowingTaskGroup(of: Int.self) { group in
                for instance in instances { group.addTask { try await instance.fireTimers() } }
                return try await group.reduce(0, +)
            }
            #expect(fired == 1)
            #expect(try await due() == [day("2018-10-11").start])
            #expect(try await bench.progress().divisions.map { "\($0.division) \($0.counted)" } == ["530427001 1 0 0 0", "530427001001 3 0 0 0"])
            let shown = try await bench.shown(bench.door("3"))
            #expect((shown.state, shown.isRequired) == ("captured", false))
            // It comes back, with what was captured.
            try await service.store.work { try $0.execute("UPDATE households SET standing = 'registered', exit_status = '0' WHERE number = '3'") }
            #expect(try await bench.lookAnew() == #"{"required":6,"added":2,"released":0}"#)
            #expect(try await bench.progress().total.description == "6 1 0 0")
        }
    }

    @Test func `when the last day is over, what is not marked is overdue`() async throws {
        try await PositionBench.with(now: day("2018-11-09").start) { bench in
            _ = try await bench.lookAnew()
            _ = try await bench.capture(bench.door("1"))
            _ = try await bench.capture(bench.door("2"))
            _ = try await bench.put(bench.door("2") + "/mark", #"{"marked":true}"#, by: "jiedao", version: 1)
            #expect(try await bench.progress().divisions.map { "\($0.counted)" } == ["1 0 0 1", "3 2 1 2", "2 0 0 2"])
            #expect(try await bench.shown(bench.door("1")).isOverdue)
            #expect(try await !bench.shown(bench.door("2")).isOverdue)
        }
    }

    @Test func `before the last midnight nothing is overdue`() async throws {
        try await PositionBench.with(now: day("2018-11-09").start + -3_600) { bench in
            _ = try await bench.lookAnew()
            #expect(try await bench.progress().total.description == "6 0 0 0")
        }
    }

    @Test func `the office downloads the progress as a table of texts`() async throws {
        try await PositionBench.with(now: day("2018-11-09").start) { bench in
            _ = try await bench.lookAnew()
            _ = try await bench.capture(bench.door("1"))
            let table = try await bench.service.get(bench.campaign + "/positions/progress.xlsx")
            #expect(table.headers["content-disposition"]?.contains("positions-2018.xlsx") == true)
            #expect(try XLSXReader.rows(in: table.body).map { $0.cells.joined(separator: " ") } == [
                "区划代码 社区 应采集 已采集 已标记 待采集 待标记 逾期 所在地", "530427001 古城街道 1 0 0 1 0 1 待采集", "530427001001 锦绣社区 3 1 0 2 1 3 待采集",
                "530427001002 纳溪社区 2 0 0 2 0 2 待采集", " 合计 6 1 0 5 1 6 ",
            ])
        }
    }

    @Test func `a campaign that runs already when the tables come is looked at too`() async throws {
        let before = Array(Intake.migrations.prefix { !$0.name.hasPrefix("0005") })
        try await withSchema(Kernel.migrations + before) { settings in
            let database = Database(settings)
            let campaign = UUID()
            try await database.transaction { sql in
                try sql.execute("INSERT INTO campaigns (id, year, subdistrict, plan, issued_at, version) VALUES (\(campaign), 2018, '530427001', '{}', lika_now(), 1)")
            }
            _ = try await Migrator(database, Kernel.migrations + Intake.migrations).migrate()
            let due: [UUID] = try await database.transaction { try $0.query("SELECT subject FROM timers WHERE due <= lika_now()").map { try $0["subject"] } }
            #expect(due == [campaign])
            await database.close()
        }
    }
}
