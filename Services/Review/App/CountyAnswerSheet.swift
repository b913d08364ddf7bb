import Contracts
import Foundation
import Registry
import ReviewDomain
import Sheets

/// The sheet that goes to the county with a report and comes back with its answers.
struct CountyAnswerSheet {
    enum Answer: String, Codable, CaseIterable {
        case confirmed, rejected, returned

        var zh: String {
            switch self {
            case .confirmed: "同意"
            case .rejected: "不同意"
            case .returned: "退回"
            }
        }

        func command(reason: String?) -> ReviewCase.CountyAnswer {
            switch self {
            case .confirmed: .confirmed
            case .rejected: .rejected(reason: reason ?? "")
            case .returned: .returned
            }
        }

        /// Whether the case stands already where this answer sends it.
        func isSaid(of case: ReviewCase, reason: String?) -> Bool {
            switch self {
            case .confirmed: [.confirmed, .announced, .recorded].contains(`case`.status)
            case .rejected: `case`.status == .rejected && `case`.reason == reason
            case .returned: `case`.status == .reopened && `case`.suspended == .awaitingGate
            }
        }
    }

    struct Line {
        let line: Int
        let `case`: CaseID
        let answer: Answer
        let reason: String?
    }

    let lines: [Line]
    /// Rows without an answer.
    let blank: Int
    let faults: [Invalid.Fault]

    private static let headings = ["序号", "个案编号", "类别", "小组代码", "户主", "人数", "证明摘要", "县级意见", "原因代码"]
    private static let (caseColumn, answerColumn, reasonColumn) = (1, 7, 8)

    static var design: SheetDesign {
        SheetDesign("上报县级审定表", headings.enumerated().map { place, heading in
            switch place {
            case answerColumn: .init(heading, note: "同意、不同意或退回；空白表示尚未答复", choices: Answer.allCases.map(\.zh))
            case reasonColumn: .init(heading, note: "不同意时必填，如 exceeds_quota")
            default: .init(heading)
            }
        })
    }

    static func row(_ serial: Int, _ case: ReviewCase, _ digest: String) -> [String] {
        [
            "\(serial)", `case`.id.description, `case`.kind.label.zh, `case`.division.code, `case`.household.headName,
            "\(`case`.household.memberCount)", digest, "", "",
        ]
    }

    /// - Parameter bytes: A workbook, or CSV in UTF-8.
    init(_ bytes: [UInt8]) throws(SheetRefusal) {
        let rows = bytes.starts(with: [0x50, 0x4B]) ? try XLSXReader.rows(in: bytes) : try CSVReader.rows(in: bytes)
        guard let first = rows.first, first.cells.count >= Self.headings.count, Array(first.cells.prefix(Self.headings.count)) == Self.headings else {
            throw SheetRefusal("sheet.headings", "the first row must have the headings \(Self.headings.joined(separator: ", "))")
        }
        var (lines, faults, blank): ([Line], [Invalid.Fault], Int) = ([], [], 0)
        var answered: Set<CaseID> = []
        for row in rows.dropFirst() where row.cells.contains(where: { !$0.isEmpty }) {
            func cell(_ place: Int) -> String { place < row.cells.count ? row.cells[place].trimmingCharacters(in: .whitespaces) : "" }
            func refuse(_ column: Int, _ code: String, _ reason: String) {
                faults.append(.init("/\(row.line)/\(Self.headings[column])", code, reason))
            }
            guard let id = UUID(uuidString: cell(Self.caseColumn)) else {
                refuse(Self.caseColumn, "county.case", "the number of a case, as the report's sheet has it")
                continue
            }
            if cell(Self.answerColumn).isEmpty {
                blank += 1
                continue
            }
            guard let answer = Answer.allCases.first(where: { $0.zh == cell(Self.answerColumn) || $0.rawValue == cell(Self.answerColumn) }) else {
                refuse(Self.answerColumn, "county.answer", "one of \(Answer.allCases.map(\.zh).joined(separator: ", "))")
                continue
            }
            let reason = cell(Self.reasonColumn)
            if answer == .rejected, !reason.isReasonCode {
                refuse(Self.reasonColumn, "reason-code", "a rejection needs a reason as a code, such as exceeds_quota")
                continue
            }
            guard answered.insert(CaseID(id)).inserted else {
                refuse(Self.caseColumn, "duplicate", "this case has a row above")
                continue
            }
            lines.append(Line(line: row.line, case: CaseID(id), answer: answer, reason: reason.isEmpty ? nil : reason))
        }
        (self.lines, self.faults, self.blank) = (lines, faults, blank)
    }
}
