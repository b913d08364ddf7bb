import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import VerificationDomain

/// HTTP in for departments without software at the log: `lika courier` carries their open requests out and their signed answers
/// back, and the desk hands in what is signed there.
struct CourierRoutes {
    /// What the service does with an answer that comes by the log.
    let reactions: Reactions

    func add(to api: API) {
        api.get("/v1/departments/:department/open-requests", listOpenRequests)
        api.post("/v1/departments/:department/results") { call, work in try takeResult(call, work, reactions) }
    }
}

/// What the log holds about a question that a department has not answered yet, byte for byte: its answer names their digest. The
/// value may name persons; only who may read the department's topic may read this.
struct OpenMessage: Encodable {
    /// The `ce_id`, by which the next page goes on.
    let id: UUID
    let type: String
    let request: RequestID
    let household: HouseholdID
    let toldAt: Instant
    let traceparent: String?
    let value: String
}

private func listOpenRequests(_ call: Call, _ work: Work) throws -> Reply {
    let limit = try call.limit()
    let department = try call.carriedFor(in: work)
    work.noteReading(of: "open requests of \(department.slug)", for: "carried to the department")
    let open = try work.openMessages(to: department, after: call.query("after").flatMap(UUID.init), limit: limit)
    return try .page(open, next: open.count == limit ? open.last?.id.lowercased : nil, call: call)
}

/// What the carrier takes back to the department.
struct CourierReceipt: Codable {
    let request: RequestID
    /// SHA-256 of the answer's exact bytes.
    let digest: String
    let accepted: Bool
    /// Why it does not count, if it does not.
    let reason: String?
    /// It had come before, by courier or by the log.
    let repeated: Bool
    let receivedAt: Instant
}

/// The body is the answer's exact bytes; its attributes are headers, as CloudEvents 1.0 binds them to HTTP: `ce-id`, `ce-time` …, and
/// `jws`. From here on it is a record of the department's result topic.
private func takeResult(_ call: Call, _ work: Work, _ reactions: Reactions) throws -> Reply {
    let department = try call.carriedFor(in: work)
    let result: CarriedResult = try call.body()
    var headers = ["content-type": "application/json"]
    for name in ["specversion", "id", "source", "type", "time", "subject"] { headers["ce_\(name)"] = call.header("ce-\(name)") }
    for name in ["jws", "traceparent"] { headers[name] = call.header(name) }
    let handedIn = try reactions.handIn(
        call.bytes, topic: .result(from: department), key: result.household.rawValue, headers: headers, in: work)
    let digest = Fingerprint(of: call.bytes).rawValue
    guard let verdict = try work.courierVerdict(on: result.request, digest: digest, from: department) else {
        throw Invalid("", "never-judged", "its ce-id belongs to another answer, which was judged before")
    }
    return try .json(
        CourierReceipt(
            request: result.request, digest: digest, accepted: verdict.reason == nil, reason: verdict.reason,
            repeated: handedIn == .repeated, receivedAt: verdict.at))
}

private struct CarriedResult: Decodable {
    let request: RequestID
    let household: HouseholdID
}

extension Call {
    /// The department in the path, for the department itself at its desk, or for whoever carries for it under their name.
    fileprivate func carriedFor(in work: Work) throws -> Department {
        let department = try department()
        // The poverty office sends its courier; a department comes through its desk.
        if principal?.roles.contains(.povertyOffice) == true { return department }
        guard header("Authorization") != nil else {
            _ = try namedActor()
            throw Forbidden([.povertyOffice])
        }
        try work.deskKey(of: department, self)
        return department
    }
}

extension Work {
    /// In the order in which they were told, which the primary key follows. Questions that were answered or asked anew are left out.
    fileprivate func openMessages(to department: Department, after: UUID?, limit: Int) throws -> [OpenMessage] {
        try query(
            """
            SELECT o.id, o.type, r.id AS request, r.household, o.told_at, o.traceparent, o.data
            FROM outbox o JOIN requests r ON r.id = o.subject
            WHERE o.topic = \(Topic.request(to: department).name) AND r.status IN ('sent', 'overdue', 'sent_back', 'returned')
                AND (\(after)::uuid IS NULL OR o.id > \(after))
            ORDER BY o.id LIMIT \(limit)
            """
        ).map { row in
            OpenMessage(
                id: try row["id"], type: try row["type"], request: try row["request"], household: try row["household"],
                toldAt: try row["told_at"], traceparent: try row["traceparent"], value: try row["data"])
        }
    }

    /// What was made of exactly these bytes, and when they first came.
    fileprivate func courierVerdict(
        on request: RequestID, digest: String, from department: Department
    ) throws -> (reason: String?, at: Instant)? {
        let row = try first(
            """
            SELECT NULL::text AS reason, received_at FROM accepted_results WHERE request = \(request) AND digest = \(digest)
            UNION ALL
            SELECT reason, received_at FROM refused_results
            WHERE request = \(request) AND digest = \(digest) AND department = \(department)
            ORDER BY reason NULLS FIRST, received_at DESC LIMIT 1
            """)
        return try row.map { (try $0["reason"], try $0["received_at"]) }
    }
}
