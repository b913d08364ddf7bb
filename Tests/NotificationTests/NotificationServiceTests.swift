import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Notification

@Suite struct NotificationServiceTests {
    let campaign = CampaignID(UUID())
    let household = HouseholdID(UUID())
    let now = Instant(milliseconds: 1_541_203_200_000)

    func service<T: Sendable>(_ body: (TestService) async throws -> T) async throws -> T {
        try await withNotification { try await body($0) }
    }

    func confirmed(_ kind: CaseKind = .exit, group: String = "530427001002-03") throws -> CaseConfirmed {
        CaseConfirmed(
            case: CaseID(UUID()), household: household, campaign: campaign, kind: kind, division: try #require(DivisionCode(group)),
            headName: "李三", memberCount: 4, confirmedAt: now)
    }

    func proposed(_ group: String = "530427001002-03") throws -> CaseProposed {
        CaseProposed(
            case: CaseID(UUID()), household: household, campaign: campaign, kind: .exit, population: .registered,
            division: try #require(DivisionCode(group)), headName: "李三", memberCount: 4, proposedAt: now)
    }

    func closed() -> CaseClosed {
        CaseClosed(case: CaseID(UUID()), household: household, kind: .new, status: .withdrawn, reason: "survey_not_met", closedAt: now)
    }

    /// Where every notice of a channel stands.
    func statuses(_ service: TestService, _ channel: PersonalNotice.Channel = .inbox) async throws -> [String] {
        try await service.store.work { try $0.query("SELECT status FROM notices WHERE channel = \(channel) ORDER BY id").map { try $0["status"] } }
    }

    func letters(_ service: TestService) async throws -> Int {
        try await service.store.work { try $0.first("SELECT count(*) FROM letters")?["count"] } ?? 0
    }

    // MARK: Announcing

    @Test func `a confirmed case is announced once and told to its household`() async throws {
        let event = try confirmed()
        try await service { service in
            try await service.deliver(event)
            let announced = try await service.told(ResultAnnounced.self)
            #expect(announced.map(\.case) == [event.case])
            #expect(try await statuses(service) == ["planned"])
        }
    }

    @Test func `what a purged household was told and how it is called is forgotten`() async throws {
        let event = try confirmed()
        try await service { service in
            try await service.deliver(proposed(), event, closed())
            while try await service.runErrands() {}
            #expect(Set(try await service.keeping("李三")) == ["announced_results", "households", "notices"])
            #expect(try await service.keeping("事项").contains("letters"))
            try await service.deliver(HouseholdPurged(purge: PurgeID(UUID()), household: household, purgedAt: now))
            #expect(try await service.keeping("李三") == [])
            #expect(try await service.keeping("事项") == [])
        }
    }

    @Test func `the cases of one community are on one announcement`() async throws {
        let events = try [confirmed(group: "530427001002-01"), confirmed(group: "530427001002-02"), confirmed(group: "530427001003-01")]
        try await service { service in
            for event in events { try await service.deliver(event) }
            let announcements = try await service.told(ResultAnnounced.self).map(\.announcement)
            #expect(announcements[0] == announcements[1])
            #expect(announcements[1] != announcements[2])
            let listed = try await service.get("/v1/announcements").json([NoticeRoutes.Announcement].self)
            #expect(Set(listed.map(\.results)) == [1, 2])
        }
    }

    @Test func `a natural change is refused instead of being announced, and nobody is told`() async throws {
        let event = try confirmed(.naturalChange)
        try await service { service in
            await #expect(throws: AnnouncedResult.Refusal.neverPublicised) { try await service.deliver(event) }
            let planned = try await statuses(service)
            #expect(planned.isEmpty)
        }
    }

    // MARK: Delivering

    @Test func `a planned notice reaches its box and is told as delivered`() async throws {
        try await service { service in
            try await service.deliver(closed())
            try await service.runErrands()
            #expect(try await statuses(service) == ["delivered"])
            let told = try await service.told(NoticeDelivered.self)
            #expect(told.map(\.recipient) == [household.rawValue])
            #expect(told.map(\.medium) == ["inbox"])
            #expect(try await letters(service) == 1)
            // Nothing is left to do.
            let more = try await service.runErrands()
            #expect(!more)
        }
    }

    /// As a sender leaves its notice when it stops between two steps, some time ago.
    func crash(_ service: TestService, afterSending sent: Bool) async throws {
        try await service.store.work { work in
            let planned = try work.idleNotices(.planned, limit: 10)
            for id in planned {
                let notice = try work.decide(PersonalNotice.self, id) { try $0.deciding(.send, at: work.now) }
                let letter = BoxedLetter(notice: id, recipient: notice.recipient.id, envelope: notice.letter.envelope, body: notice.letter.body)
                if sent { _ = try LetterBox.put([letter], in: work) }
            }
            try work.lease(planned, seconds: -1)
        }
    }

    @Test func `a notice whose sender stopped before sending is asked for and then sent once`() async throws {
        try await service { service in
            try await service.deliver(closed())
            try await crash(service, afterSending: false)
            while try await service.runErrands() {}
            #expect(try await statuses(service) == ["delivered"])
            #expect(try await letters(service) == 1)
            #expect(try await service.told(NoticeDelivered.self).count == 1)
        }
    }

    @Test func `a notice whose sender stopped after sending is found in its box`() async throws {
        try await service { service in
            try await service.deliver(closed())
            try await crash(service, afterSending: true)
            while try await service.runErrands() {}
            #expect(try await statuses(service) == ["delivered"])
            #expect(try await letters(service) == 1)
            #expect(try await service.told(NoticeDelivered.self).count == 1)
        }
    }

    @Test func `a notice that is being sent is left to its sender`() async throws {
        try await service { service in
            try await service.deliver(closed())
            try await service.store.work { work in
                let planned = try work.idleNotices(.planned, limit: 10)
                for id in planned { try work.decide(PersonalNotice.self, id) { try $0.deciding(.send, at: work.now) } }
                try work.lease(planned, seconds: 60)
            }
            let more = try await service.runErrands()
            #expect(!more)
            #expect(try await statuses(service) == ["sending"])
        }
    }

    @Test func `one message plans one notice for each audience`() throws {
        let (first, second) = (UUID(), UUID())
        #expect(NoticeID(about: first.uuidString, of: second, to: .household) == NoticeID(about: first.uuidString, of: second, to: .household))
        #expect(NoticeID(about: first.uuidString, of: second, to: .household) != NoticeID(about: first.uuidString, of: second, to: .tip))
    }

    // MARK: Tips and windows

    @Test func `a tip is acknowledged and its answer told to whoever holds the receipt`() async throws {
        let tip = TipID(UUID())
        let day = try #require(LocalDate("2018-10-23"))
        try await service { service in
            try await service.deliver(
                HouseholdTipRaised(tip: tip, household: household, campaign: campaign, number: 1, dueOn: day, raisedAt: now),
                HouseholdTipSettled(tip: tip, household: household, campaign: campaign, outcome: .dismissed, settledAt: now))
            let told = try await service.get("/v1/notices?tip=\(tip)").json([NoticeRoutes.Envelope].self)
            #expect(told.count == 2)
            #expect(try await service.get("/v1/notices?household=\(household)").json([NoticeRoutes.Envelope].self).isEmpty)
        }
    }

    @Test func `the end of a window reminds its work team of the sheets`() async throws {
        let window = WindowID(UUID())
        let opens = try #require(LocalDate("2018-10-17"))
        let division = try #require(DivisionCode("530427001002"))
        try await service { service in
            try await service.deliver(
                WindowOpened(
                    window: window, campaign: campaign, level: .community, division: division, cases: 3, opensOn: opens,
                    closesAt: (opens + 5).start, openedAt: now),
                WindowExpired(window: window, closesAt: (opens + 5).start, expiredAt: now, late: false))
            let notices = try await service.get("/v1/notices").json([NoticeRoutes.Envelope].self)
            let notice = try #require(notices.first)
            #expect(notice.audience == "work_team")
            let opened = try await service.get("/v1/notices/\(notice.notice)").json(NoticeRoutes.Opened.self)
            #expect(opened.body.contains("2018年10月21日"))
        }
    }

    @Test func `a team is told once a day that households came on a roster`() async throws {
        try await service { service in
            try await service.deliver(proposed(), proposed("530427001002-01"), proposed("530427001003-01"))
            let told = try await service.get("/v1/notices").json([NoticeRoutes.Envelope].self).filter { $0.audience == "work_team" }
            #expect(told.count == 2 && Set(told.map(\.recipient)).count == 2)
        }
    }

    @Test func `sheets that hang too long are told each morning until they are accounted for`() async throws {
        let (window, closes) = (WindowID(UUID()), try #require(LocalDate("2018-10-22")))
        let division = try #require(DivisionCode("530427001002"))
        let opened = WindowOpened(
            window: window, campaign: campaign, level: .community, division: division, cases: 3, opensOn: closes - 7, closesAt: (closes - 2).start, openedAt: now)
        let expired = WindowExpired(window: window, closesAt: closes.start, expiredAt: closes.start, late: false)
        func alarms(_ service: TestService) async throws -> [String: Int] {
            let rows = try await service.store.work { work in
                try work.query("SELECT template, count(*) AS n FROM notices WHERE template LIKE 'recall%' GROUP BY 1").map { (try $0["template"] as String, try $0["n"] as Int) }
            }
            return Dictionary(uniqueKeysWithValues: rows)
        }
        // The evening of the day for it, and the morning after.
        for (hours, expected) in [(23.0, 0), (33.0, 1)] {
            try await withNotification(now: closes.start + hours * 3600) { service in
                // A sheet was missing for two of seven days.
                try await service.deliver(opened, WindowExtended(window: window, days: 2, closesAt: closes.start, extendedAt: now), expired)
                try await service.fireTimers()
                #expect(try await alarms(service)["recall_overdue", default: 0] == expected)
                #expect(try await alarms(service)["recall_escalated", default: 0] == expected)
                let bodies = try await service.store.work { try $0.query("SELECT body FROM notices WHERE template = 'recall_overdue'").map { try $0["body"] as String } }
                #expect(bodies.allSatisfy { $0.contains("2018年10月21日") })
                // Nothing more today.
                try await service.fireTimers()
                #expect(try await alarms(service)["recall_overdue", default: 0] == expected)
                try await service.deliver(WindowRecalled(window: window, copies: 5, recalledAt: now))
                let timers: Int = try await service.store.work { try $0.first("SELECT count(*) AS n FROM timers")?["n"] } ?? -1
                #expect(timers == 0)
            }
        }
    }

    @Test func `a department hears of a new batch and of an answer that went back`() async throws {
        let day = try #require(LocalDate("2018-11-02"))
        try await service { service in
            try await service.deliver(
                DepartmentAsked(deadline: UUID(), campaign: campaign, department: .police, dueOn: day, requests: 40, askedAt: now),
                AnswerReturned(deadline: UUID(), campaign: campaign, department: .police, dueOn: day, returnedAt: now))
            let bodies = try await service.store.work { try $0.query("SELECT body FROM notices ORDER BY template").map { try $0["body"] as String } }
            #expect(bodies.count == 2 && bodies[0].contains("被退回") && bodies[1].contains("40件"))
        }
    }

    // MARK: Answers

    @Test func `a tip is on the board until its answer is delivered, and goes one level up after its day`() async throws {
        let day = try #require(LocalDate("2018-10-23"))
        for (hours, isOverdue) in [(12.0, false), (25.0, true)] {
            let tip = TipID(UUID())
            try await withNotification(now: day.start + hours * 3600) { service in
                try await service.deliver(HouseholdTipRaised(tip: tip, household: household, campaign: campaign, number: 1, dueOn: day, raisedAt: now))
                try await service.fireTimers()
                let board = try await service.get("/v1/unanswered").json([LedgerRoutes.Unanswered].self)
                #expect(board.map(\.tip) == [tip])
                #expect(board.map(\.isOverdue) == [isOverdue])
                #expect(board.map(\.responsible) == [isOverdue ? "poverty_office" : "work_team"])
                let told = try await service.get("/v1/notices").json([NoticeRoutes.Envelope].self)
                #expect(told.filter { $0.audience == "office" }.count == (isOverdue ? 1 : 0))

                // Settled is not yet answered.
                try await service.deliver(HouseholdTipSettled(tip: tip, household: household, campaign: campaign, outcome: .dismissed, settledAt: now))
                #expect(try await service.get("/v1/unanswered").json([LedgerRoutes.Unanswered].self).count == 1)
                while try await service.runErrands() {}
                #expect(try await service.get("/v1/unanswered").json([LedgerRoutes.Unanswered].self).isEmpty)
            }
        }
    }

    @Test func `a tip that went elsewhere is answered from there`() async throws {
        let tip = TipID(UUID())
        let day = try #require(LocalDate("2018-10-23"))
        try await service { service in
            try await service.deliver(
                HouseholdTipRaised(tip: tip, household: household, campaign: campaign, number: 1, dueOn: day, raisedAt: now),
                HouseholdTipSettled(tip: tip, household: household, campaign: campaign, outcome: nil, settledAt: now))
            #expect(try await service.get("/v1/unanswered").json([LedgerRoutes.Unanswered].self).isEmpty)
        }
    }

    // MARK: Reading

    @Test func `a list of notices shows envelopes and no letter`() async throws {
        try await service { service in
            try await service.deliver(closed())
            let list = try await service.get("/v1/notices?household=\(household)").text
            #expect(list.contains("办理结果"))
            #expect(!list.contains("新识别"))
            #expect(!list.contains("body"))
        }
    }

    @Test func `the board counts notices by template and status`() async throws {
        let event = try confirmed()
        try await service { service in
            try await service.deliver(closed(), event)
            let board = try await service.get("/v1/board").json(NoticeRoutes.Board.self)
            // In the inbox and on paper.
            #expect(board.notices == ["case_closed": ["planned": 2], "case_confirmed": ["planned": 2]])
            #expect(board.announced == ["EXIT": 1])
        }
    }
}
