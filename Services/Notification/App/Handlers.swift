import Contracts
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// Kafka in: what happened elsewhere, and who is told.
func reactions(_ planning: Planning) -> Reactions {
    Reactions(service: "notification", purpose: "notices")
        .on(HouseholdPurged.self) { event, work in try forget(event, in: work) }
        .on(CampaignIssued.self) { event, work in try keepCampaign(event, in: work) }
        .on(DivisionNamed.self) { event, work in try work.keep(event) }
        .on(WindowOpened.self) { event, work in try keepWindow(event, in: work) }
        .on(WindowExtended.self) { event, work in
            try work.execute("UPDATE windows SET closes_at = \(event.closesAt) WHERE \"window\" = \(event.window)")
        }
        .on(WindowExpired.self) { event, work in try planning.remindOfRecall(event, in: work) }
        .on(WindowRecalled.self) { event, work in
            try work.execute("UPDATE windows SET recalled_at = \(event.recalledAt) WHERE \"window\" = \(event.window)")
            try work.unschedule(recallTimer, event.window.rawValue)
        }
        .on(CaseProposed.self) { event, work in
            try work.keep(event)
            try planning.assign(event, in: work)
        }
        .on(HouseholdTipRaised.self) { event, work in
            try work.promise(event)
            try planning.plan(.received(answerBy: event.dueOn), to: .sender(of: event.tip, in: event.division), in: work)
        }
        .on(HouseholdTipSettled.self) { event, work in
            // One that went elsewhere is answered from there.
            let answer = try event.outcome.map { try planning.plan(.answered($0), to: work.sender(of: event.tip), in: work) }
            try work.settlePromise(event, by: answer)
        }
        .on(CaseClosed.self) { event, work in
            let household = try work.recipient(event.household, in: event.division, name: event.headName)
            try planning.plan(.closed(event.kind, as: event.status, because: event.reason), to: household, in: work)
        }
        .on(CaseConfirmed.self, loading: [.of(AnnouncedResult.self) { $0.case }]) { event, work in
            try planning.plan(.confirmed(event.kind), to: .household(event.household, in: event.division, name: event.headName), in: work)
            try announce(event, in: work)
        }
        .on(DepartmentAsked.self) { event, work in
            try planning.tell(event.department, .asked(event.requests, of: event.department, dueOn: event.dueOn), in: event.campaign, work)
        }
        .on(AnswerReturned.self) { event, work in
            try planning.tell(event.department, .sentBack(to: event.department, dueOn: event.dueOn), in: event.campaign, work)
        }
        .on(DeadlineReminded.self) { event, work in
            let tiding = Tiding.deadline(.near, of: event.department, on: event.dueOn, unanswered: event.unanswered)
            try planning.tell(event.department, tiding, in: event.campaign, work)
        }
        .on(DeadlineMissed.self) { event, work in
            let tiding = Tiding.deadline(.missed, of: event.department, on: event.dueOn, unanswered: event.unanswered)
            try planning.tell(event.department, tiding, in: event.campaign, work)
        }
        .on(DeadlineEscalated.self) { event, work in
            let tiding = Tiding.deadline(.escalated, of: event.department, on: event.dueOn, unanswered: event.unanswered)
            try planning.plan(tiding, to: .povertyOffice(of: work.subdistrict(of: event.campaign)), in: work)
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

extension Planning {
    fileprivate func tell(_ department: Department, _ tiding: Tiding, in campaign: CampaignID, _ work: Work) throws {
        try plan(tiding, to: .department(department, of: work.subdistrict(of: campaign)), in: work)
    }

    /// Tells the team of a community that households came on a roster: once a day, however many they are (R4).
    fileprivate func assign(_ event: CaseProposed, in work: Work) throws {
        // A natural change is reported to the team, not found by it.
        guard event.kind.isPublicised, let community = event.division.enclosing(.community) else { return }
        let day = LocalDate(event.proposedAt)
        try plan(.surveys(since: day), to: .workTeam(of: community), cause: "surveys \(day) \(community.code)", of: event.campaign.rawValue, in: work)
    }

    /// Tells the team whose community's sheets these are to take them down (R25), and looks again when the day for it is over.
    fileprivate func remindOfRecall(_ event: WindowExpired, in work: Work) throws {
        guard let window = try work.first("SELECT level, division FROM windows WHERE \"window\" = \(event.window)") else {
            throw NotFound("window \(event.window)")
        }
        // A window closes at the midnight that ends its last day.
        let lastDay = LocalDate(event.closesAt) - 1
        try plan(.recall(of: window["level"], after: lastDay), to: .workTeam(of: window["division"]), in: work)
        try work.schedule(recallTimer, event.window.rawValue, at: recallAlarm(after: lastDay + 1))
    }
}

/// Forgets what a household was told and how it is called.
func forget(_ event: HouseholdPurged, in work: Work) throws {
    try work.execute("UPDATE announced_results SET head_name = '' WHERE household = \(event.household)")
    try work.execute("UPDATE notices SET body = '', addressee = NULL WHERE recipient = \(event.household)")
    try work.execute("UPDATE letters SET body = '' WHERE recipient = \(event.household)")
    try work.execute("DELETE FROM households WHERE household = \(event.household)")
    try work.execute("DELETE FROM ways WHERE recipient = \(event.household)")
    try work.execute("DELETE FROM languages WHERE recipient = \(event.household)")
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
