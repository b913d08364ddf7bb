import Contracts

/// The texts of all letters, as data: for each event and language an envelope and a body, each in the version that counts now,
/// and for each audience the fields that it may be told.
package struct LetterTexts: Equatable, Sendable {
    package struct Text: Codable, Equatable, Sendable {
        package let template: Letter.Template
        package let language: Letter.Language
        package let version: Int
        package let envelope: String
        package let body: String

        package init(template: Letter.Template, language: Letter.Language, version: Int, envelope: String, body: String) {
            (self.template, self.language, self.version) = (template, language, version)
            (self.envelope, self.body) = (envelope, body)
        }
    }

    /// As it lies in the program: `texts.json`.
    private struct File: Decodable {
        /// By audience.
        let fields: [String: [String]]
        let texts: [Text]
    }

    /// Where a text is at fault.
    package struct Misfit: Error, Equatable, Sendable {
        package let template: Letter.Template
        package let language: Letter.Language
        /// `envelope` or `body`.
        package let part: String
        package let fault: TextTemplate.Fault
    }

    /// A letter that nobody has written.
    package struct Missing: Error, Equatable, Sendable {
        package let template: Letter.Template
        package let language: Letter.Language
    }

    private struct Key: Hashable {
        let template: Letter.Template
        let language: Letter.Language
    }

    private let allowed: [Recipient.Audience: Set<String>]
    private var texts: [Key: Text]

    /// Reads and checks every text.
    /// - Throws: ``Misfit`` or ``Missing``: a program whose texts do not do does not start.
    package init(json: [UInt8]) throws {
        let file = try JSON.decode(File.self, from: json)
        allowed = Dictionary(uniqueKeysWithValues: Recipient.Audience.allCases.map { ($0, Set(file.fields[$0.rawValue] ?? [])) })
        texts = Dictionary(file.texts.map { (Key(template: $0.template, language: $0.language), $0) }) { $1 }
        for template in Letter.Template.allCases {
            for language in Letter.Language.allCases { try check(text(template, in: language)) }
        }
    }

    package func text(_ template: Letter.Template, in language: Letter.Language) throws -> Text {
        guard let text = texts[Key(template: template, language: language)] else { throw Missing(template: template, language: language) }
        return text
    }

    package var all: [Text] {
        texts.values.sorted { ($0.template.rawValue, $0.language.rawValue) < ($1.template.rawValue, $1.language.rawValue) }
    }

    /// With these in place of what they follow.
    package func replacing(with edited: [Text]) -> LetterTexts {
        var copy = self
        for text in edited { copy.texts[Key(template: text.template, language: text.language)] = text }
        return copy
    }

    /// Whether a text names only what its audience may see and its event says, and its envelope nothing.
    package func check(_ text: Text) throws {
        func part(_ name: String, _ check: () throws(TextTemplate.Fault) -> Void) throws {
            do { try check() } catch { throw Misfit(template: text.template, language: text.language, part: name, fault: error) }
        }
        let audience = text.template.audience
        try part("envelope") { () throws(TextTemplate.Fault) in
            if let field = try TextTemplate(text.envelope).fields.first {
                throw .init(code: .tellingEnvelope, at: field.at, reason: "an envelope says only that something is there; it names \(field.name)")
            }
        }
        try part("body") { () throws(TextTemplate.Fault) in
            for field in try TextTemplate(text.body).fields {
                if !text.template.fields.contains(field.name) {
                    throw .init(code: .unknownField, at: field.at, reason: "\(text.template.rawValue) says no \(field.name)")
                }
                if allowed[audience]?.contains(field.name) != true {
                    throw .init(code: .hiddenField, at: field.at, reason: "\(audience.rawValue) may not be told \(field.name)")
                }
            }
        }
    }

    /// What a tiding reads in a language.
    package func letter(_ tiding: Tiding, in language: Letter.Language = .chinese) throws -> Letter {
        let text = try text(tiding.template, in: language)
        return Letter(
            template: tiding.template, language: language, envelope: text.envelope,
            body: try TextTemplate(text.body).filled(with: tiding.values(in: language)))
    }
}
