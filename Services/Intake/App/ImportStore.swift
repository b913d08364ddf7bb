import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets

/// A sheet that an instance has in hand, and from which line on.
struct ImportJob: Sendable {
    let id: ImportID
    let campaign: IssuedCampaign
    let kind: ImportKind
    let upload: UUID
    let format: SheetFormat
    let sheet: String?
    let declared: SheetEncoding?
    let isDry: Bool
    let outline: SheetOutline?
    let line: Int
    let lease: UUID
    /// Whose sheet it is: what it changes is kept as theirs, and lies where they may.
    let deed: Deed
    let reach: Reach
}

/// What became of a sheet. `rows` are its lines, the outcomes households or, of changes, persons.
struct ImportReport: Codable, Equatable, Sendable {
    enum State: String, Codable, Sendable { case waiting, running, done, refused }

    let `import`: ImportID
    let kind: ImportKind
    let state: State
    let isDry: Bool
    let format: SheetFormat
    /// Known once it was read through.
    let encoding: SheetEncoding?
    let totalRows: Int?
    let rows: Int
    let entered: Int
    let corrected: Int
    let unchanged: Int
    let refused: Int
    let ignoredColumns: [String]
    let faultCount: Int
    let rowsPerSecond: Int?
    let secondsLeft: Int?
    let at: Instant
    /// A page of them, in the order of the sheet.
    var faults: [SheetFault]

    static let columns = """
        id, kind, state, dry, format, outline, rows, entered, corrected, unchanged, refused, ignored, faults, at,
        extract(epoch FROM coalesce(ended_at, clock_timestamp()) - began_at)::float8 AS seconds
        """

    init(_ row: Row) throws {
        let outline = try row["outline", as: JSONB?.self].map { try JSON.decode(SheetOutline.self, from: $0.text) }
        (`import`, kind, state, isDry) = (try row["id"], try row["kind"], try row["state"], try row["dry"])
        (format, encoding) = (try row["format"], outline?.encoding)
        totalRows = outline.map { max(0, $0.rows - 1) }
        (rows, entered, corrected) = (try row["rows"], try row["entered"], try row["corrected"])
        (unchanged, refused, faultCount) = (try row["unchanged"], try row["refused"], try row["faults"])
        (ignoredColumns, at, faults) = (try row.array("ignored"), try row["at"], [])
        let seconds = try row["seconds", as: Double?.self] ?? 0
        let rate = seconds > 0 ? Double(rows) / seconds : 0
        let left = max(0, (totalRows ?? 0) - rows)
        rowsPerSecond = rate > 0 ? Int(rate) : nil
        secondsLeft = state == .running && rate > 0 ? Int(Double(left) / rate) : nil
    }
}

extension Work {
    /// Real seconds for which an instance that falls silent keeps its import from the others.
    private static let leaseSeconds = 15
    /// After so many beginnings without getting further it is the sheet, or a bug.
    private static let mostAttempts = 5

    /// Puts a sheet in the queue of its campaign.
    func accept(
        _ upload: Upload, as kind: ImportKind, in campaign: CampaignID, sheet: String? = nil, encoding: SheetEncoding? = nil, isDry: Bool
    ) throws -> ImportID {
        let id = ImportID(newID())
        try execute(
            """
            INSERT INTO imports (id, campaign_id, kind, digest, upload_id, format, sheet, encoding, dry, state, actor, reach)
            VALUES (\(id), \(campaign), \(kind), \(upload.digest), \(upload.id), \(SheetFormat(head: upload.head)), \(sheet), \(encoding), \(isDry),
                \(ImportReport.State.waiting), \(deed.actor.description), \(reach.setting))
            """)
        wake(importingName)
        return id
    }

    /// The oldest import of a campaign in which none runs; whose instance fell silent goes on where it was.
    func claimImport() throws -> ImportJob? {
        let lease = UUID()
        guard let row = try first(
            """
            UPDATE imports SET state = 'running', lease = \(lease), leased_until = clock_timestamp() + \(Self.leaseSeconds) * interval '1 s',
                attempts = attempts + 1, began_at = coalesce(began_at, clock_timestamp())
            WHERE id = (
                SELECT i.id FROM imports i
                WHERE i.state IN ('waiting', 'running') AND (i.leased_until IS NULL OR i.leased_until < clock_timestamp())
                    AND NOT EXISTS (
                        SELECT FROM imports o WHERE o.campaign_id = i.campaign_id AND o.id <> i.id AND o.state IN ('waiting', 'running')
                            AND (o.id < i.id OR o.leased_until > clock_timestamp()))
                ORDER BY i.id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, campaign_id, kind, upload_id, format, sheet, encoding, dry, outline, line, attempts, actor, reach
            """)
        else { return nil }
        let job = ImportJob(
            id: try row["id"], campaign: try campaign(row["campaign_id"]), kind: try row["kind"], upload: try row["upload_id"], format: try row["format"],
            sheet: try row["sheet"], declared: try row["encoding"], isDry: try row["dry"],
            outline: try row["outline", as: JSONB?.self].map { try JSON.decode(SheetOutline.self, from: $0.text) }, line: try row["line"], lease: lease,
            deed: Deed(Actor(account: try row["actor"]), reason: "import \(try row["id", as: ImportID.self])"), reach: Reach(setting: try row["reach"]))
        if try row["attempts", as: Int.self] > Self.mostAttempts {
            try end(job, refusing: [SheetFault(job.line + 1, nil, "import.failed", "the service fails at this place; what stands further up was taken")])
            return nil
        }
        return job
    }

