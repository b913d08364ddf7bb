import Contracts
import IntakeDomain
import Registry
import ServiceKit

/// What became of one entry of a sheet: a household, a survey, a change.
enum ImportOutcome: String, Codable, CaseIterable, Sendable {
    /// In the books for the first time in this campaign.
    case entered
    case corrected, unchanged
    /// Left out for its faults.
    case refused

    var label: String {
        switch self {
        case .entered: "已导入"
        case .corrected: "已更正"
        case .unchanged: "无变化"
        case .refused: "未导入"
        }
    }
}

/// One kind of sheet on its way into the books. A new kind is a form and one of these.
protocol SheetImport: Sendable {
    associatedtype Form: SheetForm
    var form: Form { get }

    /// Brings the entries of a piece in; what becomes of each is noted in the piece.
    func take(_ items: [SheetItem<Form.Entry>], into piece: inout ImportPiece, in work: Work) throws
}

/// A piece of a sheet in hand, and what became of its entries.
struct ImportPiece: Sendable {
    let importing: ImportID
    private(set) var spans: [(lines: ClosedRange<Int>, outcome: ImportOutcome)] = []
    private(set) var faults: [SheetFault] = []
    private(set) var rows = 0
    /// Persons who came into a household, for a dry run to remember.
    var admitted: [PersonHash: String] = [:]

    init(_ importing: ImportID) { self.importing = importing }

    func count(_ outcome: ImportOutcome) -> Int { spans.count { $0.outcome == outcome } }

    mutating func note(_ outcome: ImportOutcome, _ lines: [Int]) {
        guard let first = lines.first, let last = lines.last else { return }
        spans.append((first...last, outcome))
        rows += lines.count
    }

    mutating func refuse(_ lines: [Int], _ new: [SheetFault]) {
        note(.refused, lines)
        faults += new
    }

    /// The items without faults; the others are noted.
    mutating func usable<Entry>(_ items: [SheetItem<Entry>]) -> [(lines: [Int], entry: Entry)] {
        items.compactMap { item in
            if let entry = item.entry { return (item.lines, entry) }
            refuse(item.lines, item.faults)
            return nil
        }
    }

    /// In the order of the sheet, as a person mends it.
    mutating func sort() {
        faults.sort { ($0.line, $0.code) < ($1.line, $1.code) }
        spans.sort { $0.lines.lowerBound < $1.lines.lowerBound }
    }
}

enum SheetImported {}
typealias ImportID = ID<SheetImported>
