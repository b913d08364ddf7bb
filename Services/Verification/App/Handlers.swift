import Contracts
import Registry
import ServiceKit
import VerificationDomain

/// Kafka in: what intake tells about campaigns, households and cases, and what the departments answer.
let reactions = Reactions(service: "verification", purpose: "files")
    .on(CampaignIssued.self) { event, work in try openWaitingFiles(event, in: work) }
    .on(HouseholdRegistered.self, loading: [.of(VerificationFile.self) { $0.household }]) { event, work in
        guard let population = CheckedPopulation(event.population) else { return }
        try openFile(event.household, event.campaign, population, event.division, in: work)
    }
    .on(CaseProposed.self, loading: [.of(VerificationFile.self) { $0.household }]) { event, work in
        try verifyProposal(event, in: work)
    }
    .on(HouseholdCorrected.self, loading: [.of(VerificationFile.self) { $0.household }]) { event, work in
        try askAgain(event.household, in: work) { $0.outcome == nil }
    }
    .on(
        ResultReturned.self,
        loading: [.of(VerificationFile.self) { $0.household }, .of(Request.self) { $0.request }]
    ) { event, work in
        try receive(event, in: work)
    }

/// Keeps the plan, and fixes the questions of the households that were heard of before it.
func openWaitingFiles(_ event: CampaignIssued, in work: Work) throws {
    let plan = CheckPlan.Issued(dueOn: event.verificationDueOn, routes: CheckPlan.customaryRoutes)
    try work.keep(plan, of: event.campaign)
    let waiting = try work.filesWaiting(for: event.campaign)
    try work.prefetch(VerificationFile.self, waiting)
    for household in waiting { try fixQuestions(of: household, by: plan, in: work) }
}

/// Opens the file of a household, whichever of its events comes first.
func openFile(
    _ household: HouseholdID, _ campaign: CampaignID, _ population: CheckedPopulation, _ division: DivisionCode, in work: Work
) throws {
    guard try work.find(VerificationFile.self, household) == nil else { return }
    try work.insert(VerificationFile(household, campaign: campaign, population: population, division: division))
    guard let plan = try work.plan(of: campaign).issued else { return }
    try fixQuestions(of: household, by: plan, in: work)
}

private func fixQuestions(of household: HouseholdID, by plan: CheckPlan.Issued, in work: Work) throws {
    let file = try work.decide(VerificationFile.self, household) { file in
        let questions = (plan.routes[file.population] ?? []).map { VerificationFile.Question($0, RequestID(work.newID())) }
        return try file.deciding(.issue(.init(dueOn: plan.dueOn, questions)), at: work.now)
    }
    for question in file.questions {
        try work.insert(
            Request(
                question.request, household: file.id, campaign: file.campaign, check: question.check,
                population: file.population, dueOn: plan.dueOn))
    }
}

/// A household proposed as new is looked at from now on. A natural change is decided by one answer, which must not be older
/// than the change.
func verifyProposal(_ event: CaseProposed, in work: Work) throws {
    guard let population = CheckedPopulation(event.population, proposing: event.kind) else { return }
    try openFile(event.household, event.campaign, population, event.division, in: work)
    guard let deciding = event.kind.decidingCheck else { return }
    try askAgain(event.household, in: work) { $0.check == deciding }
}

/// Asks anew what a department may have read before the data changed. What has not been sent yet will be sent with the new
/// data anyway; what was accepted stays accepted unless it is `outdated` too.
func askAgain(
    _ household: HouseholdID, in work: Work, where outdated: (VerificationFile.Question) -> Bool
) throws {
    guard let file = try work.find(VerificationFile.self, household) else { return }
    try work.beginSendingAnew(household)
    let questioned = file.questions.filter(outdated).map(\.request)
    try work.prefetch(Request.self, questioned)
    var replaced: [RequestID: RequestID] = [:]
    for id in questioned {
        let request = try work.get(Request.self, id)
        guard request.status.isOut else { continue }
        try work.decide(Request.self, id) { try $0.deciding(.supersede) }
        let again = request.again(as: RequestID(work.newID()))
        try work.insert(again)
        replaced[id] = again.id
    }
    if replaced.isEmpty { return }
    try work.decide(VerificationFile.self, household) { try $0.deciding(.askAgain(replaced), at: work.now) }
    try work.queueForSending([household])
    work.wake(sendingName)
}

/// Takes a department's answer for what it proves to be. Nothing in it is trusted before its signature was verified, and
/// nothing that is wrong with it holds up the household.
func receive(_ result: ResultReturned, in work: Work) throws {
    guard let message = work.message, let from = Department.answering(in: message.topic) else { throw NotFound("result topic") }
    var key: DepartmentKey?
    let signature = try Signature(message.header("jws"), over: message.value) { kid in
        key = try work.find(DepartmentKey.self, kid)
        return key
    }
    Failpoint.verifyAfterSignatureCheck.hit()
    let receipt = Receipt(from: from, result, Fingerprint(of: message.value), signature, at: try work.now)
    switch receipt.verdict(key: key, request: try work.find(Request.self, result.request)) {
    case .accept(let answer, let kid):
        try take(answer, kid, .accept, to: result.request, in: work)
        try work.decide(VerificationFile.self, result.household) {
            try $0.deciding(.accept(result.request, answer.outcome), at: work.now)
        }
        try work.keepAccepted(receipt, kid, message)
        count(from, answer.outcome.rawValue)
    case .sendBack(let answer, let kid, let contradiction):
        try take(answer, kid, .sendBack(contradiction), to: result.request, in: work)
        try work.keepRefused(receipt, contradiction.rawValue, message)
        count(from, contradiction.rawValue)
    case .ignore:
        count(from, "repeated")
    case .refuse(let refusal):
        try work.keepRefused(receipt, refusal.rawValue, message)
        count(from, refusal.rawValue)
    }
}

/// A signed answer passes `returned` and `signed` in one step; a clerk and a signatory at a page would take two.
private func take(_ answer: Answer, _ kid: String, _ last: Request.Command, to request: RequestID, in work: Work) throws {
    for command in [.answer(answer), .sign(kid: kid), last] {
        try work.decide(Request.self, request) { try $0.deciding(command) }
    }
}

/// Refused results raise an alarm by this figure.
private func count(_ from: Department, _ verdict: String) {
    Metrics.shared.add("lika_verification_results_total", 1, ["department": from.slug, "verdict": verdict])
}

extension Department {
    private static let byResultTopic = Dictionary(uniqueKeysWithValues: asked.map { (Topic.result(from: $0).name, $0) })

    /// The department that owns a topic of results.
    static func answering(in topic: String) -> Department? { byResultTopic[topic] }
}
