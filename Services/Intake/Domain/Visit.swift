import Contracts
import Foundation
import Registry

/// A photograph or a paper that shows what a visit found: its kind and its digest, never the thing itself (section 9).
package struct Evidence: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        case photo, paper
    }

    package let kind: Kind
    /// SHA-256 in lower-case hexadecimal.
    package let digest: String

    package init(kind: Kind, digest: String) { (self.kind, self.digest) = (kind, digest) }

    package var isWellFormed: Bool { digest.isSHA256 }
}

/// One visit as a surveyor's device, or a clerk, records it (R5 to R8).
package struct VisitRecord: Codable, Equatable, Sendable {
    /// The device's own name of this record: sent twice it takes effect once.
    package var key: String
    /// The household's number.
    package var household: String
    /// The number of the household's last visit that the surveyor knew; 0 if none.
    package var base: Int
    package var surveyor: String
    /// Whether the visit was brought to its end: one that was broken off does not count.
    package var complete: Bool
    package var evidence: [Evidence]
    package var facts: SurveyFacts

    package init(
        key: String, household: String, base: Int, surveyor: String, complete: Bool = true, evidence: [Evidence] = [], facts: SurveyFacts
    ) {
        (self.key, self.household, self.base, self.surveyor) = (key, household, base, surveyor)
        (self.complete, self.evidence, self.facts) = (complete, evidence, facts)
    }

    /// Every fault of the record, placed from its own root.
    package func faults(on today: LocalDate) -> [Invalid.Fault] {
        var faults: [Invalid.Fault] = []
        func fault(_ pointer: String, _ code: String, _ reason: String, if isFaulty: Bool) {
            if isFaulty { faults.append(.init(pointer, code, reason)) }
        }
        func isUnknown(_ code: String?, _ list: CodeList) -> Bool { code.map { list[$0] == nil } ?? false }
        fault("/key", "record.key", "1 to 100 characters that name this record", if: !(1...100).contains(key.utf8.count))
        fault("/base", "record.base", "the number of a visit, or 0", if: base < 0)
        fault("/surveyor", "record.surveyor", "who visited, in at most 60 characters", if: !(1...60).contains(surveyor.count))
        fault("/evidence", "record.evidence", "at most 50 photographs and papers", if: evidence.count > 50)
        for (place, item) in evidence.enumerated() {
            fault("/evidence/\(place)/digest", "evidence.digest", "SHA-256 as 64 lower-case hexadecimal digits", if: !item.isWellFormed)
        }
        fault("/facts/surveyedOn", "date.future", "a visit is recorded after it was made", if: facts.surveyedOn > today)
        fault("/facts/income/year", "number.range", "2010 to 2030", if: facts.income.map { !(2010...2030).contains($0.year) } ?? false)
        fault("/facts/income/net", "number.range", "at most a thousand million yuan", if: (facts.income?.net.fen.magnitude ?? 0) > 100_000_000_000)
        fault("/facts/cause", "code.unknown", "not in the code list return_causes", if: isUnknown(facts.cause, Codes.returnCauses))
        fault("/facts/mainCause", "code.unknown", "not in the code list poverty_causes", if: isUnknown(facts.mainCause, Codes.povertyCauses))
        fault("/facts/otherCauses", "causes.too-many", "at most two causes beside the main one", if: facts.otherCauses.count > 2)
        fault("/facts/otherCauses", "code.unknown", "not in the code list poverty_causes", if: facts.otherCauses.contains { isUnknown($0, Codes.povertyCauses) })
        fault("/facts/plannedExitYear", "number.range", "2018 to 2030", if: facts.plannedExitYear.map { !(2018...2030).contains($0) } ?? false)
        fault("/facts/clearOut/reason", "code.unknown", "not in the code list member_clearout", if: isUnknown(facts.clearOut?.reason, Codes.memberClearout))
        fault("/facts/judgement", "record.judgement", "a person judges a case by name and with a reason, not in a record", if: facts.judgement != nil)
        return faults
    }
}

/// What becomes of a record that was made on some version of the household's visits.
package enum Reception: Equatable, Sendable {
    /// It is the household's next visit.
    case accepted(number: Int)
    /// It is on file, under this number.
    case known(number: Int)
    /// Somebody has recorded a visit since: a person decides, and nothing is merged.
    case conflict(base: Int, found: Int)

    /// - Parameters:
    ///   - known: The visits on file by what they say.
    ///   - last: The number of the last one; 0 if there is none.
    package init(_ fingerprint: String, base: Int, known: [String: Int], last: Int) {
        if let number = known[fingerprint] {
            self = .known(number: number)
        } else if base == last {
            self = .accepted(number: last + 1)
        } else {
            self = .conflict(base: base, found: last)
        }
    }
}

extension SurveyFacts {
    /// What differs in `other`, by field name and never by value.
    package func fields(differingIn other: SurveyFacts) -> [String] {
        var fields: [String] = []
        func note<Value: Equatable>(_ name: String, _ field: KeyPath<SurveyFacts, Value>) {
            if self[keyPath: field] != other[keyPath: field] { fields.append(name) }
        }
        note("surveyedOn", \.surveyedOn)
        note("income", \.income)
        note("housing", \.housing)
        for condition in ExitCondition.allCases where conditions[condition] != other.conditions[condition] {
            fields.append("conditions.\(condition.rawValue)")
        }
        note("acknowledged", \.acknowledged)
        note("isAgricultural", \.isAgricultural)
        note("livesHere", \.livesHere)
        note("cause", \.cause)
        note("causeOn", \.causeOn)
        note("mainCause", \.mainCause)
        note("otherCauses", \.otherCauses)
        note("plannedExitYear", \.plannedExitYear)
        note("circumstance", \.circumstance)
        note("clearOut", \.clearOut)
        note("judgement", \.judgement)
        return fields
    }
}
