/// Why an aggregate will not do what it was told. Its code is public: `409` on HTTP, a reason where a message parks.
package protocol Refusal: Error, Sendable {
    /// `<service>.<kebab-case reason>`; never renamed.
    var code: String { get }
}

extension Refusal where Self: RawRepresentable<String> {
    package var code: String { rawValue }
}

/// What was sent is not acceptable as data: every fault at once, `422` on HTTP.
package struct Invalid: Error, Equatable, Sendable {
    package struct Fault: Codable, Equatable, Sendable {
        /// RFC 6901 pointer into the body, or `line/column` of a sheet.
        package let pointer: String
        package let code: String
        /// In words for a person, without any value from the data.
        package let reason: String

        package init(_ pointer: String, _ code: String, _ reason: String) {
            (self.pointer, self.code, self.reason) = (pointer, code, reason)
        }
    }

    package let faults: [Fault]

    package init(_ faults: [Fault]) { self.faults = faults }
    package init(_ pointer: String, _ code: String, _ reason: String) { faults = [Fault(pointer, code, reason)] }
}
