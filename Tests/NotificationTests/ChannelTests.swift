import Contracts
import Foundation
import HTTPTypes
import NotificationDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Notification

/// Channels that lead out of the suite, against a gateway that is a process of its own.
@Suite struct ChannelTests {
    let household = HouseholdID(UUID())
    let now = Instant(milliseconds: 1_541_203_200_000)

    func with(
        lookUp: Bool = true, perSecond: Int = 50, quiet: QuietHours = .none, at moment: Instant? = nil,
        _ body: (TestService, Gateway) async throws -> Void
    ) async throws {
        try await Gateway.with { gateway in
            let config = Config(
                sms: .init(url: "\(gateway.url)/messages", key: "k", canLookUp: lookUp, perSecond: perSecond, intake: gateway.url),
                webhook: .init(key: Array(Gateway.webhookKey), hosts: ["127.0.0.1"]),
                mail: .init(url: gateway.mailURL, from: "lika@office.example", needsTLS: false, perSecond: perSecond), quietHours: quiet)
            try await withNotification(config, now: moment) { try await body($0, gateway) }
        }
    }

    func closed(_ household: HouseholdID? = nil) -> CaseClosed {
        CaseClosed(case: CaseID(UUID()), household: household ?? self.household, kind: .new, status: .withdrawn, reason: "survey_not_met", closedAt: now)
    }

    func statuses(_ service: TestService, _ channel: PersonalNotice.Channel = .sms) async throws -> [String] {
        try await service.store.work { try $0.query("SELECT status FROM notices WHERE channel = \(channel) ORDER BY id").map { try $0["status"] } }
    }

    func smsNotice(_ service: TestService) async throws -> NoticeID {
        let id: NoticeID? = try await service.store.work { try $0.first("SELECT id FROM notices WHERE channel = 'sms'")?["id"] }
        return try #require(id)
    }

    /// As if its sender's time, and any wait, were over.
    func letTimePass(_ service: TestService) async throws {
        try await service.store.work { try $0.execute("UPDATE notices SET leased_until = leased_until - interval '1 hour', not_before = NULL") }
    }

    // MARK: Short messages

    @Test func `a household's telephone is told that something is there, not what, and its number is kept nowhere`() async throws {
        try await with { service, gateway in
            try await service.deliver(closed())
            while try await service.runErrands() {}
            let ledger = try await gateway.ledger()
            #expect(try await statuses(service) == ["delivered"])
            #expect(ledger.texts == ["您有一份办理结果，请凭本人身份证件到社区服务窗口查阅"])
            #expect(ledger.asked == [.init(purpose: "notification", households: 1)])
            let media = try await service.told(NoticeDelivered.self).map(\.medium)
            #expect(Set(media) == ["inbox", "sms"])
            let kept = try await service.store.work { try $0.query("SELECT n::text AS row FROM notices n").map { try $0["row"] as String } }
            #expect(!kept.contains { $0.firstMatch(of: /000\d{8}/) != nil && $0.contains(",000") })
        }
    }

    @Test func `what the gateway does not take waits and is sent once`() async throws {
        try await with { service, gateway in
            try await gateway.control(.init(mode: "busy"))
            try await service.deliver(closed())
            while try await service.runErrands() {}
            #expect(try await statuses(service) == ["planned"])
            try await gateway.control(.init())
            // It is too early.
            while try await service.runErrands() {}
            #expect(try await gateway.ledger().messages == 0)
            try await letTimePass(service)
            while try await service.runErrands() {}
            #expect(try await statuses(service) == ["delivered"])
            let ledger = try await gateway.ledger()
            #expect(ledger.messages == 1 && ledger.repeated == 0)
        }
    }

    @Test func `a gateway that dies after it has accepted is asked, and nothing is sent again`() async throws {
        try await with { service, gateway in
            try await gateway.control(.init(mode: "silent-after-accept"))
            try await service.deliver(closed())
            while try await service.runErrands() {}
            #expect(try await statuses(service) == ["delivered"])
            let ledger = try await gateway.ledger()
            #expect(ledger.messages == 1 && ledger.repeated == 0)
        }
    }

    @Test func `what a gateway cannot be asked about waits for a person, who sends it again or knows that it arrived`() async throws {
        try await with(lookUp: false) { service, gateway in
            try await gateway.control(.init(mode: "silent"))
            try await service.deliver(closed())
            while try await service.runErrands() {}
            try await letTimePass(service)
            try await gateway.control(.init())
            while try await service.runErrands() {}
            #expect(try await statuses(service) == ["unknown"])
            #expect(try await gateway.ledger().messages == 0)

            let notice = try await smsNotice(service)
            #expect(try await service.post("/v1/notices/\(notice)/send-again", [String: String]()).status == 200)
            while try await service.runErrands() {}
            #expect(try await statuses(service) == ["delivered"])
            #expect(try await gateway.ledger().messages == 1)
            #expect(try await service.post("/v1/notices/\(notice)/send-again", [String: String]()).status == 409)
            // It comes back, and stays failed until somebody sends it again.
            #expect(try await service.post("/v1/notices/\(notice)/return", [String: String]()).status == 200)
            #expect(try await statuses(service) == ["failed"])
        }
    }

