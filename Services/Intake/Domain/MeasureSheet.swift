import Contracts
import Registry

/// One measure of one year that helped a household out of poverty, and what came of it (R13).
package struct HouseholdMeasure: Equatable, Sendable {
    package let household: String
    package let year: Int
    /// A code of the list of measures.
    package let measure: String
    /// In words.
    package let effect: String

    package init(household: String, year: Int, measure: String, effect: String) {
        (self.household, self.year, self.measure, self.effect) = (household, year, measure, effect)
    }
}

/// The table of measures, 2014 to 2018: one row for each household, year and measure (R13).
package enum MeasureSheet {
    package enum Column: String, SheetColumn {
        case household = "户编号"
        case year = "年度"
        case measure = "帮扶措施"
        case effect = "成效"

        package var element: String? {
            switch self {
            case .household: "AAC001"
            case .year, .measure, .effect: nil
            }
        }
    }

    package struct Form: SheetForm {
        package init() {}

        package var columns: [Column] { Column.allCases }
        package var key: [Column] { [.household, .year, .measure] }
        package var hasManyRows: Bool { false }
        package var twice: SheetRow.Unusable { .init("measure.twice", "this measure of this year already stands in the sheet") }

        package func read(_ rows: [SheetRow], _ header: SheetHeader<Column>, _ faults: inout [SheetFault]) -> HouseholdMeasure? {
            var row = RowReader(rows[0], header)
            let read = MeasureSheet.measure(&row)
            faults += row.faults
            return read
        }
    }

    private static func measure(_ row: inout RowReader<Column>) -> HouseholdMeasure? {
        let household = row.required(.household)
        let year = row.whole(.year, in: 2014...2018)
        if row.isEmpty(.year) { _ = row.required(.year) }
        let measure = row.code(.measure, in: Codes.measures)
        if row.isEmpty(.measure) { _ = row.required(.measure) }
        let effect = row.words(.effect, atMost: 500)
        if row.isEmpty(.effect) { _ = row.required(.effect) }
        guard let year, let measure, let effect else { return nil }
        return HouseholdMeasure(household: household, year: year, measure: measure, effect: effect)
    }
}
