import Contracts
import Crypto
import Foundation
import HTTPTypes
import Postgres
import Registry
import ServiceKit
import VerificationDomain

/// The desk of a department that has no software of its own: a page in which its clerks prepare answers and its signatory signs.
///
/// Private keys stay in the browser: what is sealed to the department is opened there, and what it answers is signed there. Who
/// comes proves to hold a key that is registered for the department, and sees that department's questions alone. A signed
/// answer is handed in where the courier's is (``CourierRoutes``), so the same checks and effects hold.
struct DeskRoutes {
    static let pages = Pages(
        ["desk": PackageResources.desk_mustache], links: [.init("/desk", "部门工作台", "Department's desk")],
        footer: .init("部门核查", "Verification by the departments"))
    private static let script = PackageResources.desk_js
    private static let scriptPath = "/assets/desk-\(Fingerprint(of: script).rawValue.prefix(12)).js"

    func add(to api: API) {
        api.page("/desk", of: Self.pages, showDesk)
        api.asset(Self.scriptPath, Self.script, contentType: "text/javascript; charset=utf-8")
        api.ask("/v1/desk/sessions", openSession)
        api.get("/v1/departments/:department/desk", showQueue)
        api.post("/v1/departments/:department/prepared-answers", prepare)
    }

    private struct Shown {
        let script = DeskRoutes.scriptPath
        let departments = Department.asked.map { Choice(value: $0.rawValue, zh: $0.label.zh, en: $0.label.en) }
        let topics = VerificationTopic.allCases.map { Choice(value: $0.rawValue, zh: $0.label.zh, en: $0.label.en) }

        struct Choice {
            let value: String
            let zh: String
            let en: String
        }
    }

    private func showDesk(_ call: Call, _ work: Work) throws -> Reply { try Self.pages.show("desk", Shown(), for: call) }

    // MARK: Who comes

    /// Proves that the sender holds the key `kid` now: Ed25519 over the UTF-8 text `lika-desk <kid> <at> <nonce>`.
    private struct Proof: Decodable {
        let kid: String
        /// The sender's clock.
        let at: Instant
        /// At least 16 random bytes in base64url, never used before.
        let nonce: String
        let signature: String

        func holds(by key: DepartmentKey) -> Bool {
            guard key.use != .encryption, let signature = [UInt8](base64url: signature) else { return false }
            do {
                return try Curve25519.Signing.PublicKey(rawRepresentation: key.publicKey)
                    .isValidSignature(signature, for: Data("lika-desk \(kid) \(at) \(nonce)".utf8))
            } catch { return false }
        }
    }

    private struct Session: Encodable {
        /// For `Authorization: Bearer`.
        let token: String
        let department: Department
        let use: DepartmentKey.Use
        let seconds: Int
    }

    private func openSession(_ call: Call, _ work: Work) throws -> Reply {
        let proof: Proof = try call.body()
        guard (22...100).contains(proof.nonce.utf8.count) else { throw Invalid("/nonce", "nonce", "must be 22 to 100 characters of base64url") }
        guard abs(try work.realTime.milliseconds - proof.at.milliseconds) <= Work.deskClockTolerance else {
            throw Invalid("/at", "clock-differs", "the sender's clock is more than five minutes off")
        }
        guard let key = try work.find(DepartmentKey.self, proof.kid), proof.holds(by: key), key.holds(at: try work.now) else {
            throw Denied.desk
        }
        let token = SymmetricKey(size: .bits256).withUnsafeBytes(Array.init).base64url
        guard try work.keepDeskSession(token, key.id, nonce: proof.nonce) else { throw Denied.desk }
        work.noteDoing(of: "desk session of \(key.department.slug) by key \(key.id)")
        return try .json(Session(token: token, department: key.department, use: key.use, seconds: Work.deskSessionSeconds), status: .created)
    }

    // MARK: What waits

    private func showQueue(_ call: Call, _ work: Work) throws -> Reply {
        let (department, limit) = (try call.department(), try call.limit())
        try work.deskKey(of: department, call)
        work.noteReading(of: "open requests of \(department.slug)", for: "the department's desk")
        let topic = try call.filled("topic").map { text in
            guard let topic = VerificationTopic(rawValue: text) else { throw Invalid("?topic", "topic", "is none of the topics") }
            return topic
        }
        let waiting = try work.waiting(for: department, about: topic, after: call.query("after").flatMap(UUID.init), limit: limit)
        return try .page(waiting, next: waiting.count == limit ? waiting.last?.request.description : nil, call: call)
    }

    private struct Prepared: Encodable {
        let request: RequestID
        let digest: String
    }

    private func prepare(_ call: Call, _ work: Work) throws -> Reply {
        let department = try call.department()
        let key = try work.deskKey(of: department, call)
        let prepared: PreparedAnswer = try call.body()
        guard let household: HouseholdID = try work.first(
            "SELECT household FROM requests WHERE id = \(prepared.request) AND department = \(department)")?["household"]
        else { throw NotFound("request") }
        // The file first: everyone locks in that order.
        try work.prefetch(VerificationFile.self, [household])
        let request = try work.get(Request.self, prepared.request)
        guard request.status.sent?.rawValue == prepared.requestDigest else {
            throw Invalid("/requestDigest", ResultRefusal.digestDiffers.rawValue, "this answers another question than the one that was sent")
        }
        if let objection = prepared.objection { throw Invalid("/findings", objection.rawValue, objection.label.en) }
        let digest = Fingerprint(of: call.bytes)
        try work.decide(Request.self, request.id) { try $0.deciding(.answer(Answer(prepared.outcome, digest))) }
        try work.keepPrepared(prepared.request, digest, call.bytes, by: key)
        return try .json(Prepared(request: request.id, digest: digest.rawValue), status: .created)
    }
}

extension Denied {
    /// The same for every cause.
    static let desk = Denied("verification.desk-closed", mend: "open the desk with a key that is registered for this department and holds now")
}

/// An answer without its signature: what the signatory will look at.
struct PreparedAnswer: Decodable {
    let request: RequestID
    /// SHA-256 of the question's exact bytes.
    let requestDigest: String
    let outcome: CheckOutcome
    let findings: [ResultReturned.Finding]

    var objection: Objection? { .of(outcome, findings) }
}
