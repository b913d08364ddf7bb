import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry

/// Commands that no one does alone, such as revoking a key: one account asks for it and another, which may do the same, confirms it.
/// The effect happens with the confirmation, in its transaction, on what there is then.
///
///     api.postByTwo("/v1/departments/:department/keys/:kid/revocation", named: .init("吊销密钥", "Revoke a key"), checking: …, revokeKey)
///
/// Its permission line says who may ask; who confirms or refuses must be one of them too, with the same places. A service that has
/// such a command has lines for `/v1/countersignings` as well, and, if it has pages, for `/countersignings`.
struct Countersigning: Sendable {
    static let listPath = "/v1/countersignings"
    static let confirmationPath = "/v1/countersignings/:countersigning/confirmation"
    static let refusalPath = "/v1/countersignings/:countersigning/refusal"

    /// A command that takes two people.
    struct Command: Sendable {
        let words: Pages.Words
        /// The page of what it is asked of, such as `/windows/:window`.
        let page: String?
        let handler: API.Handler
    }

    /// By their routes.
    let commands: [String: Command]
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
        api.post(Self.refusalPath) { call, work in try .json(refuse(call, work)) }
        if let pages = api.pages { CountersigningPage(countersigning: self, pages: pages).add(to: api) }
    }

    struct Shown: Encodable {
        let countersigning: UUID
        let route: String
        let address: String
        /// What was said with it: codes and days, never a person.
        let asked: JSONValue?
        let status: String
        let proposedBy: String
        let proposedAt: Instant
        let expiresAt: Instant
        let decidedBy: String?
        let decidedAt: Instant?

        init(_ row: Row) throws {
            (countersigning, route, address) = (try row["id"], try row["route"], try row["address"])
            let body = try row["body", as: Bytes.self].array
            asked = body.isEmpty ? nil : try JSON.decode(JSONValue.self, from: body)
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
        try .json(listed(for: call, all: call.query("all") == "true", work).map(\.shown))
    }

    /// The latest first, of what whoever calls may ask for as well.
    func listed(for call: Call, all: Bool = false, _ work: Work) throws -> [(shown: Shown, command: Command, path: [String: String])] {
        try work.query(
            "SELECT * FROM countersignings WHERE \(all) OR (status = 'open' AND expires_at > \(work.now)) ORDER BY id DESC LIMIT 500"
        ).compactMap { row in
            // An earlier version may have left one that nobody can confirm any more.
            guard commands[try row["route"]] != nil else { return nil }
            do {
                let (command, asked) = try admit(row, call, work)
                return (try Shown(row), command, asked.path)
            } catch is Forbidden { return nil }
        }
    }

    /// The command as the first person asked for it, in the name of whoever calls now, who must be allowed to ask for it too.
    private func admit(_ row: Row, _ call: Call, _ work: Work) throws -> (Command, Call) {
        let route: String = try row["route"]
        guard let command = commands[route] else { throw NotFound("countersigning") }
        if call.mustSignIn, let audience = permissions.audiences[route] { try audience.admit(call.principal) }
        let asked = Call(
            call, address: try row["address"], path: try JSON.decode([String: String].self, from: row["path", as: JSONB.self].text), bytes: try row["body", as: Bytes.self].array)
        try work.everywhere { try places.admit(asked, in: work) }
        return (command, asked)
    }

    @discardableResult
    func confirm(_ call: Call, _ work: Work) throws -> Reply {
        let (row, id, actor) = try open(call, work)
        let (first, route): (String, String) = (try row["proposed_by"], try row["route"])
        if first == actor.description { throw Refusal.own }
        let (command, asked) = try admit(row, call, work)
        work.deed.reason = "\(route), asked for by \(first)"
        let reply = try command.handler(asked, work)
        try decide(id, "confirmed", by: actor, work)
        return reply
    }

    /// The second person says no, or the first one thinks better of it.
    @discardableResult
    func refuse(_ call: Call, _ work: Work) throws -> Shown {
        let (row, id, actor) = try open(call, work)
        _ = try admit(row, call, work)
        try decide(id, "refused", by: actor, work)
        return try Self.shown(id, work)
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
