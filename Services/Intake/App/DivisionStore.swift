import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

extension DivisionOnFile: Aggregate {
    package static func load(_ ids: [DivisionID], in work: Work) throws -> [Versioned<DivisionOnFile>] {
        try work.sql.query("SELECT id, code, name, version FROM divisions WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE").map {
            Versioned(DivisionOnFile(id: try $0["id"], code: try $0["code"], name: try $0["name"]), version: try $0["version"])
        }
    }

    package static func insert(_ new: [Versioned<DivisionOnFile>], in work: Work) throws {
        let divisions = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO divisions (id, code, name, parent, version, actor)
            SELECT u.*, \(work.deed.actor.description)
            FROM unnest(\(divisions.map(\.id)), \(divisions.map(\.code)), \(divisions.map(\.name)), \(divisions.map(\.code.parent)), \(new.map(\.version))) AS u
            """)
    }

    package static func update(_ changed: [Versioned<DivisionOnFile>], in work: Work) throws -> Int {
        try work.sql.change(
            """
            UPDATE divisions d SET name = u.name, version = u.version, actor = \(work.deed.actor.description), changed_at = \(work.now)
            FROM unnest(\(changed.map(\.value.id)), \(changed.map(\.value.name)), \(changed.map(\.version))) AS u(id, name, version)
            WHERE d.id = u.id
            """)
    }
}