    @Test func `an error of the gateway's own leaves the outcome unknown`() async throws {
        try await with(lookUp: false) { service, gateway in
            try await gateway.control(.init(mode: "broken"))
            try await service.deliver(closed())
            while try await service.runErrands() {}
            #expect(try await statuses(service) == ["unknown"])
            let notice = try await smsNotice(service)
            #expect(try await service.post("/v1/notices/\(notice)/arrival", [String: String]()).status == 200)
            #expect(try await statuses(service) == ["delivered"])
        }
    }

    @Test func `a refusal, a household without a telephone and one that wants no telling fail without a message`() async throws {
        let (silent, phoneless) = (HouseholdID(UUID()), HouseholdID(UUID()))
        try await with { service, gateway in
            try await gateway.control(.init(mode: "refuse", phoneless: ["\(phoneless)"]))
            try await service.deliver(closed(), closed(phoneless), closed(silent))
            let way = WayRoutes.Way(isOn: false, address: nil)
            #expect(try await service.call(.put, "/v1/recipients/household/\(silent)/ways/sms", JSON.encode(way), [:]).status == 204)
            while try await service.runErrands() {}
            #expect(try await statuses(service) == ["failed", "failed", "failed"])
            #expect(try await gateway.ledger().messages == 0)
            // From now on it is not even planned.
            try await service.deliver(closed(silent))
            #expect(try await statuses(service).count == 3)
            // Each of them is told by a letter instead.
            #expect(try await statuses(service, .letter) == ["planned", "planned", "planned", "planned"])
        }
    }

    @Test func `no telephone rings at night`() async throws {
        let day = LocalDate(daysSinceEpoch: 17_836)
        for (hour, expected) in [(23.0, "planned"), (9.0, "delivered")] {
            try await with(quiet: QuietHours(from: 21, to: 8), at: day.start + hour * 3600) { service, _ in
                try await service.deliver(closed())
                while try await service.runErrands() {}
                #expect(try await statuses(service) == [expected])
            }
        }
    }

    @Test func `all instances together keep a channel's pace`() async throws {
        try await with(perSecond: 5) { service, gateway in
            for _ in 0..<12 { try await service.deliver(closed(HouseholdID(UUID()))) }
            let began = ContinuousClock.now
            try await eventually(within: .seconds(30)) {
                while try await service.runErrands() {}
                return try await gateway.ledger().messages == 12 ? () : nil
            }
            // Five at once, and the other seven take 1.4 s.
            #expect(ContinuousClock.now - began > .seconds(1.2))
            #expect(try await gateway.ledger().repeated == 0)
        }
    }

    // MARK: E-mail

    let department = "/v1/recipients/department/police"

    func asked(_ requests: Int = 12) -> DepartmentAsked {
        DepartmentAsked(
            deadline: UUID(), campaign: CampaignID(UUID()), department: .police, dueOn: LocalDate(daysSinceEpoch: 17_837), requests: requests, askedAt: now)
    }

    func missed() -> DeadlineMissed {
        DeadlineMissed(
            deadline: UUID(), campaign: CampaignID(UUID()), department: .police, dueOn: LocalDate(daysSinceEpoch: 17_837), unanswered: 3, missedAt: now)
    }

    func put(_ service: TestService, _ path: String, _ body: some Encodable) async throws -> Int {
        try await service.call(.put, path, JSON.encode(body), [:]).status
    }

    func withMail(_ body: (TestService, Gateway) async throws -> Void) async throws {
        try await with { service, gateway in
            #expect(try await put(service, "\(department)/ways/email", WayRoutes.Way(isOn: true, address: "police@office.example")) == 204)
            try await body(service, gateway)
        }
    }

    @Test func `what is urgent goes out by e-mail at once, in Chinese and whole`() async throws {
        try await withMail { service, gateway in
            try await service.deliver(missed())
            while try await service.runErrands() {}
            let mails = try await gateway.ledger().mails
            #expect(mails.map(\.to) == ["police@office.example"] && mails.map(\.from) == ["lika@office.example"])
            #expect(mails.first?.subject == "您单位有核查工作待办")
            #expect(mails.first?.body.contains("仍有3件核查未答复") == true)
            #expect(try await statuses(service, .email) == ["delivered"])
        }
    }

    @Test func `what can wait is gathered into the next digest, and each notice of it is delivered`() async throws {
        try await withMail { service, gateway in
            try await service.deliver(asked(12), asked(7), missed())
            while try await service.runErrands() {}
            #expect(try await gateway.ledger().mails.count == 1)
            #expect(try await statuses(service, .email).sorted() == ["delivered", "planned", "planned"])
            try await letTimePass(service)
            while try await service.runErrands() {}
            let mails = try await gateway.ledger().mails
            #expect(mails.count == 2)
            #expect(mails.last?.subject == "您有2项工作提醒")
            #expect(mails.last?.body.contains("12件") == true && mails.last?.body.contains("7件") == true)
            #expect(try await statuses(service, .email) == ["delivered", "delivered", "delivered"])
        }
    }

