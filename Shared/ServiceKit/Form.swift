import Contracts
import Foundation

/// What a page's form sent: `application/x-www-form-urlencoded`, or `multipart/form-data` (RFC 7578) where it holds a file.
package struct Form: Sendable {
    package struct File: Sendable {
        package let name: String
        package let contentType: String
        package let bytes: [UInt8]
    }

    private var texts: [String: [String]] = [:]
    private var files: [String: File] = [:]
    private var isText = true

    /// A field that is there and not blank.
    package func text(_ name: String) -> String? {
        let text = texts[name]?.first?.trimmingCharacters(in: .whitespacesAndNewlines)
        return text?.isEmpty == false ? text : nil
    }

    /// Every value of a field that may be chosen several times.
    package func all(_ name: String) -> [String] { texts[name] ?? [] }

    package func required(_ name: String) throws -> String {
        guard let text = text(name) else { throw Invalid("/\(name)", "missing", "this field must be filled") }
        return text
    }

    /// A file that was chosen; a form whose file field was left empty has none.
    package func file(_ name: String) throws -> File {
        guard let file = files[name], !file.bytes.isEmpty else { throw Invalid("/\(name)", "missing", "choose a file") }
        return file
    }

    /// What is the same when the same form is sent again: a browser separates the parts anew each time.
    var digest: String {
        var hashed: [UInt8] = []
        for (name, values) in texts.sorted(by: { $0.key < $1.key }) { hashed += Array("\(name)=\(values.joined(separator: "\u{0}"))\u{0}".utf8) }
        for (name, file) in files.sorted(by: { $0.key < $1.key }) { hashed += Array("\(name)=\(Digest.sha256(file.bytes))\u{0}".utf8) }
        return Digest.sha256(hashed)
    }

    init(_ bytes: [UInt8], contentType: String) throws {
        if contentType.hasPrefix("application/x-www-form-urlencoded") {
            readURLEncoded(bytes)
        } else if contentType.hasPrefix("multipart/form-data"), let boundary = Self.parameter("boundary", of: contentType) {
            try readParts(Data(bytes), Data("--\(boundary)".utf8))
        } else {
            throw Invalid("", "form.type", "a form is application/x-www-form-urlencoded or multipart/form-data")
        }
        try check()
    }

    /// No page of ours has more fields, and no text holds what a database could not keep.
    private func check() throws {
        guard texts.count + files.count <= Self.mostFields, texts.values.reduce(0, { $0 + $1.count }) <= Self.mostFields else {
            throw Invalid("", "form.fields", "a form has at most \(Self.mostFields) fields")
        }
        guard isText, !texts.contains(where: { $0.key.contains("\u{0}") || $0.value.contains { $0.contains("\u{0}") } }) else {
            throw Invalid("", "form.text", "what is written in a form is text in UTF-8 without NUL")
        }
    }

    private static let mostFields = 5_000

    private mutating func readURLEncoded(_ bytes: [UInt8]) {
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            texts[text(of: Self.plain(parts[0])), default: []].append(parts.count > 1 ? text(of: Self.plain(parts[1])) : "")
        }
    }

    /// Notes where it is none.
    private mutating func text(of bytes: some Collection<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        isText = false
        return ""
    }

    private static func plain(_ encoded: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = encoded[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return bytes
    }

    // MARK: Parts

    private mutating func readParts(_ bytes: Data, _ boundary: Data) throws {
        let (blank, end) = (Data("\r\n\r\n".utf8), Data("\r\n".utf8) + boundary)
        guard var place = bytes.range(of: boundary)?.upperBound else { throw Self.broken }
        while !bytes[place...].starts(with: Data("--".utf8)) {
            guard let gap = bytes.range(of: blank, in: place..<bytes.endIndex), let close = bytes.range(of: end, in: gap.upperBound - 2..<bytes.endIndex)
            else { throw Self.broken }
            // An empty part ends with the line that ends its head.
            let body = bytes[gap.upperBound..<max(gap.upperBound, close.lowerBound)]
            read(text(of: bytes[place..<gap.lowerBound]), body)
            place = close.upperBound
        }
    }

    private mutating func read(_ head: String, _ body: Data) {
        let fields = Dictionary(
            head.components(separatedBy: "\r\n").compactMap { line in
                line.firstIndex(of: ":").map { (line[..<$0].lowercased(), line[line.index(after: $0)...].trimmingCharacters(in: .whitespaces)) }
            }, uniquingKeysWith: { first, _ in first })
        guard let disposition = fields["content-disposition"], let name = Self.parameter("name", of: disposition) else { return }
        if let file = Self.parameter("filename", of: disposition) {
            files[name] = File(name: file, contentType: fields["content-type"] ?? "application/octet-stream", bytes: Array(body))
        } else {
            texts[name, default: []].append(text(of: body))
        }
    }

    private static let broken = Invalid("", "form.parts", "the parts of the form are cut off; send it again")

    private static func parameter(_ name: String, of header: String) -> String? {
        for part in header.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if pair.count == 2, pair[0].lowercased() == name { return pair[1].trimmingCharacters(in: CharacterSet(charactersIn: "\"")) }
        }
        return nil
    }
}
