import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry

/// Commands that no one does alone, such as revoking a key: one account asks for it and another, which may do the same, confirms it.
/// The effect happens with the confirmation, in its transaction, on what there is then.
///
///     api.postByTwo("/v1/departments/:department/keys/:kid/revocation", revokeKey)
///
/// Its permission line says who may ask; who confirms must be one of them too, with the same places. A service that has such a
/// command has lines for `/v1/countersignings` as well.
struct Countersigning: Sendable {
    static let listPath = "/v1/countersignings"
    static let confirmationPath = "/v1/countersignings/:countersigning/confirmation"
    static let refusalPath = "/v1/countersignings/:countersigning/refusal"

    /// The commands, by their routes.
    let handlers: [String: API.Handler]
    let permissions: Permissions
    let places: Places

    enum Refusal: String, Contracts.Refusal {
        /// Whoever asked for it cannot be the second person as well.
        case own = "countersigning.own"
        case alreadyAsked = "countersigning.already-asked"
        case decided = "countersigning.decided"
        case expired = "countersigning.expired"
    }

    /// Days of the plan for which somebody may confirm.
    private static let days = 3.0

    func add(to api: API) {
        api.get(Self.listPath, list)
        api.post(Self.confirmationPath) { call, work in try confirm(call, work) }
        api.post(Self.refusalPath) { call, work in try refuse(call, work) }
    }

    struct Shown: Encodable {
        let countersigning: UUID
        let route: String
        let address: String
        let status: String
        let proposedBy: String
        let proposedAt: Instant
        let expiresAt: Instant
        let decidedBy: String?
        let decidedAt: Instant?

        init(_ row: Row) throws {
            (countersigning, route, address) = (try row["id"], try row["route"], try row["address"])
            (status, proposedBy, proposedAt) = (try row["status"], try row["proposed_by"], try row["proposed_at"])
            (expiresAt, decidedBy, decidedAt) = (try row["expires_at"], try row["decided_by"], try row["decided_at"])
        }
    }

    /// What the first person asked for: 202, and where the second one finds it.
    static func propose(_ route: String, _ call: Call, _ work: Work) throws -> Reply {
        let actor = try call.namedActor()
        let (id, now) = (work.newID(), try work.now)
        try work.execute("DELETE FROM countersignings WHERE address = \(call.address) AND status = 'open' AND expires_at <= \(now)")
        let isNew = try work.change(
            """
            INSERT INTO countersignings (id, route, address, path, body, status, proposed_by, proposed_at, expires_at)
            VALUES (\(id), \(route), \(call.address), \(JSONB(try JSON.encode(call.path))), \(Bytes(call.bytes)), 'open', \(actor.description), \(now),
                \(now + days * 86_400))
            ON CONFLICT (address) WHERE status = 'open' DO NOTHING
            """) == 1
        guard isNew else { throw Refusal.alreadyAsked }
        return try .json(shown(id, work), status: .accepted).with(.location, "\(listPath)/\(id.lowercased)")
    }

    private static func shown(_ id: UUID, _ work: Work) throws -> Shown {
        guard let row = try work.first("SELECT * FROM countersignings WHERE id = \(id)") else { throw NotFound("countersigning") }
        return try Shown(row)
    }

    /// What waits for a second person; `?all=true` also what was decided.
    private func list(_ call: Call, _ work: Work) throws -> Reply {
        let all = call.query("all") == "true"
        return try .json(
            work.query("SELECT * FROM countersignings WHERE \(all) OR (status = 'open' AND expires_at > \(work.now)) ORDER BY id DESC LIMIT 500").map(Shown.init))
    }

    private func confirm(_ call: Call, _ work: Work) throws -> Reply {
        let (row, id, actor) = try open(call, work)
        let first: String = try row["proposed_by"]
        if first == actor.description { throw Refusal.own }
        let route: String = try row["route"]
        guard let handler = handlers[route] else { throw NotFound("countersigning") }
        let asked = Call(
            call, address: try row["address"], path: try JSON.decode([String: String].self, from: row["path", as: JSONB.self].text), bytes: try row["body", as: Bytes.self].array)
        if call.mustSignIn, let audience = permissions.audiences[route] { try audience.admit(call.principal) }
        try work.everywhere { try places.admit(asked, in: work) }
        work.deed.reason = "\(route), asked for by \(first)"
        let reply = try handler(asked, work)
        try decide(id, "confirmed", by: actor, work)
        return reply
    }

    /// The second person says no, or the first one thinks better of it.
    private func refuse(_ call: Call, _ work: Work) throws -> Reply {
        let (_, id, actor) = try open(call, work)
        try decide(id, "refused", by: actor, work)
        return try .json(Self.shown(id, work))
    }

    private func open(_ call: Call, _ work: Work) throws -> (Row, UUID, Actor) {
        let actor = try call.namedActor()
        guard let id = UUID(uuidString: try call.parameter("countersigning")),
            let row = try work.first("SELECT * FROM countersignings WHERE id = \(id) FOR UPDATE")
        else { throw NotFound("countersigning") }
        guard try row["status"] == "open" else { throw Refusal.decided }
        guard try row["expires_at", as: Instant.self] > work.now else { throw Refusal.expired }
        return (row, id, actor)
    }

    private func decide(_ id: UUID, _ status: String, by actor: Actor, _ work: Work) throws {
        try work.execute(
            "UPDATE countersignings SET status = \(status), decided_by = \(actor.description), decided_at = \(work.now) WHERE id = \(id)")
    }
}
