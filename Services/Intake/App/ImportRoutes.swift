import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Sheets in: `POST /v1/imports?campaign=…&kind=registered|not_registered|survey|changes|measures` with `text/csv`.
///
/// One sheet is one transaction. Good rows are taken and every fault of the others is named; a sheet that cannot be read
/// changes nothing; the same sheet again changes nothing.
struct ImportRoutes {
    let vault: Vault

    enum Kind: String, CaseIterable {
        case registered
        case notRegistered = "not_registered"
        case survey, changes, measures
    }

    func add(to api: API) {
        api.post("/v1/imports", importSheet)
        api.get("/v1/imports", listImports)
    }

    func importSheet(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.queryID("campaign")
        return try .json(take(call.bytes, Self.kind(call.query("kind"), at: "?kind"), campaign, work).report, status: .created)
    }

    static func kind(_ text: String?, at pointer: String) throws -> Kind {
        guard let kind = text.flatMap(Kind.init(rawValue:)) else {
            throw Invalid(pointer, "code.unknown", "kind is one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return kind
    }

    func take(_ bytes: [UInt8], _ kind: Kind, _ campaign: CampaignID, _ work: Work) throws -> (id: UUID, report: ImportReport) {
        let campaign = try work.campaignAlone(campaign)
        var report =
            switch kind {
            case .registered: try RegisterImport(campaign: campaign, vault: vault, work: work).take(bytes, .registered)
            case .notRegistered: try RegisterImport(campaign: campaign, vault: vault, work: work).take(bytes, .notRegistered)
            case .survey: try SurveyImport(campaign: campaign, vault: vault, work: work).take(bytes)
            case .measures: try MeasureImport(campaign: campaign, vault: vault, work: work).take(bytes)
            case .changes: try ChangeImport(campaign: campaign, vault: vault, work: work).take(bytes)
            }
        report.faults.sort { ($0.line, $0.code) < ($1.line, $1.code) }
        let id = work.newID()
        try work.execute(
            """
            INSERT INTO imports (id, campaign_id, kind, digest, report)
            VALUES (\(id), \(campaign.id), \(kind), \(Digest.sha256(bytes)), \(JSONB(try JSON.encode(report))))
            """)
        return (id, report)
    }

    func listImports(_ call: Call, _ work: Work) throws -> Reply {
        struct Listed: Encodable {
            let kind: String
            let digest: String
            let at: Instant
            let report: ImportReport
        }
        let campaign: CampaignID = try call.queryID("campaign")
        return try .json(
            work.query("SELECT kind, digest, at, report FROM imports WHERE campaign_id = \(campaign) ORDER BY id").map { row in
                Listed(
                    kind: try row["kind"], digest: try row["digest"], at: try row["at"],
                    report: try JSON.decode(ImportReport.self, from: try row["report", as: JSONB.self].text))
            })
    }
}

/// What became of a sheet. `rows` are its lines, the other numbers households or, of changes, persons.
struct ImportReport: Codable, Equatable, Sendable {
    var rows = 0
    /// In the books for the first time in this campaign.
    var entered = 0
    var corrected = 0
    var unchanged = 0
    /// Left out for their faults.
    var refused = 0
    var ignoredColumns: [String] = []
    var faults: [SheetFault] = []

    init<Entry>(_ reading: SheetReading<Entry>) {
        (rows, refused, faults, ignoredColumns) = (reading.rows, reading.refused, reading.faults, reading.ignoredColumns)
    }

    mutating func refuse(_ new: [SheetFault]) {
        faults += new
        refused += 1
    }
}
