import Foundation

/// A statement whose interpolated values travel as parameters, never as text.
///
///     "SELECT status FROM cases WHERE id = ANY(\(ids))"
package struct SQL: ExpressibleByStringInterpolation, Sendable {
    package private(set) var text: String
    private(set) var types: [UInt32] = []
    /// All values one after the other in binary form; `fields` tells where each lies.
    private(set) var values: [UInt8] = []
    private(set) var fields: [Field] = []

    struct Field: Sendable {
        let start: Int
        /// -1 for null.
        let length: Int
    }

    package init(stringLiteral value: String) { text = value }

    package init(stringInterpolation: Interpolation) { self = stringInterpolation.sql }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var sql = SQL(stringLiteral: "")

        package init(literalCapacity: Int, interpolationCount: Int) {
            sql.text.reserveCapacity(literalCapacity + interpolationCount * 3)
        }

        package mutating func appendLiteral(_ literal: String) { sql.text += literal }

        package mutating func appendInterpolation(_ value: some SQLValue) { append(value) }
        package mutating func appendInterpolation(_ value: (some SQLValue)?) { append(value) }

        package mutating func appendInterpolation<Value: SQLValue>(_ values: [Value]) { append(array: values) }
        package mutating func appendInterpolation<Value: SQLValue>(_ values: [Value?]) { append(array: values) }

        package mutating func appendInterpolation(_ value: some RawRepresentable<String>) { append(value.rawValue) }
        package mutating func appendInterpolation(_ value: (some RawRepresentable<String>)?) { append(value?.rawValue) }
        package mutating func appendInterpolation(_ values: [some RawRepresentable<String>]) { append(array: values.map(\.rawValue)) }
        package mutating func appendInterpolation(_ values: [(some RawRepresentable<String>)?]) {
            append(array: values.map { $0?.rawValue })
        }

        /// Splices text that is part of the program, such as a table's name. Never anything from outside.
        package mutating func appendInterpolation(unsafe text: String) { sql.text += text }

        private mutating func append<Value: SQLValue>(_ value: Value?) {
            let start = sql.values.count
            value?.write(to: &sql.values)
            place(Value.sqlType.oid, value == nil ? nil : start)
        }

        private mutating func append<Value: SQLValue>(array: [Value]) {
            let start = sql.values.count
            sql.values.append(array: array)
            place(Value.sqlType.array, start)
        }

        private mutating func append<Value: SQLValue>(array: [Value?]) {
            let start = sql.values.count
            sql.values.append(array: array)
            place(Value.sqlType.array, start)
        }

        private mutating func place(_ type: UInt32, _ start: Int?) {
            sql.types.append(type)
            sql.fields.append(start.map { Field(start: $0, length: sql.values.count - $0) } ?? Field(start: 0, length: -1))
            sql.text += "$\(sql.fields.count)"
        }
    }
}
