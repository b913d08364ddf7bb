import Foundation
import IntakeDomain
import Registry
import Sheets
import Testing

@testable import lika

@Suite struct SampleTests {
    static let sample = Result { try SampleFiles(SampleRound(seed: 2018, households: 600)) }

    func file(_ name: String) throws -> [UInt8] { try #require(try Self.sample.get().files[name]) }

    @Test func `the same seed gives the same files, byte for byte, and another seed others`() throws {
        let again = try SampleFiles(SampleRound(seed: 2018, households: 600)).files
        #expect(try Self.sample.get().files == again)
        let other = try SampleFiles(SampleRound(seed: 2019, households: 600)).files
        #expect(other["registered.csv"] != again["registered.csv"])
    }

    @Test func `the first numbers of the generator are those of its authors`() {
        var random = SampleRandom(seed: 1_234_567)
        #expect((0..<3).map { _ in random.next() } == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }

    @Test func `it has the households that the plan's sample needs`() throws {
        let expected = try Self.sample.get().expected
        #expect((expected.households, expected.registeredHouseholds, expected.exitedHouseholds) == (600, 330, 110))
        #expect(expected.kinds.mapValues(\.proposed) == ["EXIT": 110, "RETURN": 15, "NEW": 25, "REMOVAL": 14, "CLEAROUT": 12, "NATURAL": 20])
        #expect(expected.kinds.values.allSatisfy { $0.met + $0.notMet == $0.proposed && $0.met > 0 && $0.notMet > 0 })
    }

    @Test func `nobody in it exists, everybody's number is valid, and none stands twice`() throws {
        let round = SampleRound(seed: 2018, households: 600)
        let persons = (round.registered + round.notRegistered).flatMap(\.members).map(\.residentID)
        #expect(persons.allSatisfy { !$0.hasAssignedArea })
        #expect(Set(persons).count == persons.count)
        #expect((round.registered + round.notRegistered).allSatisfy { (2...6).contains($0.members.count) })
    }

    @Test func `every group has households`() {
        let round = SampleRound(seed: 2018, households: 600)
        #expect(Set((round.registered + round.notRegistered).map(\.division)).count == 12)
    }

    @Test func `the departments' files are keyed by number and topic`() throws {
        typealias Answers = [String: [String: SampleFinding.Answer]]
        for department in Department.asked { _ = try JSONDecoder().decode(Answers.self, from: Data(file("departments/\(department.slug).json"))) }
        let police = try JSONDecoder().decode(Answers.self, from: Data(file("departments/police.json")))
        #expect(police.values.contains { $0["RESIDENCE"]?.outcome == "discrepant" })
        #expect(police.keys.allSatisfy { $0.hasPrefix("999999") })
    }

    @Test(arguments: [60, 600, 2_000]) func `what the rules say of it is what it expects`(households: Int) throws {
        let files = try SampleFiles(SampleRound(seed: 7, households: households))
        let rules = RuleSet(year: 2018, entryLine: Money(yuan: 2_952), exitLine: Money(yuan: 3_500))
        let subdistrict = try #require(DivisionCode(SampleRound.subdistrict))
        func bytes(_ name: String) throws -> [UInt8] { try #require(files.files[name]) }
        func entries<Form: SheetForm>(_ name: String, _ form: Form) throws -> [Form.Entry] {
            try form.items(of: CSVReader.rows(in: bytes(name))).compactMap(\.entry)
        }
        let surveys = try entries("survey.csv", SurveySheet.Form())
        let facts = Dictionary(surveys.map { ($0.household, $0.facts) }, uniquingKeysWith: { first, _ in first })
        var found: [String: SampleExpectation.Kind] = [:]
        let households =
            try entries("registered.csv", RegisterSheet.Form(.registered, within: subdistrict))
            + entries("not-registered.csv", RegisterSheet.Form(.notRegistered, within: subdistrict))
        for entry in households {
            for proposal in Roster.proposals(for: entry, under: rules) {
                let facts = try #require(facts[entry.number])
                let assessment = try #require(
                    rules.assess(
                        proposal.kind, of: proposal.person,
                        Surveyed(
                            standing: entry.status.map(HouseholdRecord.Standing.registered) ?? .outside, registeredOn: entry.registeredOn,
                            members: entry.members.count, facts: facts)))
                found[proposal.kind.rawValue, default: .init()].proposed += 1
                if assessment.verdict == .met || (assessment.verdict == .referred && facts.judgement == true) {
                    found[proposal.kind.rawValue, default: .init()].met += 1
                } else {
                    found[proposal.kind.rawValue, default: .init()].notMet += 1
                }
            }
        }
        #expect(found == files.expected.kinds.filter { $0.key != CaseKind.naturalChange.rawValue })
    }
}
