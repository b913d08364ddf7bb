/// What a file may cost, refused before it is spent. The defaults are those for anything that comes from outside; an office
/// that brings in a whole county's register raises them by its settings.
package struct SheetLimits: Sendable {
    package var columns = 256
    package var cellBytes = 32_768
    /// Rows with something in them, the headings included.
    package var rows = 50_000
    /// Of a workbook as it comes.
    package var archiveBytes = 10 << 20
    /// Files inside a workbook.
    package var parts = 200
    /// What the parts that are read come to, counted as they inflate and not as the archive claims.
    package var inflatedBytes = 100 << 20
    /// How many times its compressed size a part may come to, once it is larger than `ratioAfter` bytes.
    package var ratio = 100
    package var ratioAfter = 100 << 10
    /// The texts that a workbook's cells share, which alone must be held in memory.
    package var sharedBytes = 48 << 20
    package var mergedRanges = 10_000

    package init() {}
}

/// A file that cannot be read as a sheet: where it stopped and what mends it, never with anything from a cell.
package struct SheetRefusal: Error, Equatable, Sendable {
    package let code: String
    /// A line, a cell such as `C7`, or nothing where it is the file as such.
    package let place: String
    package let reason: String

    package init(_ code: String, at place: String = "", _ reason: String) {
        (self.code, self.place, self.reason) = (code, place, reason)
    }
}
