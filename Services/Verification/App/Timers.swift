import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import VerificationDomain

let overdueTimer = "request.overdue"
let rerouteTimer = "file.reroute"

/// What is said to the departments of a campaign about its last day; each has a timer of its own.
enum AdmonitionTimer: String, CaseIterable {
    case remind = "deadline.remind"
    case miss = "deadline.miss"
    case escalate = "deadline.escalate"

    /// When it is due; nothing where it is switched off.
    func due(_ dueOn: LocalDate, _ settings: Admonition) -> Instant? {
        let morning = Admonition.hour * 3600
        return switch self {
        case .remind: settings.remindDays == 0 ? nil : (dueOn - settings.remindDays).start + morning
        case .miss: (dueOn + 1).start
        case .escalate: (dueOn + 1 + settings.escalateDays).start + morning
        }
    }

    func command(_ unanswered: Int) -> Deadline.Command {
        switch self {
        case .remind: .remind(unanswered: unanswered)
        case .miss: .miss(unanswered: unanswered)
        case .escalate: .escalate(unanswered: unanswered)
        }
    }
}

/// Clock in: the last day for an answer comes near, ends, and lies back. Silence is never consent, so a request only shows that
/// it is late; its department and the poverty office are told once for all of its requests.
let timers = AdmonitionTimer.allCases.reduce(
    Timers()
        .on(overdueTimer, batch: 100) { households, work in
            let unanswered = try work.unanswered(of: households.map(HouseholdID.init))
            try work.prefetch(Request.self, unanswered)
            for id in unanswered { try work.decide(Request.self, id) { try $0.deciding(.miss) } }
        }
        .on(rerouteTimer, batch: 100) { households, work in try reroute(households.map(HouseholdID.init), in: work) }
) { timers, admonition in
    timers.on(admonition.rawValue, batch: 1) { campaigns, work in
        for campaign in campaigns { try admonish(CampaignID(campaign), admonition, in: work) }
    }
}

/// Says it to every department that has not answered everything.
func admonish(_ campaign: CampaignID, _ admonition: AdmonitionTimer, in work: Work) throws {
    guard let dueOn = try work.holdLastDay(of: campaign) else { return }
    try work.tell(try work.unanswered(in: campaign).mapValues(admonition.command), of: campaign, dueOn)
}

extension Work {
    func scheduleAdmonitions(of campaign: CampaignID, dueOn: LocalDate, _ settings: Admonition) throws {
        for timer in AdmonitionTimer.allCases {
            if let due = timer.due(dueOn, settings) {
                try schedule(timer.rawValue, campaign.rawValue, at: due)
            } else {
                try unschedule(timer.rawValue, campaign.rawValue)
            }
        }
    }

    /// Requests that these households' departments have not answered though their day has ended; locked.
    func unanswered(of households: [HouseholdID]) throws -> [RequestID] {
        try query(
            """
            SELECT id FROM requests
            WHERE household = ANY(\(households)) AND status IN ('sent', 'sent_back', 'returned') AND due_on < \(today)
            ORDER BY id FOR NO KEY UPDATE
            """
        ).map { try $0["id"] }
    }
}
