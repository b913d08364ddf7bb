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
    static let openAPI = try! OpenAPI(of: "Verification")

    let service: TestService
    let intake: Intake
    let campaign = CampaignID(UUID())

    static func with(
        at now: String = "2018-10-20T01:00:00.000Z", plain: PlainPersons = .allowed, _ body: (Rig) async throws -> Void
    ) async throws {
        let intake = Intake()
        try await intake.serving { url in
            var config = Config(intake: url)
            config.plain = plain
            try await TestService.with(Main.migrations, parts: verification(config), now: Instant(now), describedBy: Self.openAPI) { service in
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

    /// Of everything that departments are asked about, unless fields are named.
    func correct(_ household: HouseholdID, _ fields: [String] = ["member.idNumber"]) async throws {
        try await service.deliver(
            HouseholdCorrected(
                household: household, campaign: campaign, fields: fields, headName: "乙某", memberCount: 3,
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

    func register(_ opener: Opener, from: String = "2018-10-01T00:00:00.000Z", to: String = "2018-12-01T00:00:00.000Z") async throws -> Int {
        try await service.post("/v1/departments/\(opener.department.slug)/keys", opener.jwk(from: from, to: to)).status
    }

    /// One account asks for it and another confirms; the status of the first answer that is no 202.
    @discardableResult
    func revoke(_ kid: String, of department: String) async throws -> Int {
        struct Asked: Decodable { let countersigning: UUID }
        let asked = try await service.post("/v1/departments/\(department)/keys/\(kid)/revocation", [String: String](), headers: ["Lika-Actor": "first"])
        guard asked.status == 202 else { return asked.status }
        let path = "/v1/countersignings/\(try asked.json(Asked.self).countersigning.lowercased)/confirmation"
        return try await service.post(path, [String: String](), headers: ["Lika-Actor": "second"]).status
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
            let value: String = try work.query("SELECT data FROM outbox WHERE subject = \(request) AND sequence = 1")[0]["data"]
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
            let previous: CheckOutcome?
            let objection: String?
            let withheld: String?
            let answer: Given?
        }

        struct Given: Decodable {
            let signatory: String
            let post: String
            let kid: String
            let findings: [ResultReturned.Finding]
        }

        let status: String
        let questions: [Question]

        func question(_ check: Check) -> Question? {
            questions.first { $0.department == check.department && $0.topic == check.topic }
        }

        func status(of check: Check) -> String? { question(check)?.status }
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

    func jwk(from: String, to: String, use: DepartmentKey.Use = .signature) -> [String: String] {
        [
            "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": Array(key.publicKey.rawRepresentation).base64url, "use": use.rawValue,
            "alg": "EdDSA", "validFrom": from, "validTo": to,
        ]
    }
}

/// A department's key for persons, and how it opens what is sealed to it: by the RFCs alone, without the code that seals.
struct Opener: Sendable {
    let department: Department
    let kid: String
    let key = P256.KeyAgreement.PrivateKey()

    init(_ department: Department, kid: String = UUID().uuidString) { (self.department, self.kid) = (department, kid) }

    func jwk(from: String, to: String) -> [String: String] {
        let point = Array(key.publicKey.rawRepresentation)
        return [
            "kty": "EC", "crv": "P-256", "kid": kid, "x": Array(point.prefix(32)).base64url, "y": Array(point.suffix(32)).base64url, "use": "enc",
            "alg": "ECDH-ES", "validFrom": from, "validTo": to,
        ]
    }

    /// As JWK with its private half, for a program in another language.
    var privateJWK: String {
        let fields = jwk(from: "", to: "").filter { ["kty", "crv", "x", "y", "kid"].contains($0.key) }
            .merging(["d": Array(key.rawRepresentation).base64url]) { $1 }
        return "{" + fields.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}"
    }

    struct Header: Decodable {
        let alg, enc, typ, kid, apu, apv: String
        let epk: Point
        struct Point: Decodable { let kty, crv, x, y: String }
    }

    func header(of sealed: String) throws -> Header {
        try JSON.decode(Header.self, from: [UInt8](base64url: sealed.split(separator: ".", omittingEmptySubsequences: false)[0])!)
    }

    func open(_ sealed: String) throws -> [RequestSent.Person] {
        let parts = sealed.split(separator: ".", omittingEmptySubsequences: false)
        let header = try header(of: sealed)
        let point = try P256.KeyAgreement.PublicKey(rawRepresentation: [UInt8](base64url: header.epk.x)! + [UInt8](base64url: header.epk.y)!)
        let agreed = try key.sharedSecretFromKeyAgreement(with: point)
        var hash = SHA256()
        func add(_ bytes: [UInt8]) { hash.update(data: [0, 0, 0, UInt8(bytes.count)]); hash.update(data: bytes) }
        hash.update(data: [0, 0, 0, 1])
        agreed.withUnsafeBytes { hash.update(bufferPointer: $0) }
        add(Array("A256GCM".utf8))
        add([UInt8](base64url: header.apu)!)
        add([UInt8](base64url: header.apv)!)
        hash.update(data: [0, 0, 1, 0])
        let box = try AES.GCM.SealedBox(
            nonce: AES.GCM.Nonce(data: [UInt8](base64url: parts[2])!), ciphertext: [UInt8](base64url: parts[3])!, tag: [UInt8](base64url: parts[4])!)
        let plain = try AES.GCM.open(box, using: SymmetricKey(data: hash.finalize()), authenticating: Data(parts[0].utf8))
        return try JSON.decode([RequestSent.Person].self, from: Array(plain))
    }
}
