import Contracts
import Foundation
import IntakeDomain
import Registry
import Testing

@Suite struct HouseholdRecordTests {
    let `case` = CaseID(UUID())

    func mark(_ record: HouseholdRecord, _ mark: Mark) throws(HouseholdRecord.Refusal) -> HouseholdRecord {
        try record.marking(mark, by: `case`, year: 2018, at: october10).state
    }

    // MARK: Entering and correcting

    @Test(arguments: [(nil, Population.notRegistered), (.notExited, .registered), (.exited, .exited), (.returned, .registered)] as [(Registry.ExitStatus?, Population)])
    func `an entry is told with the population it belongs to`(status: Registry.ExitStatus?, population: Population) {
        let persons = entry().members.map { Enrolled(MemberID(UUID()), PersonHash($0.number)) }
        let decision = HouseholdRecord.entering(entry(status: status), as: HouseholdID(UUID()), persons: persons, in: CampaignID(UUID()), at: october10)
        let event = decision.events.first as? HouseholdRegistered
        #expect(event?.population == population)
        #expect(event?.memberCount == 3)
        #expect(event?.headName == "李0")
    }

    @Test func `a correction names fields and no values`() throws {
        var corrected = entry()
        corrected.members[0].name = "李新"
        corrected.members[1].residentID = residentID("19710202", 9)
        corrected.income = YearlyIncome(year: 2017, net: Money(yuan: 1))
        let before = HouseholdRecord.entering(
            entry(), as: HouseholdID(UUID()), persons: entry().members.map { Enrolled(MemberID(UUID()), PersonHash($0.number)) },
            in: CampaignID(UUID()), at: october10
        ).state
        let decision = before.correcting(from: entry(), to: corrected, hashes: [corrected.members[1].number: PersonHash("new")], at: october10)
        let event = try #require(decision.events.first as? HouseholdCorrected)
        #expect(event.fields == ["income", "incomeYear", "member.idNumber", "member.name"])
        #expect(event.headName == "李新")
        #expect(decision.state.members[1].hash == PersonHash("new"))
        #expect(decision.state.members[1].bornOn == day("1971-02-02"))
        #expect(decision.state.members.map(\.id) == before.members.map(\.id))
    }

    @Test func `an equal entry tells nothing`() {
        #expect(household().correcting(from: entry(), to: entry(), hashes: [:], at: october10).events.isEmpty)
    }

    @Test func `a sheet cannot move a household on the register, nor its persons`() {
        let record = HouseholdRecord.entering(
            entry(), as: HouseholdID(UUID()), persons: entry().members.map { Enrolled(MemberID(UUID()), PersonHash($0.number)) },
            in: CampaignID(UUID()), at: october10
        ).state
        var (exited, fewer, more) = (entry(status: .exited), entry(persons: 2), entry(persons: 4))
        exited.exitYear = 2017
        more.members[3].relation = "03"
        #expect(record.faults(correcting: entry(), to: exited) == [.standing])
        #expect(record.faults(correcting: entry(), to: fewer) == [.personMissing])
        #expect(record.faults(correcting: entry(), to: more) == [.personUnknown])
        fewer.members[0].name = "李新"
        #expect(record.faults(correcting: entry(), to: entry()).isEmpty)
    }

    @Test func `a sheet may show what cases have done since`() throws {
        let record = try mark(household(.registered(.notExited)), .exit)
        var now = entry(status: .exited)
        now.exitYear = 2018
        now.members = record.members.map { member in
            MemberEntry(number: member.number, name: member.name, residentID: residentID(), relation: member.relation)
        }
        var before = now
        (before.status, before.exitYear) = (.notExited, nil)
        #expect(record.faults(correcting: before, to: now).isEmpty)
    }

    // MARK: Marking

    static let marks: [(HouseholdRecord.Standing, Mark, HouseholdRecord.Standing)] = [
        (.registered(.notExited), .exit, .registered(.exited)), (.registered(.returned), .exit, .registered(.exited)),
        (.registered(.exitPlanned), .exit, .registered(.exited)), (.registered(.exited), .return, .registered(.returned)),
        (.registered(.stablyExited), .return, .registered(.returned)), (.outside, .new, .registered(.notExited)),
        (.registered(.notExited), .removal, .struckOff), (.registered(.exited), .removal, .struckOff),
    ]

