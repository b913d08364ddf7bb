import Foundation
import Kafka
import Postgres
import ServiceKit

/// What the command line finds around it, with a clear word on what is missing.
enum Surroundings {
    struct Missing: Error, CustomStringConvertible {
        let name: String
        let use: String
        var description: String { "\(name) is not set: \(use). `infra/suite run lika …` sets it" }
    }

    private static let environment = ProcessInfo.processInfo.environment

    static func value(_ name: String, _ use: String) throws -> String {
        guard let value = environment[name], !value.isEmpty else { throw Missing(name: name, use: use) }
        return value
    }

    static func optional(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Reads all four schemas.
    static func ledgerDatabase() throws -> Database {
        Database(PostgresSettings(try value("LIKA_POSTGRES", "the connection string of a role that may read all four schemas"), connections: 2, application: "lika"))
    }

    /// May change one service's schema.
    static func adminDatabase(schema: String) throws -> Database {
        Database(
            PostgresSettings(
                try value("LIKA_POSTGRES_ADMIN", "the connection string of the database's administrator"), connections: 1,
                session: ["search_path": schema], application: "lika"))
    }

    static func kafka() throws -> KafkaSettings { try KafkaSettings(environment: environment, clientID: "lika") }

    static func url(of service: String) throws -> String {
        try value("LIKA_\(service.uppercased())_URL", "where the \(service) service listens")
    }
}
