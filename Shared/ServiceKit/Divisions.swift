import Contracts
import Postgres
import Registry

// What people call divisions, kept by a service that shows them to people in a table `divisions (code, name)` of its own.

extension Work {
    package func keep(_ division: DivisionNamed) throws {
        try sql.execute(
            """
            INSERT INTO divisions (code, name) VALUES (\(division.division), \(division.name))
            ON CONFLICT (code) DO UPDATE SET name = excluded.name
            """)
    }

    /// What these are called, and what lies around them; those of which nothing was told are left out.
    package func names(of divisions: some Sequence<DivisionCode>) throws -> DivisionNames {
        let codes = Set(divisions.flatMap { sequence(first: $0, next: \.parent) })
        return DivisionNames(
            try query("SELECT code, name FROM divisions WHERE code = ANY(\(codes.sorted())) ORDER BY code").map {
                .init(division: try $0["code"], name: try $0["name"])
            })
    }
}
