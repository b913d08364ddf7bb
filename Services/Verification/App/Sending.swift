import Contracts
import Postgres
import Registry
import ServiceKit
import VerificationDomain

let sendingName = "requests.send"

/// Households whose questions go out together.
private let slice = 100
/// How long a sender may take for a slice before another may send it too, in real seconds. A request is sent once whoever
/// comes first: sending moves it on.
private let lease = 15.0

/// Sends questions: fetches who is asked about from intake, seals it to the departments that have a key for that, then keeps
/// and tells in one transaction.
///
/// Only the value of a request that went out unsealed holds names and ID numbers in clear, and so does its row in the outbox,
/// from which the log can be rebuilt. Nothing else here does. Its topic is granted to the department alone, the outbox to this
/// service's role alone.
func sending(from intake: IdentifierSource, plain: PlainPersons) -> Errand {
    Errand(
        sendingName,
        claim: { work in try work.claimSlice(slice, for: lease, plain) },
        perform: { slices in
            var fetched: [Fetched] = []
            for slice in slices { fetched.append(try await Fetched(slice, from: intake)) }
            return fetched
        },
        record: { fetched, work in for slice in fetched { try send(slice, in: work) } })
}

/// Households whose questions are to be sent, and to which keys.
struct Slice: Sendable {
    let sendings: [Sending]
    let questions: [Question]
    let keys: [Department: DepartmentKey]

    struct Sending: Sendable {
        let household: HouseholdID
        let round: Int
    }

    struct Question: Sendable {
        let request: RequestID
        let household: HouseholdID
        let check: Check
    }
}

/// Who is asked about, as each department may read it: each check gets only the identifiers that it needs.
struct Fetched: Sendable {
    let sendings: [Slice.Sending]
    let keys: [Department: DepartmentKey]
    private let questions: [RequestID: Request.Persons?]

    init(_ slice: Slice, from intake: IdentifierSource) async throws {
        (sendings, keys) = (slice.sendings, slice.keys)
        // Households about which the same is asked are read together: each reading is noted with just these topics.
        let topics = Dictionary(grouping: slice.questions, by: \.household).mapValues { Set($0.map(\.check.topic)) }
        let persons = try await withThrowingTaskGroup { group in
            for (topics, households) in Dictionary(grouping: topics, by: \.value) {
                group.addTask {
                    try await intake.persons(of: households.map(\.key).sorted(), for: topics.sorted { $0.rawValue < $1.rawValue })
                }
            }
            return try await group.reduce(into: [HouseholdID: [IdentifierSource.Person]]()) { $0.merge($1) { $1 } }
        }
        var questions: [RequestID: Request.Persons?] = [:]
        for question in slice.questions {
            let known = (persons[question.household] ?? []).filter { $0.isPart(of: question.check.topic) }.map(\.asked)
            let shown: Request.Persons? =
                if known.isEmpty { nil } else if let key = slice.keys[question.check.department] {
                    .sealed(try SealedPersons.seal(known, to: key, for: question.request))
                } else { .plain(known) }
            questions.updateValue(shown, forKey: question.request)
        }
        self.questions = questions
    }

    enum Found {
        case persons(Request.Persons)
        /// Intake does not know these people any more.
        case nobody
        /// Not asked for, or sealed to a key that holds no more.
        case outdated
    }

    func found(for request: Request, sealing keys: [Department: DepartmentKey]) -> Found {
        guard let persons = questions[request.id], keys[request.check.department]?.id == self.keys[request.check.department]?.id
        else { return .outdated }
        return persons.map { .persons($0) } ?? .nobody
    }
}

/// Sends every created request of the households that did not change since they were claimed.
func send(_ fetched: Fetched, in work: Work) throws {
    let unchanged = try work.lockUnchanged(fetched.sendings)
    let created = try work.createdRequests(of: unchanged)
    let keys = try work.sealingKeys()
    try work.prefetch(Request.self, created)
    var asked: Set<HouseholdID> = []
    var unknown: Set<HouseholdID> = []
    for id in created {
        let request = try work.get(Request.self, id)
        switch fetched.found(for: request, sealing: keys) {
        case .nobody:
            // The question stays visible as created, and is tried again when the lease is over.
            unknown.insert(request.household)
        case .outdated: break
        case .persons(let persons):
            let question = request.question(about: persons)
            let digest = Fingerprint(of: try JSON.encode(question))
            try work.decide(Request.self, id) { try $0.deciding(.send(question, digest)) }
            if asked.insert(request.household).inserted {
                try work.schedule(overdueTimer, request.household.rawValue, at: (request.dueOn + 1).start)
            }
        }
    }
    try work.endSending(unchanged.filter { !unknown.contains($0) })
    if !unknown.isEmpty { Metrics.shared.add("lika_verification_persons_missing_total", Double(unknown.count)) }
}

