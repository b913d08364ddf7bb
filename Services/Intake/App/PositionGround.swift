import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// What positions are held against: the outlines of divisions, and whose account locates where. Every version is kept with who
/// set it, and why.
struct PositionGround {
    func add(to api: API) {
        api.get("/v1/divisions/:division/outline", showOutline)
        api.put("/v1/divisions/:division/outline", setOutline)
        api.get("/v1/position-accounts", listAccounts)
        api.put("/v1/position-accounts/:account", setAccount)
    }

    private struct Reason: Decodable {
        let reason: String
    }

    // MARK: Outlines

    private struct Drawn: Decodable {
        let corners: [Coordinates]
        let system: ReferenceSystem
    }

    private struct Shown: Encodable {
        let division: DivisionCode
        let version: Int
        /// In WGS-84.
        let corners: [Coordinates]
        let at: Instant
        let actor: String
        let reason: String
    }

    private func current(_ division: DivisionCode, _ work: Work) throws -> Shown? {
        try work.first("SELECT version, outline, at, actor, reason FROM outlines WHERE division = \(division) ORDER BY version DESC LIMIT 1").map { row in
            Shown(
                division: division, version: try row["version"], corners: try Outline(row).corners, at: try row["at"], actor: try row["actor"],
                reason: try row["reason"])
        }
    }

    func showOutline(_ call: Call, _ work: Work) throws -> Reply {
        let division = try call.knownDivision(work)
        guard let shown = try current(division, work) else { throw NotFound("outline of \(division)") }
        return try .json(shown).tagged(shown.version)
    }

    /// A ring of corners, or a box of four. The first has `If-Match: "0"`.
    func setOutline(_ call: Call, _ work: Work) throws -> Reply {
        let drawn = try call.body(Drawn.self)
        let reason = try call.reason(call.body(Reason.self).reason)
        let actor = try call.namedActor()
        let division = try call.knownDivision(work)
        let outline = try Outline(drawn.corners.map { $0.converted(from: drawn.system, to: .wgs84) }).checked()
        let before = try current(division, work)
        if let before, before.corners == outline.corners { return try .json(before).tagged(before.version) }
        try call.requireMatch(of: before?.version ?? 0)
        let shown = Shown(
            division: division, version: (before?.version ?? 0) + 1, corners: outline.corners, at: try work.now, actor: actor.description, reason: reason)
        try work.execute(
            """
            INSERT INTO outlines (division, version, outline, actor, reason)
            VALUES (\(division), \(shown.version), \(JSONB(try JSON.encode(outline))), \(actor.description), \(reason))
            """)
        return try .json(shown).tagged(shown.version)
    }

    // MARK: Accounts

    private struct Account: Encodable {
        let account: String
        /// Nothing of an account that is out of use.
        let division: DivisionCode?
        let version: Int
        let at: Instant
        let actor: String
        let reason: String

        init(_ row: Row) throws {
            (account, division, version) = (try row["account"], try row["division"], try row["version"])
            (at, actor, reason) = (try row["at"], try row["actor"], try row["reason"])
        }

        init(account: String, division: DivisionCode?, version: Int, at: Instant, actor: String, reason: String) {
            (self.account, self.division, self.version, self.at, self.actor, self.reason) = (account, division, version, at, actor, reason)
        }
    }

    func listAccounts(_ call: Call, _ work: Work) throws -> Reply {
        try .json(
            work.query("SELECT DISTINCT ON (account) account, division, version, at, actor, reason FROM position_accounts ORDER BY account, version DESC")
                .map(Account.init))
    }

    private struct Wanted: Decodable {
        let division: DivisionCode?
    }

    /// Gives the account to a subdistrict or community; `null` takes it out of use. The first has `If-Match: "0"`.
    func setAccount(_ call: Call, _ work: Work) throws -> Reply {
        let account = try call.parameter("account")
        let wanted = try call.body(Wanted.self)
        let reason = try call.reason(call.body(Reason.self).reason)
        let actor = try call.namedActor()
        let isName = (1...64).contains(account.utf8.count) && account.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._@-".contains($0)) }
        guard isName else { throw Invalid("/account", "account.format", "up to 64 letters, digits and . _ @ -") }
        if let division = wanted.division {
            guard PositionAccount(of: division) != nil else {
                throw Invalid("/division", "division.level", "an account is a subdistrict's or a community's")
            }
            guard try work.isKnown(division) else { throw Invalid("/division", "division.unknown", "no such division is known: PUT /v1/divisions first") }
        }
        let row = try work.first(
            "SELECT account, division, version, at, actor, reason FROM position_accounts WHERE account = \(account) ORDER BY version DESC LIMIT 1")
        let before = try row.map(Account.init)
        if let before, before.division == wanted.division { return try .json(before).tagged(before.version) }
        try call.requireMatch(of: before?.version ?? 0)
        let now = Account(
            account: account, division: wanted.division, version: (before?.version ?? 0) + 1, at: try work.now, actor: actor.description, reason: reason)
        try work.execute(
            """
            INSERT INTO position_accounts (account, version, division, actor, reason)
            VALUES (\(account), \(now.version), \(wanted.division), \(actor.description), \(reason))
            """)
        return try .json(now).tagged(now.version)
    }
}

extension Call {
    /// The division that the path names.
    func knownDivision(_ work: Work) throws -> DivisionCode {
        guard let division = DivisionCode(try parameter("division")), try work.isKnown(division) else { throw NotFound("division") }
        return division
    }
}

extension Work {
    func isKnown(_ division: DivisionCode) throws -> Bool { try first("SELECT code FROM divisions WHERE code = \(division)") != nil }
}
