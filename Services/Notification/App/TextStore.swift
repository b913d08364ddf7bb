import Contracts
import NotificationDomain
import Postgres
import Registry
import ServiceKit

extension LetterTexts {
    /// Those of the program itself. A program whose texts say what they may not does not start.
    static let builtIn: LetterTexts = {
        do { return try LetterTexts(json: PackageResources.texts_json) } catch { preconditionFailure("texts.json: \(error)") }
    }()
}

extension Work {
    /// The texts that count now.
    func texts() throws -> LetterTexts {
        let edited = try query("SELECT DISTINCT ON (template, language) * FROM texts ORDER BY template, language, version DESC").map { row in
            LetterTexts.Text(
                template: try row["template"], language: try row["language"], version: try row["version"], envelope: try row["envelope"],
                body: try row["body"])
        }
        return LetterTexts.builtIn.replacing(with: edited)
    }

    func keep(_ text: LetterTexts.Text) throws {
        try execute(
            """
            INSERT INTO texts (template, language, version, envelope, body, edited_by, edited_at)
            VALUES (\(text.template), \(text.language), \(text.version), \(text.envelope), \(text.body), \(deed.actor.description), \(now))
            """)
    }
}
