import Contracts
import Crypto
import Foundation
import Postgres
import Registry
import ServiceKit
import TestKit

@testable import Verification
@testable import VerificationDomain

/// Verification's parts on a real schema, with an intake that knows everybody.
struct Rig: Sendable {
    let service: TestService
    let intake: Intake
    let campaign = CampaignID(UUID())

    static func with(
        at now: String = "2018-10-20T01:00:00.000Z", _ body: (Rig) async throws -> Void
    ) async throws {
        let intake = Intake()
        try await intake.serving { url in
            try await TestService.with(Main.migrations, parts: verification(intake: url), now: Instant(now)) { service in
                try await body(Rig(service: service, intake: intake))
            }
        }
    }

    // MARK: What intake tells

    func issueCampaign(due: LocalDate = Example.dueOn) async throws {
        try await service.deliver(
            CampaignIssued(
                campaign: campaign, year: 2018, subdistrict: DivisionCode("530427001")!, entryLine: Money(yuan: 2952),
                exitLine: Money(yuan: 3500), publicityDays: 5, countFirstDay: true, verificationDueOn: due,
                dataFreezeOn: LocalDate("2018-11-10")!, stages: [], issuedAt: Example.now))
    }

    @discardableResult
    func register(_ population: Population = .registered) async throws -> HouseholdID {
        let household = HouseholdID(UUID())
        try await service.deliver(
            HouseholdRegistered(
                household: household, campaign: campaign, population: population, division: Example.division,
                headName: "甲某", memberCount: 2, registeredAt: Example.now))
        return household
    }

    func propose(_ kind: CaseKind, _ household: HouseholdID, _ population: Population = .registered) async throws {
        try await service.deliver(
            CaseProposed(
                case: CaseID(UUID()), household: household, campaign: campaign, kind: kind, population: population,
                division: Example.division, headName: "甲某", memberCount: 2, proposedAt: Example.now))
    }

    func correct(_ household: HouseholdID) async throws {
        try await service.deliver(
            HouseholdCorrected(
                household: household, campaign: campaign, fields: ["members"], headName: "甲某", memberCount: 3,
                correctedAt: Example.now))
    }

    // MARK: What the poverty office does

    struct Opened: Decodable { let households: Int }

    @discardableResult
    func openBatch() async throws -> Opened {
        try await service.post("/v1/batches", ["campaign": campaign]).json(Opened.self)
    }

    /// Lets everything go and returns what was asked of one household.
    @discardableResult
    func send(_ household: HouseholdID) async throws -> [RequestSent] {
        try await openBatch()
        while try await service.runErrands() {}
        return try await sent(household)
    }

    func sent(_ household: HouseholdID) async throws -> [RequestSent] {
        try await service.told(RequestSent.self).filter { $0.household == household }
    }

    // MARK: What departments do

    func register(_ signer: Signer, from: String = "2018-10-01T00:00:00.000Z", to: String = "2018-12-01T00:00:00.000Z") async throws -> Int {
        try await service.post("/v1/departments/\(signer.department.slug)/keys", signer.jwk(from: from, to: to)).status
    }

    /// A department's truthful answer, before signing.
    func answer(
        _ request: RequestSent, _ outcome: CheckOutcome = .consistent, findings: [ResultReturned.Finding]? = nil,
        digest: String? = nil
    ) async throws -> ResultReturned {
        let finding = ResultReturned.Finding(field: "any", outcome: outcome, code: "CODE")
        let onWire = digest == nil ? try await wireDigest(of: request.request) : nil
        return ResultReturned(
            request: request.request, requestDigest: digest ?? onWire ?? "",
            household: request.household, department: request.department, topic: request.topic, outcome: outcome,
            findings: findings ?? (outcome == .consistent ? [] : [finding]), signatory: "示例责任人", post: "所长",
            signedAt: Example.now)
    }

    /// Of the bytes that the log will carry.
    func wireDigest(of request: RequestID) async throws -> String {
        try await service.store.work { work in
            let value: String = try work.query("SELECT data FROM outbox WHERE subject = \(request)")[0]["data"]
            return SHA256.hash(data: Data(value.utf8)).map { String(format: "%02x", $0) }.joined()
        }
    }

    func deliver(
        _ value: [UInt8], jws: String?, topic: Department, key: HouseholdID, id: UUID = UUID()
    ) async throws {
        var headers = [
            "ce_specversion": "1.0", "ce_id": id.uuidString, "ce_source": "/departments/\(topic.slug)",
            "ce_type": ResultReturned.name, "ce_time": "2018-10-22T01:00:00.000Z", "content-type": "application/json",
        ]
        headers["jws"] = jws
        try await service.deliver(raw: value, topic: .result(from: topic), key: key.rawValue, headers: headers)
    }

    /// Delivers the answer signed, in the topic of the signer's department unless another is named.
    func deliver(_ result: ResultReturned, by signer: Signer, in topic: Department? = nil, id: UUID = UUID()) async throws {
        let value = try JSON.encode(result)
        try await deliver(value, jws: signer.jws(over: value), topic: topic ?? signer.department, key: result.household, id: id)
    }

    // MARK: What can be seen

    struct Shown: Decodable {
        struct Question: Decodable {
            let department: Department
            let topic: VerificationTopic
            let request: RequestID
            let status: String
            let outcome: CheckOutcome?
        }

        let status: String
        let questions: [Question]

        func status(of check: Check) -> String? {
            questions.first { $0.department == check.department && $0.topic == check.topic }?.status
        }
    }

    func show(_ household: HouseholdID) async throws -> Shown {
        try await service.get("/v1/households/\(household)").json(Shown.self)
    }

    struct Refused: Decodable {
        let id: UUID
        let request: RequestID
        let reason: String
    }

    func refused() async throws -> [Refused] { try await service.get("/v1/refused-results").json([Refused].self) }
}

/// A department's key and how it signs.
struct Signer: Sendable {
    let department: Department
    let kid: String
    let key = Curve25519.Signing.PrivateKey()

    init(_ department: Department, kid: String = UUID().uuidString) { (self.department, self.kid) = (department, kid) }

    func jws(over value: [UInt8], algorithm: String = "EdDSA") throws -> String {
        let header = #"{"alg":"\#(algorithm)","kid":"\#(kid)","typ":"verification-result+jws"}"#
        let protected = Array(header.utf8).base64url
        let signature = try key.signature(for: Data("\(protected).\(value.base64url)".utf8))
        return "\(protected)..\(Array(signature).base64url)"
    }

    func jwk(from: String, to: String) -> [String: String] {
        [
            "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": Array(key.publicKey.rawRepresentation).base64url, "use": "sig",
            "alg": "EdDSA", "validFrom": from, "validTo": to,
        ]
    }
}
