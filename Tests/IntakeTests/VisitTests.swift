import Contracts
import Foundation
import IntakeDomain
import Registry
import Testing

@Suite struct VisitTests {
    func record(_ change: (inout VisitRecord) -> Void = { _ in }) -> VisitRecord {
        var record = VisitRecord(
            key: "a", household: "53042700001", base: 0, surveyor: "王五",
            evidence: [.init(kind: .photo, digest: String(repeating: "0a", count: 32))], facts: facts())
        change(&record)
        return record
    }

    @Test func `a record without fault has none`() { #expect(record().faults(on: day("2018-10-12")).isEmpty) }

    static let faults: [(String, String, @Sendable (inout VisitRecord) -> Void)] = [
        ("/key", "record.key", { $0.key = "" }), ("/base", "record.base", { $0.base = -1 }), ("/surveyor", "record.surveyor", { $0.surveyor = "" }),
        ("/evidence/0/digest", "evidence.digest", { $0.evidence = [.init(kind: .paper, digest: "AB")] }),
        ("/facts/surveyedOn", "date.future", { $0.facts.surveyedOn = day("2018-10-13") }),
        ("/facts/income/year", "number.range", { $0.facts.income = YearlyIncome(year: 1918, net: .zero) }),
        ("/facts/cause", "code.unknown", { $0.facts.cause = "77" }), ("/facts/mainCause", "code.unknown", { $0.facts.mainCause = "77" }),
        ("/facts/otherCauses", "causes.too-many", { $0.facts.otherCauses = ["02", "03", "09"] }),
        ("/facts/plannedExitYear", "number.range", { $0.facts.plannedExitYear = 2017 }),
        ("/facts/clearOut/reason", "code.unknown", { $0.facts.clearOut = .init(person: "1", reason: "K77", on: nil) }),
        ("/facts/judgement", "record.judgement", { $0.facts.judgement = true }),
    ]

    @Test(arguments: faults) func `a fault is named by its place`(pointer: String, code: String, change: @Sendable (inout VisitRecord) -> Void) {
        let faults = record { change(&$0) }.faults(on: day("2018-10-12"))
        #expect(faults.map(\.pointer) == [pointer])
        #expect(faults.map(\.code) == [code])
    }

    @Test func `a record is the next visit, one on file, or a conflict, and never a mixture`() {
        #expect(Reception("new", base: 0, known: [:], last: 0) == .accepted(number: 1))
        #expect(Reception("new", base: 2, known: ["a": 1, "b": 2], last: 2) == .accepted(number: 3))
        #expect(Reception("a", base: 0, known: ["a": 1, "b": 2], last: 2) == .known(number: 1))
        #expect(Reception("new", base: 1, known: ["a": 1, "b": 2], last: 2) == .conflict(base: 1, found: 2))
        // A version that nobody has made cannot have been known.
        #expect(Reception("new", base: 3, known: ["a": 1, "b": 2], last: 2) == .conflict(base: 3, found: 2))
    }

    @Test func `what differs is named without its value`() {
        let other = facts(income: .zero) {
            $0.conditions[.water] = .notMet
            $0.housing = .d
        }
        #expect(facts().fields(differingIn: other) == ["income", "housing", "conditions.C2"])
        #expect(facts().fields(differingIn: facts()).isEmpty)
    }
}

@Suite struct RosterListTests {
    @Test func `a roster is drafted, fixed once, and drafted again by what comes later`() throws {
        let drafted = RosterList.drawing(.exit, onto: nil)
        #expect(drafted == RosterList(.exit, .drafted, edition: 1))
        #expect(RosterList.drawing(.exit, onto: drafted) == drafted)
        let fixed = try drafted.fixing()
        #expect(fixed == RosterList(.exit, .fixed, edition: 1))
        #expect(throws: RosterList.Refusal.alreadyFixed) { try fixed.fixing() }
        #expect(RosterList.drawing(.exit, onto: fixed) == RosterList(.exit, .drafted, edition: 2))
    }
}

@Suite struct PovertyAnalysisTests {
    func signs(_ status: Registry.ExitStatus?, on today: String = "2018-10-08", _ change: (inout HouseholdEntry) throws -> Void) rethrows -> PovertyAnalysis {
        var household = entry(status: status)
        try change(&household)
        return PovertyAnalysis(of: household, under: rules2018, on: day(today))
    }

    @Test func `non-registered households in need are in the key-check scope, each for its reasons`() throws {
        #expect(signs(nil) { _ in }.keyCheck.isEmpty)
        #expect(signs(nil) { $0.income = YearlyIncome(year: 2017, net: Money(yuan: 2_952) * 3 - Money(fen: 1)) }.keyCheck == [.belowEntryLine])
        #expect(signs(nil) { $0.income = YearlyIncome(year: 2017, net: Money(yuan: 2_952) * 3) }.keyCheck.isEmpty)
        #expect(signs(nil) { $0.housing = .d }.keyCheck == [.dangerousHouse])
        #expect(signs(nil) { $0.members[1].particulars.insurance = nil }.keyCheck == [.uninsured])
        #expect(try signs(nil) { $0.members[1].particulars.health = try Health(["03"]) }.keyCheck == [.ill])
        #expect(signs(nil) { $0.members[1].particulars.health = .unknown }.keyCheck.isEmpty)
        #expect(signs(nil) { $0.clues.cause = "03" }.keyCheck == [.poorBySchooling])
        #expect(try signs(nil) { $0.causes = try PovertyCauses(main: "01", others: ["03"]) }.keyCheck == [.poorBySchooling])
    }

