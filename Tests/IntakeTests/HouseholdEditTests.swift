import Contracts
import Foundation
import IntakeDomain
import Registry
import Testing

@Suite struct HouseholdEditTests {
    let household = entry()
    var persons: [String] { household.members.map(\.number) }

    func edited(_ edit: HouseholdEdit, _ household: HouseholdEntry? = nil) throws -> (entry: HouseholdEntry?, faults: [HouseholdEdit.Fault]) {
        try (household ?? self.household).edited(edit, within: subdistrict)
    }

    @Test func `fields change as they are written in the tables, and an empty one is cleared`() throws {
        var old = household
        old.housing = .c
        old.phone = PhoneNumber("14012341234")
        let new = try #require(try edited(HouseholdEdit(
            household: [.housing: "B级", .phone: "", .mainCause: "因病", .otherCauses: "02"],
            members: [persons[1]: [.education: "小学", .workPlace: "03", .workMonths: "6"]]), old).entry)
        #expect((new.housing, new.phone) == (.b, nil))
        #expect(try new.causes == PovertyCauses(main: "01", others: ["02"]))
        #expect(new.members[1].particulars.education == "02")
        #expect(try new.members[1].particulars.work == WorkAway(place: "03", months: 6))
        #expect(old.fields(changedIn: new) == ["housing", "mainCause", "member.education", "member.workMonths", "member.workPlace", "otherCauses", "phone"])
        #expect(new.members[0] == old.members[0])
    }

    @Test func `an edit that changes nothing leaves the entry as it is`() throws {
        #expect(try edited(HouseholdEdit()).entry == household)
    }

    @Test func `another head is named by changing all relations at once`() throws {
        let new = try edited(HouseholdEdit(members: [persons[0]: [.relation: "02"], persons[1]: [.relation: "01"]])).entry
        #expect(new?.head?.number == persons[1])
        let half = try edited(HouseholdEdit(members: [persons[1]: [.relation: "01"]]))
        #expect(half.entry == nil)
        #expect(half.faults == [.init(persons[1], .relation, "household.two-heads", "exactly one person is the head")])
    }

    @Test func `every fault is named with the person and the field`() throws {
        let faults = try edited(HouseholdEdit(
            household: [.phone: "140****1234", .incomeYear: "2017"],
            members: [persons[2]: [.residentID: "999999********001X", .health: "01、02", .name: "李*"]])).faults
        #expect(Set(faults.map { "\($0.person ?? "") \($0.column?.field ?? "") \($0.code)" }) == [
            " phone phone.format", " incomeYear income.year", "\(persons[2]) idNumber resident-id.characters", "\(persons[2]) health health.excludes",
        ])
        #expect(faults.allSatisfy { !$0.reason.contains("140") && !$0.reason.contains("999999") })
    }

    @Test func `what cases change, what names a thing and what follows from others is not edited`() throws {
        let faults = try edited(HouseholdEdit(
            household: [.status: "1", .household: "7", .memberCount: "9", .name: "王明"],
            members: [persons[0]: [.sex: "02", .person: "1", .housing: "A"], "nobody": [.name: "王明"]])).faults
        #expect(faults.map { "\($0.column?.field ?? "") \($0.code)" }.sorted() == [
            " person.unknown", "housing field.unknown", "memberCount field.derived", "name field.unknown", "number field.fixed", "number field.fixed",
            "sex field.derived", "status field.fixed",
        ])
    }

    @Test func `what was at fault before stands in nobody's way, and a new fault does`() throws {
        var newborn = household
        newborn.members[2].particulars.insurance = nil
        #expect(try edited(HouseholdEdit(household: [.housing: "A"]), newborn).entry?.housing == .a)
        #expect(try edited(HouseholdEdit(members: [persons[1]: [.residentInsurance: "否"]]), newborn).faults.map(\.code) == ["insurance.neither"])
        let insured = try edited(HouseholdEdit(members: [persons[2]: [.residentInsurance: "是", .employeeInsurance: "否"]]), newborn).entry
        #expect(insured?.members[2].particulars.insurance == .residents)
    }

    @Test func `it is brought up to the register before it is edited`() throws {
        let record = HouseholdRecord(
            id: HouseholdID(UUID()), number: household.number, campaign: CampaignID(UUID()), division: group, standing: .registered(.exited),
            standingYear: 2018, registeredOn: day("2014-06-01"),
            members: [
                member(persons[0], "01", .ended(reason: "D01", on: day("2018-03-01"))), member(persons[1], "01"), member(persons[2], "03"),
                member("new", "04", born: "2018-05-05"),
            ])
        let joined = MemberEntry(number: "new", name: "李芳", residentID: residentID("20180505", 2), relation: "04", particulars: Particulars())
        let now = household.brought(upTo: record, joined: [joined])
        #expect(now.members.map(\.number) == [persons[1], persons[2], "new"])
        #expect(now.head?.number == persons[1])
        #expect((now.status, now.exitYear) == (.exited, 2018))
        #expect(record.faults(correcting: now, to: now).isEmpty)
    }
}
