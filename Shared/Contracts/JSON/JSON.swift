import Foundation

/// The one way between values and JSON text.
///
/// What it writes is deterministic, since digests and signatures are taken of it: fields in the order of their
/// declaration, dictionaries sorted by key, no spaces, absent optionals omitted, UUIDs in lower case, moments and days
/// as Registry writes them, integers exact.
///
/// What it reads is strict, since it comes from outside: one UTF-8 text without duplicate keys, lone surrogates, NUL,
/// trailing bytes or nesting beyond ``maximumDepth``. Fields it does not know it ignores.
package enum JSON {
    package static let maximumDepth = 32

    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let output = Output()
        try ValueEncoder(output).write(value)
        if let problem = output.problem { throw problem }
        return output.bytes
    }

    package static func decode<Value: Decodable>(_ type: Value.Type = Value.self, from bytes: [UInt8]) throws -> Value {
        try bytes.withUnsafeBufferPointer { try decode(type, utf8: $0) }
    }

    /// The bytes are read during the call only.
    package static func decode<Value: Decodable>(_ type: Value.Type = Value.self, from bytes: UnsafeRawBufferPointer) throws -> Value {
        try bytes.withMemoryRebound(to: UInt8.self) { try decode(type, utf8: $0) }
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, utf8: UnsafeBufferPointer<UInt8>) throws -> Value {
        let tape = try Tape(scanning: utf8)
        return try tape.decode(type, at: 0)
    }
}

extension JSON {
    /// Why a text was not read, or a value not written: where and what, but never with words from the document, which
    /// may be personal data.
    package struct Failure: Error, Equatable, Sendable {
        package enum Code: String, CaseIterable, Sendable {
            case syntax = "json.syntax"
            case truncated = "json.truncated"
            case trailingBytes = "json.trailing-bytes"
            case tooLarge = "json.too-large"
            case tooDeep = "json.too-deep"
            case invalidUTF8 = "json.invalid-utf8"
            case loneSurrogate = "json.lone-surrogate"
            case nul = "json.nul"
            case duplicateKey = "json.duplicate-key"
            case numberRange = "json.number-range"
            /// A required field is absent.
            case missing = "json.missing"
            /// `null` where a value is required.
            case null = "json.null"
            /// Another kind of value than the field's.
            case wrongType = "json.wrong-type"
            /// Not one of the values of the enumeration: perhaps a newer version's.
            case unknownValue = "json.unknown-value"
            /// The right kind of value, but not in the form its type demands.
            case invalidValue = "json.invalid-value"
            /// A type that writes itself in a way that JSON has no form for.
            case unencodable = "json.unencodable"
        }

        package let code: Code
        /// Bytes from the start of the document, or bytes written so far.
        package let offset: Int
        /// RFC 6901. A key that does not look like a field's name shows as `?`, since it may be anything.
        package let pointer: String

        init(_ code: Code, offset: Int, pointer: String = "") {
            (self.code, self.offset, self.pointer) = (code, offset, pointer)
        }
    }
}

extension JSON.Failure: CustomStringConvertible {
    package var description: String { "\(code.rawValue) at byte \(offset)\(pointer.isEmpty ? "" : " of \(pointer)")" }
}
