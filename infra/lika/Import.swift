import ArgumentParser
import Contracts
import Foundation
import IntakeDomain

/// `lika import`: hands sheets to intake in the order in which they need each other, and prints what became of them.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hand the sheets of a folder to intake.",
        discussion: """
            Takes registered.csv, not-registered.csv, measures.csv, survey.csv and changes.csv, in this order, as far as the folder has \
            them. Good rows are taken; every fault of the others is named by line, column, code and reason. The same sheet \
            again changes nothing.
            """)

    /// A sheet, and what intake calls it.
    struct Sheet: Sendable {
        let file: String
        let kind: String

        static let all = [
            Sheet(file: "registered.csv", kind: "registered"), Sheet(file: "not-registered.csv", kind: "not_registered"),
            Sheet(file: "measures.csv", kind: "measures"), Sheet(file: "survey.csv", kind: "survey"),
            Sheet(file: "changes.csv", kind: "changes"),
        ]
    }

    struct Report: Decodable, Sendable {
        let `import`: UUID
        let state: String
        let rows: Int
        let entered: Int
        let corrected: Int
        let unchanged: Int
        let refused: Int
        let rowsPerSecond: Int?
        var faults: [SheetFault]

        func lines(_ file: String) -> [String] {
            ["\(file): rows=\(rows) entered=\(entered) corrected=\(corrected) unchanged=\(unchanged) refused=\(refused)"]
                + (state == "refused" ? ["  the sheet was not taken to its end"] : [])
                + faults.map { "  line \($0.line)\($0.column.map { ", \($0)" } ?? ""): \($0.code): \($0.reason)" }
        }

        var isThrough: Bool { state == "done" || state == "refused" }
    }

    private struct Accepted: Decodable {
        let `import`: UUID
    }

    @Option(help: "The campaign that the sheets belong to.")
    var campaign: String?

    @Option(help: "Instead of a campaign, its plan, which is issued if it is not yet.")
    var plan: String?

    @Argument(help: "The folder with the sheets.")
    var folder: String

    func validate() throws {
        guard (campaign == nil) != (plan == nil) else { throw ValidationError("name the campaign, or the plan that it is issued from") }
        if let campaign, UUID(uuidString: campaign) == nil { throw ValidationError("--campaign takes the campaign's id") }
    }

    func run() async throws {
        let suite = try await Suite(round: "import \(campaign ?? plan ?? "")", patience: 60)
        guard let round = try await campaign(on: suite) else { return }
        for sheet in Sheet.all {
            let file = URL(filePath: folder, directoryHint: .isDirectory).appending(path: sheet.file)
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            let report = try await Self.report(on: Self.send(sheet, Data(contentsOf: file), to: suite, campaign: round), from: suite, patience: 60)
            for line in report.lines(sheet.file) { print(line) }
        }
    }

    private func campaign(on suite: Suite) async throws -> UUID? {
        guard let plan else { return campaign.flatMap(UUID.init(uuidString:)) }
        return try await PovertyOffice(plan: Plan(reading: plan), suite: suite, sample: URL(filePath: folder), patience: 60).issuePlan().rawValue
    }

    /// Every call is a deed of its own: intake itself recognises what it has seen, and tells so.
    static func send(_ sheet: Sheet, _ bytes: Data, to suite: Suite, campaign: UUID) async throws -> UUID {
        try await suite.post(
            .intake, "/v1/imports?campaign=\(campaign.uuidString.lowercased())&kind=\(sheet.kind)", bytes: bytes, contentType: "text/csv",
            deed: "import \(UUID())", as: Accepted.self
        ).import
    }

    /// What became of a sheet, once it is through; for as long as it gets further.
    static func report(on id: UUID, from suite: Suite, patience: Double, progress: (Report) -> Void = { _ in }) async throws -> Report {
        let path = "/v1/imports/\(id.uuidString.lowercased())"
        var seen = -1
        while true {
            let report: Report = try await Waiting.until("an import to get further", atMost: patience, every: .milliseconds(30)) {
                let report = try await suite.get(.intake, path + "?limit=1", as: Report.self)
                return report.isThrough || report.rows != seen ? .there(report) : .notYet("\(report.state) after \(report.rows) rows")
            }
            seen = report.rows
            progress(report)
            if report.isThrough { return try await whole(path, suite) }
        }
    }

    /// With all faults, page by page.
    private static func whole(_ path: String, _ suite: Suite) async throws -> Report {
        var report = try await suite.get(.intake, path + "?limit=500", as: Report.self)
        while report.faults.count % 500 == 0, !report.faults.isEmpty {
            let page = try await suite.get(.intake, path + "?limit=500&after=\(report.faults.count)", as: Report.self)
            if page.faults.isEmpty { break }
            report.faults += page.faults
        }
        return report
    }
}
