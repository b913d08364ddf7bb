import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets

/// An imported sheet with a status and a reason beside each row, for the clerk to mend and send again.
struct AnnotatedSheet {
    let format: SheetFormat
    private let upload: UUID
    private let id: ImportID
    private let outline: SheetOutline
    private let sheet: String?
    private let vault: Vault
    private let limits: SheetLimits
    private let work: Work

    enum Refusal: String, Contracts.Refusal {
        case notThrough = "intake.import-not-through"
        case unreadable = "intake.import-unreadable"
        /// Its bytes were destroyed when their time was over.
        case expired = "intake.import-expired"
        /// Such a sheet is not answered at once; its faults are listed with the import.
        case tooLarge = "intake.import-too-large"
    }

    /// Rows that are annotated while a client waits.
    private static let mostRows = 50_000
    /// Beyond the data, where a sheet that is sent again has them ignored.
    private static let headings = ["导入状态", "导入说明"]

    init(_ id: ImportID, _ vault: Vault, _ settings: ImportSettings, in work: Work) throws {
        guard let row = try work.first("SELECT state, upload_id, format, sheet, outline FROM imports WHERE id = \(id)") else { throw NotFound("import \(id)") }
        guard try [.done, .refused].contains(row["state", as: ImportReport.State.self]) else { throw Refusal.notThrough }
        guard let upload: UUID = try row["upload_id"] else { throw Refusal.expired }
        guard let outline: JSONB = try row["outline"] else { throw Refusal.unreadable }
        self.outline = try JSON.decode(SheetOutline.self, from: outline.text)
        guard self.outline.rows <= Self.mostRows else { throw Refusal.tooLarge }
        (self.id, self.upload, self.vault, self.work, limits) = (id, upload, vault, work, settings.limits)
        (format, sheet) = (try row["format"], try row["sheet"])
    }

    func write() throws -> [UInt8] {
        let rows = try rows()
        guard let first = rows.first else { return [] }
        // Columns of an earlier answer give way to this one's.
        let kept = first.cells.indices.filter { !Self.headings.contains(first.cells[$0]) }
        func cells(_ row: SheetRow) -> [String] { kept.map { $0 < row.cells.count ? row.cells[$0] : "" } }
        let (outcomes, reasons) = (try outcomes(), try reasons())
        func annotated(_ row: SheetRow) -> [String] {
            cells(row) + [outcomes[row.line]?.label ?? "", reasons[row.line] ?? ""]
        }
        var file = try SheetFile(format, SheetDesign(sheet ?? "Sheet1", (cells(first) + Self.headings).map { .init($0) }))
        for row in rows.dropFirst() { try file.append(annotated(row)) }
        return try file.finish()
    }

    private func rows() throws -> [SheetRow] {
        let bytes = try work.bytes(of: upload, vault)
        switch format {
        case .csv: return try CSVReader.rows(in: bytes, outline.encoding ?? .utf8, limits)
        case .xlsx: return try XLSXReader.rows(in: bytes, sheet: sheet, limits)
        }
    }

    private func outcomes() throws -> [Int: ImportOutcome] {
        var outcomes: [Int: ImportOutcome] = [:]
        for row in try work.query("SELECT firsts, lasts, outcomes FROM import_outcomes WHERE import_id = \(id)") {
            let (firsts, lasts): ([Int], [Int]) = (try row.array("firsts"), try row.array("lasts"))
            for ((first, last), name) in zip(zip(firsts, lasts), try row.array("outcomes", of: String.self)) {
                for line in first...last { outcomes[line] = ImportOutcome(rawValue: name) }
            }
        }
        return outcomes
    }

    private func reasons() throws -> [Int: String] {
        var reasons: [Int: String] = [:]
        for row in try work.query("SELECT line, \"column\", code, reason FROM import_faults WHERE import_id = \(id) ORDER BY number") {
            let code: String = try row["code"]
            let words = try [FaultWords.zh(code), row["reason"]].compactMap(\.self).joined(separator: " ")
            let text = "\(try row["column", as: String?.self].map { "\($0): " } ?? "")\(words) (\(code))"
            reasons[try row["line"], default: ""] += (reasons[try row["line"]] == nil ? "" : "; ") + text
        }
        return reasons
    }
}