    @Test(arguments: marks)
    func `each kind marks the register in its own way`(before: HouseholdRecord.Standing, with mark: Mark, after: HouseholdRecord.Standing) throws {
        let record = try self.mark(household(before), mark)
        #expect(record.standing == after)
        #expect(record.standingYear == 2018)
    }

    static let refusals: [(HouseholdRecord.Standing, Mark, HouseholdRecord.Refusal)] = [
        (.registered(.exited), .exit, .alreadyExited), (.registered(.stablyExited), .exit, .alreadyExited), (.outside, .exit, .notOnRegister),
        (.registered(.notExited), .return, .notExited), (.registered(.returned), .return, .notExited), (.struckOff, .return, .notOnRegister),
        (.registered(.notExited), .new, .alreadyOnRegister), (.struckOff, .removal, .notOnRegister), (.outside, .removal, .notOnRegister),
        (.closed, .exit, .notOnRegister), (.closed, .new, .notOnRegister),
    ]

    @Test(arguments: refusals)
    func `what the register does not allow is refused`(standing: HouseholdRecord.Standing, with mark: Mark, refusal: HouseholdRecord.Refusal) {
        #expect(throws: refusal) { try self.mark(household(standing), mark) }
    }

    @Test func `the mark tells the persons left on the register`() throws {
        func count(_ record: HouseholdRecord, _ mark: Mark) throws -> Int? {
            (try record.marking(mark, by: `case`, year: 2018, at: october10).events.first as? HouseholdMarked)?.memberCount
        }
        let record = household()
        #expect(try count(record, .exit) == 3)
        #expect(try count(record, .removal) == 0)
        #expect(try count(record, .clearOut(record.members[2].id, reason: "K01")) == 2)
        #expect(try count(household(.outside), .new) == 3)
    }

    @Test func `a new household is registered on the day it is marked`() throws {
        #expect(try mark(household(.outside, registeredOn: nil), .new).registeredOn == day("2018-10-10"))
    }

    // MARK: Members

    func decrease(_ record: HouseholdRecord, _ place: Int) throws(HouseholdRecord.Refusal) -> HouseholdRecord {
        try mark(record, .decrease(record.members[place].id, reason: "D01", on: day("2018-05-05")))
    }

    @Test func `if the head goes, the spouse is head`() throws {
        let record = try decrease(household(), 0)
        #expect(record.members[0].state == .ended(reason: "D01", on: day("2018-05-05")))
        #expect(record.head?.number == "2")
        #expect(record.active.count { $0.relation == "02" } == 0)
    }

    @Test func `without a spouse the eldest adult is head, and a child only if nobody else is left`() throws {
        let adults = household(.registered(.notExited), [member("1", "01"), member("2", "03", born: "2000-10-11"), member("3", "03", born: "2000-10-10"), member("4", "03", born: "2005-01-01")])
        // The third comes of age that very day; the second the day after.
        #expect(try decrease(adults, 0).head?.number == "3")
        let children = household(.registered(.notExited), [member("1", "01"), member("2", "03", born: "2010-01-01"), member("3", "03", born: "2008-01-01")])
        #expect(try decrease(children, 0).head?.number == "3")
    }

    @Test func `if nobody is left a person has to close the household`() throws {
        let alone = try decrease(household(.registered(.notExited), [member("1", "01")]), 0)
        #expect(alone.isClosingDue)
        #expect(alone.headName == "李1")
        #expect(try alone.closing(in: 2018).standing == .closed)
        #expect(throws: HouseholdRecord.Refusal.someoneLeft) { try household().closing(in: 2018) }
        #expect(throws: HouseholdRecord.Refusal.notOnRegister) { try household(.outside).closing(in: 2018) }
    }

    @Test func `who joins counts once confirmed, and never if refused`() throws {
        let newcomer = member("4", "04", born: "2018-03-03")
        let proposed = household().proposing(newcomer)
        #expect(proposed.registeredPersons == 3)
        #expect(try mark(proposed, .increase(newcomer.id)).registeredPersons == 4)
        let refused = try proposed.refusing(newcomer.id)
        #expect(refused.registeredPersons == 3)
        #expect(throws: HouseholdRecord.Refusal.memberNotProposed) { try mark(refused, .increase(newcomer.id)) }
    }

