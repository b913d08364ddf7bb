import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// A report to the county.
struct ReportOnFile: Encodable {
    let report: UUID
    let campaign: CampaignID
    /// 1 is the main report, each later one a supplement with gates of its own (domain.md section 12.12).
    let number: Int
    let reportedAt: Instant
    let cases: Int

    fileprivate init(_ report: UUID, _ campaign: CampaignID, number: Int, at moment: Instant, cases: Int) {
        (self.report, self.campaign, self.number, reportedAt, self.cases) = (report, campaign, number, moment, cases)
    }

    fileprivate init(_ row: Row) throws {
        self.init(try row["id"], try row["campaign"], number: try row["number"], at: try row["reported_at"], cases: try row["cases"])
    }
}

extension Work {
    private static let reports = """
        SELECT r.id, r.campaign, r.number, r.reported_at, (SELECT count(*) FROM certificates c WHERE c.report = r.id) AS cases FROM reports r
        """

    /// Files what has just been reported of a campaign, with the certificates of what stood for it.
    func file(_ ready: [ReviewCase], of campaign: CampaignID, at now: Instant) throws -> ReportOnFile {
        try numberAlone(in: campaign)
        let report = newID()
        let row = try first(
            """
            INSERT INTO reports (id, campaign, number, reported_at)
            SELECT \(report), \(campaign), coalesce(max(number), 0) + 1, \(now) FROM reports WHERE campaign = \(campaign) RETURNING number
            """)
        let texts = try ready.map { try JSON.encode(GateCertificate(of: $0, reportedAt: now)) }
        try execute(
            """
            INSERT INTO certificates (report, case_id, certificate, digest)
            SELECT \(report), * FROM unnest(\(ready.map(\.id)), \(texts.map { String(decoding: $0, as: UTF8.self) }), \(texts.map { Digest.sha256($0) }))
            """)
        return ReportOnFile(report, campaign, number: try row?["number"] ?? 1, at: now, cases: ready.count)
    }

    func reports() throws -> [ReportOnFile] {
        try query("\(unsafe: Self.reports) ORDER BY r.reported_at DESC, r.number DESC").map { try ReportOnFile($0) }
    }

    func report(_ id: ID<ReportOnFile>) throws -> ReportOnFile {
        guard let row = try first("\(unsafe: Self.reports) WHERE r.id = \(id)") else { throw NotFound("report \(id)") }
        return try ReportOnFile(row)
    }

    /// The cases of a report with their certificates' digests, in the order of a printed list.
    func reportedCases(of report: UUID) throws -> [(case: ReviewCase, digest: String)] {
        try query(
            """
            SELECT \(unsafe: ReviewCase.columns), k.digest FROM \(unsafe: ReviewCase.tables) JOIN certificates k ON k.case_id = c.id
            WHERE k.report = \(report) ORDER BY c.kind, c.division, h.head_name, c.id
            """
        ).map { (try ReviewCase($0), try $0["digest"]) }
    }

    /// The latest, where the county had returned the case.
    func certificate(of case: CaseID) throws -> (text: String, digest: String, reportedAt: Instant)? {
        try first(
            """
            SELECT k.certificate, k.digest, r.reported_at FROM certificates k JOIN reports r ON r.id = k.report
            WHERE k.case_id = \(`case`) ORDER BY r.reported_at DESC LIMIT 1
            """
        ).map { (try $0["certificate"], try $0["digest"], try $0["reported_at"]) }
    }
}
