import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// A tip whose promised day is over goes to the level above whoever has it, and a level further with each working day, until it
/// is answered (R3: nothing may be forgotten).
enum TipEscalation {
    fileprivate static let timer = "tip.overdue"

    static func add(to timers: Timers) -> Timers {
        timers.on(timer) { tips, work in
            try work.prefetch(IntakeTip.self, tips.map { TipID($0) })
            for tip in tips { try work.escalate(TipID(tip)) }
        }
    }
}

extension Work {
    /// Looks again when the promised day is over.
    func watch(_ tip: IntakeTip) throws { try schedule(TipEscalation.timer, tip.id.rawValue, at: (tip.dueOn + 1).start) }

    /// The level that has last been told that it is overdue.
    func escalation(of tip: TipID) throws -> TipLevel? {
        try first("SELECT level FROM tip_escalations WHERE tip_id = \(tip) ORDER BY escalated_at DESC LIMIT 1")?["level"]
    }

    fileprivate func escalate(_ id: TipID) throws {
        let (now, today) = (try now, try today)
        guard let tip = try find(IntakeTip.self, id), tip.isOverdue(on: today) else { return }
        let usually = try campaign(tip.campaign).plan.tipInvestigator(on: today)
        guard let level = tip.level(escalatedFrom: try escalation(of: id), usually: usually) else { return }
        try execute(
            """
            INSERT INTO tip_escalations (tip_id, level, escalated_at) VALUES (\(id), \(level), \(now)) ON CONFLICT DO NOTHING
            """)
        Metrics.shared.add("lika_tips_escalated_total", 1, ["level": level.rawValue])
        if level.above != nil { try schedule(TipEscalation.timer, id.rawValue, at: today.adding(workingDays: 1).start) }
    }

    /// The household that a case of the campaign is about.
    func household(of case: CaseID, in campaign: CampaignID) throws -> HouseholdID? {
        try first("SELECT household_id FROM cases WHERE id = \(`case`) AND campaign_id = \(campaign)")?["household_id"]
    }
}
