import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

enum SheetExported {}
typealias ExportID = ID<SheetExported>

/// A sheet that an instance writes.
struct ExportJob: Sendable {
    let id: ExportID
    let campaign: IssuedCampaign
    let kind: ExportKind
    let format: SheetFormat
    let purpose: String
    let lease: UUID
    /// Who asked for it, and what they may see.
    let deed: Deed
    let reach: Reach
}

/// Where an export stands.
struct ExportReport: Codable, Equatable, Sendable {
    enum State: String, Codable, Sendable { case waiting, running, done, failed }

    let export: ExportID
    let kind: ExportKind
    let format: SheetFormat
    let within: DivisionCode?
    let purpose: String
    let actor: String
    let state: State
    /// Households gone through, and in all.
    let done: Int
    let total: Int
    let rows: Int
    let failure: String?
    let at: Instant
    /// Where the sheet is fetched, as long as it is kept.
    let file: String?

    static let columns = "id, kind, format, within, purpose, actor, state, done, total, rows, failure, at, upload_id"

    init(_ row: Row) throws {
        (export, kind, format, within) = (try row["id"], try row["kind"], try row["format"], try row["within"])
        (purpose, actor, state) = (try row["purpose"], try row["actor"], try row["state"])
        (done, total, rows) = (try row["done"], try row["total"], try row["rows"])
        (failure, at) = (try row["failure"], try row["at"])
        file = try row["upload_id", as: UUID?.self] == nil ? nil : "/v1/exports/\(export)/file"
    }
}

/// A page of households, as rows of the sheet.
struct ExportPage: Sendable {
    let rows: [[String]]
    /// The number of the last household.
    let last: String
    let households: Int
}

extension Work {
    /// Real seconds for which an instance that falls silent keeps its export from the others.
    private static let leaseSeconds = 30
    private static let mostAttempts = 3

    /// The oldest that nobody writes. One whose instance fell silent is begun anew: nothing of it was kept.
    func claimExport() throws -> ExportJob? {
        let lease = UUID()
        guard let row = try first(
            """
            UPDATE exports SET state = 'running', lease = \(lease), leased_until = clock_timestamp() + \(Self.leaseSeconds) * interval '1 s',
                attempts = attempts + 1, done = 0, rows = 0
            WHERE id = (
                SELECT id FROM exports WHERE state IN ('waiting', 'running') AND (leased_until IS NULL OR leased_until < clock_timestamp())
                ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, campaign_id, kind, format, purpose, actor, reach, attempts
            """)
        else { return nil }
        let id: ExportID = try row["id"]
        let job = ExportJob(
            id: id, campaign: try campaign(row["campaign_id"]), kind: try row["kind"], format: try row["format"],
            purpose: try row["purpose"], lease: lease, deed: Deed(Actor(account: try row["actor"]), reason: "export \(id)"),
            reach: Reach(setting: try row["reach"]))
        if try row["attempts", as: Int.self] > Self.mostAttempts {
            try fail(job, "export.failed")
            return nil
        }
        try stay(within: job.reach)
        let total: Int? = try first("SELECT count(*) AS total FROM \(unsafe: Self.chosen) WHERE x.id = \(id) AND h.standing = ANY(\(job.kind.standings))")?["total"]
        try execute("UPDATE exports SET total = \(total ?? 0) WHERE id = \(id)")
        return job
    }

    private static let chosen = "households h JOIN exports x ON x.campaign_id = h.campaign_id AND (x.within IS NULL OR h.division LIKE x.within || '%')"

