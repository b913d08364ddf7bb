import Contracts
import Foundation
import Paper
import Postgres
import Registry
import ReviewDomain
import ServiceKit
import Sheets
import TestKit
import Testing

@testable import Review

/// Lists as they hang: frozen, printed, read by the public, and gone.
@Suite struct NoticeTests {
    @Test func `the canonical form names exactly what may hang, in its order`() throws {
        let notice = Specimen.notice([Specimen.line()], office: .init(name: "街道扶贫办"))
        #expect(
            String(decoding: try JSON.encode(notice), as: UTF8.self)
                == #"{"window":"\#(Specimen.firstWindow)","year":2018,"number":7,"level":"community","community":"530427001001","days":5,"office":{"name":"街道扶贫办"},"lines":[{"kind":"EXIT","group":"530427001001-02","headName":"李明","memberCount":4}]}"#)
    }

    @Test func `a group's place shows the group's own lines under their numbers on the whole list`() {
        let other = Specimen.division("530427001001-01")
        let notice = Specimen.notice([Specimen.line("李明"), Specimen.line("王芳", group: other), Specimen.line("赵强", kind: .removal)])
        let board = NoticeSheet(notice, copy: 1, of: 2, at: "530427001001", term: nil)
        #expect(board.tables.map(\.kind) == [.exit, .removal])
        #expect(board.lines.map(\.number) == [1, 2, 3])
        let own = NoticeSheet(notice, copy: 2, of: 2, at: "530427001001-02", term: nil)
        #expect(own.lines.map(\.number) == [1, 3])
        #expect(own.serialText.contains("2018-0007") && own.serialText.contains("第 2 份，共 2 份"))
    }

    // MARK: On paper

    private func pdf(_ lines: Int, on paper: PDFCanvas.Paper = .a4) throws -> [UInt8] {
        let names = (0..<lines).map { Specimen.line("李明\($0 % 7)", kind: $0 < lines / 2 ? .exit : .new) }
        let term = PublicityDays(days: 5, countFirstDay: true).term(postedAt: Specimen.moment("2018-10-17T09:00:00+08:00"))
        let sheet = NoticeSheet(Specimen.notice(names), copy: 1, of: 3, at: "530427001001", term: term)
        return try sheet.pdf(on: paper, address: Self.address, digest: String(repeating: "ab", count: 32), root: "42-0a0b0c0d0a0b0c0d")
    }

    private static let address = "http://127.0.0.1:28103/objections/\(Specimen.firstWindow)?digest=abababababababab"

    /// What Debian's own tools read out of it.
    private func reading<T>(_ bytes: [UInt8], _ body: (URL) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "lika-sheet-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(at: folder) } catch { Issue.record(error) } }
        try Data(bytes).write(to: folder.appending(path: "sheet.pdf"))
        return try await body(folder)
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> String {
        try await Command(URL(filePath: "/usr/bin/\(program)")).run(arguments).text
    }

    @Test func `a sheet can be read back, page by page, with its code`() async throws {
        try await reading(pdf(3)) { folder in
            let path = folder.appending(path: "sheet.pdf").path
            let text = try await run("pdftotext", ["-layout", path, "-"])
            for piece in ["2018年贫困对象动态管理社区公示", "公示编号 2018-0007", "自2018年10月17日起，至2018年10月21日止", "0877-7012345", "李明1", "第1页", "abababab"] {
                #expect(text.contains(piece) || text.filter { $0 != " " }.contains(piece), "\(piece): \(text)")
            }
            #expect(text.contains("脱贫退出") && text.contains("序号"))
            _ = try await run("pdftoppm", ["-r", "150", "-png", path, folder.appending(path: "page").path])
            let page = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first { $0.hasSuffix(".png") })
            let code = try await run("zbarimg", ["--quiet", "--raw", folder.appending(path: page).path])
            // It complains about the missing desktop first.
            #expect(code.split(whereSeparator: \.isNewline).last.map(String.init) == Self.address)
            if let state = ProcessInfo.processInfo.environment["LIKA_TEST_STATE"] {
                let pictures = URL(filePath: state).appending(path: "pictures")
                try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
                try Data(contentsOf: folder.appending(path: page)).write(to: pictures.appending(path: "review-sheet-pdf.png"))
            }
        }
    }

