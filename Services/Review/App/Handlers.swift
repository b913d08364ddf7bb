import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// What review does about what others tell. Topics have no order between them: whatever comes first, a case knows its
/// household's words, its discrepancies and whether its verification is complete.
let reactions = Reactions(service: "review", purpose: "cases")
    .on(CampaignIssued.self) { event, work in try work.keep(event) }
    .on(DivisionNamed.self) { event, work in try work.keep(event) }
    .on(HouseholdRegistered.self, quoteRegistered)
    .on(HouseholdCorrected.self, quoteCorrected)
    .on(HouseholdPurged.self, forget)
    .on(CaseProposed.self, openCase)
    .on(CaseSurveyed.self, loading: [.of(ReviewCase.self) { $0.case }], moveSurveyedCase)
    .on(HouseholdTipRaised.self, holdCases)
    .on(HouseholdTipSettled.self, releaseCases)
    .on(ResultAccepted.self, reopenDoubtfulCases)
    .on(QuestionsChanged.self, resumeVerification)
    .on(VerificationCompleted.self, completeVerification)
    .on(ResultAnnounced.self, loading: [.of(ReviewCase.self) { $0.case }], announceCase)
    .on(HouseholdMarked.self, loading: [.of(ReviewCase.self) { $0.case }], recordCase)

/// Forgets how a household is called; sheets that hung are gone already, or name it until they are taken down.
func forget(_ event: HouseholdPurged, _ work: Work) throws {
    try work.execute("UPDATE households SET head_name = '' WHERE id = \(event.household)")
    try work.execute(
        "UPDATE window_lines SET head_name = NULL, member_count = NULL WHERE case_id IN (SELECT id FROM cases WHERE household = \(event.household))")
    try work.forgetTold(about: event.household.rawValue, ["headName": .string("")])
}

func quoteRegistered(_ event: HouseholdRegistered, _ work: Work) throws {
    try work.quote(
        event.household, in: event.campaign, population: event.population, headName: event.headName, memberCount: event.memberCount,
        saidAt: event.registeredAt)
}

func quoteCorrected(_ event: HouseholdCorrected, _ work: Work) throws {
    try work.quote(
        event.household, in: event.campaign, headName: event.headName, memberCount: event.memberCount, saidAt: event.correctedAt)
}

/// Natural changes are on none of the lists and do not come here (domain.md section 5).
func openCase(_ event: CaseProposed, _ work: Work) throws {
    guard event.kind.isPublicised else { return }
    try work.quote(
        event.household, in: event.campaign, population: event.population, headName: event.headName, memberCount: event.memberCount,
        saidAt: event.proposedAt)
    let (household, discrepancies, openTips) = try work.household(event.household, in: event.campaign)
    try work.insert(
        ReviewCase(
            id: event.case, campaign: event.campaign, kind: event.kind, member: event.member, division: event.division,
            household: household, proposedAt: event.proposedAt, openTips: Set(openTips), discrepancies: Set(discrepancies)))
}

func moveSurveyedCase(_ event: CaseSurveyed, _ work: Work) throws {
    guard try work.find(ReviewCase.self, event.case) != nil else { return }
    let now = try work.now
    if let account = event.surveyedBy { try work.decide(ReviewCase.self, event.case) { $0.hearing(.surveyedBy(account), at: now) } }
    try work.decide(ReviewCase.self, event.case) { $0.hearing(.surveyed(met: event.met), at: now) }
}

/// A tip of the register names the household: its cases wait for the answer, those to come too.
func holdCases(_ event: HouseholdTipRaised, _ work: Work) throws {
    try work.note(event)
    let now = try work.now
    let cases = try work.liveCases(of: event.household, in: event.campaign)
    try work.prefetch(ReviewCase.self, cases)
    for id in cases { try work.decide(ReviewCase.self, id) { $0.hearing(.tipRaised(event.tip), at: now) } }
}

/// Locks windows before cases, as the timer does.
func releaseCases(_ event: HouseholdTipSettled, _ work: Work) throws {
    let windows = try work.windows(listing: event.household, in: event.campaign)
    try work.prefetch(PublicityWindow.self, windows)
    try work.settle(event)
    let now = try work.now
    let cases = try work.liveCases(of: event.household, in: event.campaign)
    try work.prefetch(ReviewCase.self, cases)
    for id in cases { try work.decide(ReviewCase.self, id) { $0.hearing(.tipSettled(event.tip, event.outcome), at: now) } }
    try settle(windows, work)
}

func reopenDoubtfulCases(_ event: ResultAccepted, _ work: Work) throws {
    guard event.outcome == .discrepant else { return }
    try work.noteDiscrepancy(event)
    let now = try work.now
    let cases = try work.liveCases(of: event.household, in: event.campaign)
    try work.prefetch(ReviewCase.self, cases)
    for id in cases { try work.decide(ReviewCase.self, id) { $0.hearing(.foundDiscrepant(event.request), at: now) } }
}

/// What was complete is so no longer: no case of the household passes the gate until the new answers are there. An answer that
/// counts no more is no discrepancy of a case that is yet to be opened; one that is open stays with its work team (section 4.3).
func resumeVerification(_ event: QuestionsChanged, _ work: Work) throws {
    if event.asked.isEmpty { return }
    try work.unverified(event.household, in: event.campaign)
    try work.forgetDiscrepancies(event.asked.flatMap { [$0.request] + ($0.replaces.map { [$0] } ?? []) })
}

func completeVerification(_ event: VerificationCompleted, _ work: Work) throws {
    try work.verified(event.household, in: event.campaign, discrepant: event.discrepant, at: event.completedAt)
}

func announceCase(_ event: ResultAnnounced, _ work: Work) throws {
    let now = try work.now
    try work.decide(ReviewCase.self, event.case) { try $0.deciding(.announce, at: now) }
}

func recordCase(_ event: HouseholdMarked, _ work: Work) throws {
    guard event.kind.isPublicised else { return }
    let now = try work.now
    try work.decide(ReviewCase.self, event.case) { try $0.deciding(.record, at: now) }
}
