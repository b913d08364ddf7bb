import Contracts
import Registry
import ServiceKit
import VerificationDomain

/// Kafka in: what intake tells about campaigns, households and cases, and what the departments answer.
func reactions(_ admonition: Admonition) -> Reactions {
    Reactions(service: "verification", purpose: "files")
        .on(CampaignIssued.self) { event, work in
            try openWaitingFiles(event, in: work)
            try work.scheduleAdmonitions(of: event.campaign, dueOn: event.verificationDueOn, admonition)
        }
        .on(HouseholdRegistered.self, loading: [.of(VerificationFile.self) { $0.household }]) { event, work in
            guard let population = CheckedPopulation(event.population) else { return }
            try openFile(
                .init(event.household, campaign: event.campaign, population: population, division: event.division, headName: event.headName),
                in: work)
        }
        .on(CaseProposed.self, loading: [.of(VerificationFile.self) { $0.household }]) { event, work in
            try verifyProposal(event, in: work)
        }
        .on(HouseholdCorrected.self, loading: [.of(VerificationFile.self) { $0.household }]) { event, work in
            try verifyCorrection(event, in: work)
        }
        .on(HouseholdPurged.self, forget)
        .on(
            ResultReturned.self,
            loading: [.of(VerificationFile.self) { $0.household }, .of(Request.self) { $0.request }]
        ) { event, work in
            try receive(event, in: work)
        }
}

/// Forgets how a household is called, and whom departments were asked about.
func forget(_ event: HouseholdPurged, in work: Work) throws {
    if try work.find(VerificationFile.self, event.household) != nil {
        try work.decide(VerificationFile.self, event.household) { try $0.deciding(.name(""), at: work.now) }
    }
    try work.forgetTold(about: event.household.rawValue, ["persons": .array([])], removing: ["sealedPersons", "declared"])
}

/// Keeps the plan, and fixes the questions of the households that were heard of before it.
func openWaitingFiles(_ event: CampaignIssued, in work: Work) throws {
    let plan = try work.keepPlan(of: event.campaign, dueOn: event.verificationDueOn)
    let waiting = try work.filesWaiting(for: event.campaign)
    try work.prefetch(VerificationFile.self, waiting)
    for household in waiting { try fixQuestions(of: household, by: plan, in: work) }
}

/// Opens the file of a household, whichever of its events comes first.
func openFile(_ new: VerificationFile, in work: Work) throws {
    guard try work.find(VerificationFile.self, new.id) == nil else { return }
    try work.insert(new)
    guard let plan = try work.plan(of: new.campaign).issued else { return }
    try fixQuestions(of: new.id, by: plan, in: work)
}

private func fixQuestions(of household: HouseholdID, by plan: CheckPlan.Issued, in work: Work) throws {
    let file = try work.decide(VerificationFile.self, household) { file in
        let checks = plan.routes.checks(of: file.population, proposing: file.proposed)
        let questions = checks.map { VerificationFile.Question($0, RequestID(work.newID())) }
        return try file.deciding(.issue(.init(dueOn: plan.dueOn, questions)), at: work.now)
    }
    for question in file.questions {
        try work.insert(
            Request(
                question.request, household: file.id, campaign: file.campaign, check: question.check,
                population: file.population, dueOn: plan.dueOn))
    }
}

/// A household proposed as new is looked at from now on, and a kind of case may have questions of its own. What decides a case
/// by itself must not be older than its proposal.
func verifyProposal(_ event: CaseProposed, in work: Work) throws {
    guard let population = CheckedPopulation(event.population, proposing: event.kind) else { return }
    try openFile(
        .init(
            event.household, campaign: event.campaign, population: population, division: event.division, headName: event.headName,
            proposed: [event.kind]),
        in: work)
    let now = try work.now
    let file = try work.decide(VerificationFile.self, event.household) { try $0.deciding(.propose(event.kind), at: now) }
    guard let plan = try work.plan(of: file.campaign).issued else { return }
    let deciding = Set(plan.routes.checks(decidedBy: event.kind))
    try askAgain(event.household, .proposal, adding: plan.routes.missing(in: file), in: work) { deciding.contains($0.check) }
}

/// The questions that the changed data are part of are asked anew, the answered ones too: an answer is about what was asked.
func verifyCorrection(_ event: HouseholdCorrected, in work: Work) throws {
    guard try work.find(VerificationFile.self, event.household) != nil else { return }
    let now = try work.now
    try work.decide(VerificationFile.self, event.household) { try $0.deciding(.name(event.headName), at: now) }
    let concerned = ConcernedTopics.of(event.fields)
    try askAgain(event.household, .correction, in: work) { concerned.contains($0.check.topic) }
}

