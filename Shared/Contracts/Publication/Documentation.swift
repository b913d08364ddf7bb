import Foundation

/// What the doc comments of the sources say about types and their fields, so that the published contracts say it too.
///
/// Reads line by line and knows only what such sources need: doc comments, declarations, and braces outside of text.
package struct Documentation: Sendable {
    private var texts: [String: String] = [:]

    package init() {}

    package init(source: String) { read(source) }

    /// Of the sources below `root` that declare contracts and their vocabulary.
    package init(readingFrom root: URL) throws {
        for folder in ["Shared/Registry", "Shared/Contracts"] {
            let directory = root.appending(path: folder)
            for path in try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted() where path.hasSuffix(".swift") {
                read(try String(contentsOf: directory.appending(path: path), encoding: .utf8))
            }
        }
    }

    /// By the path of a declaration, such as `RequestSent.Person.name`.
    package subscript(_ declaration: String) -> String? { texts[declaration] }

    private mutating func read(_ source: String) {
        var comment: [Substring] = []
        var scopes: [(name: String, depth: Int)] = []
        var depth = 0
        for line in source.split(separator: "\n").map({ $0.drop(while: \.isWhitespace) }) {
            if line.hasPrefix("///") {
                comment.append(line.dropFirst(3).drop(while: \.isWhitespace))
                continue
            }
            if let declaration = Declaration(line) {
                let path = (scopes.map(\.name) + [declaration.name]).joined(separator: ".")
                if !comment.isEmpty, texts[path] == nil { texts[path] = Self.text(comment) }
                if declaration.isType { scopes.append((declaration.name, depth)) }
            }
            if !line.hasPrefix("@") { comment = [] }
            for character in Self.withoutText(line) {
                if character == "{" { depth += 1 }
                if character == "}" { depth -= 1 }
            }
            while let scope = scopes.last, depth <= scope.depth, line.contains("}") { _ = scopes.popLast() }
        }
    }

    /// The first paragraph as one line, with ``links`` as plain names.
    private static func text(_ comment: [Substring]) -> String {
        comment.prefix { !$0.isEmpty }.joined(separator: " ").replacing("``", with: "`")
    }

    private static func withoutText(_ line: Substring) -> String {
        line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 0 }.map { String($0.element) }.joined()
    }

    private struct Declaration {
        let name: String
        let isType: Bool

        init?(_ line: Substring) {
            var words = line.split(separator: " ")[...]
            while let word = words.first, ["package", "public", "private", "fileprivate", "static", "final", "indirect"].contains(word) {
                words = words.dropFirst()
            }
            guard let keyword = words.first, let name = words.dropFirst().first else { return nil }
            switch keyword {
            case "struct", "enum", "class", "protocol", "extension", "actor": isType = true
            case "let", "var", "case": isType = false
            default: return nil
            }
            let plain = name.filter { $0 != "`" }.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
            self.name = String(plain)
        }
    }
}
