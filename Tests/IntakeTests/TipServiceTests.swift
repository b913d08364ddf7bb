import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

@testable import Intake

/// Intake with a household on file, offices for tips, and the clock in the test's hand.
struct TipRig {
    let service: TestService
    let campaign: CampaignID

    static let text = "李0家去年买了小汽车，身份证999999197001010017，电话13900001111"
    static let (name, contact) = ("赵六", "13900002222")
    static let telephone = "0877-7012345"

    /// - Parameter clientHeader: In which the proxy in front names the client.
    static func with(clientHeader: String? = nil, _ body: @Sendable (TipRig) async throws -> Void) async throws {
        let parts = Intake.parts(vault: IntakeBench.vault, clientHeader: clientHeader)
        try await TestService.with(Intake.migrations, parts: parts, describedBy: IntakeBench.openAPI) { service in
            struct Issued: Decodable { let campaign: CampaignID }
            let issued = try await service.post("/v1/campaigns", plan2018()).json(Issued.self)
            let rig = TipRig(service: service, campaign: issued.campaign)
            try await rig.setClock("2018-10-10T10:00:00+08:00")
            let bench = IntakeBench(service: service, campaign: issued.campaign)
            _ = try await bench.register(entry())
            let offices = #"[{"division":"530427001","telephone":"\#(telephone)","box":"街道办事处大门"},{"division":"530427001001","telephone":"0877-7012346","box":"社区公示栏"}]"#
            #expect(try await service.call(.put, "/v1/tip-offices", Array(offices.utf8), [:]).status == 204)
            try await body(rig)
        }
    }

    /// Stops the plan's clock at this moment.
    func setClock(_ text: String) async throws {
        let moment = Instant(text)!
        try await service.store.work { work in
            try work.sql.run(
                script: "CREATE OR REPLACE FUNCTION lika_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT timestamptz '\(moment)' $$")
        }
    }

    struct Receipt: Decodable, Equatable {
        let tip: TipID
        let number: String
        let code: String
        let dueOn: LocalDate
    }

