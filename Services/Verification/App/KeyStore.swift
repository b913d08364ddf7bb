import Contracts
import Postgres
import Registry
import ServiceKit
import VerificationDomain

/// Keys tell no events. They are shared by whoever reads them, and wait only for a revocation.
extension DepartmentKey: Aggregate {
    package static func load(_ ids: [String], in work: Work) throws -> [Versioned<DepartmentKey>] {
        try work.sql.query("SELECT * FROM department_keys WHERE kid = ANY(\(ids)) ORDER BY kid FOR SHARE").map { row in
            Versioned(try DepartmentKey(row), version: 0)
        }
    }

    package static func insert(_ new: [Versioned<DepartmentKey>], in work: Work) throws {
        let keys = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO department_keys (kid, department, use, public_key, valid_from, valid_to, revoked_at)
            SELECT * FROM unnest(\(keys.map(\.id)), \(keys.map(\.department)), \(keys.map(\.use)), \(keys.map { Bytes($0.publicKey) }),
                \(keys.map(\.validFrom)), \(keys.map(\.validTo)), \(keys.map(\.revokedAt)))
            """)
    }

    /// A key's validity is never rewritten; it is revoked.
    package static func update(_ changed: [Versioned<DepartmentKey>], in work: Work) throws -> Int {
        let keys = changed.map(\.value)
        return try work.sql.change(
            """
            UPDATE department_keys k SET revoked_at = u.revoked_at
            FROM unnest(\(keys.map(\.id)), \(keys.map(\.revokedAt))) AS u (kid, revoked_at) WHERE k.kid = u.kid
            """)
    }

    fileprivate init(_ row: Row) throws {
        self.init(
            try row["kid"], department: try row["department"], use: try row["use"], publicKey: try row["public_key", as: Bytes.self].array,
            validFrom: try row["valid_from"], validTo: try row["valid_to"], revokedAt: try row["revoked_at"])
    }
}

extension Work {
    /// The key to which each department's persons are sealed now. Held until the end of the transaction: nobody revokes it
    /// meanwhile.
    func sealingKeys() throws -> [Department: DepartmentKey] {
        try query("SELECT * FROM department_keys WHERE use = 'enc' ORDER BY kid FOR SHARE").map(DepartmentKey.init).sealing(at: now)
    }

    func keys(of department: Department) throws -> [DepartmentKey] {
        try query("SELECT * FROM department_keys WHERE department = \(department) ORDER BY valid_from, kid").map(DepartmentKey.init)
    }
}