    /// Whether the import is still this instance's, and at the line where it believes it to be.
    func hold(_ job: ImportJob, at line: Int? = nil) throws -> Bool {
        try change(
            """
            UPDATE imports SET leased_until = clock_timestamp() + \(Self.leaseSeconds) * interval '1 s'
            WHERE id = \(job.id) AND lease = \(job.lease) AND state = 'running' AND (\(line) IS NULL OR line = \(line))
            """) == 1
    }

    /// Lets another instance go on at once.
    func release(_ job: ImportJob) throws {
        try execute("UPDATE imports SET leased_until = NULL, attempts = 0 WHERE id = \(job.id) AND lease = \(job.lease)")
    }

    func note(_ outline: SheetOutline, of job: ImportJob) throws {
        try execute("UPDATE imports SET outline = \(JSONB(try JSON.encode(outline))) WHERE id = \(job.id) AND lease = \(job.lease)")
    }

    func note(ignored: [String], of job: ImportJob) throws {
        try execute("UPDATE imports SET ignored = \(ignored) WHERE id = \(job.id) AND lease = \(job.lease)")
    }

    /// Keeps what became of a piece, and that the sheet was taken up to `line`.
    func note(_ piece: ImportPiece, of job: ImportJob, upTo line: Int) throws {
        try keep(piece.faults, of: job)
        if !piece.spans.isEmpty {
            try execute(
                """
                INSERT INTO import_outcomes (import_id, line, firsts, lasts, outcomes)
                VALUES (\(job.id), \(line), \(piece.spans.map(\.lines.lowerBound)), \(piece.spans.map(\.lines.upperBound)), \(piece.spans.map(\.outcome)))
                """)
        }
        if job.isDry, !piece.admitted.isEmpty {
            try execute(
                """
                INSERT INTO import_persons (import_id, id_hash, owner)
                SELECT \(job.id), * FROM unnest(\(piece.admitted.map(\.key.text)), \(piece.admitted.map(\.value))) ON CONFLICT DO NOTHING
                """)
        }
        try execute(
            """
            UPDATE imports SET line = \(line), attempts = 0, rows = rows + \(piece.rows), entered = entered + \(piece.count(.entered)),
                corrected = corrected + \(piece.count(.corrected)), unchanged = unchanged + \(piece.count(.unchanged)),
                refused = refused + \(piece.count(.refused))
            WHERE id = \(job.id)
            """)
    }

    private func keep(_ faults: [SheetFault], of job: ImportJob) throws {
        if faults.isEmpty { return }
        try execute(
            """
            INSERT INTO import_faults (import_id, number, line, "column", code, reason)
            SELECT i.id, i.faults + u.number, u.line, u.name, u.code, u.reason
            FROM imports i, unnest(\(faults.map(\.line)), \(faults.map(\.column)), \(faults.map(\.code)), \(faults.map(\.reason)))
                WITH ORDINALITY AS u (line, name, code, reason, number)
            WHERE i.id = \(job.id)
            """)
        try execute("UPDATE imports SET faults = faults + \(faults.count) WHERE id = \(job.id)")
    }

    /// The sheet is through, or cannot be read.
    func end(_ job: ImportJob, refusing faults: [SheetFault] = []) throws {
        try keep(faults, of: job)
        try execute(
            """
            UPDATE imports SET state = \(faults.isEmpty ? ImportReport.State.done : .refused), lease = NULL, leased_until = NULL, ended_at = clock_timestamp()
            WHERE id = \(job.id)
            """)
        if job.isDry { try execute("DELETE FROM import_persons WHERE import_id = \(job.id)") }
    }

    /// The number of the household in which each of these persons stands already, in the books or, of a dry run, further up.
    func owners(of persons: [PersonHash], also importing: ImportID) throws -> [PersonHash: String] {
        let rehearsed = try query("SELECT id_hash, owner FROM import_persons WHERE import_id = \(importing) AND id_hash = ANY(\(persons.map(\.text)))")
            .map { (PersonHash(try $0["id_hash"]), try $0["owner", as: String.self]) }
        return try owners(of: persons).merging(rehearsed) { inBooks, _ in inBooks }
    }

    func report(of id: ImportID) throws -> ImportReport {
        guard let row = try first("SELECT \(unsafe: ImportReport.columns) FROM imports WHERE id = \(id)") else { throw NotFound("import \(id)") }
        return try ImportReport(row)
    }

    /// A page of faults, and what goes into `?after=` for the next.
    func faults(of id: ImportID, after: Int, limit: Int) throws -> (faults: [SheetFault], next: Int?) {
        let rows = try query(
            """
            SELECT number, line, "column", code, reason FROM import_faults
            WHERE import_id = \(id) AND number > \(after) ORDER BY number LIMIT \(limit)
            """)
        let faults = try rows.map { SheetFault(try $0["line"], try $0["column"], try $0["code"], try $0["reason"]) }
        return (faults, rows.count == limit ? try rows.last?["number"] : nil)
    }
}
