import Contracts
import Registry

/// Why a household is on the lists: what proposed it, what was found, what the rules and people made of it, and what became
/// of it, as of the end of a day.
///
/// Figures and causes are income and health: they are there, and the head's name in full, only if the reader named a purpose,
/// which is noted.
package struct Explanation: Codable, Equatable, Sendable {
    package let household: HouseholdID
    package let number: String
    package let headName: String
    package let division: DivisionCode
    package let at: LocalDate
    package let disclosed: Bool
    package let cases: [CaseExplanation]

    package init(
        household: HouseholdID, number: String, headName: String, division: DivisionCode, at: LocalDate, disclosed: Bool, cases: [CaseExplanation]
    ) {
        (self.household, self.number, self.headName, self.division) = (household, number, headName, division)
        (self.at, self.disclosed, self.cases) = (at, disclosed, cases)
    }
}

/// The two wordings of the suite.
package struct Wording: Codable, Equatable, Sendable {
    package let zh: String
    package let en: String

    package init(zh: String, en: String) { (self.zh, self.en) = (zh, en) }
    package init(_ label: Label) { self.init(zh: label.zh, en: label.en) }
}

package struct CaseExplanation: Codable, Equatable, Sendable {
    package let `case`: CaseID
    package let campaign: CampaignID
    package let kind: CaseKind
    /// The person's number, of a clear-out or a natural change.
    package let person: String?
    package let status: String
    package let proposal: ProposalBasis
    package let proposedAt: Instant
    package let visits: [Visit]
    package let assessments: [Assessed]
    package let judgements: [Judgement]
    package let departments: [Answer]
    package let steps: [Step]

    package init(
        case: CaseID, campaign: CampaignID, kind: CaseKind, person: String?, status: String, proposal: ProposalBasis, proposedAt: Instant,
        visits: [Visit], assessments: [Assessed], judgements: [Judgement], departments: [Answer], steps: [Step]
    ) {
        (self.case, self.campaign, self.kind, self.person, self.status) = (`case`, campaign, kind, person, status)
        (self.proposal, self.proposedAt, self.visits, self.assessments) = (proposal, proposedAt, visits, assessments)
        (self.judgements, self.departments, self.steps) = (judgements, departments, steps)
    }

    package struct Visit: Codable, Equatable, Sendable {
        package let number: Int
        package let surveyor: String
        package let visitedOn: LocalDate
        package let complete: Bool
        /// Whether its facts are the ones that count.
        package let counts: Bool
        package let evidence: [Evidence]
        package let facts: SurveyFacts?

        package init(number: Int, surveyor: String, visitedOn: LocalDate, complete: Bool, counts: Bool, evidence: [Evidence], facts: SurveyFacts?) {
            (self.number, self.surveyor, self.visitedOn) = (number, surveyor, visitedOn)
            (self.complete, self.counts, self.evidence, self.facts) = (complete, counts, evidence, facts)
        }
    }

    package struct Assessed: Codable, Equatable, Sendable {
        package let at: Instant
        /// `survey`, or `members` when somebody joined or left.
        package let occasion: String
        package let visit: Int
        package let record: AssessmentRecord

        package init(at: Instant, occasion: String, visit: Int, record: AssessmentRecord) {
            (self.at, self.occasion, self.visit, self.record) = (at, occasion, visit, record)
        }
    }

    package struct Judgement: Codable, Equatable, Sendable {
        package let at: Instant
        package let eligible: Bool
        package let by: String
        /// In the judge's words, which may speak of health.
        package let reason: String?

        package init(at: Instant, eligible: Bool, by: String, reason: String?) {
            (self.at, self.eligible, self.by, self.reason) = (at, eligible, by, reason)
        }
    }

    package struct Answer: Codable, Equatable, Sendable {
        package let department: Department
        package let topic: VerificationTopic
        package let outcome: CheckOutcome
        package let acceptedAt: Instant

        package init(department: Department, topic: VerificationTopic, outcome: CheckOutcome, acceptedAt: Instant) {
            (self.department, self.topic, self.outcome, self.acceptedAt) = (department, topic, outcome, acceptedAt)
        }
    }

    package struct Step: Codable, Equatable, Sendable {
        package let at: Instant
        /// `intake` or `review`.
        package let teller: String
        package let place: String
        package let reasons: [String]
        /// The account of who brought it about.
        package let by: String

        package init(at: Instant, teller: String, place: String, reasons: [String], by: String) {
            (self.at, self.teller, self.place, self.reasons, self.by) = (at, teller, place, reasons, by)
        }

        package var wording: Wording {
            let label = teller == "review" ? CaseStatus(rawValue: place)?.label : CampaignCase.Status(rawValue: place)?.label
            return label.map(Wording.init) ?? Wording(zh: place, en: place)
        }
    }

    /// Where intake has it.
    package var standing: Wording { CampaignCase.Status(rawValue: status).map { Wording($0.label) } ?? Wording(zh: status, en: status) }
}

