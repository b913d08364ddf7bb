/// Where one value, or one key, stands in the text.
struct Node {
    enum Kind: UInt8 {
        case null, `true`, `false`, integer, number, string
        /// A string with backslashes.
        case escaped
        case array, object
    }

    var kind: Kind
    /// Without the quotes of a string; with the brackets of a container.
    var start: UInt32
    var end: UInt32 = 0
    /// The node after this one and all that is in it. Zero while a container is open.
    var next: UInt32 = 0
    /// Of an object: the key that was asked for last. Of a key: a hash.
    var mark: UInt32 = 0
}

/// Walks the text once, checks all of it, and leaves a node for each value and key: an object's node is followed by
/// key, value, key, value.
struct Scanner {
    /// More nodes than a text of so many bytes can have, since a node takes two bytes once it is closed.
    static func capacity(for bytes: Int) -> Int { bytes / 2 + JSON.maximumDepth + 2 }

    private let text: UnsafeBufferPointer<UInt8>
    private let nodes: UnsafeMutableBufferPointer<Node>
    private var at = 0
    private(set) var count = 0

    init(_ text: UnsafeBufferPointer<UInt8>, into nodes: UnsafeMutableBufferPointer<Node>) {
        (self.text, self.nodes) = (text, nodes)
    }

    mutating func scan() throws(JSON.Failure) {
        try checkUTF8()
        try value(depth: 0)
        skipSpace()
        guard at == text.count else { throw JSON.Failure(.trailingBytes, offset: at) }
    }

    private func checkUTF8() throws(JSON.Failure) {
        let raw = UnsafeRawBufferPointer(text)
        var offset = 0
        while offset + 8 <= raw.count, raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 { offset += 8 }
        while offset < raw.count, raw[offset] < 0x80 { offset += 1 }
        guard offset < raw.count else { return }
        do {
            _ = try UTF8Span(validating: UnsafeBufferPointer(rebasing: text[offset...]).span)
        } catch {
            throw JSON.Failure(.invalidUTF8, offset: offset + error.byteOffsets.lowerBound)
        }
    }

