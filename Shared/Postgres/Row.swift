import CPostgres

/// The answer of one statement. Owns the C result.
final class Answer {
    private let result: OpaquePointer
    /// Of several columns with one name the last one bears it.
    private lazy var columns: [String] = {
        let names = (0..<PQnfields(result)).map { String(cString: PQfname(result, $0)) }
        return names.indices.map { names[($0 + 1)...].contains(names[$0]) ? "" : names[$0] }
    }()
    /// The column after the one read last: readers mostly go from left to right.
    private var likely = 0

    init(_ result: OpaquePointer) { self.result = result }
    deinit { PQclear(result) }

    var status: ExecStatusType { PQresultStatus(result) }
    var rows: [Row] { (0..<PQntuples(result)).map { Row(answer: self, index: $0) } }
    /// `COMMIT`, `INSERT 0 3` …
    var command: String { String(cString: PQcmdStatus(result)) }
    /// Rows that an INSERT, UPDATE or DELETE touched.
    var changed: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    var error: PostgresError {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        let state = field("C") ?? "XX000"
        // Class 22, data exceptions, quotes the value that it refuses.
        let message = state.hasPrefix("22") ? "data exception" : field("M") ?? "unknown error"
        return .refused(sqlState: state, constraint: field("n"), message: message)
    }

    func bytes(_ row: Int32, _ column: String) throws -> UnsafeRawBufferPointer? {
        let index = try index(of: column)
        if PQgetisnull(result, row, index) == 1 { return nil }
        return UnsafeRawBufferPointer(start: PQgetvalue(result, row, index), count: Int(PQgetlength(result, row, index)))
    }
}

extension Answer {
    private func index(of column: String) throws -> Int32 {
        if likely >= columns.count || columns[likely] != column {
            guard let found = columns.firstIndex(of: column) else { throw UnexpectedValue(column: column, expected: "a column of that name") }
            likely = found
        }
        defer { likely = (likely + 1) % columns.count }
        return Int32(likely)
    }
}

/// One row of an answer; columns are read by name into the type that the context asks for.
package struct Row {
    let answer: Answer
    let index: Int32

    package subscript<Value: SQLValue>(_ column: String, as type: Value.Type = Value.self) -> Value {
        get throws {
            guard let bytes = try answer.bytes(index, column) else { throw UnexpectedValue(column: column, expected: "\(Value.self), found null") }
            return try read(bytes, column)
        }
    }

    package subscript<Value: SQLValue>(_ column: String, as type: Value?.Type = Value?.self) -> Value? {
        get throws { try answer.bytes(index, column).map { try read($0, column) } }
    }

    package subscript<Value: RawRepresentable<String>>(_ column: String, as type: Value.Type = Value.self) -> Value {
        get throws {
            let raw: String = try self[column]
            guard let value = Value(rawValue: raw) else { throw UnexpectedValue(column: column, expected: "\(Value.self)") }
            return value
        }
    }

    package subscript<Value: RawRepresentable<String>>(_ column: String, as type: Value?.Type = Value?.self) -> Value? {
        get throws {
            guard let raw: String = try self[column] else { return nil }
            guard let value = Value(rawValue: raw) else { throw UnexpectedValue(column: column, expected: "\(Value.self)") }
            return value
        }
    }

    /// A one-dimensional array without nulls.
    package func array<Value: SQLValue>(_ column: String, of type: Value.Type = Value.self) throws -> [Value] {
        guard let bytes = try answer.bytes(index, column), bytes.count >= 12 else { return [] }
        let dimensions = Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))
        if dimensions == 0 { return [] }
        guard dimensions == 1, bytes.count >= 20 else { throw UnexpectedValue(column: column, expected: "[\(Value.self)]") }
        let count = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: Int32.self)))
        var offset = 20
        return try (0..<count).map { _ in
            let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
            guard length >= 0 else { throw UnexpectedValue(column: column, expected: "[\(Value.self)] without nulls") }
            defer { offset += 4 + length }
            return try read(UnsafeRawBufferPointer(rebasing: bytes[(offset + 4)..<(offset + 4 + length)]), column)
        }
    }

    private func read<Value: SQLValue>(_ bytes: UnsafeRawBufferPointer, _ column: String) throws -> Value {
        do { return try Value(sql: bytes) } catch let error as UnexpectedValue {
            throw UnexpectedValue(column: column, expected: error.expected)
        }
    }
}
