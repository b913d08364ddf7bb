import Contracts
import Registry
import ReviewDomain
import Testing

@Suite struct PublicityTests {
    let plan = PublicityDays(days: 5, countFirstDay: true)
    let civil = PublicityDays(days: 5, countFirstDay: false)
    let board = "530427001001", group = "530427001001-02"
    let late = 60.0

    private func at(_ text: String) -> Instant { Specimen.moment(text) }

    private func rendered(_ days: PublicityDays? = nil, places: [String]? = nil) throws -> PublicityWindow {
        try PublicityWindow(
            id: Specimen.firstWindow, campaign: Specimen.campaign, level: .community, division: Specimen.community, days: days ?? plan,
            places: (places ?? [board, group]).map { .init($0) }
        ).deciding(.render(Specimen.notice([Specimen.line()])), at: at("2018-10-17T08:00:00+08:00")).state
    }

    private func running() throws -> PublicityWindow {
        try rendered(places: [board]).deciding(.post(board), at: at("2018-10-17T18:00:00+08:00")).state
    }

    // MARK: Counting

    @Test(arguments: [
        ("2018-10-17T00:00:00.000+08:00", "2018-10-17", "2018-10-21T16:00:00.000Z"),
        ("2018-10-17T23:59:59.999+08:00", "2018-10-17", "2018-10-21T16:00:00.000Z"),
        ("2018-10-18T00:00:00.000+08:00", "2018-10-18", "2018-10-22T16:00:00.000Z"),
        // Still the 16th in London, already the 17th in China.
        ("2018-10-16T16:00:00.000Z", "2018-10-17", "2018-10-21T16:00:00.000Z"),
        ("2018-10-16T15:59:59.999Z", "2018-10-16", "2018-10-20T16:00:00.000Z"),
    ])
    func `days are the calendar days of China`(posted: String, opensOn: String, closesAt: String) {
        let term = plan.term(postedAt: at(posted))
        #expect(term == .init(opensOn: Specimen.day(opensOn), closesAt: at(closesAt)))
    }

    @Test func `the plan's dates hold only if the posting day counts`() {
        let posted = at("2018-10-17T18:00:00+08:00")
        let resolution = at("2018-10-22T09:00:00+08:00")
        #expect(plan.term(postedAt: posted).closesAt < resolution)
        #expect(civil.term(postedAt: posted).closesAt > resolution)
        #expect(civil.term(postedAt: posted).opensOn == Specimen.day("2018-10-18"))
    }

    @Test func `a whole second run fits until the thirtieth of October`() {
        #expect(plan.lastRerun(reportingBy: Specimen.day("2018-11-10")) == Specimen.day("2018-10-30"))
        #expect(civil.lastRerun(reportingBy: Specimen.day("2018-11-10")) == Specimen.day("2018-10-28"))
    }

    // MARK: Opening