    @Test(arguments: [PDFCanvas.Paper.a4, .a3]) func `a thousand lines go over as many pages as they take, none lost`(paper: PDFCanvas.Paper) async throws {
        try await reading(pdf(1_000, on: paper)) { folder in
            let text = try await run("pdftotext", ["-layout", folder.appending(path: "sheet.pdf").path, "-"])
            let pages = text.split(separator: "\u{0C}", omittingEmptySubsequences: true).filter { $0.contains("页") }
            #expect(pages.count > 10)
            for (number, page) in pages.enumerated() {
                let squeezed = page.filter { $0 != " " && $0 != "　" }
                #expect(squeezed.contains("第\(number + 1)页共\(pages.count)页"), "\(number)")
            }
            let numbers = text.split(whereSeparator: \.isNewline).compactMap { line -> Int? in
                let cells = line.split(separator: " ")
                return cells.count == 4 && cells[1].hasPrefix("李明") ? Int(cells[0]) : nil
            }
            #expect(numbers == Array(1...1_000))
        }
    }

    // MARK: The life of one

    private func fill(_ act: String, _ copy: Int, _ browser: Browser) async throws {
        _ = try await browser.evaluate("document.querySelector('#\(act)-\(copy)').open = true; return ''")
        if act == "take" { try await browser.type("吴九", into: "#take-\(copy) input[name=witness]") }
        try await browser.click("#\(act)-\(copy) button")
    }

    @Test func `a scheduler takes a window through its whole life, and the public sees it only while it runs`() async throws {
        try await Round.run { round in
            let name = "欧阳建国", household = HouseholdID(UUID()), id = CaseID(UUID())
            try await round.service.deliver(
                round.registered(household, name: name),
                CaseProposed(
                    case: id, household: household, campaign: Specimen.campaign, kind: .exit, population: .registered, division: Specimen.group,
                    headName: name, memberCount: 4, proposedAt: Specimen.moment("2018-10-06T09:00:00+08:00")),
                round.surveyed(id, household))
            try await round.decideInitially([id])
            try await round.service.serving { address in
                let window = try await Browser.with { browser in
                    try await browser.open("\(address)/windows")
                    try await browser.fill(["community": "530427001001", "places": "530427001001\n530427001001-02\n村民活动室"], in: "#draw")
                    try await browser.click("#draw button")
                    #expect(try await browser.count("#places tbody tr") == 3)
                    let window = try #require(try await browser.address.split(separator: "/").last.map(String.init))
                    try await browser.open("\(address)/windows/\(window)/sheets/2")
                    #expect(try await browser.text("#sheet").contains(name))
                    try await browser.picture("review-sheet")
                    try await browser.open("\(address)/notices")
                    #expect(try await browser.count("#none") == 1, "it hangs nowhere yet")
                    for copy in 1...3 {
                        try await browser.open("\(address)/windows/\(window)")
                        try await fill("post", copy, browser)
                        #expect(try await browser.count("#post-\(copy)") == 0 || copy < 1)
                    }
                    #expect(try await browser.text("#closes") == "2018-10-22 00:00")
                    try await browser.picture("review-window-running")
                    return window
                }
                try await Browser.with(width: 500, height: 900) { browser in
                    try await browser.open("\(address)/notices/530427001001-02")
                    #expect(try await browser.text(".list tbody").contains(name))
                    #expect(try await browser.evaluate("return document.querySelector('.list tbody a').href").hasSuffix("?objects-to=\(id)"))
                    #expect(try await browser.evaluate("return String(document.documentElement.scrollWidth <= window.innerWidth)") == "true")
                    try await browser.picture("review-notices-narrow")
                    try await browser.open("\(address)/notices/530427001001-01")
                    #expect(try await browser.count("#none") == 1)
                    try await browser.open("\(address)/objections/\(window)?digest=0000000000000000")
                    #expect(try await browser.count("#differs") == 1)
                }
                let board = try await round.service.get("/notices")
                #expect(board.headers["cache-control"] == "no-store" && board.headers["x-robots-tag"]?.contains("noindex") == true)
                #expect(try await round.service.get("/robots.txt").text.contains("Disallow: /"))

                // Somebody objects; the window is over, and closes, but settles only with the answer.
                let tip = TipID(UUID())
                try await round.service.deliver(
                    HouseholdTipRaised(
                        tip: tip, household: household, campaign: Specimen.campaign, number: 1, dueOn: Specimen.day("2018-10-22"),
                        raisedAt: Specimen.moment("2018-10-21T23:00:00+08:00")))
                try await round.setClock("2018-10-22T00:00:00+08:00")
                #expect(try await !round.service.get("/notices").text.contains(name), "over, though nobody has closed it")
                try await round.service.fireTimers()
                #expect(try await round.service.get("/v1/windows/\(window)/sheets/1/pdf").json(Round.Told.self).code == "review.window-already-ended")
                try await Browser.with { browser in
                    try await browser.open("\(address)/objections/\(window)")
                    #expect(try await browser.count("#over") == 1)
                    try await browser.open("\(address)/windows/\(window)")
                    #expect(try await browser.text("#stage").contains("有未答复举报"))
                    #expect(try await browser.text("#open-tips") == "1")
                    try await round.service.deliver(
                        HouseholdTipSettled(tip: tip, household: household, campaign: Specimen.campaign, outcome: .dismissed, settledAt: Specimen.now))
                    for copy in 1...3 {
                        try await browser.open("\(address)/windows/\(window)")
                        try await fill("take", copy, browser)
                    }
                    #expect(try await browser.text("#destroyed").contains("销毁"))
                    #expect(try await browser.text("#stage").contains("已回收或销毁"))
                    try await browser.picture("review-window-recalled")
                }
                struct Receipt: Decodable {
                    let digest: String
                    let copies: [Copy]
                    struct Copy: Decodable { let place: String, witness: String, how: String }
                }
                let receipt = try await round.service.get("/v1/windows/\(window)/receipt").json(Receipt.self)
                #expect(receipt.copies.map(\.witness) == ["吴九", "吴九", "吴九"])
                let ledger = try XLSXReader.rows(in: try await round.service.get("/v1/ledger/xlsx").body).map(\.cells)
                #expect(ledger.count == 4 && ledger.dropFirst().allSatisfy { $0[11] == "吴九" } && !ledger.joined().contains(name))
                let list = try XLSXReader.rows(in: try await round.service.get("/v1/lists/community_publicity/xlsx").body).map(\.cells)
                #expect(list.dropFirst().map { $0[3] } == [name])
                #expect(try await round.service.keeping(name) == ["households"], "only the household's own row, which quotes the register")
                #expect(try await !round.service.told(WindowOpened.self).contains { "\($0)".contains(name) })
            }
        }
    }

