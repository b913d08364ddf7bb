/// One row of a sheet, as a person sees it.
package struct SheetRow: Equatable, Sendable {
    /// What the spreadsheet program or the editor shows beside it, counted from 1.
    package let line: Int
    package let cells: [String]
    /// Cells whose content nobody can vouch for, by position; their text is empty.
    package let unusable: [Int: Unusable]

    /// Why a cell cannot be taken, and how the sheet is mended.
    package struct Unusable: Equatable, Sendable {
        package let code: String
        package let reason: String

        package init(_ code: String, _ reason: String) { (self.code, self.reason) = (code, reason) }
    }

    package init(line: Int, cells: [String], unusable: [Int: Unusable] = [:]) {
        (self.line, self.cells, self.unusable) = (line, cells, unusable)
    }
}
