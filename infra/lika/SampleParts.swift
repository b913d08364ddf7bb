import IntakeDomain
import Registry

/// A tip that somebody will give, and how it will turn out.
struct SampleTip: Codable, Equatable {
    /// The household's number and the kind of its case: which case it speaks of.
    let number: String
    let kind: String
    /// In which window it comes in: `community` or `subdistrict`.
    let level: String
    /// `dismissed`, `upheld` or `partly_upheld`.
    let outcome: String
    let text: String
}

/// What the work team finds when a department's answer sends it to a household once more: another case than the one proposed.
struct SampleSecondVisit: Codable, Equatable {
    /// The household's number and the kind of the case that ends.
    let number: String
    let kind: String
    /// What it is proposed as then.
    let outcome: String
    let facts: SurveyFacts
}

/// What a department knows otherwise than a household declared it.
struct SampleFinding {
    let department: Department
    let topic: VerificationTopic
    let residentID: ResidentID
    let household: String
    let answer: Answer

    struct Answer: Codable, Equatable {
        let outcome: String
        let code: String
        let field: String
        let remark: String
    }

    init(
        _ department: Department, _ topic: VerificationTopic, _ residentID: ResidentID, _ household: String, code: String, field: String,
        remark: String
    ) {
        (self.department, self.topic, self.residentID, self.household) = (department, topic, residentID, household)
        answer = Answer(outcome: "discrepant", code: code, field: field, remark: remark)
    }
}

/// What a rehearsal of the sample must come to, as far as the sample alone decides it: `expected.json`.
struct SampleExpectation: Codable, Equatable {
    struct Kind: Codable, Equatable {
        var proposed = 0
        /// After the survey, and after the person's decision where the rules refer to one.
        var met = 0
        var notMet = 0
    }

    struct Discrepancy: Codable, Equatable {
        let household: String
        let department: Department
        let topic: VerificationTopic
    }

    struct Fault: Codable, Equatable {
        let file: String
        let line: Int
        let code: String
    }

    enum Outcome { case met, notMet }

    var seed: UInt64 = 0
    /// Those without a fault, on the register and off it.
    var households = 0
    var members = 0
    /// The opening of the year's balance.
    var registeredHouseholds = 0
    var registeredPersons = 0
    var exitedHouseholds = 0
    var kinds: [String: Kind] = [:]
    /// Natural changes that the police will confirm.
    var increases = 0
    var decreases = 0
    var tips = 0
    var discrepant: [Discrepancy] = []
    var faults: [Fault] = []

    mutating func note(_ kind: String, _ outcome: Outcome) {
        kinds[kind, default: Kind()].proposed += 1
        switch outcome {
        case .met: kinds[kind, default: Kind()].met += 1
        case .notMet: kinds[kind, default: Kind()].notMet += 1
        }
    }
}