    @Test(arguments: [("2012-10-08", true), ("2012-10-09", false), ("2002-10-09", true), ("2002-10-08", false)])
    func `compulsory school age runs from the sixth birthday to the day before the sixteenth`(born: String, isSeen: Bool) {
        let found = signs(nil) {
            $0.members[2].residentID = residentID(born.replacingOccurrences(of: "-", with: ""))
            $0.members[2].particulars.studies = "01"
        }
        #expect(found.keyCheck == (isSeen ? [.outOfSchool] : []))
    }

    @Test func `a household that nobody is left in is neither proposed nor looked at`() {
        let empty = signs(.notExited) {
            ($0.income, $0.clues.circumstance, $0.members) = (YearlyIncome(year: 2017, net: Money(yuan: 90_000)), .costlyVehicle, [])
        }
        #expect(empty.proposals.isEmpty && empty.keyCheck.isEmpty && empty.rich.isEmpty)
    }

    @Test func `exits that do not hold, and registrations that seem wrong, are looked at`() {
        #expect(signs(.exited) { $0.income = YearlyIncome(year: 2017, net: Money(yuan: 3_500) * 3) }.keyCheck == [.notAboveExitLine])
        #expect(signs(.exited) { $0.income = YearlyIncome(year: 2017, net: Money(yuan: 3_500) * 3 + Money(fen: 1)) }.keyCheck.isEmpty)
        #expect(signs(.notExited) { $0.members[1].clearOutClue = "K01" }.keyCheck == [.member])
    }

    @Test func `rich households posing as poor are those on the register with means`() {
        #expect(signs(.notExited) { $0.clues.circumstance = .costlyVehicle }.rich == [.circumstance])
        #expect(signs(.notExited) { $0.clues.circumstance = .splitOrMerged }.rich.isEmpty)
        #expect(signs(.notExited) { $0.income = YearlyIncome(year: 2017, net: Money(yuan: 3_500) * 9 + Money(fen: 1)) }.rich == [.farAboveExitLine])
        #expect(signs(.notExited) { $0.income = YearlyIncome(year: 2017, net: Money(yuan: 3_500) * 9) }.rich.isEmpty)
        #expect(signs(nil) { $0.income = YearlyIncome(year: 2017, net: Money(yuan: 3_500) * 90) }.rich.isEmpty)
    }

    @Test(arguments: Sign.allCases) func `every sign says where it is written`(sign: Sign) { #expect(!sign.source.isEmpty && !sign.label.zh.isEmpty) }
}

@Suite struct ProposingTests {
    static let starts: [(CaseKind, HouseholdRecord.Standing, ProposalRefusal?)] = [
        (.exit, .registered(.notExited), nil), (.exit, .registered(.returned), nil), (.exit, .registered(.exited), .exited),
        (.exit, .outside, .notOnRegister), (.return, .registered(.exited), nil), (.return, .registered(.stablyExited), nil),
        (.return, .registered(.notExited), .notExited), (.return, .outside, .notOnRegister), (.new, .outside, nil),
        (.new, .registered(.notExited), .alreadyOnRegister), (.new, .struckOff, .notOnRegister), (.removal, .registered(.exited), nil),
        (.removal, .struckOff, .notOnRegister), (.naturalChange, .registered(.exited), nil), (.naturalChange, .closed, .notOnRegister),
        (.clearOut, .registered(.notExited), .memberNeeded), (.clearOut, .outside, .notOnRegister),
    ]

    @Test(arguments: starts) func `each kind starts from its standing`(kind: CaseKind, standing: HouseholdRecord.Standing, refusal: ProposalRefusal?) {
        var found: ProposalRefusal?
        do { try household(standing).check(proposing: kind, of: nil) } catch { found = error }
        #expect(found == refusal)
    }

    @Test func `a clear-out is of somebody who is there`() throws {
        let record = household()
        try record.check(proposing: .clearOut, of: record.members[1].id)
        #expect(throws: ProposalRefusal.memberNotActive) { try record.check(proposing: .clearOut, of: MemberID(UUID())) }
    }

    @Test func `nobody is left to propose anything for`() {
        let empty = household(.registered(.notExited), registeredOn: "2014-06-01", [member("1", "01", .ended(reason: "D01", on: day("2018-01-01")))])
        #expect(throws: ProposalRefusal.nobodyLeft) { try empty.check(proposing: .exit, of: nil) }
    }
}
