import IntakeDomain
import Testing

@testable import VerificationDomain

/// Two services speak of the same fields; nobody but this test knows both.
@Suite struct ConcernedFieldsTests {
    @Test(arguments: RegisterSheet.Column.allCases)
    func `verification knows whom each field of intake's register concerns`(column: RegisterSheet.Column) {
        let name = column.isHouseholds ? column.field : "member.\(column.field)"
        #expect(ConcernedTopics.of(name) != nil, "\(name) would have every department asked again")
    }
}
