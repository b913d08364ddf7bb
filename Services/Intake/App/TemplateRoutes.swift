import Contracts
import HTTPTypes
import IntakeDomain
import Registry
import ServiceKit
import Sheets

/// Empty sheets to fill in: `GET /v1/templates/:kind[?format=xlsx|csv]`, with headings, dropdowns of the code lists and notes.
struct TemplateRoutes {
    func add(to api: API) {
        api.get("/v1/templates/:kind", showTemplate)
    }

    func showTemplate(_ call: Call, _ work: Work) throws -> Reply {
        guard let kind = ImportKind(rawValue: try call.parameter("kind")) else { throw NotFound("template") }
        guard let format = SheetFormat(rawValue: call.query("format") ?? SheetFormat.xlsx.rawValue) else {
            throw Invalid("?format", "code.unknown", "format is xlsx or csv")
        }
        return .sheet(try Self.write(kind.design, format), format, name: kind.rawValue)
    }

    private static func write(_ design: SheetDesign, _ format: SheetFormat) throws -> [UInt8] {
        switch format {
        case .csv:
            var writer = CSVWriter()
            writer.append(design.columns.map(\.heading))
            return writer.bytes
        case .xlsx: return try XLSXWriter(design).finish()
        }
    }
}

extension ImportKind {
    /// The sheet's name and its columns.
    fileprivate var design: SheetDesign {
        switch self {
        case .registered: SheetDesign("建档立卡户", Self.columns(RegisterSheet.Kind.registered.columns))
        case .notRegistered: SheetDesign("非建档立卡户", Self.columns(RegisterSheet.Kind.notRegistered.columns))
        case .survey: SheetDesign("入户调查", Self.columns(SurveySheet.Column.allCases))
        case .changes: SheetDesign("自然变更", Self.columns(ChangeSheet.Column.allCases))
        }
    }

    private static func columns(_ columns: [some SheetColumn]) -> [SheetDesign.Column] {
        columns.map { column in
            let note = [column.element, column.note].compactMap(\.self).joined(separator: " ")
            return .init(column.rawValue, note: note.isEmpty ? nil : note, choices: column.choices)
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
