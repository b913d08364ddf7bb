import Contracts
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// Kafka in: what happened elsewhere, and who is told.
let reactions = Reactions(service: "notification", purpose: "notices")
    .on(HouseholdPurged.self) { event, work in try forget(event, in: work) }
    .on(CampaignIssued.self) { event, work in try keepCampaign(event, in: work) }
    .on(WindowOpened.self) { event, work in try keepWindow(event, in: work) }
    .on(WindowExpired.self) { event, work in try remindOfRecall(event, in: work) }
    .on(HouseholdTipRaised.self) { event, work in
        try plan(.received(answerBy: event.dueOn), to: .sender(of: event.tip), in: work)
    }
    .on(HouseholdTipSettled.self) { event, work in
        // One that went elsewhere is answered from there.
        guard let outcome = event.outcome else { return }
        try plan(.answered(outcome), to: .sender(of: event.tip), in: work)
    }
    .on(CaseClosed.self) { event, work in
        try plan(
            .closed(event.kind, as: event.status, because: event.reason), to: .household(event.household), in: work)
    }
    .on(CaseConfirmed.self, loading: [.of(AnnouncedResult.self) { $0.case }]) { event, work in
        try plan(.confirmed(event.kind), to: .household(event.household), in: work)
        try announce(event, in: work)
    }

/// Plans the notice that the present message causes. The same message can only ever plan the same notice.
func plan(_ letter: Letter, to recipient: Recipient, in work: Work) throws {
    guard let message = work.message else { throw NotFound("message") }
    let id = NoticeID(about: message.id, of: message.subject, to: recipient.audience)
    guard try work.find(PersonalNotice.self, id) == nil else { return }
    try work.insert(PersonalNotice(id: id, recipient: recipient, letter: letter), telling: [])
    work.wake(deliveryName)
}

/// Puts a case that the county confirmed on its community's announcement.
func announce(_ event: CaseConfirmed, in work: Work) throws {
    guard try work.find(AnnouncedResult.self, event.case) == nil else { return }
    let line = try AnnouncedResult.Line(of: event)
    let announcement = try work.announcement(of: line.community, in: event.campaign)
    let decision = try AnnouncedResult.announcing(event, line: line, on: announcement, at: work.now)
    try work.insert(decision.state, telling: decision.events)
}

/// Tells the team that put the sheets up to take them down (R25).
func remindOfRecall(_ event: WindowExpired, in work: Work) throws {
    guard let window = try work.first("SELECT level FROM windows WHERE \"window\" = \(event.window)") else {
        throw NotFound("window \(event.window)")
    }
    // A window closes at the midnight that ends its last day.
    let lastDay = LocalDate(event.closesAt) - 1
    try plan(.recall(of: window["level"], after: lastDay), to: .workTeam(of: event.window), in: work)
}

/// Forgets what a household was told and how it is called.
func forget(_ event: HouseholdPurged, in work: Work) throws {
    try work.execute("UPDATE announced_results SET head_name = '' WHERE household = \(event.household)")
    try work.execute("UPDATE notices SET body = '' WHERE recipient = \(event.household)")
    try work.execute("UPDATE letters SET body = '' WHERE recipient = \(event.household)")
    try work.execute("DELETE FROM parked_messages WHERE key = \(event.household)")
}

func keepCampaign(_ event: CampaignIssued, in work: Work) throws {
    try work.execute(
        """
        INSERT INTO campaigns (campaign, year, subdistrict) VALUES (\(event.campaign), \(event.year), \(event.subdistrict))
        ON CONFLICT (campaign) DO UPDATE SET year = excluded.year, subdistrict = excluded.subdistrict
        """)
}

func keepWindow(_ event: WindowOpened, in work: Work) throws {
    try work.execute(
        """
        INSERT INTO windows ("window", campaign, level, division, closes_at)
        VALUES (\(event.window), \(event.campaign), \(event.level), \(event.division), \(event.closesAt))
        ON CONFLICT ("window") DO UPDATE SET closes_at = excluded.closes_at
        """)
}
