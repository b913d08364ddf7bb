import Foundation
import Registry
import Testing

/// Values about a person that may be used and not shown.
@Suite struct MaskedTests {
    @Test(arguments: [
        ("王小明", "王*"), ("王明", "王*"), ("欧阳小明", "欧阳*"), ("欧阳明", "欧阳*"), ("欧阳", "欧*"), ("阿依·买买提", "阿*"), ("刀", "*"), ("", "*"),
    ])
    func `a name keeps its surname`(name: String, masked: String) { #expect(Masked.name(name).description == masked) }

    @Test func `numbers keep their ends`() throws {
        #expect(try #require(PhoneNumber("14012341234")).masked.description == "140****1234")
        #expect(try #require(BankCard("9999000000000000")).masked.description == "9999********0000")
        #expect(Masked.middle(of: "12345", keeping: 3, 4).description == "*****")
    }

    @Test func `it is written as a text`() throws {
        #expect(String(decoding: try JSONEncoder().encode([Masked.name("王小明")]), as: UTF8.self) == #"["王*"]"#)
    }

    @Test func `what is masked is no number`() throws {
        let phone = try #require(PhoneNumber("14012341234"))
        #expect(PhoneNumber(phone.masked.description) == nil)
        #expect(BankCard("9999********0000") == nil)
        #expect(ResidentID("990000***********3") == nil)
    }
}

@Suite struct NumberTests {
    @Test(arguments: ["13812341234", "14012341234", "0877-7012345", "08777012345", "010-62345678", "01062345678"])
    func `telephone numbers as people write them`(text: String) { #expect(PhoneNumber(text)?.reveal == text) }

    @Test(arguments: ["", "12345", "12012341234", "138123412345", "138-12341234", "7012345", "0877-70123", "0877 7012345", "１３８12341234", "0-877-7012345"])
    func `what is no telephone number`(text: String) { #expect(PhoneNumber(text) == nil) }

    @Test func `a bank card's check digit is told, and does not decide`() throws {
        #expect(try #require(BankCard("4111111111111112")).hasCheckDigit == false)
        #expect(try #require(BankCard("4111111111111111")).hasCheckDigit)
        #expect(BankCard("123456789012345") == nil && BankCard("12345678901234567890") == nil && BankCard("411111111111111x") == nil)
    }

    @Test func `a disability certificate begins with the ID number`() throws {
        let certificate = try #require(DisabilityCertificate("11010519491231002x42"))
        #expect(certificate.residentID == ResidentID("11010519491231002X"))
        #expect(certificate.reveal == "11010519491231002X42")
        #expect(DisabilityCertificate("11010519491231002X42B1") != nil)
        for text in ["11010519491231002X", "11010519491231002X82", "11010519491231002X45", "11010519491231002142", "11010519491231002X42C1"] {
            #expect(DisabilityCertificate(text) == nil)
        }
    }

    @Test func `none of them prints itself`() throws {
        let values: [any Concealed] = [
            try #require(PhoneNumber("14012341234")), try #require(BankCard("4111111111111111")),
            try #require(DisabilityCertificate("11010519491231002X42")), try #require(ResidentID("11010519491231002X")),
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), "\([value])", dumped] {
                #expect(!text.contains(value.reveal) && !text.contains("1234") && !text.contains("1949"))
            }
        }
    }
}

/// The national system numbers otherwise than the standards (section 11).
@Suite struct StandardCodeTests {
    @Test func `02 is Manchu here, and Mongol in GB/T 3304`() {
        #expect(Codes.ethnicity["02"]?.zh == "满族" && Codes.ethnicity["02"]?.standard == "11")
        #expect(Codes.ethnicity[standard: "02"]?.zh == "蒙古族" && Codes.ethnicity[standard: "02"]?.code == "04")
    }

    @Test func `every people there and back`() {
        let peoples = Codes.ethnicity.codes.filter { $0.standard != nil }
        #expect(peoples.count == 56)
        #expect(Set(peoples.map(\.standard)).count == 56)
        #expect(peoples.allSatisfy { people in people.standard.map { Codes.ethnicity[standard: $0] == people } ?? false })
    }

    @Test(arguments: [("02", "10"), ("03", "20"), ("04", "30"), ("05", "38"), ("06", "28"), ("11", "51"), ("13", "55"), ("15", "53"), ("20", "64")])
    func `relations of GB/T 4761`(national: String, standard: String) {
        #expect(Codes.relations[national]?.standard == standard)
        #expect(Codes.relations[standard: standard]?.code == national)
    }

    @Test(arguments: [("22", "03"), ("32", "04"), ("12", "02"), ("57", "11"), ("73", "99"), ("93", "99")])
    func `a finer relation is read as the wider one`(standard: String, national: String) {
        #expect(Codes.relations[standard: standard]?.code == national)
    }

    @Test(arguments: [("90", "01"), ("81", "02"), ("71", "03"), ("61", "04"), ("47", "04"), ("31", "05"), ("21", "05"), ("11", "05")])
    func `education of GB/T 4658`(standard: String, national: String) {
        #expect(Codes.education[standard: standard]?.code == national)
    }

    @Test func `where no one code says as much, none is written`() {
        #expect(Codes.education["05"]?.standard == nil && Codes.education["06"]?.standard == nil)
        #expect(Codes.relations["99"]?.standard == nil)
        #expect(Codes.relations[standard: "00"] == nil)
    }

    @Test func `no code of a standard is two of the national system's`() {
        for list in [Codes.ethnicity, Codes.relations, Codes.education] {
            let all = list.codes.flatMap { $0.standardAlso + [$0.standard].compactMap(\.self) }
            #expect(Set(all).count == all.count, "\(list.name)")
        }
    }
}
