import Contracts
import Foundation
import HTTPTypes
import Registry
import ServiceKit
import VerificationDomain

/// HTTP in: the poverty office lets requests go out and looks at how far they are; a department's keys are registered.
struct VerificationRoutes {
    func add(to api: API) {
        api.post("/v1/batches", openBatch)
        api.get("/v1/board", showBoard)
        api.get("/v1/households/:household", showHousehold)
        api.get("/v1/refused-results", listRefused)
        api.post("/v1/departments/:department/keys", registerKey)
        api.post("/v1/departments/:department/keys/:kid/revocation", revokeKey)
    }
}

private struct BatchOrder: Decodable {
    let campaign: CampaignID
}

private struct OpenedBatch: Encodable {
    let batch: UUID
    /// How many were not waiting to be sent already.
    let households: Int
}

/// Lets go what has been created so far (R16). Called again it takes what came since.
private func openBatch(_ call: Call, _ work: Work) throws -> Reply {
    let order: BatchOrder = try call.body()
    guard try work.isIssued(order.campaign) else { throw NotFound("campaign \(order.campaign)") }
    let batch = OpenedBatch(batch: work.newID(), households: try work.queueCreated(of: order.campaign))
    try work.keepBatch(batch.batch, of: order.campaign, households: batch.households)
    work.wake(sendingName)
    return try .json(batch, status: .accepted)
}

private func showBoard(_ call: Call, _ work: Work) throws -> Reply { try .json(work.board()) }

private func showHousehold(_ call: Call, _ work: Work) throws -> Reply {
    let household = try call.id("household", HouseholdID.self)
    guard let shown = try work.standing(of: household) else { throw NotFound("household \(household)") }
    return try .json(shown)
}

private func listRefused(_ call: Call, _ work: Work) throws -> Reply {
    let limit = try call.limit()
    let refused = try work.refusedResults(after: call.query("after").flatMap(UUID.init), limit: limit)
    return try .page(refused, next: refused.count == limit ? refused.last?.id.lowercased : nil, call: call)
}

// MARK: Keys

/// An Ed25519 public key as JWK (RFC 8037), and when it may sign.
private struct KeyRegistration: Decodable {
    let kty: String
    let crv: String
    let x: String
    let kid: String
    let validFrom: Instant
    let validTo: Instant
    /// The private half.
    let d: String?

    func key(of department: Department) throws -> DepartmentKey {
        var faults: [Invalid.Fault] = []
        func check(_ passed: Bool, _ pointer: String, _ code: String, _ reason: String) {
            if !passed { faults.append(.init(pointer, code, reason)) }
        }
        let publicKey = [UInt8](base64url: x)
        check(kty == "OKP", "/kty", "key-type", "must be OKP")
        check(crv == "Ed25519", "/crv", "curve", "must be Ed25519")
        check(publicKey?.count == 32, "/x", "public-key", "must be 32 bytes in base64url without padding")
        check((1...200).contains(kid.utf8.count), "/kid", "key-id", "must have 1 to 200 bytes")
        check(validFrom < validTo, "/validTo", "validity", "must be later than validFrom")
        check(d == nil, "/d", "private-key", "never send a private key; this one must not be used any more")
        guard let publicKey, faults.isEmpty else { throw Invalid(faults) }
        return DepartmentKey(kid, department: department, publicKey: publicKey, validFrom: validFrom, validTo: validTo)
    }
}

private struct RegisteredKey: Encodable {
    let kid: String
    let department: Department
    let validFrom: Instant
    let validTo: Instant
    let revokedAt: Instant?

    init(_ key: DepartmentKey) {
        (kid, department) = (key.id, key.department)
        (validFrom, validTo, revokedAt) = (key.validFrom, key.validTo, key.revokedAt)
    }
}

private func registerKey(_ call: Call, _ work: Work) throws -> Reply {
    let key = try call.body(KeyRegistration.self).key(of: call.department())
    if let known = try work.find(DepartmentKey.self, key.id) {
        guard known.isSame(as: key) else { throw DepartmentKey.Refusal.differs }
        return try .json(RegisteredKey(known))
    }
    try work.insert(key)
    return try .json(RegisteredKey(key), status: .created)
}

private func revokeKey(_ call: Call, _ work: Work) throws -> Reply {
    let (department, kid) = (try call.department(), try call.parameter("kid"))
    guard try work.find(DepartmentKey.self, kid)?.department == department else { throw NotFound("key") }
    return try .json(RegisteredKey(try work.decide(DepartmentKey.self, kid) { try $0.revoking(at: work.now) }))
}

extension Call {
    /// A department by its code, in the path written as in its topics' names.
    fileprivate func department() throws -> Department {
        let name = try parameter("department").lowercased()
        guard let department = Department.asked.first(where: { $0.slug == name }) else { throw NotFound("department") }
        return department
    }
}