    private mutating func value(depth: Int) throws(JSON.Failure) {
        skipSpace()
        switch try peek() {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "{"): try object(depth: depth + 1)
        case UInt8(ascii: "["): try array(depth: depth + 1)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "t"): try literal("true", .true)
        case UInt8(ascii: "f"): try literal("false", .false)
        case UInt8(ascii: "n"): try literal("null", .null)
        default: throw failure(.syntax)
        }
    }

    private mutating func array(depth: Int) throws(JSON.Failure) {
        let array = try open(.array, depth: depth)
        skipSpace()
        if try peek() == UInt8(ascii: "]") { return close(array) }
        while true {
            try value(depth: depth)
            skipSpace()
            switch try peek() {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"): return close(array)
            default: throw failure(.syntax)
            }
        }
    }

    private mutating func object(depth: Int) throws(JSON.Failure) {
        let object = try open(.object, depth: depth)
        var keys = KeySet()
        skipSpace()
        if try peek() == UInt8(ascii: "}") { return close(object) }
        while true {
            skipSpace()
            guard try peek() == UInt8(ascii: "\"") else { throw failure(.syntax) }
            let key = count
            try string()
            nodes[key].mark = keys.hash(nodes[key], in: text)
            guard keys.insert(key, of: object, nodes, text) else { throw failure(.duplicateKey, at: Int(nodes[key].start) - 1) }
            skipSpace()
            guard try peek() == UInt8(ascii: ":") else { throw failure(.syntax) }
            at += 1
            try value(depth: depth)
            skipSpace()
            switch try peek() {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"): return close(object)
            default: throw failure(.syntax)
            }
        }
    }

    private mutating func open(_ kind: Node.Kind, depth: Int) throws(JSON.Failure) -> Int {
        guard depth <= JSON.maximumDepth else { throw failure(.tooDeep) }
        append(Node(kind: kind, start: UInt32(at)))
        at += 1
        return count - 1
    }

    private mutating func close(_ container: Int) {
        at += 1
        nodes[container].end = UInt32(at)
        nodes[container].next = UInt32(count)
    }

    private mutating func string() throws(JSON.Failure) {
        at += 1
        let start = at
        var kind = Node.Kind.string
        while true {
            skipPlain()
            guard at < text.count else { throw failure(.truncated) }
            switch text[at] {
            case UInt8(ascii: "\""):
                append(Node(kind: kind, start: UInt32(start), end: UInt32(at), next: UInt32(count + 1)))
                at += 1
                return
            case UInt8(ascii: "\\"):
                kind = .escaped
                try escape()
            case 0: throw failure(.nul)
            case 1..<0x20: throw failure(.syntax)
            default: at += 1
            }
        }
    }

    /// Goes on eight bytes at a time while none of them is a quote, a backslash or a control character.
    private mutating func skipPlain() {
        let raw = UnsafeRawBufferPointer(text)
        func zeroes(_ word: UInt64) -> UInt64 { (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 }
        while at + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian
            let control = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
            let found = control | zeroes(word ^ 0x2222_2222_2222_2222) | zeroes(word ^ 0x5C5C_5C5C_5C5C_5C5C)
            // Of a little-endian word the lowest byte comes first, and no borrow reaches down to it.
            at += found == 0 ? 8 : found.trailingZeroBitCount / 8
            if found != 0 { return }
        }
    }

    private mutating func escape() throws(JSON.Failure) {
        guard at + 1 < text.count else { throw failure(.truncated, at: text.count) }
        switch text[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 2
        case UInt8(ascii: "u"):
            switch try unit() {
            case 0: throw failure(.nul)
            case 0xD800..<0xDC00:
                guard at + 7 < text.count, text[at + 6] == UInt8(ascii: "\\"), text[at + 7] == UInt8(ascii: "u") else { throw failure(.loneSurrogate) }
                let high = at
                at += 6
                guard case 0xDC00..<0xE000 = try unit() else { throw failure(.loneSurrogate, at: high) }
                at += 6
            case 0xDC00..<0xE000: throw failure(.loneSurrogate)
            default: at += 6
            }
        default: throw failure(.syntax)
        }
    }

    /// The four hexadecimal digits of the escape that begins here.
    private func unit() throws(JSON.Failure) -> UInt16 {
        guard at + 6 <= text.count else { throw failure(.truncated, at: text.count) }
        var unit: UInt16 = 0
        for place in at + 2..<at + 6 {
            guard let digit = text[place].hexadecimalDigit else { throw failure(.syntax, at: place) }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    private mutating func number() throws(JSON.Failure) {
        let start = at
        var kind = Node.Kind.integer
        if text[at] == UInt8(ascii: "-") { at += 1 }
        if at < text.count, text[at] == UInt8(ascii: "0") { at += 1 } else { try digits() }
        if at < text.count, text[at] == UInt8(ascii: ".") {
            kind = .number
            at += 1
            try digits()
        }
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
            kind = .number
            at += 1
            if at < text.count, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") { at += 1 }
            try digits()
        }
        append(Node(kind: kind, start: UInt32(start), end: UInt32(at), next: UInt32(count + 1)))
    }

    private mutating func digits() throws(JSON.Failure) {
        guard try peek().isDigit else { throw failure(.syntax) }
        while at < text.count, text[at].isDigit { at += 1 }
    }

    private mutating func literal(_ word: StaticString, _ kind: Node.Kind) throws(JSON.Failure) {
        let start = at
        for place in 0..<word.utf8CodeUnitCount {
            guard try peek() == word.utf8Start[place] else { throw failure(.syntax) }
            at += 1
        }
        append(Node(kind: kind, start: UInt32(start), end: UInt32(at), next: UInt32(count + 1)))
    }

    private mutating func skipSpace() {
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): at += 1
            default: return
            }
        }
    }

    private func peek() throws(JSON.Failure) -> UInt8 {
        guard at < text.count else { throw failure(.truncated) }
        return text[at]
    }

    private mutating func append(_ node: Node) {
        nodes[count] = node
        count += 1
    }

    private func failure(_ code: JSON.Failure.Code, at offset: Int? = nil) -> JSON.Failure {
        JSON.Failure(code, offset: offset ?? at, pointer: Pointer(nodes, count: count, text).last)
    }
}

extension UInt8 {
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    var hexadecimalDigit: UInt8? {
        let digit = self &- UInt8(ascii: "0")
        if digit < 10 { return digit }
        let letter = (self | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }
}