extension CampaignCase.Status {
    package var label: Label {
        switch self {
        case .proposed: Label("已列入名单", "proposed")
        case .referred: Label("待人工研判", "a person decides")
        case .surveyed: Label("调查符合", "surveyed, and met")
        case .reopened: Label("重新核查", "reopened")
        case .reported: Label("已报县", "with the county")
        case .marked: Label("已标注", "marked on the register")
        case .dropped: Label("不符合", "dropped")
        case .closed: Label("已结束", "closed by review")
        }
    }
}

extension CaseStatus {
    package var label: Label {
        switch self {
        case .proposed: Label("已列入名单", "proposed")
        case .surveyed: Label("已入户调查", "surveyed")
        case .internallyReviewed: Label("已内部评议", "internally reviewed")
        case .publiclyReviewed: Label("已公开评议", "publicly reviewed")
        case .initiallyDecided: Label("已初定", "initially decided")
        case .communityPublicity: Label("社区公示", "posted in the community")
        case .resolved: Label("居民代表会已决议", "resolved by the representatives")
        case .approved: Label("街道已审定", "approved by the subdistrict")
        case .subdistrictPublicity: Label("街道公示", "posted by the subdistrict")
        case .awaitingGate: Label("待上报", "awaiting the report")
        case .reported: Label("已上报", "reported to the county")
        case .confirmed: Label("县级已审定", "confirmed by the county")
        case .announced: Label("已公告", "announced")
        case .recorded: Label("已标注", "recorded")
        case .withdrawn: Label("已撤回", "withdrawn")
        case .rejected: Label("未通过", "rejected")
        case .reopened: Label("重新核查", "reopened")
        case .carriedOver: Label("结转下年", "carried over")
        }
    }
}

/// An assessment as it is kept: with the wording and the sources of its time, so that it needs no rules to be read.
package struct AssessmentRecord: Codable, Equatable, Sendable {
    package let kind: CaseKind
    package let ruleSet: String
    package let verdict: Assessment.Verdict
    package let lines: [Line]

    package struct Line: Codable, Equatable, Sendable {
        package let rule: String
        package let outcome: Assessment.Outcome
        package let wording: Wording
        package let source: String
        package let compared: [Compared]
        package let parts: [Line]
    }

    package struct Compared: Codable, Equatable, Sendable {
        package let figures: Comparison
        package let wording: Wording
    }

    package init(_ assessment: Assessment) {
        (kind, ruleSet, verdict) = (assessment.kind, assessment.ruleSet, assessment.verdict)
        lines = assessment.lines.map(Line.init)
    }

    private init(_ record: AssessmentRecord, _ lines: [Line]) {
        (kind, ruleSet, verdict, self.lines) = (record.kind, record.ruleSet, record.verdict, lines)
    }

    /// The same without anything that was compared.
    package var withheld: AssessmentRecord { AssessmentRecord(self, lines.map(\.withheld)) }
}

extension AssessmentRecord.Line {
    init(_ line: Assessment.Line) {
        (rule, outcome, source) = (line.rule.rawValue, line.outcome, line.rule.source)
        wording = Wording(line.rule.label)
        compared = line.compared.map { .init(figures: $0, wording: Wording($0.label)) }
        parts = line.parts.map(Self.init)
    }

    fileprivate var withheld: Self {
        Self(rule: rule, outcome: outcome, wording: wording, source: source, compared: [], parts: parts.map(\.withheld))
    }
}