extension Work {
    /// Questions about a household to be sent. Takes hold of its place in the queue: a sender that is about to take it away does not
    /// see these questions, and must be over before the place is there anew.
    func queueForSending(_ household: HouseholdID) throws {
        try execute(
            """
            INSERT INTO sendings (household) VALUES (\(household))
            ON CONFLICT (household) DO UPDATE SET round = sendings.round + 1, leased_until = '-infinity'
            """)
        wake(sendingName)
    }

    /// Further questions about a household of which the poverty office has let others go already (R16).
    func queueForSendingIfAsked(_ household: HouseholdID) throws {
        try execute(
            """
            INSERT INTO sendings (household) SELECT \(household)
            WHERE EXISTS (SELECT FROM requests WHERE household = \(household) AND status <> 'created')
            ON CONFLICT (household) DO UPDATE SET round = sendings.round + 1, leased_until = '-infinity'
            """)
        wake(sendingName)
    }

    /// Data of the household changed: whatever a sender has fetched about it is out of date.
    func beginSendingAnew(_ household: HouseholdID) throws {
        try execute(
            "UPDATE sendings SET round = round + 1, leased_until = '-infinity' WHERE household = \(household)")
    }

    /// Those of the queued households that have a question that may go out. What may not is not even fetched: each reading of
    /// an ID number is logged.
    func claimSlice(_ count: Int, for seconds: Double, _ plain: PlainPersons) throws -> [Slice] {
        let keys = try sealingKeys()
        let (inClear, sealed) = (plain == .allowed, Array(keys.keys))
        let sendings = try query(
            """
            UPDATE sendings SET leased_until = clock_timestamp() + make_interval(secs => \(seconds))
            WHERE household IN (
                SELECT household FROM sendings s WHERE leased_until < clock_timestamp()
                    AND EXISTS (SELECT FROM requests r WHERE r.household = s.household AND r.status = 'created'
                                AND (\(inClear) OR r.department = ANY(\(sealed))))
                ORDER BY household LIMIT \(count) FOR UPDATE OF s SKIP LOCKED)
            RETURNING household, round
            """
        ).map { Slice.Sending(household: try $0["household"], round: try $0["round"]) }
        if sendings.isEmpty { return [] }
        let questions = try query(
            """
            SELECT id, household, department, topic FROM requests
            WHERE household = ANY(\(sendings.map(\.household))) AND status = 'created' AND (\(inClear) OR department = ANY(\(sealed)))
            """
        ).map { row in
            Slice.Question(request: try row["id"], household: try row["household"], check: Check(try row["department"], try row["topic"]))
        }
        return [Slice(sendings: sendings, questions: questions, keys: keys)]
    }

    fileprivate func lockUnchanged(_ sendings: [Slice.Sending]) throws -> [HouseholdID] {
        try query(
            """
            SELECT s.household FROM sendings s
            JOIN unnest(\(sendings.map(\.household)), \(sendings.map(\.round))) AS claimed (household, round)
                ON claimed.household = s.household AND claimed.round = s.round
            ORDER BY s.household FOR UPDATE OF s
            """
        ).map { try $0["household"] }
    }

    fileprivate func createdRequests(of households: [HouseholdID]) throws -> [RequestID] {
        try query(
            "SELECT id FROM requests WHERE household = ANY(\(households)) AND status = 'created' ORDER BY id FOR NO KEY UPDATE"
        ).map { try $0["id"] }
    }

    /// What still has a question to be sent stays, for whoever comes next.
    func endSending(_ households: [HouseholdID]) throws {
        try dropSent(households)
        try execute("UPDATE sendings SET leased_until = '-infinity' WHERE household = ANY(\(households))")
    }

    /// Queues every household of the campaign that has something to be sent. Returns how many were not queued before.
    func queueCreated(of campaign: CampaignID) throws -> Int {
        let queued: [HouseholdID] = try query(
            """
            INSERT INTO sendings (household)
            SELECT DISTINCT household FROM requests WHERE campaign = \(campaign) AND status = 'created' ORDER BY household
            ON CONFLICT DO NOTHING RETURNING household
            """
        ).map { try $0["household"] }
        return queued.count - (try dropSent(queued))
    }

    /// Takes households from the queue about which nothing is left to be asked. Sees what senders have sent meanwhile, for whom
    /// queuing has waited.
    @discardableResult
    private func dropSent(_ households: [HouseholdID]) throws -> Int {
        try change(
            """
            DELETE FROM sendings s WHERE household = ANY(\(households))
                AND NOT EXISTS (SELECT FROM requests r WHERE r.household = s.household AND r.status = 'created')
            """)
    }
}
