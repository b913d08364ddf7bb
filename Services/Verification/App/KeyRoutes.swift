import Contracts
import Crypto
import HTTPTypes
import Registry
import ServiceKit
import VerificationDomain

/// The departments' public keys: registered, listed, revoked. Several may hold at once, so that a new one is known before the
/// old one ends.
struct KeyRoutes {
    func add(to api: API) {
        api.get("/v1/departments/:department/keys", listKeys)
        api.post("/v1/departments/:department/keys", registerKey)
        api.postByTwo(
            "/v1/departments/:department/keys/:kid/revocation", named: .init("吊销部门密钥", "Revoke a department's key"),
            checking: { call, work in _ = try revoked(call, work) }, revokeKey)
    }

    /// A public key as JWK, and when it holds: Ed25519 to sign with (RFC 8037), or P-256 to which persons are sealed (RFC 7518).
    private struct Registration: Decodable {
        let kty: String
        let crv: String
        let x: String
        let y: String?
        let kid: String
        /// `sig` unless it says otherwise.
        let use: String?
        let validFrom: Instant
        let validTo: Instant
        /// The private half.
        let d: String?

        func key(of department: Department) throws -> DepartmentKey {
            var faults: [Invalid.Fault] = []
            func check(_ passed: Bool, _ pointer: String, _ code: String, _ reason: String) {
                if !passed { faults.append(.init(pointer, code, reason)) }
            }
            let use = DepartmentKey.Use(rawValue: self.use ?? DepartmentKey.Use.signature.rawValue)
            var publicKey = [UInt8](base64url: x)
            check(use != nil, "/use", "key-use", "must be sig, enc or desk")
            switch use {
            case .signature, .desk, nil:
                check(kty == "OKP", "/kty", "key-type", "a key to sign with must be OKP")
                check(crv == "Ed25519", "/crv", "curve", "a key to sign with must be Ed25519")
                check(publicKey?.count == 32, "/x", "public-key", "must be 32 bytes in base64url without padding")
            case .encryption:
                check(kty == "EC", "/kty", "key-type", "a key to seal to must be EC")
                check(crv == "P-256", "/crv", "curve", "a key to seal to must be P-256")
                let coordinates = [publicKey, y.flatMap { [UInt8](base64url: $0) }]
                check(coordinates[0]?.count == 32, "/x", "public-key", "must be 32 bytes in base64url without padding")
                check(coordinates[1]?.count == 32, "/y", "public-key", "must be 32 bytes in base64url without padding")
                publicKey = coordinates.compactMap(\.self).flatMap(\.self)
                check(Self.isOnCurve(publicKey ?? []), "/x", "not-on-curve", "x and y must be a point of P-256")
            }
            check((1...200).contains(kid.utf8.count), "/kid", "key-id", "must have 1 to 200 bytes")
            check(validFrom < validTo, "/validTo", "validity", "must be later than validFrom")
            check(d == nil, "/d", "private-key", "never send a private key; this one must not be used any more")
            guard let publicKey, let use, faults.isEmpty else { throw Invalid(faults) }
            return DepartmentKey(kid, department: department, use: use, publicKey: publicKey, validFrom: validFrom, validTo: validTo)
        }

        private static func isOnCurve(_ point: [UInt8]) -> Bool {
            do {
                _ = try P256.KeyAgreement.PublicKey(rawRepresentation: point)
                return true
            } catch { return false }
        }
    }

    private struct Registered: Encodable {
        let kid: String
        let department: Department
        let use: DepartmentKey.Use
        let validFrom: Instant
        let validTo: Instant
        let revokedAt: Instant?

        init(_ key: DepartmentKey) {
            (kid, department, use) = (key.id, key.department, key.use)
            (validFrom, validTo, revokedAt) = (key.validFrom, key.validTo, key.revokedAt)
        }
    }

    private func listKeys(_ call: Call, _ work: Work) throws -> Reply { try .json(work.keys(of: call.department()).map(Registered.init)) }

    private func registerKey(_ call: Call, _ work: Work) throws -> Reply {
        let key = try call.body(Registration.self).key(of: call.department())
        if let known = try work.find(DepartmentKey.self, key.id) {
            guard known.isSame(as: key) else { throw DepartmentKey.Refusal.differs }
            return try .json(Registered(known))
        }
        try work.insert(key)
        // Questions may have been waiting for it.
        if key.use == .encryption { work.wake(sendingName) }
        return try .json(Registered(key), status: .created)
    }

    private func revokeKey(_ call: Call, _ work: Work) throws -> Reply {
        let decision = try revoked(call, work)
        return try .json(Registered(try work.decide(DepartmentKey.self, decision.state.id) { _ in decision }))
    }

    /// The key as it will be, if it can be revoked.
    private func revoked(_ call: Call, _ work: Work) throws -> Decision<DepartmentKey> {
        guard let key = try work.find(DepartmentKey.self, call.parameter("kid")), try key.department == call.department() else { throw NotFound("key") }
        return try key.revoking(at: work.now)
    }
}

extension Call {
    /// A department by its code, in the path written as in its topics' names.
    func department() throws -> Department {
        let name = try parameter("department").lowercased()
        guard let department = Department.asked.first(where: { $0.slug == name }) else { throw NotFound("department") }
        return department
    }
}
