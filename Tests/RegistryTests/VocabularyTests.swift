import Foundation
import Registry
import Testing

@Suite struct MoneyTests {
    @Test func `per-head income is compared without dividing`() {
        let line = Money(yuan: 2952), members = 3
        #expect(Money(fen: 885_599) < line * members)
        #expect(!(Money(fen: 885_600) < line * members))
    }

    @Test(arguments: [("2952", 295_200), ("2952.5", 295_250), ("-0.05", -5), ("0", 0), ("999999999999.99", 99_999_999_999_999)] as [(String, Int64)])
    func `yuan as people write them become fen`(text: String, fen: Int64) {
        #expect(Money(text) == Money(fen: fen))
        #expect(Money(Money(fen: fen).description) == Money(fen: fen))
    }

    @Test(arguments: ["", "-", ".5", "1.", "1.234", "1,000", "+1", "1e3", "1 ", "１２", "1000000000000", "--1", "1.2.3"])
    func `other spellings of an amount are refused`(text: String) { #expect(Money(text) == nil) }
}

@Suite struct DivisionCodeTests {
    private let community = DivisionCode("530427001002")!

    @Test func `a place lies in the places that are its prefix`() throws {
        let group = try #require(community.group(3))
        #expect(group.description == "530427001002-03")
        #expect(group.level == .group && community.level == .community)
        for jurisdiction in ["530427", "530427001", "530427001002", "530427001002-03"] {
            #expect(try #require(DivisionCode(jurisdiction)).contains(group))
        }
        for elsewhere in ["530428", "530427002", "530427001003", "530427001002-04"] {
            #expect(try !#require(DivisionCode(elsewhere)).contains(group))
        }
        #expect(!group.contains(community))
    }

    @Test func `a place knows the places around it`() throws {
        let group = try #require(community.group(12))
        #expect(group.enclosing(.community) == community)
        #expect(group.enclosing(.county) == DivisionCode("530427"))
        #expect(community.enclosing(.group) == nil)
        #expect(community.group(0) == nil && community.group(100) == nil && group.group(1) == nil)
    }

    @Test(arguments: ["", "53", "53042700100", "53042A", "530427001002-3", "530427001002003", "530427001002-0x", "５30427"])
    func `what is no division code is refused`(text: String) { #expect(DivisionCode(text) == nil) }
}

@Suite struct ResidentIDTests {
    /// With an unassigned area: nobody's number.
    private func number(_ first17: String) -> String {
        first17 + String(ResidentID.checkCharacter(first17.compactMap(\.wholeNumberValue)))
    }

    @Test func `a right number tells birth, sex and area`() throws {
        let id = try ResidentID(checking: number("99000019900101123"))
        #expect(id.birthDate == LocalDate("1990-01-01"))
        #expect(id.sex == .male && id.area == "990000" && !id.hasAssignedArea)
        #expect(try ResidentID(checking: number("53042719900101124")).sex == .female)
        #expect(try ResidentID(checking: number("53042719900101124")).hasAssignedArea)
    }

    @Test func `the published example of the standard is right`() throws {
        #expect(try ResidentID(checking: "11010519491231002X").birthDate == LocalDate("1949-12-31"))
        #expect(try ResidentID(checking: "11010519491231002x").reveal == "11010519491231002X")
        #expect(try ResidentID(checking: "１１０１０５１９４９１２３１００２Ｘ").reveal == "11010519491231002X")
    }

    @Test func `every wrong digit and every swap of neighbours is found`() throws {
        let right = Array(number("99000019900101123"))
        for place in right.indices {
            for digit in "0123456789X" where digit != right[place] {
                var wrong = right
                wrong[place] = digit
                #expect(throws: ResidentID.Problem.self) { try ResidentID(checking: String(wrong)) }
            }
        }
        for place in right.indices.dropLast() where right[place] != right[place + 1] {
            var wrong = right
            wrong.swapAt(place, place + 1)
            #expect(throws: ResidentID.Problem.self) { try ResidentID(checking: String(wrong)) }
        }
    }

    @Test(arguments: [
        ("", .length), ("110105491231002", .length), ("11010519491231002XX", .length), ("1101051949123100２", .length),
        ("11010519491231O02X", .characters), ("1101051949123100XX", .characters), ("11010519490231002X", .date), ("110105194912310021", .checkCharacter),
    ] as [(String, ResidentID.Problem)])
    func `what is wrong has a name`(text: String, problem: ResidentID.Problem) {
        #expect(throws: problem) { try ResidentID(checking: text) }
    }

    @Test func `it never prints itself`() throws {
        let id = try ResidentID(checking: number("99000019900101123"))
        var dumped = ""
        dump(id, to: &dumped)
        for text in ["\(id)", String(describing: id), String(reflecting: id), "\([id])", "\(Optional(id) as Any)", dumped, "\(Redacted(id))"] {
            #expect(!text.contains("1990"))
        }
        #expect(id.masked.description == "990000***********\(id.reveal.suffix(1))")
    }

    @Test func `a redacted value shows a placeholder and compares by what it holds`() {
        let name = Redacted("王小明")
        var dumped = ""
        dump(name, to: &dumped)
        #expect("\(name)" == "<redacted>" && !dumped.contains("王"))
        #expect(name == Redacted("王小明") && name.reveal == "王小明")
    }
}

@Suite struct CodesTests {
    @Test func `twelve departments are asked, by the names the plan gives`() {
        #expect(Department.asked.count == 12)
        #expect(!Department.asked.contains(.poverty) && !Department.asked.contains(.education))
        #expect(Department.asked.allSatisfy { $0.slug.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } })
    }

    @Test func `the five checks of members proposed as new go to the six departments of R17`() {
        let routed = Department.allCases.filter { !$0.newIdentificationTopics.isEmpty }
        #expect(routed == [.police, .finance, .socialSecurity, .land, .planning, .market])
        #expect(Set(routed.flatMap(\.newIdentificationTopics).map(\.topic)) == [.vehicle, .realEstate, .fiscalPay, .publicPost, .business])
    }

    @Test func `five kinds are publicised, natural change is not`() {
        #expect(CaseKind.allCases.filter(\.isPublicised) == [.exit, .return, .new, .removal, .clearOut])
        #expect(CaseKind.allCases.filter(\.isAboutMember) == [.clearOut, .naturalChange])
    }

    @Test func `the national order of peoples is not that of GB/T 3304`() {
        #expect(Codes.ethnicity["02"]?.zh == "满族" && Codes.ethnicity["02"]?.standard == "11")
        #expect(Codes.ethnicity.codes.count == 57)
        #expect(Codes.relations.labelled("配偶")?.code == "02")
        #expect(Codes.relations.labelled("之侄女")?.code == nil)
    }

    @Test func `ten removal circumstances, two of which only people can prove`() {
        #expect(RemovalCircumstance.allCases.count == 10)
        #expect(RemovalCircumstance.costlyVehicle.checkedBy == [.vehicle])
        #expect(RemovalCircumstance.costlyVehicle.exception != nil && RemovalCircumstance.fraudOrOther.exception == nil)
        #expect(HousingGrade.allCases.filter { $0.isSafe == true } == [.a, .b])
        #expect(HousingGrade.notAssessed.isSafe == nil)
    }

    @Test func `an amount that decides names its year`() {
        #expect(Codes.incomeLines.first { $0.use == .entry && $0.year == 2018 }?.amount == Money(yuan: 2952))
    }
}
