import Contracts
import Registry

/// A case as intake sees it: from the roster to the mark on the register. What lies between is review's.
///
///     proposed ──assess: met──▶ surveyed ──mark──▶ marked
///        │  │  └─assess: refer─▶ referred ──judge──▶ surveyed | dropped
///        │  └────assess: not met──▶ dropped ◀──assess again: not met── surveyed | reopened
///        └──close (from any open state)──▶ closed
///     surveyed ──reopen, or a new doubt──▶ reopened ──assess, judge, resume──▶ surveyed | dropped
///     surveyed | reopened | dropped ──report──▶ reported ──mark──▶ marked
///                                                  └──reopen──▶ reopened
///
/// What the county returned, or a department found discrepant, is reopened: the work team looks again, a person judges, or
/// review goes on with it (section 4.3). So is a case that the rules no longer decide alone since the household changed.
/// Once it is reported only the county moves it (section 5), even if it was dropped here while the report was on its way.
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
        case proposed, referred, surveyed, reopened, reported, marked, dropped, closed

        package static let open: [Status] = [.proposed, .referred, .surveyed, .reopened, .reported]
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
        /// The same, since somebody joined or left: how many are there now.
        case reassess(Assessment, members: Int)
        /// A person decides what the rules of this set refer to one.
        case judge(eligible: Bool, under: RuleSet)
        /// Review has it looked into again.
        case reopen
        /// Review goes on with what it had reopened.
        case resume
        /// It has gone to the county.
        case report
        /// Its result is announced.
        case mark
        /// The police has looked whether a natural change is true.
        case answer(CheckOutcome)
        /// Review ended it.
        case close(reason: String)
    }

    /// Why review reopened a case.
    package enum Reopening: String, CaseIterable, Sendable {
        case returned = "county.returned"
        case discrepant = "department.discrepant"
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

    package func deciding(_ command: Command, at now: Instant) throws(Refusal) -> Decision<CampaignCase> {
        if kind == .naturalChange { return try decidingChange(command) }
        switch (status, command) {
        case (.proposed, .assess(let assessment)), (.referred, .assess(let assessment)):
            return assessed(assessment, now)
        case (.reopened, .assess(let assessment)):
            return assessed(assessment, doubted: .reopened, now)
        case (.surveyed, .assess(let assessment)):
            return assessedAgain(assessment, now)
        case (.referred, .reassess(let assessment, let members)):
            return reassessed(assessment, members, now) { $0.assessed(assessment, now) }
        case (.reopened, .reassess(let assessment, let members)):
            return reassessed(assessment, members, now) { isDoubtedElsewhere ? $0.assessedAgain(assessment, now) : $0.assessed(assessment, doubted: .reopened, now) }
        case (.surveyed, .reassess(let assessment, let members)):
            return reassessed(assessment, members, now) { $0.assessedAgain(assessment, now) }
        case (.reported, .reassess(let assessment, let members)):
            // The county is told, and decides.
            return reassessed(assessment, members, now) { Decision($0) }
        case (.proposed, .reassess), (.reported, .assess):
            // The survey has not judged it yet, and will count who is there then; or nobody here judges it any more.
            return Decision(self)

        case (.referred, .judge(let eligible, let rules)), (.reopened, .judge(let eligible, let rules)):
            return surveyed(met: eligible, reasons, rules.name, now)
        case (.proposed, .judge), (.surveyed, .judge), (.reported, .judge):
            throw .notReferred

        case (.surveyed, .reopen):
            return become(.reopened, [Reopening.discrepant.rawValue])
        case (.reported, .reopen):
            return become(.reopened, [Reopening.returned.rawValue])
        case (.reopened, .resume):
            // A doubt of intake's own is not dispelled by review going on.
            return isDoubtedElsewhere ? become(.surveyed, []) : Decision(self)
        case (.proposed, .reopen), (.referred, .reopen), (.reopened, .reopen), (.marked, .reopen), (.dropped, .reopen), (.closed, .reopen),
            (.proposed, .resume), (.referred, .resume), (.surveyed, .resume), (.reported, .resume), (.marked, .resume), (.dropped, .resume),
            (.closed, .resume):
            return Decision(self)

        case (.surveyed, .report), (.reopened, .report), (.dropped, .report):
            return become(.reported, [])
        case (.reported, .report), (.marked, .report), (.closed, .report):
            return Decision(self)
        case (.surveyed, .mark), (.reopened, .mark), (.reported, .mark):
            return become(.marked, [])
        case (.proposed, .mark), (.referred, .mark), (.proposed, .report), (.referred, .report):
            throw .notSurveyed

        case (.proposed, .close(let reason)), (.referred, .close(let reason)), (.surveyed, .close(let reason)), (.reopened, .close(let reason)),
            (.reported, .close(let reason)):
            return become(.closed, [reason])
        case (.dropped, .close), (.closed, .close):
            return Decision(self)

        case (_, .answer):
            throw .notNatural
        case (.marked, .assess), (.marked, .reassess), (.marked, .judge), (.marked, .mark), (.marked, .close), (.dropped, .assess),
            (.dropped, .reassess), (.dropped, .judge), (.dropped, .mark), (.closed, .assess), (.closed, .reassess), (.closed, .judge),
            (.closed, .mark):
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
        case (.referred, .judge(let eligible, _)): return become(eligible ? .marked : .dropped, reasons)
        case (.proposed, .judge): throw .notReferred
        case (.proposed, .close(let reason)), (.referred, .close(let reason)): return become(.closed, [reason])
        case (.dropped, .close), (.closed, .close): return Decision(self)
        case (_, .assess), (_, .reassess), (_, .mark), (_, .reopen), (_, .resume), (_, .report), (.surveyed, _), (.reopened, _), (.reported, _):
            throw .natural
        case (.referred, .answer), (.marked, _), (.dropped, _), (.closed, _): throw .over
        }
    }

    /// Review's doubt, not intake's own.
    private var isDoubtedElsewhere: Bool { Reopening.allCases.contains { reasons.first == $0.rawValue } }

    private func assessed(_ assessment: Assessment, doubted: Status = .referred, _ now: Instant) -> Decision<CampaignCase> {
        let failed = assessment.failures.map(\.rawValue)
        switch assessment.verdict {
        case .met: return surveyed(met: true, failed, assessment.ruleSet, now)
        case .notMet: return surveyed(met: false, failed, assessment.ruleSet, now)
        case .referred: return become(doubted, failed)
        }
    }

    /// A survey that still holds leaves to review what review has begun, and so does a doubt that a person has judged
    /// already; a new doubt needs a person again. Nor does it dispel a doubt of review's own.
    private func assessedAgain(_ assessment: Assessment, _ now: Instant) -> Decision<CampaignCase> {
        let failed = assessment.failures.map(\.rawValue)
        switch assessment.verdict {
        case .met: return Decision(self)
        case .notMet: return surveyed(met: false, failed, assessment.ruleSet, now)
        case .referred: return failed == reasons || isDoubtedElsewhere ? Decision(self) : become(.reopened, failed)
        }
    }

    private func reassessed(
        _ assessment: Assessment, _ members: Int, _ now: Instant, _ judging: (CampaignCase) -> Decision<CampaignCase>
    ) -> Decision<CampaignCase> {
        let decision = judging(self)
        let told = CaseReassessed(
            case: id, household: household, campaign: campaign, kind: kind, memberCount: members, verdict: assessment.verdict.told,
            ruleSet: assessment.ruleSet, reasons: assessment.failures.map(\.rawValue), reassessedAt: now)
        return Decision(decision.state, [told] + decision.events)
    }

    private func surveyed(met: Bool, _ reasons: [String], _ ruleSet: String, _ now: Instant) -> Decision<CampaignCase> {
        var decided = self
        (decided.status, decided.reasons) = (met ? .surveyed : .dropped, reasons)
        return Decision(
            decided, [CaseSurveyed(case: id, household: household, met: met, ruleSet: ruleSet, reasons: reasons, surveyedAt: now)])
    }

    private func become(_ status: Status, _ reasons: [String]) -> Decision<CampaignCase> {
        var decided = self
        (decided.status, decided.reasons) = (status, reasons)
        return Decision(decided)
    }
}

