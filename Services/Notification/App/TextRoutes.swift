import Contracts
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// The texts of letters: what counts now, how a change would read, and the change itself.
struct TextRoutes {
    func add(to api: API) {
        api.get("/v1/texts") { _, work in try .json(work.texts().all) }
        api.put("/v1/texts/:template/:language", changeText)
        api.ask("/v1/texts/:template/:language/preview", preview)
    }

    struct Wanted: Codable, Sendable {
        let envelope: String
        let body: String
    }

    /// A text with invented values in its places.
    struct Preview: Codable, Sendable {
        let envelope: String
        let body: String
    }

    func changeText(_ call: Call, _ work: Work) throws -> Reply {
        let (template, language) = try Self.named(call)
        return try .json(Self.change(call.body(), of: template, in: language, work))
    }

    func preview(_ call: Call, _ work: Work) throws -> Reply {
        let (template, language) = try Self.named(call)
        return try .json(Self.preview(of: call.body(), for: template, in: language, among: work.texts()))
    }

    static func named(_ call: Call) throws -> (Letter.Template, Letter.Language) {
        guard let template = Letter.Template(rawValue: try call.parameter("template")) else { throw NotFound("template") }
        guard let language = Letter.Language(rawValue: try call.parameter("language")) else { throw NotFound("language") }
        return (template, language)
    }

    /// The new version counts for what is planned from now on. What already reads so stays the version that it is.
    static func change(_ wanted: Wanted, of template: Letter.Template, in language: Letter.Language, _ work: Work) throws -> LetterTexts.Text {
        let texts = try work.texts()
        let present = try texts.text(template, in: language)
        if present.envelope == wanted.envelope, present.body == wanted.body { return present }
        let text = try checked(wanted, template, language, version: present.version + 1, among: texts)
        try work.keep(text)
        return text
    }

    static func preview(of wanted: Wanted, for template: Letter.Template, in language: Letter.Language, among texts: LetterTexts) throws -> Preview {
        let text = try checked(wanted, template, language, version: 0, among: texts)
        let letter = try texts.replacing(with: [text]).letter(.sample(template), in: language)
        return Preview(envelope: letter.envelope, body: letter.body)
    }

    private static func checked(
        _ wanted: Wanted, _ template: Letter.Template, _ language: Letter.Language, version: Int, among texts: LetterTexts
    ) throws -> LetterTexts.Text {
        let text = LetterTexts.Text(template: template, language: language, version: version, envelope: wanted.envelope, body: wanted.body)
        do { try texts.check(text) } catch let misfit as LetterTexts.Misfit {
            throw Invalid("/\(misfit.part)", misfit.fault.code.rawValue, "after \(misfit.fault.at) characters: \(misfit.fault.reason)")
        }
        return text
    }
}