    /// The next households behind the one with this number; nothing if the export is another instance's by now.
    func page(of job: ExportJob, after: String, limit: Int, _ vault: Vault) throws -> ExportPage? {
        try stay(within: job.reach)
        let ids: [HouseholdID] = try query(
            """
            SELECT h.id FROM \(unsafe: Self.chosen)
            WHERE x.id = \(job.id) AND h.standing = ANY(\(job.kind.standings)) AND h.number > \(after) ORDER BY h.number LIMIT \(limit)
            """
        ).map { try $0["id"] }
        let households = try exported(ids, for: job, vault)
        let rows = households.flatMap { job.kind.rows(of: $0) }
        let isOurs = try change(
            """
            UPDATE exports SET leased_until = clock_timestamp() + \(Self.leaseSeconds) * interval '1 s', done = done + \(ids.count), rows = rows + \(rows.count)
            WHERE id = \(job.id) AND lease = \(job.lease) AND state = 'running'
            """) == 1
        guard isOurs else { return nil }
        if job.kind.isIdentifying {
            try noteDisclosures(.export, of: households.map { ($0.record.id, $0.entry.members.count) }, for: job.purpose)
        }
        return ExportPage(rows: rows, last: households.last?.record.number ?? after, households: ids.count)
    }

    private func exported(_ ids: [HouseholdID], for job: ExportJob, _ vault: Vault) throws -> [ExportedHousehold] {
        if ids.isEmpty { return [] }
        let records = try HouseholdRecord.read(ids, locking: false, in: self).map(\.value).sorted { $0.number < $1.number }
        let entries = try entries(of: ids, vault)
        let openings = job.kind == .checklist ? try self.entries(of: ids, at: job.campaign.issuedAt, vault) : [:]
        let measures = job.kind == .measures ? try self.measures(of: ids, vault) : [:]
        let cases = job.kind == .cases ? try self.cases(of: ids, in: job.campaign.id) : [:]
        let pairs = try records.map { record in
            guard let entry = entries[record.id] else { throw NotFound("entry of \(record.id)") }
            return (record: record, entry: entry)
        }
        let joined = try joined(pairs, vault)
        return pairs.map { record, entry in
            let opening = openings[record.id]
            return ExportedHousehold(
                record: record, entry: entry.brought(upTo: record, joined: joined[record.id] ?? []),
                // What a household that is not registered began with, the national system does not know.
                opening: opening?.status == nil ? nil : opening, measures: measures[record.id] ?? [], cases: cases[record.id] ?? [])
        }
    }

    /// What is on file of each; or, with a moment, what was on file then, or was said first after it.
    private func entries(of households: [HouseholdID], at moment: Instant? = nil, _ vault: Vault) throws -> [HouseholdID: HouseholdEntry] {
        let rows = try query(
            """
            SELECT DISTINCT ON (e.household_id) e.household_id, e.version, e.sealed, \(unsafe: SQL.wrappedKey)
            FROM entries e LEFT JOIN household_keys k USING (household_id)
            WHERE e.household_id = ANY(\(households)) AND (\(moment) IS NOT NULL OR e.superseded_at IS NULL)
            ORDER BY e.household_id, e.at <= \(moment) DESC NULLS LAST, CASE WHEN e.at <= \(moment) THEN -e.version ELSE e.version END
            """)
        return try Dictionary(
            rows.map { row in
                let household: HouseholdID = try row["household_id"]
                return (household, try openedEntry(row, of: household, vault))
            }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Ends

    func end(_ job: ExportJob, as upload: Upload) throws {
        try execute(
            """
            UPDATE exports SET state = 'done', upload_id = \(upload.id), lease = NULL, leased_until = NULL
            WHERE id = \(job.id) AND lease = \(job.lease)
            """)
    }

    func fail(_ job: ExportJob, _ code: String) throws {
        try execute(
            "UPDATE exports SET state = 'failed', failure = \(code), lease = NULL, leased_until = NULL WHERE id = \(job.id) AND lease = \(job.lease)")
    }

    /// Lets another instance begin at once.
    func release(_ job: ExportJob) throws {
        try execute("UPDATE exports SET leased_until = NULL, attempts = attempts - 1 WHERE id = \(job.id) AND lease = \(job.lease)")
    }

    func exportReport(of id: ExportID) throws -> ExportReport {
        guard let row = try first("SELECT \(unsafe: ExportReport.columns) FROM exports WHERE id = \(id)") else { throw NotFound("export \(id)") }
        return try ExportReport(row)
    }
}
