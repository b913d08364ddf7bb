/// What people call some divisions.
package struct DivisionNames: Codable, Equatable, Sendable {
    package struct Name: Codable, Equatable, Sendable {
        package let division: DivisionCode
        package let name: String

        package init(division: DivisionCode, name: String) { (self.division, self.name) = (division, name) }
    }

    /// By their codes, so that a canonical form has one order.
    package let all: [Name]

    package init(_ names: [Name]) { all = names.sorted { $0.division < $1.division } }

    package init(from decoder: any Decoder) throws { all = try decoder.singleValueContainer().decode([Name].self) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(all)
    }

    package subscript(_ division: DivisionCode) -> String? { all.first { $0.division == division }?.name }

    /// The name, with the code by which it is found; the code alone where there is none.
    package func full(_ division: DivisionCode) -> String { self[division].map { "\($0) \(division.code)" } ?? division.code }

    /// A text in which divisions stand by their codes, as `530427001001-02公开场所`.
    package func worded(_ text: String) -> String {
        // A group's code begins with its community's.
        all.reversed().reduce(text) { $0.replacing($1.division.code, with: $1.name) }
    }
}
