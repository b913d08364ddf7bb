import Foundation
import Postgres
import TestKit
import Testing

/// Rows by binary COPY.
@Suite struct CopyTests {
    @Test func `many rows go in by one COPY`() async throws {
        try await withTable { database in
            let count = try await database.transaction { transaction in
                try transaction.copy(into: "things", 0..<50_000) { number, row in
                    row.add(number)
                    row.add("thing \(number)")
                }
            }
            #expect(count == 50_000)
            let all = try await names(database)
            #expect(all.count == 50_000)
            #expect(all.last == "thing 49999")
        }
    }

    @Test func `no rows are no trouble`() async throws {
        try await withTable { database in
            let count = try await database.transaction { try $0.copy(into: "things", [Int]()) { number, row in row.add(number) } }
            #expect(count == 0)
        }
    }

    @Test func `statements around a COPY keep their order`() async throws {
        try await withTable { database in
            try await database.transaction { transaction in
                try transaction.execute("INSERT INTO things VALUES (1, 'one')")
                _ = try transaction.copy(into: "things", [2, 3]) { number, row in
                    row.add(number)
                    row.add("copied")
                }
                try transaction.execute("UPDATE things SET name = name || '!'")
            }
            try await expect(database, holds: ["one!", "copied!", "copied!"])
        }
    }

    @Test func `a refused COPY leaves nothing, and the connection goes on`() async throws {
        try await withTable(connections: 1) { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { transaction in
                    try transaction.copy(into: "things", [1, 2, 1]) { number, row in
                        row.add(number)
                        row.add("x")
                    }
                }
            }
            #expect(error?.sqlState == PostgresError.uniqueViolation)
            try await expect(database, holds: [])
        }
    }

    @Test func `a COPY into nowhere is a refusal, and the connection goes on`() async throws {
        try await withTable(connections: 1) { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { try $0.copy(into: "nowhere", [1]) { number, row in row.add(number) } }
            }
            #expect(error?.sqlState == "42P01")
            try await expect(database, holds: [])
        }
    }

    @Test func `a field may be null where the column allows it`() async throws {
        try await withTable { database in
            let nulls: Int? = try await database.transaction { transaction in
                try transaction.execute("CREATE TABLE loose (id bigint, name text)")
                _ = try transaction.copy(into: "loose", [1, 2]) { number, row in
                    row.add(number)
                    row.add(number == 1 ? String?.none : "two")
                }
                return try transaction.first("SELECT count(*) AS nulls FROM loose WHERE name IS NULL")?["nulls"]
            }
            #expect(nulls == 1)
        }
    }
}
