/// A text with places for values, `您户的“{{kind}}”事项{{end}}。`: the part of Mustache that needs no logic.
///
/// What a value says is never read as a template, and there are no sections, partials or raw tags: a text can do nothing but
/// name fields, and so it can be checked for which.
package struct TextTemplate: Equatable, Sendable {
    private enum Piece: Equatable, Sendable {
        case words(String)
        case field(String)
    }

    private let pieces: [Piece]

    /// What is wrong with a text, and where.
    package struct Fault: Error, Equatable, Sendable {
        package let code: Code
        /// Characters before the fault; none for the text as a whole.
        package let at: Int
        package let reason: String

        package enum Code: String, CaseIterable, Sendable {
            case blank = "template.blank"
            case tooLong = "template.too-long"
            case unclosed = "template.unclosed"
            case noField = "template.no-field"
            /// The event says nothing of the kind.
            case unknownField = "template.unknown-field"
            /// It exists, and this audience may not see it.
            case hiddenField = "template.hidden-field"
            /// An envelope says only that something is there.
            case tellingEnvelope = "template.telling-envelope"
        }
    }

    package static let longest = 2_000

    package init(_ text: String) throws(Fault) {
        guard text.contains(where: { !$0.isWhitespace }) else { throw Fault(code: .blank, at: 0, reason: "the text is blank") }
        guard text.count <= Self.longest else { throw Fault(code: .tooLong, at: Self.longest, reason: "a text has at most \(Self.longest) characters") }
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            let at = text.distance(from: text.startIndex, to: open.lowerBound)
            if open.lowerBound > rest.startIndex { pieces.append(.words(String(rest[..<open.lowerBound]))) }
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else { throw Fault(code: .unclosed, at: at, reason: "{{ without }}") }
            let name = String(rest[open.upperBound..<close.lowerBound])
            guard !name.isEmpty, name.allSatisfy({ $0.isASCII && $0.isLetter }) else {
                throw Fault(code: .noField, at: at, reason: "between {{ and }} stands the name of a field, in letters, and nothing else")
            }
            pieces.append(.field(name))
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty { pieces.append(.words(String(rest))) }
        self.pieces = pieces
    }

    /// Its fields in order, each with the characters before it, counted in the template.
    package var fields: [(name: String, at: Int)] {
        var (found, at): ([(name: String, at: Int)], Int) = ([], 0)
        for piece in pieces {
            switch piece {
            case .words(let words): at += words.count
            case .field(let name):
                found.append((name, at))
                at += name.count + 4
            }
        }
        return found
    }

    /// The text with its values. A field without one stays empty: ``LetterTexts/check(_:)`` has seen to it that there are none.
    package func filled(with values: [String: String]) -> String {
        pieces.map { piece in
            switch piece {
            case .words(let words): words
            case .field(let name): values[name] ?? ""
            }
        }.joined()
    }
}