extension Decision<CampaignCase> {
    /// What it tells of a survey, with what stands for the account that recorded it.
    package func recorded(by alias: String?) -> Self {
        Decision(
            state,
            events.map { event in
                guard let told = event as? CaseSurveyed else { return event }
                return CaseSurveyed(
                    case: told.case, household: told.household, met: told.met, ruleSet: told.ruleSet, reasons: told.reasons,
                    surveyedAt: told.surveyedAt, surveyedBy: alias)
            })
    }
}

extension CampaignCase {
    /// Whether there is something to judge it by that it has not been judged by yet.
    package func isToBeJudged(visitIsNew: Bool, rulesAreNew: Bool) -> Bool {
        switch status {
        case .proposed: true
        case .referred: visitIsNew || rulesAreNew
        // What is decided stays decided by the rules of its time.
        case .surveyed, .reopened: visitIsNew
        case .reported, .marked, .dropped, .closed: false
        }
    }

    /// Judged by income per head, so that who joins or leaves matters (section 5).
    package var dependsOnMembers: Bool {
        switch kind {
        case .exit, .return, .new: true
        case .removal, .clearOut, .naturalChange: false
        }
    }

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

extension Assessment.Verdict {
    fileprivate var told: CaseReassessed.Verdict {
        switch self {
        case .met: .met
        case .notMet: .notMet
        case .referred: .referred
        }
    }
}
