import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

// Every tip and objection has its answer delivered, or somebody who answers for it and a day (R3, I15).

/// At the end of the promised day: what has no delivered answer then goes one level up.
let timers = Timers().on("answer.due") { tips, work in
    for row in try work.query(
        """
        UPDATE promises p SET responsible = 'poverty_office'
        WHERE tip = ANY(\(tips)) AND responsible = 'work_team' AND \(unsafe: isUnanswered) RETURNING tip, number, due_on
        """)
    {
        let tip: UUID = try row["tip"]
        try work.plan(
            .overdue(tip: try row["number"], since: try row["due_on"]), to: .povertyOffice, cause: "answer.due", of: tip, smsToHouseholds: false)
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
            INSERT INTO promises (tip, campaign, number, due_on, raised_at, responsible)
            VALUES (\(event.tip), \(event.campaign), \(event.number), \(event.dueOn), \(event.raisedAt), 'work_team') ON CONFLICT DO NOTHING
            """)
        try schedule("answer.due", event.tip.rawValue, at: (event.dueOn + 1).start)
    }

    /// - Parameter notice: That which brings the answer; nothing where it is answered from elsewhere.
    func settlePromise(_ event: HouseholdTipSettled, by notice: NoticeID?) throws {
        try execute("UPDATE promises SET settled_at = \(event.settledAt), notice = \(notice) WHERE tip = \(event.tip)")
    }
}
