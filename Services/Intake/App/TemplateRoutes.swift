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
        let format = try SheetFormat(call)
        return .sheet(try SheetFile(format, kind.design).finish(), format, name: kind.rawValue)
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
        case .measures: SheetDesign("帮扶措施", Self.columns(MeasureSheet.Column.allCases))
        }
    }

    private static func columns(_ columns: [some SheetColumn]) -> [SheetDesign.Column] {
        columns.map { column in
            let note = [column.element, column.note].compactMap(\.self).joined(separator: " ")
            return .init(column.rawValue, note: note.isEmpty ? nil : note, choices: column.choices)
        }
    }
}
