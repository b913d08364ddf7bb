import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// Tips come in, hold their case, and are answered.
struct TipRoutes {
    func add(to api: API) {
        api.post("/v1/tips", receive)
        api.get("/v1/tips", list)
        api.post("/v1/tips/:tip/answer", answer)
    }

    private struct Received: Decodable {
        /// The case it speaks of; without one it must name its campaign.
        let `case`: CaseID?
        let campaign: CampaignID?
    }

    private func receive(_ call: Call, _ work: Work) throws -> Reply {
        let received: Received = try call.body()
        let now = try work.now
        let subject = try received.case.map { try work.get(ReviewCase.self, $0) }
        guard let campaign = subject?.campaign ?? received.campaign else {
            throw Invalid("/campaign", "missing", "a tip that names no case names its campaign")
        }
        let tip = ReviewTip.received(TipID(work.newID()), about: subject, in: campaign, at: now)
        try work.insert(tip.state, telling: tip.events)
        if let subject { try work.decide(ReviewCase.self, subject.id) { $0.hearing(.tipReceived(tip.state.id), at: now) } }
        return try .json(TipView(tip.state), status: .created)
    }

    private struct Answer: Decodable {
        let outcome: TipOutcome
    }

    /// Locks windows before cases, as the timer does.
    private func answer(_ call: Call, _ work: Work) throws -> Reply {
        let id: TipID = try call.id("tip")
        let answer: Answer = try call.body()
        let now = try work.now
        let subject: CaseID? = try work.first("SELECT case_id FROM tips WHERE id = \(id)")?["case_id"]
        let windows = try subject.map { try work.windows(listing: $0) } ?? []
        try work.prefetch(PublicityWindow.self, windows)
        let tip = try work.decide(ReviewTip.self, id) { try $0.deciding(.answer(answer.outcome), at: now) }
        if let subject {
            try work.decide(ReviewCase.self, subject) { $0.hearing(.tipAnswered(id, answer.outcome), at: now) }
            try settle(windows, work)
        }
        return try .json(TipView(tip))
    }

    private enum State: String, CaseIterable {
        case open, answered
    }

    private func list(_ call: Call, _ work: Work) throws -> Reply {
        let state: State? = try call.choice("status")
        let isAnswered = state.map { $0 == .answered }
        let tips = try work.query(
            """
            SELECT \(unsafe: ReviewTip.columns) FROM tips
            WHERE \(isAnswered)::boolean IS NULL OR (answered_at IS NOT NULL) = \(isAnswered) ORDER BY due_on, id
            """
        ).map { TipView(try ReviewTip($0)) }
        return try .json(tips)
    }
}

private struct TipView: Encodable {
    let tip: TipID
    let campaign: CampaignID
    let `case`: CaseID?
    let investigator: ReviewTip.Investigator
    let receivedAt: Instant
    let dueOn: LocalDate
    let outcome: TipOutcome?
    let answeredAt: Instant?

    init(_ tip: ReviewTip) {
        self.tip = tip.id
        campaign = tip.campaign
        `case` = tip.case
        investigator = tip.investigator
        receivedAt = tip.receivedAt
        dueOn = tip.dueOn
        outcome = tip.status.answer?.outcome
        answeredAt = tip.status.answer?.at
    }
}
