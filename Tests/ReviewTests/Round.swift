import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit
import TestKit
import Testing

@testable import Review

/// Review on a real schema, with the 2018 plan issued and the clock in the test's hand.
struct Round {
    let service: TestService
    static let openAPI = try! OpenAPI(of: "Review")
    static let places = ["530427001001", "530427001001-02"]

    /// - Parameter lateAfter: Seconds of the plan.
    static func run(_ body: @Sendable (Round) async throws -> Void) async throws {
        var settings = Settings([:])
        try await TestService.with(Main.migrations, parts: review(try Config(&settings)), describedBy: openAPI) { service in
            let round = Round(service: service)
            try await round.setClock("2018-10-06T09:00:00+08:00")
            try await service.deliver(plan)
            try await body(round)
        }
    }

    static let plan = CampaignIssued(
        campaign: Specimen.campaign, year: 2018, subdistrict: Specimen.division("530427001"), entryLine: Money(yuan: 2952),
        exitLine: Money(yuan: 3500), publicityDays: 5, countFirstDay: true, verificationDueOn: Specimen.day("2018-11-02"),
        dataFreezeOn: Specimen.day("2018-11-10"), stages: [], issuedAt: Specimen.moment("2018-09-30T08:00:00+08:00"))

    /// Stops the plan's clock at this moment: a test's time passes only when it says so.
    func setClock(_ text: String) async throws {
        let moment = Specimen.moment(text)
        try await service.store.work { work in
            try work.sql.run(
                script: """
                    CREATE OR REPLACE FUNCTION lika_now() RETURNS timestamptz LANGUAGE sql STABLE
                    AS $$ SELECT timestamptz '\(moment)' $$
                    """)
        }
    }

    // MARK: What others tell

    func registered(_ household: HouseholdID, name: String = "李明") -> HouseholdRegistered {
        HouseholdRegistered(
            household: household, campaign: Specimen.campaign, population: .registered, division: Specimen.group, headName: name, memberCount: 4,
            registeredAt: Specimen.moment("2018-10-01T09:00:00+08:00"))
    }

    func proposed(_ case: CaseID, _ household: HouseholdID, kind: CaseKind = .exit) -> CaseProposed {
        CaseProposed(
            case: `case`, household: household, campaign: Specimen.campaign, kind: kind, population: kind == .new ? .notRegistered : .registered,
            division: Specimen.group, headName: "李明", memberCount: 4, proposedAt: Specimen.moment("2018-10-06T09:00:00+08:00"))
    }

    func surveyed(_ case: CaseID, _ household: HouseholdID, met: Bool = true, by account: String? = nil) -> CaseSurveyed {
        CaseSurveyed(
            case: `case`, household: household, met: met, ruleSet: "2018.1", reasons: [], surveyedAt: Specimen.now,
            surveyedBy: account.flatMap { Actor(account: $0).alias(in: `case`.rawValue) })
    }

    func accepted(_ household: HouseholdID, _ request: RequestID, _ outcome: CheckOutcome) -> ResultAccepted {
        ResultAccepted(
            household: household, campaign: Specimen.campaign, request: request, department: .police, topic: .vehicle, outcome: outcome,
            acceptedAt: Specimen.now)
    }

    func completed(_ household: HouseholdID, discrepant: Int = 0) -> VerificationCompleted {
        VerificationCompleted(household: household, campaign: Specimen.campaign, discrepant: discrepant, completedAt: Specimen.now)
    }

    /// So many households, each with a surveyed case.
    func openCases(_ count: Int, kind: CaseKind = .exit) async throws -> [(case: CaseID, household: HouseholdID)] {
        var opened: [(case: CaseID, household: HouseholdID)] = []
        for _ in 0..<count {
            let (id, household) = (CaseID(UUID()), HouseholdID(UUID()))
            try await service.deliver(registered(household), proposed(id, household, kind: kind), surveyed(id, household))
            opened.append((id, household))
        }
        return opened
    }

    // MARK: What people do

