import Contracts
import HTTPTypes
import ServiceKit
import Sheets

enum SheetFormat: String, Codable, Sendable {
    case csv, xlsx

    /// By how the file begins: archives and compound files are workbooks, whatever they are called.
    init(head: [UInt8]) { self = head.starts(with: [0x50, 0x4B]) || head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) ? .xlsx : .csv }

    /// `?format=`, or a workbook, which people open first.
    init(_ call: Call) throws {
        guard let format = SheetFormat(rawValue: call.query("format") ?? SheetFormat.xlsx.rawValue) else {
            throw SheetFormat.unknown(at: "?format")
        }
        self = format
    }

    static func unknown(at pointer: String) -> Invalid { Invalid(pointer, "code.unknown", "format is xlsx or csv") }
}

/// A sheet that is being written, in either form.
enum SheetFile {
    case csv(CSVWriter)
    case xlsx(XLSXWriter)

    init(_ format: SheetFormat, _ design: SheetDesign) throws {
        switch format {
        case .csv:
            var writer = CSVWriter()
            writer.append(design.columns.map(\.heading))
            self = .csv(writer)
        case .xlsx: self = .xlsx(try XLSXWriter(design))
        }
    }

    mutating func append(_ cells: [String]) throws {
        switch self {
        case .csv(var writer):
            // The writer must not be held twice, or each row would copy all before it.
            self = .csv(CSVWriter())
            writer.append(cells)
            self = .csv(writer)
        case .xlsx(let writer): try writer.append(cells)
        }
    }

    func finish() throws -> [UInt8] {
        switch self {
        case .csv(let writer): writer.bytes
        case .xlsx(let writer): try writer.finish()
        }
    }
}

extension Reply {
    /// A sheet for a person to keep.
    static func sheet(_ bytes: [UInt8], _ format: SheetFormat, name: String) -> Reply {
        let type = switch format {
        case .csv: "text/csv; charset=utf-8"
        case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
        return Reply(status: .ok, contentType: type, body: bytes).with(.contentDisposition, "attachment; filename=\"\(name).\(format.rawValue)\"")
    }
}
