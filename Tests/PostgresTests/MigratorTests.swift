import Foundation
import Postgres
import TestKit
import Testing

/// A schema goes forward, once, whoever starts it.
@Suite struct MigratorTests {
    private let first = Migration(name: "0001_things", script: "CREATE TABLE things (id bigint PRIMARY KEY); SELECT pg_sleep(0.05);")
    private let second = Migration(name: "0002_names", script: "ALTER TABLE things ADD name text; INSERT INTO things VALUES (1, 'one');")

    @Test func `several at once apply each migration once`() async throws {
        try await withSchema { settings in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let database = Database(settings)
                        let applied = try await Migrator(database, [first, second]).migrate()
                        await database.close()
                        return applied
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == ["0001_things", "0002_names"])
        }
    }

    @Test func `applying again changes nothing, and a later one is added`() async throws {
        try await inSchema { database in
            #expect(try await Migrator(database, [first]).migrate() == ["0001_things"])
            #expect(try await Migrator(database, [first]).migrate() == [])
            #expect(try await Migrator(database, [first, second]).migrate() == ["0002_names"])
            try await Migrator(database, [first, second]).check()
        }
    }

    @Test func `a landed migration that was edited is refused and nothing more is applied`() async throws {
        try await inSchema { database in
            _ = try await Migrator(database, [first]).migrate()
            let edited = Migration(name: first.name, script: first.script + " -- better")
            let problem = await #expect(throws: SchemaProblem.self) { try await Migrator(database, [edited, second]).migrate() }
            #expect(problem == .edited(name: "0001_things"))
            try await Migrator(database, [first]).check()
        }
    }

    @Test func `a failing migration leaves nothing of itself, and those before it stand`() async throws {
        try await inSchema { database in
            let broken = Migration(name: "0002_broken", script: "CREATE TABLE half (id bigint); SELECT 1/0;")
            await #expect(throws: PostgresError.self) { try await Migrator(database, [first, broken]).migrate() }
            try await Migrator(database, [first]).check()
            let half: Bool? = try await database.transaction { try $0.first("SELECT to_regclass('half') IS NOT NULL AS there")?["there"] }
            #expect(half == false)
        }
    }

    @Test func `an empty, a half and a newer schema are refused`() async throws {
        try await inSchema { database in
            var problem = await #expect(throws: SchemaProblem.self) { try await Migrator(database, [first]).check() }
            #expect(problem == .behind(missing: ["0001_things"]))
            _ = try await Migrator(database, [first]).migrate()
            problem = await #expect(throws: SchemaProblem.self) { try await Migrator(database, [first, second]).check() }
            #expect(problem == .behind(missing: ["0002_names"]))
            _ = try await Migrator(database, [first, second]).migrate()
            problem = await #expect(throws: SchemaProblem.self) { try await Migrator(database, [first]).check() }
            #expect(problem == .ahead(unknown: ["0002_names"]))
        }
    }

    private func inSchema(_ body: (Database) async throws -> Void) async throws {
        try await withSchema(connections: 1) { settings in
            let database = Database(settings)
            let result: Result<Void, any Error>
            do { result = .success(try await body(database)) } catch { result = .failure(error) }
            await database.close()
            try result.get()
        }
    }
}
