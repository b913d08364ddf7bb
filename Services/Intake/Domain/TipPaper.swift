import Contracts
import Foundation
import Registry

/// What a tip says, in the words of whoever gave it: untrusted, and it may hold anybody's numbers (domain.md section 9).
package struct TipText: Concealed {
    package static var kind: String { "tip" }
    package let reveal: String

    /// 2 to 4,000 characters.
    package init?(_ text: String) {
        guard (2...4_000).contains(text.count) else { return nil }
        reveal = text
    }

    package var masked: Masked { .middle(of: String(reveal.prefix(2)), keeping: 0, 0) }
}

/// Who gave a tip, as far as they said so. Of an anonymous tip there is none.
package struct Tipster: Codable, Equatable, Sendable {
    package let name: String?
    /// A telephone, an address, whatever they can be reached by.
    package let contact: String?

    package init?(name: String?, contact: String?) {
        guard name != nil || contact != nil else { return nil }
        (self.name, self.contact) = (name, contact)
    }

    package var faults: [Invalid.Fault] {
        var faults: [Invalid.Fault] = []
        if let name, !(1...30).contains(name.count) { faults.append(.init("/tipster/name", "text.length", "a name of 1 to 30 characters")) }
        if let contact, !(1...100).contains(contact.count) { faults.append(.init("/tipster/contact", "text.length", "1 to 100 characters")) }
        if name == nil, contact == nil { faults.append(.init("/tipster", "missing", "a name, something to reach them by, or no tipster at all")) }
        return faults
    }
}

extension Tipster: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<tipster>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a tipster gets, and by which they ask later what became of their tip: 80 bits that nobody guesses, in Crockford's
/// letters and digits, which cannot be mistaken for each other when they are read aloud.
package struct ReceiptCode: Concealed {
    package static var kind: String { "receipt code" }
    /// Sixteen characters without hyphens.
    package let reveal: String

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    /// - Parameter bytes: Ten or more, of which the first ten are used.
    package init(_ bytes: [UInt8]) {
        var text = ""
        var (bits, count) = (0, 0)
        for byte in bytes.prefix(10) {
            (bits, count) = (bits << 8 | Int(byte), count + 8)
            while count >= 5 {
                count -= 5
                text.append(Self.alphabet[bits >> count & 31])
            }
            bits &= 31
        }
        reveal = text
    }

    /// As people write it: in small letters, with hyphens and blanks, `O` for zero, `I` and `L` for one.
    package init?(_ text: String) {
        let read = text.uppercased().filter { !"- \u{3000}\t".contains($0) }.map { character -> Character in
            switch character {
            case "O": "0"
            case "I", "L": "1"
            default: character
            }
        }
        guard read.count == 16, read.allSatisfy(Self.alphabet.contains) else { return nil }
        reveal = String(read)
    }

    /// `7K2M-9QXD-40RT-8WZB`
    package var written: String {
        stride(from: 0, to: 16, by: 4).map { String(reveal.dropFirst($0).prefix(4)) }.joined(separator: "-")
    }

    package var masked: Masked { .middle(of: reveal, keeping: 0, 4) }
}

/// An answer that anybody with a receipt code may read: it names nobody (section 5) and holds no number of a person.
package enum TipNotice {
    /// - Parameters:
    ///   - names: Of those whom the tip and the household are about, and of the tipster.
    ///   - phones: The office's own, which a notice may name.
    package static func faults(in text: String, naming names: [String], allowing phones: [String]) -> [Invalid.Fault] {
        var faults: [Invalid.Fault] = []
        func plain(_ text: String) -> String { text.precomposedStringWithCompatibilityMapping.filter { !$0.isWhitespace } }
        let written = plain(text)
        // One character alone would be found in half of all words.
        if names.map(plain).contains(where: { $0.count > 1 && written.contains($0) }) {
            faults.append(.init("/text", "notice.name", "a notice names neither the tipster nor anybody of the household"))
        }
        let rest = phones.filter { !$0.isEmpty }.reduce(text) { $0.replacing($1, with: "") }
        if rest.holdsPersonalNumber {
            faults.append(.init("/text", "notice.number", "a notice holds no number of eleven or more digits but the office's telephone"))
        }
        return faults
    }
}
