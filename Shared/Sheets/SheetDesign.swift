/// How a sheet that we write looks: its name, and what stands above each column.
package struct SheetDesign: Sendable {
    package struct Column: Sendable {
        package let heading: String
        /// Shown when the pointer rests on the heading: what belongs into the column.
        package let note: String?
        /// What the column offers to choose from; other text may be entered all the same.
        package let choices: [String]

        package init(_ heading: String, note: String? = nil, choices: [String] = []) {
            (self.heading, self.note, self.choices) = (heading, note, choices)
        }

        /// In characters; a Chinese one is as wide as two others.
        var width: Double {
            let widest = ([heading] + choices).map { $0.unicodeScalars.reduce(0) { $0 + ($1.value > 0x2E80 ? 2 : 1) } }.max() ?? 0
            return Double(min(40, max(10, widest + 4)))
        }
    }

    package let name: String
    package let columns: [Column]

    package init(_ name: String, _ columns: [Column]) { (self.name, self.columns) = (name, columns) }
}