    @Test func `a name with a number in it refuses the render and says where`() async throws {
        try await Round.run { round in
            let household = HouseholdID(UUID()), id = CaseID(UUID())
            try await round.service.deliver(
                round.registered(household, name: "李明13800000000"),
                CaseProposed(
                    case: id, household: household, campaign: Specimen.campaign, kind: .exit, population: .registered, division: Specimen.group,
                    headName: "李明13800000000", memberCount: 4, proposedAt: Specimen.moment("2018-10-06T09:00:00+08:00")),
                round.surveyed(id, household))
            try await round.decideInitially([id])
            let refused = try await round.drawUp(.community)
            #expect(refused.status == 422)
            #expect(try refused.json(Round.Told.self).errors?.map(\.pointer) == ["/lines/0/headName"])
            #expect(try refused.json(Round.Told.self).errors?.map(\.code) == ["review.sheet-not-clean"])
            #expect(!refused.text.contains("13800000000"))
        }
    }

    @Test func `a list drawn up later is a supplement with days of its own`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(2).map(\.case)
            try await round.decideInitially([cases[0]])
            let first = try await round.publish(.community)
            try await round.decideInitially([cases[1]])
            try await round.setClock("2018-10-18T09:00:00+08:00")
            let second = try await round.publish(.community)
            #expect(try await round.service.get("/windows/\(second)/sheets/1").text.contains("补充第 2018-0001 号"))
            let closes = try await round.service.get("/v1/windows/\(second)").json(Round.Opened.self).closesAt
            #expect(closes == Specimen.moment("2018-10-23T00:00:00+08:00"))
            #expect(try await round.service.get("/v1/windows/\(first)").json(Round.Opened.self).cases == 1, "what hangs is frozen")
        }
    }

    @Test func `who changes the books changes the digest, and nothing is shown`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(1).map(\.case)
            try await round.decideInitially(cases)
            let window = try await round.publish(.community)
            try await round.service.store.work { try $0.execute("UPDATE notices SET canonical = replace(canonical, '李明', '李亮')") }
            #expect(try await round.service.get("/windows/\(window)/sheets/1").status == 500)
        }
    }

    @Test func `sheets and boards say what people call the places`() async throws {
        try await Round.run { round in
            func named(_ division: DivisionCode, _ name: String) -> DivisionNamed {
                DivisionNamed(id: DivisionID(UUID()), division: division, name: name, namedAt: Specimen.now)
            }
            try await round.service.deliver(named(Specimen.community, "东门社区"), named(Specimen.group, "第二居民小组"))
            let cases = try await round.openCases(1).map(\.case)
            try await round.decideInitially(cases)
            let window = try await round.publish(.community)
            let sheet = try await round.service.get("/windows/\(window)/sheets/2").text
            #expect(sheet.contains("第二居民小组") && sheet.contains("东门社区　社区代码 530427001001"))
            #expect(!sheet.contains("530427001001-"), "no code where a name is known")
            #expect(try await round.service.get("/notices").text.contains("第二居民小组"))
            #expect(try await round.service.get("/windows").text.contains("东门社区 530427001001"))
            // What was frozen stays as it was.
            try await round.service.deliver(named(Specimen.community, "西门社区"))
            #expect(try await round.service.get("/windows/\(window)/sheets/2").text == sheet)
        }
    }

    @Test func `a notice from before names were told is read as it was frozen`() throws {
        let notice = Specimen.notice([Specimen.line()])
        let canonical = try JSON.encode(notice)
        #expect(!String(decoding: canonical, as: UTF8.self).contains("names"))
        #expect(try JSON.decode(PublicityNotice.self, from: canonical) == notice)
        let hidden = DivisionNames([.init(division: Specimen.group, name: "13800000000")])
        #expect(Specimen.notice([Specimen.line()], names: hidden).unclean == ["/names/0/name"])
    }

    @Test func `a sheet that is gone before the window opens is hung anew before day one comes`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(1).map(\.case)
            try await round.decideInitially(cases)
            let window = try await round.drawUp(.community).json(Round.Opened.self).window
            func tell(_ what: String, _ place: Int) async throws -> String {
                try await round.post("/v1/windows/\(window)/\(what)", #"{"place":"\#(Round.places[place])"}"#).json(Round.Opened.self).stage
            }
            #expect(try await tell("postings", 0) == "posting")
            #expect(try await tell("missing", 0) == "posting")
            #expect(try await tell("postings", 1) == "posting")
            try await round.setClock("2018-10-18T09:00:00+08:00")
            #expect(try await tell("postings", 0) == "running")
            #expect(try await round.service.told(WindowOpened.self).map(\.opensOn) == [Specimen.day("2018-10-18")])
        }
    }

    @Test func `a missing sheet keeps its window open, also past the midnight, until its days are full`() async throws {
        try await Round.run { round in
            let cases = try await round.openCases(1).map(\.case)
            try await round.decideInitially(cases)
            let window = try await round.publish(.community)
            try await round.setClock("2018-10-20T09:00:00+08:00")
            _ = try await round.post("/v1/windows/\(window)/missing", #"{"place":"\#(Round.places[1])"}"#)
            try await round.setClock("2018-10-22T08:00:00+08:00")
            try await round.service.fireTimers()
            #expect(try await round.stage(window) == "running")
            _ = try await round.post("/v1/windows/\(window)/postings", #"{"place":"\#(Round.places[1])"}"#)
            #expect(try await round.service.told(WindowExtended.self).map(\.days) == [3])
            try await round.setClock("2018-10-24T23:59:59.999+08:00")
            try await round.service.fireTimers()
            #expect(try await round.stage(window) == "running")
            try await round.setClock("2018-10-25T00:00:00+08:00")
            try await round.service.fireTimers()
            #expect(try await round.stage(window) == "settled")
        }
    }
}
