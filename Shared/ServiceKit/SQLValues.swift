import Contracts
import Foundation
import Postgres
import Registry

// How the domain's vocabulary is stored.

/// Seconds from 1970 to PostgreSQL's epoch, 2000-01-01.
private let postgresEpoch: Int64 = 946_684_800

extension Instant: SQLValue {
    package static var sqlType: SQLType { .timestamptz }

    package func write(to buffer: inout [UInt8]) { Int((milliseconds - postgresEpoch * 1000) * 1000).write(to: &buffer) }

    /// Microseconds are dropped: Lika knows whole milliseconds.
    package init(sql bytes: UnsafeRawBufferPointer) throws {
        let microseconds = Int64(try Int(sql: bytes))
        self.init(milliseconds: (microseconds - (microseconds % 1000 + 1000) % 1000) / 1000 + postgresEpoch * 1000)
    }
}

extension ID: SQLValue {
    package static var sqlType: SQLType { .uuid }
    package func write(to buffer: inout [UInt8]) { rawValue.write(to: &buffer) }
    package init(sql bytes: UnsafeRawBufferPointer) throws { self.init(try UUID(sql: bytes)) }
}

/// Bytes that are known to be UTF-8, kept as `text` so that a person can read them in the table.
struct UTF8Text: SQLValue {
    let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static var sqlType: SQLType { .text }
    func write(to buffer: inout [UInt8]) { buffer.append(contentsOf: bytes) }
    init(sql bytes: UnsafeRawBufferPointer) throws { self.bytes = Array(bytes) }
}

extension LocalDate: SQLValue {
    package static var sqlType: SQLType { .date }

    package func write(to buffer: inout [UInt8]) {
        let days = Int32(daysSinceEpoch - Int(postgresEpoch / 86_400))
        withUnsafeBytes(of: days.bigEndian) { buffer.append(contentsOf: $0) }
    }

    package init(sql bytes: UnsafeRawBufferPointer) throws {
        self.init(daysSinceEpoch: try Int(sql: bytes) + Int(postgresEpoch / 86_400))
    }
}

/// Whole fen in a `bigint`.
extension Money: SQLValue {
    package static var sqlType: SQLType { .int8 }
    package func write(to buffer: inout [UInt8]) { Int(fen).write(to: &buffer) }
    package init(sql bytes: UnsafeRawBufferPointer) throws { self.init(fen: Int64(try Int(sql: bytes))) }
}

extension DivisionCode: SQLValue {
    package static var sqlType: SQLType { .text }
    package func write(to buffer: inout [UInt8]) { code.write(to: &buffer) }
    package init(sql bytes: UnsafeRawBufferPointer) throws {
        guard let code = DivisionCode(try String(sql: bytes)) else { throw UnexpectedValue(expected: "a division code") }
        self = code
    }
}
