/// A value that may be used but not shown: printing, interpolating, dumping or logging it yields a placeholder. Read it
/// through `reveal`, so that a search for that word finds every place where it can leave.
package struct Redacted<Value> {
    package let reveal: Value

    package init(_ value: Value) { reveal = value }
}

extension Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Redacted: Equatable where Value: Equatable {}
extension Redacted: Hashable where Value: Hashable {}
extension Redacted: Sendable where Value: Sendable {}