    @Test func `a recipient's language is that of what is planned from then on`() async throws {
        try await withMail { service, gateway in
            #expect(try await put(service, "\(department)/language", WayRoutes.Tongue(language: .english)) == 204)
            try await service.deliver(missed())
            while try await service.runErrands() {}
            #expect(try await gateway.ledger().mails.map(\.subject) == ["There is verification work for your department"])
        }
    }

    @Test func `the mail server's word decides`() async throws {
        for (mode, status, answer) in [
            ("busy", "planned", "smtp-451"), ("refuse", "failed", "smtp-550"), ("broken", "failed", "smtp-554"), ("silent", "unknown", "no-answer"),
            ("silent-after-accept", "unknown", "no-answer"),
        ] {
            try await withMail { service, gateway in
                try await gateway.control(.init(mode: mode))
                try await service.deliver(missed())
                while try await service.runErrands() {}
                let row = try await service.store.work { try $0.first("SELECT status, answer FROM notices WHERE channel = 'email'").map { row in [try row["status"] as String, try row["answer"] as String] } }
                #expect(row == [status, answer], "\(mode)")
                #expect(try await gateway.ledger().mails.count == (mode == "silent-after-accept" ? 1 : 0))
            }
        }
    }

    @Test func `a mail server that is away is tried again`() async throws {
        let config = Config(mail: .init(url: "smtp://127.0.0.1:1", from: "lika@office.example", needsTLS: false))
        try await withNotification(config) { service in
            _ = try await put(service, "\(department)/ways/email", WayRoutes.Way(isOn: true, address: "police@office.example"))
            try await service.deliver(missed())
            while try await service.runErrands() {}
            #expect(try await statuses(service, .email) == ["planned"])
        }
    }

    @Test func `an address that could break a message's head, and a way that a recipient never has, are refused`() async throws {
        try await with { service, _ in
            for bad in ["a@b\r\nBcc: c@d", "a", "a@b@c", "@b", "a b@c", "<a@b>"] {
                let status = try await put(service, "\(department)/ways/email", WayRoutes.Way(isOn: true, address: bad))
                #expect(status == 422, "\(bad)")
            }
            #expect(try await put(service, "\(department)/ways/letter", WayRoutes.Way(isOn: true, address: nil)) == 422)
            #expect(try await put(service, "/v1/recipients/household/\(household)/ways/email", WayRoutes.Way(isOn: true, address: nil)) == 422)
            #expect(try await put(service, "/v1/recipients/work_team/530427001002/ways/email", WayRoutes.Way(isOn: true, address: "t@office.example")) == 204)
            #expect(try await put(service, "/v1/recipients/work_team/530427/ways/email", WayRoutes.Way(isOn: true, address: "t@office.example")) == 404)
        }
    }

    // MARK: Webhooks

    @Test func `a department's own program is told of its deadline, signed, and nobody else's address is taken`() async throws {
        try await with { service, gateway in
            let way = WayRoutes.Way(isOn: true, address: "\(gateway.url)/hooks")
            #expect(try await service.call(.put, "/v1/recipients/department/police/ways/webhook", JSON.encode(way), [:]).status == 204)
            for (bad, code) in [("http://10.0.0.1/", "not-allowed"), ("file:///etc/passwd", "not-allowed")] {
                let answer = try await service.call(
                    .put, "/v1/recipients/department/police/ways/webhook", JSON.encode(WayRoutes.Way(isOn: true, address: bad)), [:])
                #expect(answer.status == 422 && answer.text.contains(code))
            }
            let phone = WayRoutes.Way(isOn: true, address: "00012345678")
            #expect(try await service.call(.put, "/v1/recipients/household/\(household)/ways/sms", JSON.encode(phone), [:]).status == 422)

            try await service.deliver(
                DeadlineMissed(
                    deadline: UUID(), campaign: CampaignID(UUID()), department: .police, dueOn: LocalDate(daysSinceEpoch: 17_837), unanswered: 3,
                    missedAt: now))
            while try await service.runErrands() {}
            let hooks = try await gateway.ledger().hooks
            #expect(hooks.map(\.template) == ["deadline_missed"])
            #expect(hooks.first?.body.contains("3件") == true)
            #expect(try await statuses(service, .webhook) == ["delivered"])
        }
    }

    @Test func `a webhook with another key is refused by its receiver`() async throws {
        try await Gateway.with { gateway in
            let config = Config(webhook: .init(key: Array(repeating: 1, count: 32), hosts: ["127.0.0.1"]))
            try await withNotification(config) { service in
                let way = WayRoutes.Way(isOn: true, address: "\(gateway.url)/hooks")
                try await service.call(.put, "/v1/recipients/office/poverty_office/ways/webhook", JSON.encode(way), [:])
                try await service.deliver(
                    DeadlineEscalated(
                        deadline: UUID(), campaign: CampaignID(UUID()), department: .police, dueOn: LocalDate(daysSinceEpoch: 17_837), unanswered: 3,
                        escalatedAt: now))
                while try await service.runErrands() {}
                #expect(try await statuses(service, .webhook) == ["failed"])
                #expect(try await gateway.ledger().hooks.isEmpty)
            }
        }
    }
}
