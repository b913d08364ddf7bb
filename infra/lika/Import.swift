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
        let rows: Int
        let entered: Int
        let corrected: Int
        let unchanged: Int
        let refused: Int
        let faults: [SheetFault]

        func lines(_ file: String) -> [String] {
            ["\(file): rows=\(rows) entered=\(entered) corrected=\(corrected) unchanged=\(unchanged) refused=\(refused)"]
                + faults.map { "  line \($0.line)\($0.column.map { ", \($0)" } ?? ""): \($0.code): \($0.reason)" }
        }
    }

    @Option(help: "The campaign that the sheets belong to.")
    var campaign: String

    @Argument(help: "The folder with the sheets.")
    var folder: String

    func validate() throws {
        guard UUID(uuidString: campaign) != nil else { throw ValidationError("--campaign takes the campaign's id") }
    }

    func run() async throws {
        guard let round = UUID(uuidString: campaign) else { return }
        let suite = try Suite(round: campaign, patience: 60)
        for sheet in Sheet.all {
            let file = URL(filePath: folder, directoryHint: .isDirectory).appending(path: sheet.file)
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            let report = try await Self.send(sheet, Data(contentsOf: file), to: suite, campaign: round)
            for line in report.lines(sheet.file) { print(line) }
        }
    }

    /// Every call is a deed of its own: intake itself recognises what it has seen, and tells so.
    static func send(_ sheet: Sheet, _ bytes: Data, to suite: Suite, campaign: UUID) async throws -> Report {
        try await suite.post(
            .intake, "/v1/imports?campaign=\(campaign.uuidString.lowercased())&kind=\(sheet.kind)", bytes: bytes, contentType: "text/csv",
            deed: "import \(UUID())")
    }
}
