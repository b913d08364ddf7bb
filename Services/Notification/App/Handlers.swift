import Contracts
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// Kafka in: what happened elsewhere, and who is told.
func reactions(smsToHouseholds sms: Bool) -> Reactions {
    Reactions(service: "notification", purpose: "notices")
        .on(HouseholdPurged.self) { event, work in try forget(event, in: work) }
        .on(CampaignIssued.self) { event, work in try keepCampaign(event, in: work) }
        .on(WindowOpened.self) { event, work in try keepWindow(event, in: work) }
        .on(WindowExpired.self) { event, work in try remindOfRecall(event, in: work) }
        .on(HouseholdTipRaised.self) { event, work in
            try work.promise(event)
            try work.plan(.received(answerBy: event.dueOn), to: .sender(of: event.tip), smsToHouseholds: sms)
        }
        .on(HouseholdTipSettled.self) { event, work in
            // One that went elsewhere is answered from there.
            let answer = try event.outcome.map { try work.plan(.answered($0), to: .sender(of: event.tip), smsToHouseholds: sms) }
            try work.settlePromise(event, by: answer)
        }
        .on(CaseClosed.self) { event, work in
            try work.plan(.closed(event.kind, as: event.status, because: event.reason), to: .household(event.household), smsToHouseholds: sms)
        }
        .on(CaseConfirmed.self, loading: [.of(AnnouncedResult.self) { $0.case }]) { event, work in
            try work.plan(.confirmed(event.kind), to: .household(event.household), smsToHouseholds: sms)
            try announce(event, in: work)
        }
        .on(DeadlineReminded.self) { event, work in
            try work.plan(
                .deadline(.near, of: event.department, on: event.dueOn, unanswered: event.unanswered), to: .department(event.department), smsToHouseholds: sms)
        }
        .on(DeadlineMissed.self) { event, work in
            try work.plan(
                .deadline(.missed, of: event.department, on: event.dueOn, unanswered: event.unanswered), to: .department(event.department), smsToHouseholds: sms)
        }
        .on(DeadlineEscalated.self) { event, work in
            try work.plan(
                .deadline(.escalated, of: event.department, on: event.dueOn, unanswered: event.unanswered), to: .povertyOffice, smsToHouseholds: sms)
        }
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
    try work.plan(.recall(of: window["level"], after: lastDay), to: .workTeam(of: event.window), smsToHouseholds: false)
}

/// Forgets what a household was told and how it is called.
func forget(_ event: HouseholdPurged, in work: Work) throws {
    try work.execute("UPDATE announced_results SET head_name = '' WHERE household = \(event.household)")
    try work.execute("UPDATE notices SET body = '' WHERE recipient = \(event.household)")
    try work.execute("UPDATE letters SET body = '' WHERE recipient = \(event.household)")
    try work.execute("DELETE FROM ways WHERE recipient = \(event.household)")
    try work.forgetTold(about: event.household.rawValue)
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
