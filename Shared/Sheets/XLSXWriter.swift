import CXlsx
import Foundation

/// Writes a workbook row by row in constant memory. Every cell is text: an ID number keeps its digits, and nothing is a
/// formula. The only holder of libxlsxwriter's pointers.
package final class XLSXWriter {
    /// The library could not write; there is no room for its temporary file.
    package struct Failed: Error {
        let code: UInt32
    }

    private let folder: URL
    private let workbook: UnsafeMutablePointer<lxw_workbook>
    private let sheet: UnsafeMutablePointer<lxw_worksheet>
    private let cellFormat: UnsafeMutablePointer<lxw_format>?
    private var row: UInt32 = 1
    private var isClosed = false

    /// The rows below the headings that dropdowns are offered for.
    private static let lastRow: UInt32 = 1_048_575
    /// What a spreadsheet program takes as an address of cells, for lists of any length.
    private static let choicesSheet = "代码"

    package init(_ design: SheetDesign) throws {
        // Read by nobody else, and gone with this object.
        folder = FileManager.default.temporaryDirectory.appending(path: "lika-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = folder.path(percentEncoded: false)
        let opened = path.withCString { temporary in
            var options = lxw_workbook_options(constant_memory: 1, tmpdir: UnsafeMutablePointer(mutating: temporary), use_zip64: 0)
            return workbook_new_opt(path + "sheet.xlsx", &options)
        }
        guard let opened, let first = workbook_add_worksheet(opened, design.name) else { throw Failed(code: 1) }
        (workbook, sheet) = (opened, first)
        cellFormat = workbook_add_format(opened)
        format_set_font_name(cellFormat, "宋体")
        // Text, so that what is typed below stays as it is typed.
        format_set_num_format_index(cellFormat, 49)
        try writeHeadings(design.columns)
        writeChoices(design.columns)
    }

    deinit {
        if !isClosed { workbook_close(workbook) }
        // Leaving an empty folder behind harms nobody, and there is nobody to tell.
        do { try FileManager.default.removeItem(at: folder) } catch {}
    }

    private func writeHeadings(_ columns: [SheetDesign.Column]) throws {
        let heading = workbook_add_format(workbook)
        format_set_font_name(heading, "黑体")
        format_set_bold(heading)
        format_set_bottom(heading, UInt8(LXW_BORDER_THIN.rawValue))
        for (place, column) in columns.enumerated() {
            let place = UInt16(place)
            worksheet_set_column(sheet, place, place, column.width, cellFormat)
            try check(worksheet_write_string(sheet, 0, place, neutralised(column.heading), heading))
            if let note = column.note { try check(worksheet_write_comment(sheet, 0, place, note)) }
        }
        worksheet_freeze_panes(sheet, 1, 0)
    }

    /// Each list is a column of a sheet of its own, which the dropdown refers to.
    private func writeChoices(_ columns: [SheetDesign.Column]) {
        let lists = columns.enumerated().filter { !$0.element.choices.isEmpty }
        guard !lists.isEmpty, let choices = workbook_add_worksheet(workbook, Self.choicesSheet) else { return }
        worksheet_hide(choices)
        for line in 0..<(lists.map(\.element.choices.count).max() ?? 0) {
            for (place, list) in lists.enumerated() where line < list.element.choices.count {
                worksheet_write_string(choices, UInt32(line), UInt16(place), neutralised(list.element.choices[line]), cellFormat)
            }
        }
        for (place, list) in lists.enumerated() {
            let letters = CellAddress.text(place, 1).dropLast()
            "='\(Self.choicesSheet)'!$\(letters)$1:$\(letters)$\(list.element.choices.count)".withCString { formula in
                var validation = lxw_data_validation()
                validation.validate = UInt8(LXW_VALIDATION_TYPE_LIST_FORMULA.rawValue)
                validation.error_type = UInt8(LXW_VALIDATION_ERROR_TYPE_INFORMATION.rawValue)
                validation.value_formula = UnsafeMutablePointer(mutating: formula)
                worksheet_data_validation_range(sheet, 1, UInt16(list.offset), Self.lastRow, UInt16(list.offset), &validation)
            }
        }
    }

    package func append(_ cells: [String]) throws {
        for (place, cell) in cells.enumerated() where !cell.isEmpty {
            try check(worksheet_write_string(sheet, row, UInt16(place), neutralised(cell), cellFormat))
        }
        row += 1
    }

    /// The workbook's bytes; nothing can be added afterwards.
    package func finish() throws -> [UInt8] {
        isClosed = true
        try check(workbook_close(workbook))
        return Array(try Data(contentsOf: folder.appending(path: "sheet.xlsx")))
    }

    private func check(_ error: lxw_error) throws {
        if error != LXW_NO_ERROR { throw Failed(code: error.rawValue) }
    }
}
