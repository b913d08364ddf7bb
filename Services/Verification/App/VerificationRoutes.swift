import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
import ServiceKit
import VerificationDomain

/// HTTP in: the poverty office lets requests go out, looks at how far they are, and sends answers back.
struct VerificationRoutes {
    let plain: PlainPersons

    func add(to api: API) {
        api.post("/v1/batches", openBatch)
        api.get("/v1/board", showBoard)
        api.get("/v1/campaigns/:campaign/board", showCampaign)
        api.get("/v1/households/:household", showHousehold)
        api.get("/v1/refused-results", listRefused)
        api.post("/v1/requests/:request/send-back", sendBack)
    }

    private struct BatchOrder: Decodable {
        let campaign: CampaignID
    }

    private struct OpenedBatch: Encodable {
        let batch: UUID
        /// How many were not waiting to be sent already.
        let households: Int
    }

    /// Lets go what has been created so far (R16). Called again it takes what came since.
    private func openBatch(_ call: Call, _ work: Work) throws -> Reply {
        let order: BatchOrder = try call.body()
        guard try work.isIssued(order.campaign) else { throw NotFound("campaign \(order.campaign)") }
        let batch = OpenedBatch(batch: work.newID(), households: try work.queueCreated(of: order.campaign))
        try work.keepBatch(batch.batch, of: order.campaign, households: batch.households)
        if batch.households > 0, let dueOn = try work.holdLastDay(of: order.campaign) {
            try work.tell(try work.waiting(in: order.campaign).mapValues { .ask(requests: $0) }, of: order.campaign, dueOn)
        }
        work.wake(sendingName)
        return try .json(batch, status: .accepted)
    }

    private func showBoard(_ call: Call, _ work: Work) throws -> Reply { try .json(work.board(plain)) }

    private func showCampaign(_ call: Call, _ work: Work) throws -> Reply {
        try .json(work.campaignBoard(of: call.id("campaign"), plain))
    }

    private func showHousehold(_ call: Call, _ work: Work) throws -> Reply {
        let id: HouseholdID = try call.id("household")
        guard let standing = try work.standing(of: id, plain) else { throw NotFound("household") }
        return try .json(standing)
    }

    private struct Refused: Encodable {
        let id: RefusedResultID
        let department: Department
        let request: RequestID
        let reason: String
        let digest: String
        let receivedAt: Instant
    }

    private func listRefused(_ call: Call, _ work: Work) throws -> Reply {
        let limit = try call.limit()
        let refused = try work.refusedResults(after: call.query("after").flatMap(UUID.init), limit: limit).map {
            Refused(
                id: $0.id, department: $0.department, request: $0.request, reason: $0.reason, digest: $0.digest.rawValue,
                receivedAt: $0.receivedAt)
        }
        return try .page(refused, next: refused.count == limit ? refused.last?.id.description : nil, call: call)
    }

    // MARK: Answers that do not do

    private struct SendingBack: Decodable {
        let reason: Objection
        /// For the department, in words.
        let remark: String?
    }

    private struct SentBack: Encodable {
        let request: RequestID
        let status: String
        let reason: Objection
        let answerDigest: String
    }

    /// A named person returns an answer to its department, which is told, and may answer the same request again. An answer that
    /// had been accepted counts no more, and the household's question is open again.
    private func sendBack(_ call: Call, _ work: Work) throws -> Reply {
        let order: SendingBack = try call.body()
        guard order.reason.origin == .person else {
            throw Invalid("/reason", "reason.not-a-persons", "this is found by the service alone")
        }
        let remark = try order.remark.map { text in
            guard let remark = Remark.checked(text) else {
                throw Invalid("/remark", "text.form", "a remark has 1 to 200 characters, and no number that may be somebody's")
            }
            return remark
        }
        let (actor, id): (Actor, RequestID) = (try call.namedActor(), try call.id("request"))
        // The file first: everyone locks in that order.
        guard let household: HouseholdID = try work.first("SELECT household FROM requests WHERE id = \(id)")?["household"]
        else { throw NotFound("request") }
        try work.prefetch(VerificationFile.self, [household])
        let before = try work.get(Request.self, id)
        guard let answer = before.status.answer else { throw Request.Refusal.notAnswered }
        let now = try work.now
        try work.decide(Request.self, id) { try $0.deciding(.sendBack(order.reason, remark: remark, at: now)) }
        if before.status.accepted != nil {
            try work.decide(VerificationFile.self, household) { try $0.deciding(.change(.init(.sentBack, voided: [id])), at: now) }
        }
        try work.keepSentBack(id, answer.digest, order.reason, remark, by: actor)
        try work.tellReturn(to: before.check.department, of: before.campaign)
        return try .json(SentBack(request: id, status: "sent_back", reason: order.reason, answerDigest: answer.digest.rawValue))
    }
}