/// Asks anew what a department may have read and is `outdated`, and for the first time what is `added`. What has not been sent
/// yet will be sent with the new data anyway.
func askAgain(
    _ household: HouseholdID, _ cause: QuestionsChanged.Cause, adding added: [Check] = [], in work: Work,
    where outdated: (VerificationFile.Question) -> Bool
) throws {
    let file = try work.get(VerificationFile.self, household)
    let questioned = file.questions.filter(outdated).map(\.request)
    if questioned.isEmpty && added.isEmpty { return }
    try work.beginSendingAnew(household)
    try work.prefetch(Request.self, questioned)
    var change = VerificationFile.Change(cause)
    for id in questioned {
        let request = try work.get(Request.self, id)
        guard request.status.isOut else { continue }
        try work.decide(Request.self, id) { try $0.deciding(.supersede) }
        let again = request.again(as: RequestID(work.newID()))
        try work.insert(again)
        change.replaced[id] = again.id
    }
    try add(added, to: file, &change, in: work)
    if change.isEmpty { return }
    try work.decide(VerificationFile.self, household) { try $0.deciding(.change(change), at: work.now) }
    if change.replaced.isEmpty { try work.queueForSendingIfAsked(household) } else { try work.queueForSending(household) }
}

private func add(_ checks: [Check], to file: VerificationFile, _ change: inout VerificationFile.Change, in work: Work) throws {
    guard let dueOn = file.status.dueOn else { return }
    for check in checks {
        let request = Request(
            RequestID(work.newID()), household: file.id, campaign: file.campaign, check: check, population: file.population, dueOn: dueOn)
        try work.insert(request)
        change.added.append(.init(check, request.id))
    }
}

/// Brings the questions of households to what their campaign asks now. What a department has been asked already stays asked.
func reroute(_ households: [HouseholdID], in work: Work) throws {
    try work.prefetch(VerificationFile.self, households)
    let now = try work.now
    for household in households {
        let file = try work.get(VerificationFile.self, household)
        guard let plan = try work.planForNow(of: file.campaign).issued else { continue }
        let wanted = Set(plan.routes.checks(of: file.population, proposing: file.proposed))
        let unwanted = file.questions.filter { !wanted.contains($0.check) }.map(\.request)
        // Whoever has fetched for these questions must look again.
        try work.beginSendingAnew(household)
        try work.prefetch(Request.self, unwanted)
        var change = VerificationFile.Change(.routing)
        change.dropped = Set(try unwanted.filter { try work.get(Request.self, $0).status == .created })
        try add(plan.routes.missing(in: file), to: file, &change, in: work)
        if change.isEmpty { continue }
        try work.decide(VerificationFile.self, household) { try $0.deciding(.change(change), at: now) }
        try work.forget(change.dropped.sorted())
        try work.queueForSendingIfAsked(household)
        try work.endSending([household])
    }
}

extension CheckRoutes {
    fileprivate func missing(in file: VerificationFile) -> [Check] {
        let asked = Set(file.questions.map(\.check))
        return checks(of: file.population, proposing: file.proposed).filter { !asked.contains($0) }
    }
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
    case .sendBack(let answer, let kid, let objection):
        try take(answer, kid, .sendBack(objection, remark: nil, at: receipt.at), to: result.request, in: work)
        try work.keepRefused(receipt, objection.rawValue, message)
        try work.tellReturn(to: from, of: try work.get(Request.self, result.request).campaign)
        count(from, objection.rawValue)
    case .ignore:
        count(from, "repeated")
    case .refuse(let refusal):
        try work.keepRefused(receipt, refusal.rawValue, message)
        count(from, refusal.rawValue)
    }
}

/// A signed answer passes `returned` and `signed` in one step, also over what a clerk had prepared at the desk.
private func take(_ answer: Answer, _ kid: String, _ last: Request.Command, to request: RequestID, in work: Work) throws {
    if case .returned = try work.get(Request.self, request).status { try work.forgetPrepared(request) }
    for command in [.answer(answer), .sign(kid: kid), last] {
        try work.decide(Request.self, request) { try $0.deciding(command) }
    }
}

private func count(_ from: Department, _ verdict: String) {
    Metrics.shared.add("lika_verification_results_total", 1, ["department": from.slug, "verdict": verdict])
}

extension Department {
    private static let byResultTopic = Dictionary(uniqueKeysWithValues: asked.map { (Topic.result(from: $0).name, $0) })

    /// The department that owns a topic of results.
    static func answering(in topic: String) -> Department? { byResultTopic[topic] }
}
