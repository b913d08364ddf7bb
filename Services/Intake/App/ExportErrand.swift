import Contracts
import IntakeDomain
import ServiceKit
import ServiceLifecycle
import Sheets

let exportingName = "exports.write"

/// Writes the sheets that were asked for, one after the other.
func exporting(vault: Vault, _ settings: ImportSettings) -> Errand {
    Errand(
        exportingName,
        claim: { work in try work.claimExport().map { [$0] } ?? [] },
        perform: { jobs, store in for job in jobs { try await ExportRun(job: job, vault: vault, settings: settings, store: store).perform() } },
        // Each step was recorded when it was done.
        record: { _, _ in })
}

/// One export from its beginning to its end, or until this instance stops or loses it.
struct ExportRun {
    let job: ExportJob
    let vault: Vault
    let settings: ImportSettings
    let store: Store

    /// Households of a page: a transaction of some tenths of a second.
    private static let pageHouseholds = 200
    /// Below the headings a workbook's sheet has room for no more.
    private static let workbookRows = 1_048_575

    func perform() async throws {
        var file = try SheetFile(job.format, job.kind.design)
        var (after, rows) = ("", 0)
        while true {
            if Task.isShuttingDownGracefully { return try await store.work { try $0.release(job) } }
            let (from, page) = (after, try await self.page(after: after))
            guard let page else { return }
            rows += page.rows.count
            if job.format == .xlsx, rows > Self.workbookRows { return try await store.work { try $0.fail(job, "export.rows") } }
            for row in page.rows { try file.append(row) }
            after = page.last
            if page.households < Self.pageHouseholds || page.last == from { break }
        }
        let bytes = try file.finish()
        try await store.work { work in try work.end(job, as: Uploads.kept(vault, settings).put(bytes, work)) }
    }

    private func page(after: String) async throws -> ExportPage? {
        try await store.work(deed: job.deed) { try $0.page(of: job, after: after, limit: Self.pageHouseholds, vault) }
    }
}