    @discardableResult
    func meet(_ kind: Meeting.Kind, _ cases: [CaseID], present: Int = 30, rejecting: Set<CaseID> = []) async throws -> TestService.Answer {
        let decisions = cases.map { id in
            rejecting.contains(id)
                ? #"{"case":"\#(id)","outcome":"reject","for":0,"against":\#(present),"abstain":0,"reason":"income_above_line"}"#
                : #"{"case":"\#(id)","outcome":"pass","for":\#(present),"against":0,"abstain":0}"#
        }.joined(separator: ",")
        return try await post(
            "/v1/meetings",
            #"{"kind":"\#(kind.rawValue)","community":"530427001001","called":30,"present":\#(present),"decisions":[\#(decisions)]}"#)
    }

    func post(_ path: String, _ json: String, by account: String? = nil) async throws -> TestService.Answer {
        try await service.post(path, bytes: Array(json.utf8), headers: account.map { ["Lika-Actor": $0] } ?? [:])
    }

    /// Asks for the correction of a window's first day: where it waits for a second person.
    func ask(_ correction: String, of window: WindowID, by account: String) async throws -> String {
        let asked = try await post("/v1/windows/\(window)/correction", correction, by: account)
        return try #require(asked.headers["location"], "\(asked.status) \(asked.text)")
    }

    func drawUp(_ level: PublicityLevel, places: [String] = places) async throws -> TestService.Answer {
        try await post(
            "/v1/windows", #"{"level":"\#(level.rawValue)","community":"530427001001","places":["\#(places.joined(separator: #"",""#))"]}"#)
    }

    /// Draws up a list and hangs it everywhere.
    func publish(_ level: PublicityLevel) async throws -> WindowID {
        let window = try await drawUp(level).json(Opened.self).window
        for place in Self.places { _ = try await post("/v1/windows/\(window)/postings", #"{"place":"\#(place)"}"#) }
        return window
    }

    struct Opened: Decodable {
        let window: WindowID
        let stage: String
        let cases: Int
        let closesAt: Instant?
        let late: Bool?
    }

    /// Through the three meetings of the communities, on 2018-10-17.
    func decideInitially(_ cases: [CaseID]) async throws {
        try await setClock("2018-10-17T09:00:00+08:00")
        for kind in [Meeting.Kind.internalReview, .publicReview, .initialDecision] { try await meet(kind, cases) }
    }

    /// Through the first window, the resolution and the approval, up to the posting of the second list.
    func approve(_ cases: [CaseID]) async throws {
        try await decideInitially(cases)
        _ = try await publish(.community)
        try await setClock("2018-10-22T00:00:00+08:00")
        try await service.fireTimers()
        try await setClock("2018-10-24T09:00:00+08:00")
        try await meet(.resolution, cases)
        try await meet(.approval, cases)
    }

    // MARK: What it costs

    /// Counts from here on the statements that change this table.
    func countStatements(of table: String) async throws {
        try await service.asOwner(
            """
            CREATE TABLE strokes (at timestamptz NOT NULL DEFAULT clock_timestamp());
            GRANT SELECT ON strokes TO PUBLIC;
            CREATE FUNCTION stroke() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN EXECUTE format('INSERT INTO %I.strokes DEFAULT VALUES', TG_TABLE_SCHEMA); RETURN NULL; END $$;
            CREATE TRIGGER strokes AFTER INSERT OR UPDATE OR DELETE ON \(table) FOR EACH STATEMENT EXECUTE FUNCTION stroke();
            """)
    }

    func statements() async throws -> Int {
        try await service.store.work { try $0.query("SELECT count(*) AS n FROM strokes")[0]["n"] }
    }

    // MARK: What stands

    struct Seen: Decodable, Equatable {
        let `case`: CaseID
        let household: HouseholdID
        let status: CaseStatus
        let suspended: CaseStatus?
        let held: Bool
        let verified: Bool
        let missing: [GateItem]
        let headName: String
        let memberCount: Int
        let reason: String?
    }

    func seen(_ case: CaseID) async throws -> Seen { try await service.get("/v1/cases/\(`case`)").json(Seen.self) }

    func status(_ case: CaseID) async throws -> CaseStatus { try await seen(`case`).status }

    func opened(_ window: WindowID) async throws -> Opened { try await service.get("/v1/windows/\(window)").json(Opened.self) }

    func stage(_ window: WindowID) async throws -> String { try await opened(window).stage }

    /// Open and answered objections, as the board counts them.
    func tallied() async throws -> [Int] {
        struct Board: Decodable { let tips: Tips }
        struct Tips: Decodable { let open: Int, answered: Int }
        let tips = try await service.get("/v1/board").json(Board.self).tips
        return [tips.open, tips.answered]
    }

    struct Told: Decodable {
        let code: String
        let errors: [Fault]?
        struct Fault: Decodable { let pointer: String, code: String }
    }
}
