import Contracts
import Registry

/// One line of a posted list: all that the public may see of a case (domain.md section 9). There is no room for more.
package struct SheetLine: Equatable, Sendable {
    package let `case`: CaseID
    package let kind: CaseKind
    /// The residents' group; with the line's place on the list it tells heads of one name apart.
    package let division: DivisionCode
    package let headName: String
    package let memberCount: Int

    package init(case: CaseID, kind: CaseKind, division: DivisionCode, headName: String, memberCount: Int) {
        self.case = `case`
        self.kind = kind
        self.division = division
        self.headName = headName
        self.memberCount = memberCount
    }

    package init(_ case: ReviewCase) {
        self.init(
            case: `case`.id, kind: `case`.kind, division: `case`.division, headName: `case`.household.headName,
            memberCount: `case`.household.memberCount)
    }

    /// Whether the name, the one free text, hides no number.
    package var isClean: Bool { !headName.holdsPersonalNumber }
}