    @Test func `who has gone already cannot go again`() throws {
        let once = try decrease(household(), 2)
        #expect(try mark(once, .clearOut(once.members[2].id, reason: "K01")) == once)
        let struckOff = try mark(household(), .removal)
        #expect(try decrease(struckOff, 0) == struckOff)
        #expect(throws: HouseholdRecord.Refusal.memberUnknown) { try mark(household(), .clearOut(MemberID(UUID()), reason: "K01")) }
    }

    // MARK: Changes

    func codes(_ record: HouseholdRecord, person: String, _ reason: String, on: String, isVerified: Bool = false) -> [String] {
        let newcomer = reason.hasPrefix("A") ? MemberChange.Newcomer(name: "李芳", residentID: residentID(), relation: "04") : nil
        let change = MemberChange(household: record.number, person: person, reason: reason, on: day(on), evidence: "1", newcomer: newcomer)
        return record.faults(proposing: change, isVerified: isVerified).map(\.1)
    }

    @Test func `gone on the day of registration is a clear-out, the day after a natural decrease`() {
        #expect(codes(household(), person: "3", "D01", on: "2014-06-01") == ["change.before-registration"])
        #expect(codes(household(), person: "3", "D01", on: "2014-06-02") == [])
    }

    @Test func `a natural change needs a registered household, its person and an open question`() {
        #expect(codes(household(.outside), person: "3", "D01", on: "2018-01-01") == ["change.not-registered"])
        #expect(codes(household(), person: "9", "D01", on: "2018-01-01") == ["person.unknown"])
        #expect(codes(household(), person: "3", "A01", on: "2018-01-01") == ["person.twice"])
        #expect(codes(household(), person: "4", "A01", on: "2018-01-01") == [])
        #expect(codes(household(), person: "4", "A01", on: "2018-01-01", isVerified: true) == ["change.after-verification"])
    }

    @Test func `a person stands once in all the books`() {
        var register = PersonRegister(owners: [PersonHash("a"): "1"])
        #expect(register.admit([PersonHash("a"), PersonHash("b")], to: "1", lines: [2, 3]).isEmpty)
        let elsewhere = register.admit([PersonHash("c"), PersonHash("b"), PersonHash("a")], to: "2", lines: [4, 5, 6])
        #expect(elsewhere.map(\.code) == ["person.id-elsewhere", "person.id-elsewhere"])
        #expect(elsewhere.map(\.line) == [5, 6])
        #expect(register.admit([PersonHash("c"), PersonHash("c")], to: "3", lines: [7, 8]).map(\.code) == ["person.id-twice"])
        #expect(register.admit([PersonHash("c")], to: "4", lines: [9]).isEmpty)
    }

    // MARK: Sums

    @Test func `the sums reconcile through every kind of mark`() throws {
        var records = [household(), household(.registered(.exited)), household(), household(.outside), household()]
        var movements = records.filter(\.isOnRegister).map { Movement(.opening, households: 1, persons: $0.registeredPersons) }
        let newcomer = member("4", "04")
        records[2] = records[2].proposing(newcomer)
        for (place, mark) in [
            (0, Mark.exit), (1, .return), (2, .increase(newcomer.id)), (3, .new), (4, .removal),
            (0, .clearOut(records[0].members[2].id, reason: "K01")), (1, .decrease(records[1].members[0].id, reason: "D02", on: day("2018-01-01"))),
        ] {
            let after = try self.mark(records[place], mark)
            if let cause = mark.movement, let movement = Movement(cause, from: records[place], to: after) { movements.append(movement) }
            records[place] = after
        }
        let balance = RegisterBalance(
            movements, counted: .init(households: records.count { $0.isOnRegister }, persons: records.map(\.registeredPersons).reduce(0, +)))
        #expect(balance.opening == .init(households: 4, persons: 12))
        #expect(balance.new == .init(households: 1, persons: 3))
        #expect(balance.removed == .init(households: 1, persons: 4))
        #expect((balance.naturalIncrease, balance.naturalDecrease) == (1, 1))
        #expect(balance.closing == .init(households: 4, persons: 11))
        #expect(balance.reconciles)
    }

    @Test func `a loss that no case explains does not reconcile`() {
        #expect(!RegisterBalance([Movement(.opening, households: 1, persons: 3)], counted: .init(households: 1, persons: 2)).reconciles)
    }
}