    @Test func `a window opens when the last required place is posted, and a late place moves the close`() throws {
        let half = try rendered().deciding(.post(board), at: at("2018-10-17T18:00:00+08:00"))
        #expect(half.state.stage == .posting)
        #expect(half.events.isEmpty)
        let open = try half.state.deciding(.post(group), at: at("2018-10-18T08:00:00+08:00"))
        #expect(
            open.events as? [WindowOpened] == [
                WindowOpened(
                    window: Specimen.firstWindow, campaign: Specimen.campaign, level: .community, division: Specimen.community, cases: 1,
                    opensOn: Specimen.day("2018-10-18"), closesAt: at("2018-10-23T00:00:00+08:00"),
                    openedAt: at("2018-10-18T08:00:00+08:00"))
            ])
    }

    @Test func `a place that is not required, or hangs already, is refused`() throws {
        let half = try rendered().deciding(.post(board), at: Specimen.now).state
        #expect(throws: PublicityWindow.Refusal.unknownPlace) { try half.deciding(.post("elsewhere"), at: Specimen.now) }
        #expect(throws: PublicityWindow.Refusal.alreadyPosted) { try half.deciding(.post(board), at: Specimen.now) }
    }

    // MARK: Closing

    @Test func `a window ends at its midnight and not a millisecond before`() throws {
        let window = try running()
        #expect(throws: PublicityWindow.Refusal.stillRunning) {
            try window.deciding(.expire(lateAfter: late), at: at("2018-10-21T23:59:59.999+08:00"))
        }
        let midnight = at("2018-10-22T00:00:00+08:00")
        let ended = try window.deciding(.expire(lateAfter: late), at: midnight)
        #expect(
            ended.events as? [WindowExpired] == [
                WindowExpired(window: window.id, closesAt: midnight, expiredAt: midnight, late: false)
            ])
    }

    @Test func `a close after downtime is marked late`() throws {
        let midnight = at("2018-10-22T00:00:00+08:00")
        #expect(try running().deciding(.expire(lateAfter: late), at: midnight + 60).state.stage.ended?.late == false)
        #expect(try running().deciding(.expire(lateAfter: late), at: midnight + 60.001).state.stage.ended?.late == true)
    }

    @Test func `a window settles when all tips are answered and is recalled when all copies are gone`() throws {
        let expired = try running().deciding(.expire(lateAfter: late), at: Specimen.now).state
        #expect(throws: PublicityWindow.Refusal.tipsOpen) { try expired.deciding(.settle(openTips: 1), at: Specimen.now) }
        let settled = try expired.deciding(.settle(openTips: 0), at: Specimen.now).state
        #expect(settled.stage.name == "settled")
        let recalled = try settled.deciding(.takeDown(board, .destroyed), at: Specimen.now)
        #expect(recalled.state.stage.name == "recalled")
        #expect(recalled.events as? [WindowRecalled] == [WindowRecalled(window: settled.id, copies: 1, recalledAt: Specimen.now)])
    }

    @Test func `copies may be gone before the last tip is answered`() throws {
        let expired = try running().deciding(.expire(lateAfter: late), at: Specimen.now).state
        let gone = try expired.deciding(.takeDown(board, .recalled), at: Specimen.now)
        #expect(gone.state.stage.name == "expired")
        #expect(gone.events.count == 1)
        #expect(try gone.state.deciding(.settle(openTips: 0), at: Specimen.now).state.stage.name == "recalled")
        #expect(throws: PublicityWindow.Refusal.alreadyTakenDown) {
            try gone.state.deciding(.takeDown(board, .recalled), at: Specimen.now)
        }
    }

    /// `=` stays, a name is the stage it goes to, a code is why it refuses.
    @Test func `every stage has its answer to every command`() throws {
        let board = board
        let term = plan.term(postedAt: at("2018-10-17T18:00:00+08:00"))
        let ended = PublicityWindow.Ended(term: term, at: term.closesAt, late: false)
        let stages: [PublicityWindow.Stage] = [
            .planned, .rendered, .posting, .running(term), .expired(ended), .settled(ended), .recalled(ended),
        ]
        let commands: [PublicityWindow.Command] = [
            .render(Specimen.notice([Specimen.line()])), .post(board), .expire(lateAfter: late), .settle(openTips: 0),
            .takeDown(board, .recalled), .miss(board), .correct(opensOn: Specimen.day("2018-10-19")),
        ]
        let table = [
            ["rendered", "window-not-rendered", "window-not-rendered", "window-not-rendered", "window-not-rendered", "window-not-rendered", "window-not-rendered"],
            ["list-frozen", "running", "window-not-running", "window-not-running", "window-not-running", "window-not-running", "window-not-running"],
            ["list-frozen", "running", "window-not-running", "window-not-running", "window-not-running", "nothing-missing", "window-not-running"],
            ["list-frozen", "already-posted", "expired", "window-still-running", "window-still-running", "window-already-ended", "window-already-ended"],
            ["list-frozen", "window-already-ended", "window-already-ended", "settled", "=", "window-already-ended", "window-already-ended"],
            ["list-frozen", "window-already-ended", "window-already-ended", "window-already-ended", "recalled", "window-already-ended", "window-already-ended"],
            ["list-frozen", "window-already-ended", "window-already-ended", "window-already-ended", "already-taken-down", "window-already-ended", "window-already-ended"],
        ]
        for (stage, row) in zip(stages, table) {
            let window = PublicityWindow(
                id: Specimen.firstWindow, campaign: Specimen.campaign, level: .community, division: Specimen.community, days: plan,
                places: [.init(board)], cases: 1, stage: stage)
            let answers = commands.map { command in
                do throws(PublicityWindow.Refusal) {
                    let next = try window.deciding(command, at: Specimen.now).state.stage
                    return next == stage ? "=" : next.name
                } catch { return String(error.rawValue.dropFirst("review.".count)) }
            }
            #expect(answers == row, "\(stage.name)")
        }
    }

    // MARK: Missing sheets

    @Test(arguments: [
        // Torn down and hung again on one day: that day does not count.
        ("2018-10-18T09:00:00+08:00", "2018-10-18T20:00:00+08:00", "2018-10-23T00:00:00+08:00", 1),
        ("2018-10-18T23:59:59.999+08:00", "2018-10-19T00:00:00+08:00", "2018-10-24T00:00:00+08:00", 2),
        // Found on the last evening, hung again two days after the window would have closed.
        ("2018-10-21T22:00:00+08:00", "2018-10-23T08:00:00+08:00", "2018-10-25T00:00:00+08:00", 3),
    ])
    func `a day on which a sheet was missing does not count`(missing: String, again: String, closes: String, days: Int) throws {
        let torn = try running().deciding(.miss(board), at: at(missing)).state
        #expect(!torn.isDue(at: at("2018-12-01T00:00:00+08:00")))
        #expect(throws: PublicityWindow.Refusal.placeMissing) { try torn.deciding(.expire(lateAfter: late), at: at("2018-12-01T00:00:00+08:00")) }
        #expect(throws: PublicityWindow.Refusal.nothingMissing) { try torn.deciding(.miss(board), at: at(missing)) }
        let hung = try torn.deciding(.post(board), at: at(again))
        #expect(hung.state.stage.term?.closesAt == at(closes))
        #expect(hung.events as? [WindowExtended] == [WindowExtended(window: torn.id, days: days, closesAt: at(closes), extendedAt: at(again))])
        #expect(throws: Never.self) { try hung.state.deciding(.expire(lateAfter: late), at: at(closes)) }
    }

    @Test func `a sheet that is gone before the others hang puts day one off`() throws {
        let window = PublicityWindow(
            id: Specimen.firstWindow, campaign: Specimen.campaign, level: .community, division: Specimen.community, days: plan,
            places: [.init(board), .init("活动室")], cases: 1, stage: .rendered)
        let gone = try window.deciding(.post(board), at: at("2018-10-17T18:00:00+08:00")).state
            .deciding(.miss(board), at: at("2018-10-17T19:00:00+08:00")).state
        #expect(gone.places[0].posted == nil && gone.stage == .posting)
        let other = try gone.deciding(.post("活动室"), at: at("2018-10-17T20:00:00+08:00")).state
        #expect(other.stage == .posting)
        #expect(try other.deciding(.post(board), at: at("2018-10-18T09:00:00+08:00")).state.stage.term?.opensOn == Specimen.day("2018-10-18"))
    }

    @Test func `the public reads a list while it runs and not a millisecond longer`() throws {
        let window = try running()
        #expect(window.isPublic(at: at("2018-10-21T23:59:59.999+08:00")))
        #expect(!window.isPublic(at: at("2018-10-22T00:00:00+08:00")), "also before anybody has closed it")
        #expect(try !rendered().isPublic(at: at("2018-10-17T18:00:00+08:00")))
    }

    @Test func `a lost copy needs a report`() throws {
        let expired = try running().deciding(.expire(lateAfter: late), at: Specimen.now).state
        #expect(throws: PublicityWindow.Refusal.lossUnreported) { try expired.deciding(.takeDown(board, .lost), at: Specimen.now) }
        let proof = PublicityWindow.Proof(by: "zhou", witness: "吴九", evidence: String(repeating: "a", count: 64))
        #expect(try expired.deciding(.takeDown(board, .lost, proof), at: Specimen.now).state.places[0].takenDown?.proof == proof)
    }

    // MARK: A first day noted too early

    @Test(arguments: [
        // Posted on the 17th, to close as the 22nd begins: each row is a moment, the first day said then, and the close or why not.
        ("2018-10-18T09:00:00+08:00", "2018-10-18", "2018-10-23T00:00:00+08:00"),
        ("2018-10-21T23:59:59.999+08:00", "2018-10-20", "2018-10-25T00:00:00+08:00"),
        ("2018-10-19T09:00:00+08:00", "2018-10-17", "review.opening-not-later"),
        ("2018-10-19T09:00:00+08:00", "2018-10-16", "review.opening-not-later"),
        ("2018-10-18T09:00:00+08:00", "2018-10-19", "review.opening-ahead"),
        // Over, whether or not it has been closed yet.
        ("2018-10-22T00:00:00+08:00", "2018-10-20", "review.window-already-ended"),
    ])
    func `a first day is corrected to a later one that has come, and the close moves as far`(moment: String, opensOn: String, answer: String) throws {
        let (window, day) = (try running(), Specimen.day(opensOn))
        do throws(PublicityWindow.Refusal) {
            let corrected = try window.deciding(.correct(opensOn: day), at: at(moment))
            #expect(corrected.state.stage == .running(.init(opensOn: day, closesAt: at(answer))))
            #expect(
                corrected.events as? [WindowExtended] == [
                    WindowExtended(window: window.id, days: day - Specimen.day("2018-10-17"), closesAt: at(answer), extendedAt: at(moment))
                ])
        } catch { #expect(error.rawValue == answer) }
    }

    @Test func `where the posting day does not count, the day after may be said on it`() throws {
        let running = try rendered(civil, places: [board]).deciding(.post(board), at: at("2018-10-17T18:00:00+08:00")).state
        let corrected = try running.deciding(.correct(opensOn: Specimen.day("2018-10-19")), at: at("2018-10-18T08:00:00+08:00")).state
        #expect(corrected.stage.term?.closesAt == at("2018-10-24T00:00:00+08:00"))
    }

    @Test func `a correction keeps the days for which a missing sheet had extended its window`() throws {
        let (torn, hung, said) = (at("2018-10-18T09:00:00+08:00"), at("2018-10-19T08:00:00+08:00"), at("2018-10-19T09:00:00+08:00"))
        let missing = try running().deciding(.miss(board), at: torn).state
        let late = Specimen.day("2018-10-18")
        #expect(try missing.deciding(.post(board), at: hung).state.deciding(.correct(opensOn: late), at: said).state.stage.term?.closesAt == at("2018-10-25T00:00:00+08:00"))
        let first = try missing.deciding(.correct(opensOn: late), at: hung).state
        #expect(!first.isDue(at: at("2018-12-01T00:00:00+08:00")), "the sheet is missing still")
        #expect(try first.deciding(.post(board), at: hung).state.stage.term?.closesAt == at("2018-10-25T00:00:00+08:00"))
    }

    // MARK: The list

    @Test func `an empty list is not published`() {
        let planned = PublicityWindow(
            id: Specimen.firstWindow, campaign: Specimen.campaign, level: .community, division: Specimen.community, days: plan,
            places: [.init(board)])
        #expect(throws: PublicityWindow.Refusal.nothingToPublish) { try planned.deciding(.render(Specimen.notice([])), at: Specimen.now) }
    }

    @Test(arguments: ["李明 000000199001011234", "李明13800000000", "李明 ０００-０００-１９９００１０１-１２３Ｘ", "6 2 2 2 0 0 0 0 0 0 0 0 0 0 0 0"])
    func `a name that hides a number refuses the render`(name: String) {
        let notice = Specimen.notice([Specimen.line(), Specimen.line(name)])
        #expect(notice.unclean == ["/lines/1/headName"])
        #expect(!NoticeSheet(notice, copy: 1, of: 1, at: board, term: nil).isClean)
    }

    @Test(arguments: ["李明", "欧阳建国", "阿卜杜拉·买买提", "李明（二组）", "李明 2"])
    func `a plain name passes`(name: String) {
        let notice = Specimen.notice([Specimen.line(name)])
        #expect(notice.unclean.isEmpty)
        // The office's telephone and the codes of places stand there on purpose.
        for place in [board, group, "公示栏"] { #expect(NoticeSheet(notice, copy: 1, of: 3, at: place, term: nil).isClean) }
    }
}
