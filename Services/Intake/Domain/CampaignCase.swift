import Contracts
import Registry

/// A case as intake sees it: from the roster to the mark on the register. What lies between is review's.
///
///     proposed ──assess: met──▶ surveyed ──mark──▶ marked
///        │  │  └─assess: refer─▶ referred ──judge──▶ surveyed | dropped
///        │  └────assess: not met──▶ dropped ◀──assess again: not met── surveyed
///        └──close (from any open state)──▶ closed
///
/// A natural change is not surveyed: the police's answer marks it, drops it or, if it cannot tell, refers it to a person.
package struct CampaignCase: Equatable, Sendable {
    package let id: CaseID
    package let campaign: CampaignID
    package let household: HouseholdID
    package let kind: CaseKind
    package let member: MemberID?
    /// Of a clear-out or a natural change: why and since when.
    package let change: Change?
    package var status: Status
    /// Why it stands where it stands: codes of rules, or of review's closing.
    package var reasons: [String]

    package enum Status: String, CaseIterable, Sendable {
        case proposed, referred, surveyed, marked, dropped, closed

        package var isOpen: Bool {
            switch self {
            case .proposed, .referred, .surveyed: true
            case .marked, .dropped, .closed: false
            }
        }

        package var label: Label {
            switch self {
            case .proposed: Label("已提出", "proposed")
            case .referred: Label("待人工判断", "left to a person")
            case .surveyed: Label("已核查", "surveyed")
            case .marked: Label("已登记", "recorded")
            case .dropped: Label("不成立", "dropped")
            case .closed: Label("已终止", "ended")
            }
        }
    }

    package struct Change: Equatable, Sendable {
        package let reason: String
        package let on: LocalDate?
        /// The file number of the paper that shows a natural change.
        package let evidence: String?

        package init(reason: String, on: LocalDate?, evidence: String? = nil) {
            (self.reason, self.on, self.evidence) = (reason, on, evidence)
        }

        package var isIncrease: Bool { Codes.naturalIncrease[reason] != nil }
    }

    package enum Command: Equatable, Sendable {
        case assess(Assessment)
        /// A person decides what the rules refer to one.
        case judge(eligible: Bool)
        /// Its result is announced.
        case mark
        /// The police has looked whether a natural change is true.
        case answer(CheckOutcome)
        /// Review ended it.
        case close(reason: String)
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case notSurveyed = "intake.case-not-surveyed"
        case notReferred = "intake.case-not-referred"
        case notNatural = "intake.case-not-natural"
        case natural = "intake.case-natural"
        case over = "intake.case-over"
    }

    package init(
        id: CaseID, campaign: CampaignID, household: HouseholdID, kind: CaseKind, member: MemberID? = nil, change: Change? = nil,
        status: Status = .proposed, reasons: [String] = []
    ) {
        (self.id, self.campaign, self.household, self.kind, self.member) = (id, campaign, household, kind, member)
        (self.change, self.status, self.reasons) = (change, status, reasons)
    }

    package static func proposing(
        _ kind: CaseKind, of record: HouseholdRecord, member: MemberID? = nil, change: Change? = nil, as id: CaseID, at now: Instant
    ) -> Decision<CampaignCase> {
        Decision(
            CampaignCase(id: id, campaign: record.campaign, household: record.id, kind: kind, member: member, change: change),
            [
                CaseProposed(
                    case: id, household: record.id, campaign: record.campaign, kind: kind, member: member, population: record.population,
                    division: record.division, headName: record.headName, memberCount: record.active.count, proposedAt: now)
            ])
    }

    package func deciding(_ command: Command, under ruleSet: RuleSet, at now: Instant) throws(Refusal) -> Decision<CampaignCase> {
        if kind == .naturalChange { return try decidingChange(command) }
        switch (status, command) {
        case (.proposed, .assess(let assessment)), (.referred, .assess(let assessment)):
            return assessed(assessment, ruleSet, now)
        case (.surveyed, .assess(let assessment)):
            // A survey that still holds, or no longer decides by itself, leaves to review what review has begun.
            return assessment.verdict == .notMet ? assessed(assessment, ruleSet, now) : Decision(self)

        case (.referred, .judge(let eligible)):
            return eligible ? surveyed(met: true, reasons, ruleSet, now) : surveyed(met: false, reasons, ruleSet, now)
        case (.proposed, .judge), (.surveyed, .judge):
            throw .notReferred

        case (.surveyed, .mark):
            return become(.marked, [])
        case (.proposed, .mark), (.referred, .mark):
            throw .notSurveyed

        case (.proposed, .close(let reason)), (.referred, .close(let reason)), (.surveyed, .close(let reason)):
            return become(.closed, [reason])
        case (.dropped, .close), (.closed, .close):
            return Decision(self)

        case (_, .answer):
            throw .notNatural
        case (.marked, .assess), (.marked, .judge), (.marked, .mark), (.marked, .close), (.dropped, .assess), (.dropped, .judge),
            (.dropped, .mark), (.closed, .assess), (.closed, .judge), (.closed, .mark):
            throw .over
        }
    }

    private func decidingChange(_ command: Command) throws(Refusal) -> Decision<CampaignCase> {
        switch (status, command) {
        case (.proposed, .answer(let outcome)):
            switch outcome {
            case .consistent: return become(.marked, [])
            case .discrepant: return become(.dropped, ["police.discrepant"])
            case .cannotDetermine: return become(.referred, ["police.cannot-determine"])
            }
        case (.referred, .judge(let eligible)): return become(eligible ? .marked : .dropped, reasons)
        case (.proposed, .judge): throw .notReferred
        case (.proposed, .close(let reason)), (.referred, .close(let reason)): return become(.closed, [reason])
        case (.dropped, .close), (.closed, .close): return Decision(self)
        case (_, .assess), (_, .mark), (.surveyed, _): throw .natural
        case (.referred, .answer), (.marked, _), (.dropped, _), (.closed, _): throw .over
        }
    }

    private func assessed(_ assessment: Assessment, _ ruleSet: RuleSet, _ now: Instant) -> Decision<CampaignCase> {
        let failed = assessment.failures.map(\.rawValue)
        switch assessment.verdict {
        case .met: return surveyed(met: true, failed, ruleSet, now)
        case .notMet: return surveyed(met: false, failed, ruleSet, now)
        case .referred: return become(.referred, failed)
        }
    }

    private func surveyed(met: Bool, _ reasons: [String], _ ruleSet: RuleSet, _ now: Instant) -> Decision<CampaignCase> {
        var decided = self
        (decided.status, decided.reasons) = (met ? .surveyed : .dropped, reasons)
        return Decision(
            decided,
            [CaseSurveyed(case: id, household: household, met: met, ruleSet: ruleSet.name, reasons: reasons, surveyedAt: now)])
    }

    private func become(_ status: Status, _ reasons: [String]) -> Decision<CampaignCase> {
        var decided = self
        (decided.status, decided.reasons) = (status, reasons)
        return Decision(decided)
    }
}

extension CampaignCase {
    /// What marking the register for this case means.
    package var mark: Mark? {
        switch (kind, member, change) {
        case (.exit, _, _): .exit
        case (.return, _, _): .return
        case (.new, _, _): .new
        case (.removal, _, _): .removal
        case (.clearOut, let member?, let change?): .clearOut(member, reason: change.reason)
        case (.naturalChange, let member?, let change?):
            change.isIncrease ? .increase(member) : change.on.map { .decrease(member, reason: change.reason, on: $0) }
        case (.clearOut, _, _), (.naturalChange, _, _): nil
        }
    }
}