    func send(
        _ text: String = TipRig.text, named: Bool = false, _ more: String = "", key: String = UUID().uuidString
    ) async throws -> TestService.Answer {
        let tipster = named ? #","tipster":{"name":"\#(Self.name)","contact":"\#(Self.contact)"}"# : ""
        return try await service.post(
            "/v1/tips", bytes: Array(#"{"campaign":"\#(campaign)","place":"530427001001","channel":"box","text":"\#(text)"\#(tipster)\#(more)}"#.utf8), key: key)
    }

    func given(_ text: String = TipRig.text, named: Bool = false, _ more: String = "") async throws -> Receipt {
        let answer = try await send(text, named: named, more)
        #expect(answer.status == 201, "\(answer.text)")
        return try answer.json(Receipt.self)
    }

    @discardableResult
    func act(_ tip: TipID, _ order: String, by actor: String = "clerk") async throws -> TestService.Answer {
        try await service.post("/v1/tips/\(tip)/acts", bytes: Array("{\(order)}".utf8), headers: ["Lika-Actor": actor])
    }

    /// Up to the finding.
    func investigate(_ tip: TipID, _ outcome: TipOutcome = .upheld) async throws {
        for order in [
            #""act":"assign","level":"work_team","handler":"li.ming""#, #""act":"investigate""#, #""act":"find","outcome":"\#(outcome.rawValue)","text":"车辆登记已核对""#,
        ] {
            let answer = try await act(tip, order)
            #expect(answer.status == 200, "\(answer.text)")
        }
    }

    struct Standing: Decodable {
        let number: String
        let state: IntakeTip.State
        let outcome: TipOutcome?
        let manner: IntakeTip.Manner?
        let answeredOn: LocalDate?
        let answer: String?
        let transferredTo: String?
    }

    func ask(_ code: String) async throws -> TestService.Answer {
        try await service.call(.post, "/v1/tip-receipts", Array(#"{"code":"\#(code)"}"#.utf8), [:])
    }

    func standing(_ code: String) async throws -> Standing { try await ask(code).json(Standing.self) }

    struct Listed: Decodable { let tip: TipID; let number: String; let state: IntakeTip.State; let isOverdue: Bool; let household: String? }

    func list(_ query: String = "") async throws -> [String] {
        try await service.get("/v1/tips?campaign=\(campaign)\(query)").json([Listed].self).map(\.number)
    }

    struct Figures: Decodable, Equatable { let open: Int; let dueToday: Int; let overdue: Int }

    func figures() async throws -> Figures { try await service.get("/v1/campaigns/\(campaign)/tip-figures").json(Figures.self) }

    /// The public's form as a browser sends it.
    func form(_ path: String = "/tip", _ fields: [String: String], from address: String? = nil) async throws -> TestService.Answer {
        let body = fields.map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)" }.joined(separator: "&")
        var headers = ["Content-Type": "application/x-www-form-urlencoded"]
        headers["X-Real-IP"] = address
        return try await service.call(.post, path, Array(body.utf8), headers)
    }

    static func fields(_ text: String = text, key: String = UUID().uuidString) -> [String: String] {
        ["key": key, "place": "530427001001", "text": text, "name": name, "contact": contact, "website": ""]
    }

    /// Every row of every table, as a person with the database in hand reads it.
    func everything() async throws -> String {
        try await service.store.work { work in
            let tables = try work.query("SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()").map { try $0["name", as: String.self] }
            return try tables.flatMap { table in
                try work.query("SELECT t::text AS line FROM \(unsafe: table) t").map { "\(table) \(try $0["line", as: String.self])" }
            }.joined(separator: "\n")
        }
    }

    func disclosures() async throws -> [String] {
        try await service.store.work { work in
            try work.query("SELECT kind, actor, purpose FROM tip_disclosures ORDER BY id").map {
                "\(try $0["kind", as: String.self]) \(try $0["actor", as: String.self]) \(try $0["purpose", as: String.self])"
            }
        }
    }
}

/// Tips on a real PostgreSQL.
@Suite struct TipServiceTests {
    struct Problem: Decodable {
        let code: String
        let errors: [Fault]?
        struct Fault: Decodable { let pointer: String; let code: String }
    }

    // MARK: Receiving

    @Test func `a tip gets its number, its code and its promise at once`() async throws {
        try await TipRig.with { rig in
            let first = try await rig.given("有人反映", named: true)
            let second = try await rig.given("另一件")
            #expect([first.number, second.number] == ["2018-0001", "2018-0002"])
            #expect(first.dueOn == day("2018-10-15"))
            #expect(first.code != second.code && ReceiptCode(first.code) != nil)
            // What lay in the box since Monday was promised from Monday.
            #expect(try await rig.given("旧信", named: false, #","receivedOn":"2018-10-08""#).dueOn == day("2018-10-11"))
        }
    }

    @Test func `the same tip sent again gets the same code, and another one under its key is refused`() async throws {
        try await TipRig.with { rig in
            let key = UUID().uuidString
            let first = try await rig.send(key: key).json(TipRig.Receipt.self)
            #expect(try await rig.send(key: key).json(TipRig.Receipt.self) == first)
            #expect(try await rig.list() == ["2018-0001"])
            let other = try await rig.send("别的内容", key: key)
            #expect(other.status == 422 && other.text.contains("idempotency-key-reused"))
            let together = try await withThrowingTaskGroup(of: TipRig.Receipt.self) { group in
                let key = UUID().uuidString
                for _ in 0..<3 { group.addTask { try await rig.send(key: key).json(TipRig.Receipt.self) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(together.map(\.code)).count == 1)
            #expect(try await rig.list() == ["2018-0001", "2018-0002"])
            #expect(try await rig.service.call(.post, "/v1/tips", [], [:]).status == 422)
        }
    }

    @Test func `what is wrong with a tip is said, every fault at once`() async throws {
        try await TipRig.with { rig in
            let answer = try await rig.send("内容", named: false, #","receivedOn":"2018-10-11","household":"404","tipster":{"contact":""}"#)
            #expect(answer.status == 422)
            #expect(Set(try answer.json(Problem.self).errors?.map(\.pointer) ?? []) == ["/receivedOn", "/household", "/tipster/contact"])
            let elsewhere = #"{"campaign":"\#(rig.campaign)","place":"530428001","channel":"box","text":"内容"}"#
            #expect(try await rig.service.post("/v1/tips", bytes: Array(elsewhere.utf8)).json(Problem.self).errors?.map(\.pointer) == ["/place"])
            let blank = #"{"campaign":"\#(rig.campaign)","place":"530427001","channel":"box","text":""}"#
            #expect(try await rig.service.post("/v1/tips", bytes: Array(blank.utf8)).json(Problem.self).errors?.map(\.pointer) == ["/text"])
        }
    }

    // MARK: To the answer

    @Test func `a tip goes from the box to its answer, and its holder reads it by the code`() async throws {
        try await TipRig.with { rig in
            let receipt = try await rig.given()
            #expect(try await rig.standing(receipt.code).state == .registered)
            #expect(try await rig.act(receipt.tip, #""act":"close""#).json(Problem.self).code == "intake.tip-not-answered")
            try await rig.investigate(receipt.tip)
            // What was found is told with the answer.
            #expect(try await rig.standing(receipt.code).outcome == nil)
            let byTelephone = try await rig.act(receipt.tip, #""act":"answer","manner":"telephone","text":"已电话告知""#)
            #expect(try byTelephone.json(Problem.self).code == "intake.tip-notice-owed")
            try await rig.setClock("2018-10-12T10:00:00+08:00")
            let answered = try await rig.act(receipt.tip, #""act":"answer","manner":"notice","text":"经查属实，已重新核算。咨询电话0877-7012345。""#)
            #expect(answered.status == 200, "\(answered.text)")
            let standing = try await rig.standing(receipt.code.lowercased())
            #expect((standing.state, standing.outcome, standing.answeredOn) == (.answered, .upheld, day("2018-10-12")))
            #expect(standing.answer == "经查属实，已重新核算。咨询电话0877-7012345。")
            #expect(try await rig.act(receipt.tip, #""act":"close""#).status == 200)
            #expect(try await rig.act(receipt.tip, #""act":"find","outcome":"dismissed","text":"再查""#).json(Problem.self).code == "intake.tip-over")
            #expect(try await rig.ask("0000-0000-0000-0000").status == 404)
            #expect(try await rig.ask("不是").status == 404)
        }
    }

    @Test func `a notice that names somebody, or a number, is not taken`() async throws {
        try await TipRig.with { rig in
            let receipt = try await rig.given(TipRig.text, named: true, #","household":"53042700001""#)
            try await rig.investigate(receipt.tip)
            for (text, code) in [("李0家属实", "notice.name"), ("感谢赵六反映", "notice.name"), ("证号999999197001010017", "notice.number")] {
                let answer = try await rig.act(receipt.tip, #""act":"answer","manner":"notice","text":"\#(text)""#)
                #expect(try answer.json(Problem.self).errors?.map(\.code) == [code], "\(text)")
            }
            // Whoever is known may be told by name.
            #expect(try await rig.act(receipt.tip, #""act":"answer","manner":"telephone","text":"已电话告知赵六""#).status == 200)
            let standing = try await rig.standing(receipt.code)
            #expect((standing.manner, standing.answer) == (.telephone, nil))
        }
    }

    @Test func `a tip about the work team is looked into by the subdistrict`() async throws {
        try await TipRig.with { rig in
            let receipt = try await rig.given("工作组收受礼物", named: false, #","concerns":"work_team""#)
            #expect(try await rig.act(receipt.tip, #""act":"assign","level":"work_team","handler":"li.ming""#).json(Problem.self).code == "intake.tip-level-too-low")
            #expect(try await rig.act(receipt.tip, #""act":"assign","level":"subdistrict","handler":"wang.fang""#).status == 200)
            #expect(try await rig.act(receipt.tip, #""act":"assign","level":"county","handler":"no body""#).status == 422)
        }
    }

    @Test func `nobody looks into a survey of their own`() async throws {
        try await TipRig.with { rig in
            let receipt = try await rig.given("数据不实", named: false, #","household":"53042700001""#)
            try await rig.service.store.work { work in
                try work.execute(
                    """
                    INSERT INTO visits (id, campaign_id, household_id, number, visited_on, surveyor, origin, complete, fingerprint, evidence, sealed, actor)
                    SELECT \(UUID()), campaign_id, id, 1, '2018-10-10', '', 'record', true, 'a', '[]', '', 'li.ming' FROM households
                    """)
            }
            let own = try await rig.act(receipt.tip, #""act":"assign","level":"work_team","handler":"li.ming""#)
            #expect(own.status == 409)
            #expect(try own.json(Problem.self).code == "intake.tip-own-survey")
            #expect(try await rig.act(receipt.tip, #""act":"assign","level":"work_team","handler":"wang.wu""#).status == 200)

            let unrelated = try await rig.given("有人收受礼物", named: false)
            #expect(try await rig.act(unrelated.tip, #""act":"assign","level":"work_team","handler":"li.ming""#).status == 200)
            #expect(try await rig.act(unrelated.tip, #""act":"relate","household":"53042700001""#).json(Problem.self).code == "intake.tip-own-survey")
        }
    }

    @Test func `a merged tip is answered by the other one, by a notice`() async throws {
        try await TipRig.with { rig in
            let (main, second) = (try await rig.given("甲来信", named: true), try await rig.given("乙来信", named: true))
            #expect(try await rig.act(second.tip, #""act":"merge","into":1"#).status == 200)
            #expect(try await rig.act(second.tip, #""act":"merge","into":1"#).json(Problem.self).code == "intake.tip-merged")
            #expect(try await rig.act(main.tip, #""act":"merge","into":9"#).status == 422)
            try await rig.investigate(main.tip, .dismissed)
            #expect(try await rig.act(main.tip, #""act":"answer","manner":"in_person","text":"当面告知""#).json(Problem.self).code == "intake.tip-notice-owed")
            #expect(try await rig.act(main.tip, #""act":"answer","manner":"notice","text":"经查不属实""#).status == 200)
            let standing = try await rig.standing(second.code)
            #expect((standing.number, standing.state, standing.outcome, standing.answer) == ("2018-0002", .answered, .dismissed, "经查不属实"))
        }
    }

    @Test func `a transferred tip says where it went, and one that is opened again has a new promise`() async throws {
        try await TipRig.with { rig in
            let receipt = try await rig.given()
            #expect(try await rig.act(receipt.tip, #""act":"transfer","text":"县公安局""#).status == 200)
            #expect(try await rig.standing(receipt.code).transferredTo == "县公安局")
            #expect(try await rig.figures() == .init(open: 0, dueToday: 0, overdue: 0))
            try await rig.setClock("2018-10-19T10:00:00+08:00")
            #expect(try await rig.act(receipt.tip, #""act":"reopen","text":"公安局退回""#).status == 200)
            try await rig.setClock("2018-10-24T10:00:00+08:00")
            #expect(try await rig.figures() == .init(open: 1, dueToday: 1, overdue: 0))
        }
    }

    @Test func `the board counts what is open, due today and overdue, and the list finds them`() async throws {
        try await TipRig.with { rig in
            for text in ["一", "二", "三"] { _ = try await rig.given(text + "号") }
            let old = try await rig.given("旧信", named: false, #","receivedOn":"2018-10-05""#)
            #expect(old.dueOn == day("2018-10-10"))
            #expect(try await rig.figures() == .init(open: 4, dueToday: 1, overdue: 0))
            try await rig.investigate(old.tip)
            try await rig.setClock("2018-10-16T09:00:00+08:00")
            #expect(try await rig.figures() == .init(open: 4, dueToday: 0, overdue: 4))
            #expect(try await rig.list("&state=upheld") == ["2018-0004"])
            #expect(try await rig.list("&overdue=true&limit=2") == ["2018-0001", "2018-0002"])
            #expect(try await rig.list("&overdue=true&after=2") == ["2018-0003", "2018-0004"])
            #expect(try await rig.list("&within=530427001002") == [])
            #expect(try await rig.service.get("/v1/tips?campaign=\(rig.campaign)&state=odd").status == 422)
        }
    }

    // MARK: What others are told

    @Test func `a household's tip is told by numbers alone`() async throws {
        try await TipRig.with { rig in
            let receipt = try await rig.given()
            #expect(try await rig.service.told(HouseholdTipRaised.self).isEmpty)
            #expect(try await rig.act(receipt.tip, #""act":"relate","household":"53042700001""#).status == 200)
            let household = try #require(try await rig.service.told(HouseholdRegistered.self).first).household
            let raised = try #require(try await rig.service.told(HouseholdTipRaised.self).first)
            #expect((raised.tip, raised.household, raised.number, raised.dueOn) == (receipt.tip, household, 1, receipt.dueOn))
            try await rig.investigate(receipt.tip, .partlyUpheld)
            #expect(try await rig.act(receipt.tip, #""act":"answer","manner":"notice","text":"部分属实""#).status == 200)
            #expect(try await rig.service.told(HouseholdTipSettled.self).map(\.outcome) == [.partlyUpheld])
        }
    }

    // MARK: Privacy

    @Test func `neither the text, nor the tipster, nor the code, nor an answer lies open in any table or topic`() async throws {
        try await TipRig.with(clientHeader: "X-Real-IP") { rig in
            let receipt = try await rig.given(TipRig.text, named: true, #","household":"53042700001""#)
            let page = try await rig.form("/tip", TipRig.fields(), from: "203.0.113.7").text
            let code = try #require(page.firstMatch(of: /<b id="code">([0-9A-Z-]+)<\/b>/)).output.1
            try await rig.investigate(receipt.tip)
            #expect(try await rig.act(receipt.tip, #""act":"answer","manner":"in_person","text":"当面告知赵六""#).status == 200)
            #expect(try await rig.ask(receipt.code).status == 200)
            let lines = try await rig.everything()
            #expect(lines.contains("tip_papers ") && lines.contains("tipsters ") && lines.contains("tip_acts ") && lines.contains("replies "))
            let codes = [receipt.code, String(code)].flatMap { [$0, $0.replacing("-", with: "")] }
            for secret in [TipRig.text, "小汽车", "999999197001010017", "13900001111", TipRig.name, TipRig.contact, "车辆登记已核对", "当面告知", "203.0.113"] + codes {
                #expect(!lines.contains(secret), "\(secret) lies open")
                #expect(!lines.contains(secret.utf8.map { String(format: "%02x", $0) }.joined()), "\(secret) lies open as bytes")
            }
            // Nor in what the tables call it: no hash of it without a key.
            for secret in codes + [TipRig.name] { #expect(!lines.contains(Digest.sha256(secret.utf8))) }
        }
    }

    @Test func `only the handler sees the tipster, for a purpose, and it is noted`() async throws {
        try await TipRig.with { rig in
            let receipt = try await rig.given(TipRig.text, named: true)
            func reveal(by actor: String?, _ purpose: String = "答复") async throws -> TestService.Answer {
                try await rig.service.call(
                    .post, "/v1/tips/\(receipt.tip)/tipster", Array(#"{"purpose":"\#(purpose)"}"#.utf8), actor.map { ["Lika-Actor": $0] } ?? [:])
            }
            #expect(try await reveal(by: "li.ming").json(Problem.self).code == "intake.tip-not-handler")
            try await rig.investigate(receipt.tip)
            #expect(try await reveal(by: nil).status == 400)
            #expect(try await reveal(by: "wang.fang").status == 409)
            #expect(try await reveal(by: "li.ming", "").status == 422)
            #expect(try await reveal(by: "li.ming").json(Tipster.self) == Tipster(name: TipRig.name, contact: TipRig.contact))
            #expect(try await rig.disclosures() == ["tipster li.ming 答复"])
            let whole = try await rig.service.call(.get, "/v1/tips/\(receipt.tip)", [], ["Lika-Actor": "wang.fang"]).text
            #expect(whole.contains("小汽车") && !whole.contains(TipRig.name) && !whole.contains(TipRig.contact))
            #expect(try await rig.disclosures().last == "text wang.fang GET /v1/tips/:tip")
            let anonymous = try await rig.given("无名")
            try await rig.investigate(anonymous.tip)
            #expect(try await rig.service.call(.post, "/v1/tips/\(anonymous.tip)/tipster", Array(#"{"purpose":"答复"}"#.utf8), ["Lika-Actor": "li.ming"]).status == 404)
        }
    }

    @Test func `a tip without its key can be read no more, and a new key from file takes over the others`() async throws {
        try await TipRig.with { rig in
            let (gone, kept) = (try await rig.given("甲内容", named: true), try await rig.given("乙内容", named: true))
            let rotated = Vault([UInt8](repeating: 7, count: 32), [[UInt8](repeating: 9, count: 32)])
            try await rig.service.store.work { try $0.execute("DELETE FROM tip_keys WHERE tip_id = \(gone.tip)") }
            #expect(try await Rewrapping(vault: rotated, keys: .tips).errand.runOnce(rig.service.store))
            #expect(try await !Rewrapping(vault: rotated, keys: .tips).errand.runOnce(rig.service.store))
            try await rig.service.store.work { work in
                #expect(throws: Vault.Unopenable.self) { try work.text(of: gone.tip, rotated) }
                #expect(throws: Vault.Unopenable.self) { try work.tipster(of: gone.tip, rotated) }
                #expect(try work.text(of: kept.tip, rotated).reveal == "乙内容")
                #expect(throws: Vault.Unopenable.self) { try work.text(of: kept.tip, IntakeBench.vault) }
                // Put into each other's place they do not open.
                try work.execute("UPDATE tip_papers p SET sealed = t.sealed FROM tipsters t WHERE t.tip_id = p.tip_id AND p.tip_id = \(kept.tip)")
                #expect(throws: Vault.Unopenable.self) { try work.text(of: kept.tip, rotated) }
            }
        }
    }

    // MARK: The public's form

    @Test func `over the limit the form comes back with what was written and the telephone, and others still pass`() async throws {
        try await TipRig.with(clientHeader: "X-Real-IP") { rig in
            for _ in 0..<10 { #expect(try await rig.form("/tip", TipRig.fields(), from: "203.0.113.7").status == 201) }
            let fields = TipRig.fields()
            let limited = try await rig.form("/tip", fields, from: "198.51.100.1, 203.0.113.99")
            #expect(limited.status == 429 && limited.headers["retry-after"] == "60")
            for kept in [TipRig.text, TipRig.name, TipRig.contact, TipRig.telephone, fields["key"]!, #"value="530427001001" selected"#] {
                #expect(limited.text.contains(kept), "\(kept)")
            }
            #expect(try await rig.form("/tip", TipRig.fields(), from: "2001:db8::1").status == 201)
            #expect(try await rig.list().count == 11)
            // A minute later the same form, sent again, is taken.
            try await rig.setClock("2018-10-10T10:01:00+08:00")
            #expect(try await rig.form("/tip", fields, from: "203.0.113.7").status == 201)
            #expect(try await rig.form("/tip", TipRig.fields(), from: "203.0.113.7").status == 429)
            // The next day the network has another name, and the old one is forgotten.
            try await rig.setClock("2018-10-12T10:00:00+08:00")
            _ = try await rig.form("/tip", TipRig.fields(), from: "203.0.113.7")
            let buckets = try await rig.service.store.work { try $0.query("SELECT bucket FROM tip_buckets").map { try $0["bucket", as: String.self] } }
            #expect(buckets.count == 2)
        }
    }

    @Test func `asking by code is limited too, so that nobody tries them out`() async throws {
        try await TipRig.with(clientHeader: "X-Real-IP") { rig in
            let receipt = try await rig.given()
            for _ in 0..<20 { #expect(try await rig.form("/tip-receipt", ["code": "0000-0000-0000-0000"], from: "203.0.113.7").status == 404) }
            #expect(try await rig.form("/tip-receipt", ["code": receipt.code], from: "203.0.113.7").status == 429)
            #expect(try await rig.service.call(
                .post, "/v1/tip-receipts", Array(#"{"code":"\#(receipt.code)"}"#.utf8), ["X-Real-IP": "203.0.113.7"]).status == 429)
            #expect(try await rig.form("/tip-receipt", ["code": receipt.code], from: "192.0.2.1").status == 200)
        }
    }

    @Test func `a form with a fault, or one that a program filled, comes back with what was written`() async throws {
        try await TipRig.with { rig in
            var fields = TipRig.fields()
            fields["contact"] = String(repeating: "长", count: 101)
            let faulty = try await rig.form("/tip", fields)
            #expect(faulty.status == 422 && faulty.text.contains("/tipster/contact") && faulty.text.contains(TipRig.text))
            fields = TipRig.fields()
            fields["website"] = "spam.example"
            let trapped = try await rig.form("/tip", fields)
            #expect(trapped.status == 429 && trapped.text.contains(TipRig.text) && trapped.text.contains(TipRig.telephone))
            #expect(try await rig.list().isEmpty)
            let crossed = try await rig.service.call(
                .post, "/tip", Array("key=k&text=ab&place=530427001".utf8),
                ["Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site"])
            #expect(crossed.status == 403)
            #expect(try await rig.form("/tip", TipRig.fields("<script>alert(1)</script>")).status == 201)
            let tip = try #require(try await rig.service.get("/v1/tips?campaign=\(rig.campaign)").json([TipRig.Listed].self).first).tip
            let page = try await rig.service.get("/tips/\(tip)").text
            #expect(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>"))
        }
    }

    @Test func `offices are telephones and boxes of the subdistrict and its communities`() async throws {
        try await TipRig.with { rig in
            let wrong = #"[{"division":"530427001001-01","telephone":"7","box":""},{"division":"530427001001-01","telephone":"0877-7012345","box":"门口"}]"#
            let answer = try await rig.service.call(.put, "/v1/tip-offices", Array(wrong.utf8), [:])
            #expect(Set(try answer.json(Problem.self).errors?.map(\.pointer) ?? []) == ["/0/telephone", "/0/box", "/0/division", "/1/division", ""])
            let offices = try await rig.service.get("/v1/tip-offices?campaign=\(rig.campaign)").json([TipOffice].self)
            #expect(offices.map(\.telephone) == [TipRig.telephone, "0877-7012346"])
        }
    }

    @Test func `an overdue tip goes a level up with each working day, once for each, until it is answered`() async throws {
        try await TipRig.with { rig in
            let tip = try await rig.given()
            func escalated() async throws -> [String] {
                try await rig.service.store.work {
                    try $0.query("SELECT level FROM tip_escalations WHERE tip_id = \(tip.tip) ORDER BY escalated_at").map { try $0["level"] }
                }
            }
            try await rig.setClock("2018-10-15T23:59:59.999+08:00")
            try await rig.service.fireTimers()
            #expect(try await escalated() == [], "its day is not over")
            try await rig.setClock("2018-10-16T00:00:00+08:00")
            try await rig.service.fireTimers()
            try await rig.service.fireTimers()
            #expect(try await escalated() == ["subdistrict"])
            try await rig.setClock("2018-10-17T00:00:00+08:00")
            try await rig.service.fireTimers()
            #expect(try await escalated() == ["subdistrict", "county"])
            try await rig.setClock("2018-10-26T00:00:00+08:00")
            try await rig.service.fireTimers()
            #expect(try await escalated().count == 2, "nobody is above the county")

            let answered = try await rig.given()
            try await rig.investigate(answered.tip)
            try await rig.act(answered.tip, #""act":"answer","manner":"notice","text":"经查属实，已重新核算。""#)
            try await rig.setClock("2018-11-26T00:00:00+08:00")
            try await rig.service.fireTimers()
            #expect(try await rig.service.store.work { try $0.first("SELECT FROM tip_escalations WHERE tip_id = \(answered.tip)") == nil })
        }
    }

    @Test func `an objection names a case of the posted list and holds its household`() async throws {
        try await TipRig.with { rig in
            let bench = IntakeBench(service: rig.service, campaign: rig.campaign)
            _ = try await rig.service.post(
                "/v1/cases", bytes: Array(#"{"campaign":"\#(rig.campaign)","household":"53042700001","kind":"REMOVAL","reason":"车辆登记"}"#.utf8),
                headers: ["Lika-Actor": "clerk"])
            let objected = try #require(try await bench.cases().first)
            let tip = try await rig.given("名单上这一户去年买了车", #","objectsTo":"\#(objected.case)""#)
            let raised = try await rig.service.told(HouseholdTipRaised.self)
            #expect(raised.map(\.tip) == [tip.tip] && raised.map(\.household) == [objected.household])
            let unknown = try await rig.send("名单上这一户去年买了车", #","objectsTo":"\#(UUID().lowercased)""#)
            #expect(unknown.status == 422 && unknown.text.contains("case.unknown"))
            try await rig.service.serving { address in
                try await Browser.with(width: 500, height: 900) { browser in
                    try await browser.open("\(address)/tip?objects-to=\(objected.case)")
                    #expect(try await browser.text("h1").contains("对公示提出异议"))
                    #expect(try await !browser.text("main").contains("李0"), "the form repeats no name from the list")
                    try await browser.picture("intake-objection-narrow")
                    try await browser.type("这一户不符合条件", into: "textarea")
                    try await browser.click("main form button")
                    #expect(try await browser.text("#number").hasPrefix("2018-"))
                }
            }
            #expect(try await rig.service.told(HouseholdTipRaised.self).map(\.household) == [objected.household, objected.household])
        }
    }
}
