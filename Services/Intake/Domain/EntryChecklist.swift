import Registry

/// What is still to be entered in the national system of one household (R12, R13): every field in which what is on file now
/// differs from what the campaign began with.
package enum EntryChecklist {
    package struct Line: Equatable, Sendable {
        /// Nothing for a field of the household itself.
        package let person: String?
        package let column: RegisterSheet.Column
        /// In the written form of the tables; empty where there was or is nothing.
        package let before: String
        package let after: String
    }

    /// - Parameter opening: As the national system has it; nothing of a household that it does not know.
    package static func lines(from opening: HouseholdEntry?, to now: HouseholdEntry) -> [Line] {
        let columns = RegisterSheet.Column.allCases.filter { !$0.isDerived && $0 != .circumstance && $0 != .clearOut }
        var lines: [Line] = []
        func note(_ person: String?, _ column: RegisterSheet.Column, _ before: String, _ after: String) {
            if before != after { lines.append(Line(person: person, column: column, before: before, after: after)) }
        }
        for column in columns where column.isHouseholds {
            note(nil, column, opening.map { RegisterSheet.cell(column, of: $0) } ?? "", RegisterSheet.cell(column, of: now))
        }
        let (old, new) = (byNumber(opening), byNumber(now))
        for person in Set(old.keys).union(new.keys).sorted() {
            func cell(_ column: RegisterSheet.Column, _ member: MemberEntry?) -> String { member.map { RegisterSheet.cell(column, of: $0) } ?? "" }
            for column in columns where !column.isHouseholds { note(person, column, cell(column, old[person]), cell(column, new[person])) }
        }
        return lines
    }

    private static func byNumber(_ entry: HouseholdEntry?) -> [String: MemberEntry] {
        Dictionary((entry?.members ?? []).map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
