import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// What a person decides of notices, and what still awaits an answer.
struct LedgerRoutes {
    func add(to api: API) {
        api.post("/v1/notices/:notice/send-again", sendAgain)
        api.post("/v1/notices/:notice/arrival", noteArrival)
        api.post("/v1/notices/:notice/return", noteReturn)
        api.get("/v1/unanswered", listUnanswered)
    }

    struct Standing: Codable, Sendable {
        let notice: NoticeID
        let status: String
    }

    /// Of a notice whose outcome nobody knows, or that failed: once more, on this person's word.
    func sendAgain(_ call: Call, _ work: Work) throws -> Reply { try order(.sendAgain, call, work) }
    /// Somebody knows that it arrived.
    func noteArrival(_ call: Call, _ work: Work) throws -> Reply { try order(.arrived, call, work) }
    /// It was taken and came back.
    func noteReturn(_ call: Call, _ work: Work) throws -> Reply { try order(.bounced, call, work) }

    private func order(_ command: PersonalNotice.Command, _ call: Call, _ work: Work) throws -> Reply {
        let notice = try work.order(command, of: call.id("notice"))
        return try .json(Standing(notice: notice.id, status: notice.status.rawValue))
    }

    /// A tip or objection without a delivered answer, the longest due first.
    struct Unanswered: Codable, Sendable {
        let tip: TipID
        let campaign: CampaignID
        let number: Int
        let dueOn: LocalDate
        let isOverdue: Bool
        /// `work_team`, and after its day the `poverty_office`.
        let responsible: String
        /// That which should have brought the answer, where there is one.
        let notice: NoticeID?
    }

    func listUnanswered(_ call: Call, _ work: Work) throws -> Reply { try .json(work.unanswered(limit: call.limit())) }
}

extension Work {
    @discardableResult
    func order(_ command: PersonalNotice.Command, of id: NoticeID) throws -> PersonalNotice {
        let notice = try settle(id, command)
        wake(deliveryName(notice.channel))
        return notice
    }

    func unanswered(limit: Int) throws -> [LedgerRoutes.Unanswered] {
        let today = try today
        return try query(
            "SELECT * FROM promises p WHERE (settled_at IS NULL OR notice IS NOT NULL) AND \(unsafe: isUnanswered) ORDER BY due_on, tip LIMIT \(limit)"
        ).map { row in
            let dueOn: LocalDate = try row["due_on"]
            return .init(
                tip: try row["tip"], campaign: try row["campaign"], number: try row["number"], dueOn: dueOn, isOverdue: dueOn < today,
                responsible: try row["responsible"], notice: try row["notice"])
        }
    }
}
