import Contracts
import NotificationDomain
import ServiceKit

/// The texts of letters with a browser: read, tried out with invented values, and changed.
struct TextPages {
    func add(to api: API) {
        api.page("/texts", of: NotificationPages.all, showAll)
        api.page("/texts/:template/:language", of: NotificationPages.all) { call, work in try showOne(call, work, trying: nil) }
        api.search("/texts/:template/:language/preview", of: NotificationPages.all) { call, work in
            try showOne(call, work, trying: Self.wanted(call))
        }
        api.form("/texts/:template/:language", of: NotificationPages.all, change)
    }

    private struct All { let rows: [Row] }
    private struct Row {
        let template: String
        let language: String
        let name: Pages.Words
        let audience: Pages.Words
        let version: Int
        let body: String

        init(_ text: LetterTexts.Text) {
            (template, language) = (text.template.rawValue, text.language.rawValue)
            (name, audience) = (NoticeWords.of(text.template), NoticeWords.of(text.template.audience))
            (version, body) = (text.version, text.body)
        }
    }

    private func showAll(_ call: Call, _ work: Work) throws -> Reply {
        try NotificationPages.all.show("texts", All(rows: work.texts().all.map(Row.init)), for: call)
    }

    private struct One {
        let text: Row
        let envelope: String
        let body: String
        let fields: String
        let preview: TextRoutes.Preview
        let mayChange: Bool
    }

    private func showOne(_ call: Call, _ work: Work, trying wanted: TextRoutes.Wanted?) throws -> Reply {
        let texts = try work.texts()
        let (template, language) = try TextRoutes.named(call)
        let present = try texts.text(template, in: language)
        let wanted = wanted ?? .init(envelope: present.envelope, body: present.body)
        return try NotificationPages.all.show(
            "text",
            One(
                text: Row(present), envelope: wanted.envelope, body: wanted.body, fields: template.fields.sorted().map { "{{\($0)}}" }.joined(separator: " "),
                preview: TextRoutes.preview(of: wanted, for: template, in: language, among: texts),
                mayChange: call.may("POST /texts/:template/:language")),
            for: call)
    }

    private func change(_ call: Call, _ work: Work) throws -> Reply {
        let (template, language) = try TextRoutes.named(call)
        _ = try TextRoutes.change(Self.wanted(call), of: template, in: language, work)
        return .see("/texts/\(template.rawValue)/\(language.rawValue)")
    }

    private static func wanted(_ call: Call) throws -> TextRoutes.Wanted {
        let form = try call.form()
        return .init(envelope: try form.required("envelope"), body: try form.required("body"))
    }
}
