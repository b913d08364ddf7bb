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

    /// The new version counts for what is planned from now on.
    func changeText(_ call: Call, _ work: Work) throws -> Reply {
        let (text, texts) = try wanted(call, work)
        let present = try texts.text(text.template, in: text.language)
        // What already reads so stays the version that it is.
        if present.envelope == text.envelope, present.body == text.body { return try .json(present) }
        try work.keep(text)
        return try .json(text)
    }

    func preview(_ call: Call, _ work: Work) throws -> Reply {
        let (text, texts) = try wanted(call, work)
        let letter = try texts.replacing(with: [text]).letter(.sample(text.template), in: text.language)
        return try .json(Preview(envelope: letter.envelope, body: letter.body))
    }

    private func wanted(_ call: Call, _ work: Work) throws -> (LetterTexts.Text, LetterTexts) {
        guard let template = Letter.Template(rawValue: try call.parameter("template")) else { throw NotFound("template") }
        guard let language = Letter.Language(rawValue: try call.parameter("language")) else { throw NotFound("language") }
        let wanted: Wanted = try call.body()
        let texts = try work.texts()
        let version = try texts.text(template, in: language).version + 1
        let text = LetterTexts.Text(template: template, language: language, version: version, envelope: wanted.envelope, body: wanted.body)
        do { try texts.check(text) } catch let misfit as LetterTexts.Misfit {
            throw Invalid("/\(misfit.part)", misfit.fault.code.rawValue, "after \(misfit.fault.at) characters: \(misfit.fault.reason)")
        }
        return (text, texts)
    }
}
