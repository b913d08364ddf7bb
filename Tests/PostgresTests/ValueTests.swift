import Foundation
import Postgres
import TestKit
import Testing

/// Values go to the server and come back in PostgreSQL's binary format.
@Suite struct ValueTests {
    @Test(arguments: [Int.min, -1, 0, 1, Int.max]) func `a whole number comes back as it went`(number: Int) async throws {
        let back: Int = try await answer("SELECT \(number) AS value")
        #expect(back == number)
    }

    @Test func `narrow integers are read as well`() async throws {
        #expect(try await answer("SELECT 32767::smallint AS value") == 32767)
        #expect(try await answer("SELECT (-2147483648)::integer AS value") == -2_147_483_648)
    }

    @Test(arguments: ["", "a", "张三 O'Brien \\ \" $1 😀", String(repeating: "长", count: 100_000)])
    func `a text comes back as it went`(text: String) async throws {
        #expect(try await answer("SELECT \(text) AS value") == text)
    }

    @Test func `truth, fractions, identifiers, bytes and JSON come back as they went`() async throws {
        let id = UUID()
        let bytes = Bytes([0, 255, 0, 10, 92])
        try await inDatabase { transaction in
            let row = try #require(
                try transaction.first(
                    """
                    SELECT \(true) AS yes, \(false) AS no, \(-0.1) AS fraction, \(Double.infinity) AS infinite, \(id) AS id,
                        \(bytes) AS bytes, \(JSONB(Array("{\"a\": 1}".utf8))) AS json
                    """))
            #expect(try row["yes"] == true)
            #expect(try row["no"] == false)
            #expect(try row["fraction"] == -0.1)
            #expect(try row["infinite"] == Double.infinity)
            #expect(try row["id"] == id)
            #expect(try row["bytes"] == bytes)
            #expect(try row["json"] == JSONB(Array("{\"a\": 1}".utf8)))
        }
    }

    @Test func `nothing is null and null is nothing`() async throws {
        try await inDatabase { transaction in
            let row = try #require(
                try transaction.first("SELECT \(Int?.none) AS number, \(String?.none) AS text, \(UUID?.none) IS NULL AS is_null, \(Int?(7)) AS seven"))
            #expect(try row["number"] == Int?.none)
            #expect(try row["text"] == String?.none)
            #expect(try row["is_null"] == true)
            #expect(try row["seven"] == Int?(7))
        }
    }

    @Test func `an empty text and empty bytes at the end of the parameters are not null`() async throws {
        try await inDatabase { transaction in
            let row = try #require(try transaction.first("SELECT \(1) AS one, \("") AS text, \(Bytes([])) AS bytes"))
            #expect(try row["text"] == "")
            #expect(try row["bytes"] == Bytes([]))
            let alone = try #require(try transaction.first("SELECT \("") AS text"))
            #expect(try alone["text"] == String?(""))
        }
    }

    @Test func `arrays come back as they went, also empty ones`() async throws {
        let ids = [UUID(), UUID()]
        try await inDatabase { transaction in
            let row = try #require(
                try transaction.first(
                    """
                    SELECT \([1, -2, 3]) AS numbers, \([String]()) AS none, \(["", "二"]) AS texts, \(ids) AS ids, \([true, false]) AS flags,
                        \([Bytes([1]), Bytes([])]) AS bytes
                    """))
            #expect(try row.array("numbers") == [1, -2, 3])
            #expect(try row.array("none") == [String]())
            #expect(try row.array("texts") == ["", "二"])
            #expect(try row.array("ids") == ids)
            #expect(try row.array("flags") == [true, false])
            #expect(try row.array("bytes") == [Bytes([1]), Bytes([])])
        }
    }

    @Test func `an array may hold nulls and spreads into rows by unnest`() async throws {
        let values: [String?] = ["a", nil, ""]
        try await inDatabase { transaction in
            let rows = try transaction.query("SELECT value, n FROM unnest(\(values)) WITH ORDINALITY AS u (value, n) ORDER BY n")
            #expect(try rows.map { try $0["value"] as String? } == values)
            #expect(throws: UnexpectedValue.self) {
                try transaction.first("SELECT \(values) AS value")?.array("value", of: String.self)
            }
        }
    }

    @Test func `an enumeration travels by its raw value`() async throws {
        enum Colour: String { case red, green }
        try await inDatabase { transaction in
            let row = try #require(try transaction.first("SELECT \(Colour.green) AS colour, \(Colour?.none) AS none, 'blue' AS other, \([Colour.red]) AS all"))
            #expect(try row["colour"] == Colour.green)
            #expect(try row["none"] == Colour?.none)
            #expect(try row.array("all") == ["red"])
            #expect(throws: UnexpectedValue.self) { try row["other"] as Colour }
        }
    }

    @Test func `a column of another type, a missing one and an unexpected null are named without their value`() async throws {
        try await inDatabase { transaction in
            let row = try #require(try transaction.first("SELECT 'secret' AS text, NULL::bigint AS empty"))
            for name in ["text", "empty", "absent"] {
                let error = #expect(throws: UnexpectedValue.self) { try row[name] as Int }
                #expect(error?.column == name)
                #expect(!"\(String(describing: error))".contains("secret"))
            }
        }
    }

    @Test func `interpolated values travel as parameters, never as text`() async throws {
        let hostile = "'); DROP TABLE students; --"
        let statement: SQL = "SELECT \(hostile) AS value, \(1) AS one"
        #expect(statement.text == "SELECT $1 AS value, $2 AS one")
        #expect(try await answer("SELECT \(hostile) AS value") == hostile)
    }

    @Test func `ten megabytes are one parameter`() async throws {
        let large = Bytes((0..<10_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try await inDatabase { transaction in
            let row = try #require(try transaction.first("SELECT length(\(large)) AS length, \(large) AS back, \("after") AS after"))
            #expect(try row["length"] == 10_000_000)
            #expect(try row["back"] == large)
            #expect(try row["after"] == "after")
        }
    }

    private func answer<Value: SQLValue>(_ statement: SQL) async throws -> Value {
        try await inDatabase { try #require(try $0.first(statement))["value"] }
    }
}

/// One transaction on a connection of its own, in no particular schema.
func inDatabase<T: Sendable>(_ body: @Sendable (Transaction) throws -> T) async throws -> T {
    let database = Database(PostgresSettings(try TestServers.postgres, connections: 1))
    do {
        let value = try await database.transaction(body)
        await database.close()
        return value
    } catch {
        await database.close()
        throw error
    }
}
