import Foundation

/// A Swift type with one PostgreSQL type, carried in PostgreSQL's binary format both ways.
package protocol SQLValue: Sendable {
    static var sqlType: SQLType { get }
    func write(to buffer: inout [UInt8])
    /// Writes the elements of an array. A requirement so that each type has one made for it: a batch has thousands of them.
    static func write(elements: [Self], to buffer: inout [UInt8])
    init(sql bytes: UnsafeRawBufferPointer) throws
}

extension SQLValue {
    package static func write(elements: [Self], to buffer: inout [UInt8]) {
        for element in elements { buffer.append(field: element) }
    }
}

/// The object identifiers of a type and of its array, fixed in every PostgreSQL.
package struct SQLType: Sendable {
    let oid: UInt32
    let array: UInt32

    package static let bool = SQLType(oid: 16, array: 1000)
    package static let bytea = SQLType(oid: 17, array: 1001)
    package static let int8 = SQLType(oid: 20, array: 1016)
    package static let text = SQLType(oid: 25, array: 1009)
    package static let date = SQLType(oid: 1082, array: 1182)
    package static let float8 = SQLType(oid: 701, array: 1022)
    package static let timestamptz = SQLType(oid: 1184, array: 1185)
    package static let uuid = SQLType(oid: 2950, array: 2951)
    package static let jsonb = SQLType(oid: 3802, array: 3807)
}

/// A column held something else than the reader expected. Names the column and the Swift type, never the value.
package struct UnexpectedValue: Error, Sendable {
    package let column: String
    package let expected: String

    package init(column: String = "", expected: String) {
        (self.column, self.expected) = (column, expected)
    }
}

extension Bool: SQLValue {
    package static var sqlType: SQLType { .bool }
    package func write(to buffer: inout [UInt8]) { buffer.append(self ? 1 : 0) }
    package init(sql bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count == 1 else { throw UnexpectedValue(expected: "bool") }
        self = bytes[0] != 0
    }
}

extension Int: SQLValue {
    package static var sqlType: SQLType { .int8 }
    package func write(to buffer: inout [UInt8]) { buffer.append(bigEndian: Int64(self)) }
    /// Any of smallint, integer and bigint.
    package init(sql bytes: UnsafeRawBufferPointer) throws {
        switch bytes.count {
        case 2: self = Int(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        case 4: self = Int(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case 8: self = Int(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        default: throw UnexpectedValue(expected: "integer")
        }
    }
}

extension Double: SQLValue {
    package static var sqlType: SQLType { .float8 }
    package func write(to buffer: inout [UInt8]) { buffer.append(bigEndian: bitPattern) }
    package init(sql bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count == 8 else { throw UnexpectedValue(expected: "double precision") }
        self.init(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
    }
}

extension String: SQLValue {
    package static var sqlType: SQLType { .text }
    package func write(to buffer: inout [UInt8]) { buffer.append(contentsOf: utf8) }
    package init(sql bytes: UnsafeRawBufferPointer) throws { self = String(decoding: bytes, as: UTF8.self) }
}

extension UUID: SQLValue {
    package static var sqlType: SQLType { .uuid }
    package func write(to buffer: inout [UInt8]) { withUnsafeBytes(of: uuid) { buffer.append(contentsOf: $0) } }
    package init(sql bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count == 16 else { throw UnexpectedValue(expected: "uuid") }
        self.init(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}

/// Raw bytes, PostgreSQL's `bytea`. A type of its own because an array of bytes would be an array.
package struct Bytes: SQLValue, Hashable {
    package let array: [UInt8]
    package init(_ array: [UInt8]) { self.array = array }

    package static var sqlType: SQLType { .bytea }
    package func write(to buffer: inout [UInt8]) { buffer.append(contentsOf: array) }
    package init(sql bytes: UnsafeRawBufferPointer) throws { array = Array(bytes) }
}

/// A JSON text kept as `jsonb`.
package struct JSONB: SQLValue, Hashable {
    package let text: [UInt8]
    package init(_ text: [UInt8]) { self.text = text }

    package static var sqlType: SQLType { .jsonb }
    package func write(to buffer: inout [UInt8]) {
        buffer.append(1)  // version of the binary format
        buffer.append(contentsOf: text)
    }
    package init(sql bytes: UnsafeRawBufferPointer) throws {
        guard bytes.first == 1 else { throw UnexpectedValue(expected: "jsonb") }
        text = Array(bytes.dropFirst())
    }
}

extension [UInt8] {
    @inline(__always)
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// The binary form of a one-dimensional array.
    mutating func append<Value: SQLValue>(array values: [Value]) {
        beginArray(of: Value.sqlType, count: values.count)
        Value.write(elements: values, to: &self)
    }

    mutating func append<Value: SQLValue>(array values: [Value?]) {
        beginArray(of: Value.sqlType, count: values.count)
        for value in values {
            if let value { append(field: value) } else { append(bigEndian: Int32(-1)) }
        }
    }

    private mutating func beginArray(of type: SQLType, count: Int) {
        append(bigEndian: Int32(count == 0 ? 0 : 1))  // dimensions
        append(bigEndian: Int32(1))  // may hold nulls
        append(bigEndian: type.oid)
        if count == 0 { return }
        append(bigEndian: Int32(count))
        append(bigEndian: Int32(1))  // lower bound
    }

    /// A length and the value: how arrays and COPY carry a field. Null is a length of -1.
    @inline(__always)
    mutating func append(field value: some SQLValue) {
        let start = count
        append(bigEndian: Int32(0))
        value.write(to: &self)
        let length = Int32(count - start - 4).bigEndian
        Swift.withUnsafeBytes(of: length) { bytes in
            for offset in 0..<4 { self[start + offset] = bytes[offset] }
        }
    }
}
