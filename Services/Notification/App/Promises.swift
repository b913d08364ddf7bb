import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

// What must not be forgotten: every tip and objection has its answer delivered, or somebody who answers for it and a day (R3, I15);
// every sheet of an expired window is accounted for, or somebody hears of it each day (R25).

let answerDayTimer = "answer.today"
let answerTimer = "answer.due"
let recallTimer = "recall.alarm"

/// The hour at which offices hear of what the day brings.
private let morning = 8.0 * 3600

/// The morning after the day on which the sheets were to be taken down.
func recallAlarm(after day: LocalDate) -> Instant { (day + 1).start + morning }

func timers(_ planning: Planning) -> Timers {
    Timers()
        // On the morning of the promised day.
        .on(answerDayTimer) { tips, work in
            for row in try work.query("SELECT tip, number, due_on, division FROM promises p WHERE tip = ANY(\(tips)) AND \(unsafe: isUnanswered)") {
                try planning.tellOffice(.due(tip: row["number"], on: row["due_on"]), of: row, cause: answerDayTimer, in: work)
            }
        }
        // At its end: what has no delivered answer then goes one level up.
        .on(answerTimer) { tips, work in
            for row in try work.query(
                """
                UPDATE promises p SET responsible = 'poverty_office'
                WHERE tip = ANY(\(tips)) AND responsible = 'work_team' AND \(unsafe: isUnanswered) RETURNING tip, number, due_on, division
                """)
            {
                try planning.tellOffice(.overdue(tip: row["number"], since: row["due_on"]), of: row, cause: answerTimer, in: work)
            }
        }
        // Each morning until every copy is accounted for.
        .on(recallTimer, batch: 100) { windows, work in
            let today = try work.today
            let hanging = try work.query(
                "SELECT \"window\", level, division, campaign, closes_at FROM windows WHERE \"window\" = ANY(\(windows)) AND recalled_at IS NULL")
            let names = try work.names(of: hanging.map { try $0["division"] as DivisionCode })
            for row in hanging {
                let (window, level, community): (UUID, PublicityLevel, DivisionCode) = (try row["window"], try row["level"], try row["division"])
                let lastDay = LocalDate(try row["closes_at"]) - 1
                let cause = "\(recallTimer) \(today)"
                try planning.plan(.recallOverdue(of: level, since: lastDay), to: .workTeam(of: community), cause: cause, of: window, in: work)
                try planning.plan(
                    .recallEscalated(of: level, in: names.full(community), since: lastDay), to: .povertyOffice(of: work.subdistrict(of: row["campaign"])), cause: cause,
                    of: window, in: work)
                try work.schedule(recallTimer, window, at: recallAlarm(after: today))
            }
        }
}

extension Planning {
    fileprivate func tellOffice(_ tiding: Tiding, of promise: Row, cause: String, in work: Work) throws {
        let place: DivisionCode? = try promise["division"]
        let subdistrict = try place?.enclosing(.subdistrict) ?? work.subdistrict()
        try plan(tiding, to: .povertyOffice(of: subdistrict), cause: cause, of: promise["tip"], in: work)
    }
}

/// Of a promise `p`: nobody has told the tipster, though an answer is owed from here.
let isUnanswered = """
    CASE WHEN p.settled_at IS NULL THEN true
         ELSE p.notice IS NOT NULL AND NOT EXISTS (SELECT FROM notices n WHERE n.id = p.notice AND n.status = 'delivered') END
    """

extension Work {
    func promise(_ event: HouseholdTipRaised) throws {
        try execute(
            """
            INSERT INTO promises (tip, campaign, number, due_on, raised_at, responsible, division)
            VALUES (\(event.tip), \(event.campaign), \(event.number), \(event.dueOn), \(event.raisedAt), 'work_team', \(event.division))
            ON CONFLICT (tip) DO UPDATE SET due_on = excluded.due_on, settled_at = NULL, notice = NULL
            """)
        let morning = event.dueOn.start + morning
        if try morning > now { try schedule(answerDayTimer, event.tip.rawValue, at: morning) }
        try schedule(answerTimer, event.tip.rawValue, at: (event.dueOn + 1).start)
    }

    /// - Parameter notice: That which brings the answer; nothing where it is answered from elsewhere.
    func settlePromise(_ event: HouseholdTipSettled, by notice: NoticeID?) throws {
        try execute("UPDATE promises SET settled_at = \(event.settledAt), notice = \(notice) WHERE tip = \(event.tip)")
    }

    /// Whoever holds the receipt of a tip.
    func sender(of tip: TipID) throws -> Recipient {
        .sender(of: tip, in: try first("SELECT division FROM promises WHERE tip = \(tip)")?["division"])
    }
}
