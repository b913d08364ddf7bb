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

/// Sends questions: fetches who is asked about from intake, then keeps and tells in one transaction.
///
/// The value of a sent request holds names and ID numbers in clear, and so does its row in the outbox, from which the log can
/// be rebuilt. Nothing else here does. Its topic is granted to the department alone, the outbox to this service's role alone.
func sending(from intake: IdentifierSource) -> Errand {
    Errand(
        sendingName,
        claim: { work in try work.claimSendings(slice, for: lease) },
        perform: { sendings in try await Fetched(sendings, from: intake) },
        record: { fetched, work in try send(fetched, in: work) })
}

/// A household whose questions are to be sent, and the topics in which it is asked about.
struct Sending: Sendable {
    let household: HouseholdID
    let round: Int
    let topics: [VerificationTopic]
}

/// Who is asked about, by topic: each check gets only the identifiers that it needs.
struct Fetched: Sendable {
    let sendings: [Sending]
    private let persons: [VerificationTopic: [HouseholdID: [RequestSent.Person]]]

    init(_ sendings: [Sending], from intake: IdentifierSource) async throws {
        self.sendings = sendings
        var households: [VerificationTopic: [HouseholdID]] = [:]
        for sending in sendings { for topic in sending.topics { households[topic, default: []].append(sending.household) } }
        persons = try await withThrowingTaskGroup { group in
            for (topic, households) in households {
                group.addTask { (topic, try await intake.persons(of: households, for: topic)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    func persons(for request: Request) -> [RequestSent.Person]? { persons[request.check.topic]?[request.household] }
}

/// Sends every created request of the households that did not change since they were claimed.
func send(_ fetched: Fetched, in work: Work) throws {
    let unchanged = try work.lockUnchanged(fetched.sendings)
    let created = try work.createdRequests(of: unchanged)
    try work.prefetch(Request.self, created)
    var asked: Set<HouseholdID> = []
    var unknown: Set<HouseholdID> = []
    for id in created {
        let request = try work.get(Request.self, id)
        guard let persons = fetched.persons(for: request), !persons.isEmpty else {
            // Intake does not know these people any more: the question stays visible as created, and is tried again.
            unknown.insert(request.household)
            continue
        }
        let question = request.question(about: persons)
        let digest = Fingerprint(of: try JSON.encode(question))
        try work.decide(Request.self, id) { try $0.deciding(.send(question, digest)) }
        if asked.insert(request.household).inserted {
            try work.schedule(overdueTimer, request.household.rawValue, at: (request.dueOn + 1).start)
        }
    }
    try work.endSending(unchanged.filter { !unknown.contains($0) })
    if !unknown.isEmpty { Metrics.shared.add("lika_verification_persons_missing_total", Double(unknown.count)) }
}

extension Work {
    func queueForSending(_ households: [HouseholdID]) throws {
        try execute("INSERT INTO sendings (household) SELECT * FROM unnest(\(households)) ON CONFLICT DO NOTHING")
    }

    /// Data of the household changed: whatever a sender has fetched about it is out of date.
    func beginSendingAnew(_ household: HouseholdID) throws {
        try execute(
            "UPDATE sendings SET round = round + 1, leased_until = '-infinity' WHERE household = \(household)")
    }

    func claimSendings(_ count: Int, for seconds: Double) throws -> [Sending] {
        try query(
            """
            UPDATE sendings s SET leased_until = clock_timestamp() + make_interval(secs => \(seconds))
            WHERE household IN (SELECT household FROM sendings WHERE leased_until < clock_timestamp()
                                ORDER BY household LIMIT \(count) FOR UPDATE SKIP LOCKED)
            RETURNING household, round, ARRAY(
                SELECT DISTINCT topic FROM requests r WHERE r.household = s.household AND r.status = 'created') AS topics
            """
        ).map { row in
            let topics: [String] = try row.array("topics")
            return Sending(
                household: try row["household"], round: try row["round"], topics: topics.compactMap(VerificationTopic.init))
        }
    }

    fileprivate func lockUnchanged(_ sendings: [Sending]) throws -> [HouseholdID] {
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

    fileprivate func endSending(_ households: [HouseholdID]) throws {
        try execute("DELETE FROM sendings WHERE household = ANY(\(households))")
    }

    /// Queues every household of the campaign that has something to be sent. Returns how many were not queued before.
    func queueCreated(of campaign: CampaignID) throws -> Int {
        try change(
            """
            INSERT INTO sendings (household)
            SELECT DISTINCT household FROM requests WHERE campaign = \(campaign) AND status = 'created' ORDER BY household
            ON CONFLICT DO NOTHING
            """)
    }
}
