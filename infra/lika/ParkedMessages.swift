import ArgumentParser
import Contracts
import Foundation
import Postgres
import ServiceKit

/// What could not take effect: to see, to try again, to give up.
struct ParkedMessages: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parked", abstract: "Lists messages that could not take effect, tries them again or discards them.",
        subcommands: [List.self, Show.self, Replay.self, Discard.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One line for each parked message.")

        func run() async throws {
            let database = try Surroundings.ledgerDatabase()
            for service in serviceNames {
                let lines = try await database.transaction { sql in
                    try sql.query(
                        "SELECT *, age(clock_timestamp(), parked_at)::text AS age FROM \(unsafe: service).parked_messages ORDER BY parked_at"
                    ).map { row in
                        let parked = try Parked(row: row)
                        return "\(service) \(parked.topic)/\(parked.partition)/\(parked.offset) reason=\(parked.reason) attempts=\(parked.attempts) household=\(parked.key?.lowercased ?? "-") age=\(try row["age", as: String.self].prefix(8))"
                    }
                }
                lines.forEach { print($0) }
            }
            await database.close()
        }
    }

    /// Where a message came from, as `list` prints it.
    struct Coordinates: ParsableArguments {
        @Argument(help: "The service that parked it.") var service: String
        @Argument(help: "<topic>/<partition>/<offset> as `list` prints it.") var message: String

        func parts() throws -> (topic: String, partition: Int, offset: Int) {
            let parts = message.split(separator: "/")
            guard serviceNames.contains(service), parts.count == 3, let partition = Int(parts[1]), let offset = Int(parts[2]) else {
                throw ValidationError("say the service and <topic>/<partition>/<offset> as `lika parked list` prints them")
            }
            return (String(parts[0]), partition, offset)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Headers and size of one message; its value only with --value, since it may be personal.")
        @OptionGroup var coordinates: Coordinates
        @Flag(help: "Print the value too.") var value = false

        func run() async throws {
            let (topic, partition, offset) = try coordinates.parts()
            let service = coordinates.service
            let database = try Surroundings.ledgerDatabase()
            let parked = try await database.transaction { sql in
                try sql.query(
                    "SELECT * FROM \(unsafe: service).parked_messages WHERE topic = \(topic) AND partition = \(partition) AND \"offset\" = \(offset)"
                ).map(Parked.init(row:))
            }
            await database.close()
            guard let parked = parked.first else { throw ValidationError("no such parked message") }
            for (name, value) in parked.headers.sorted(by: { $0.key < $1.key }) { print("\(name): \(value)") }
            print("reason: \(parked.reason)\nattempts: \(parked.attempts)\nbytes: \(parked.value.count)")
            if value { print(String(decoding: parked.value, as: UTF8.self)) }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tries a message again, with all that waits behind it for the same household.")
        @OptionGroup var coordinates: Coordinates

        func run() async throws {
            let (topic, partition, offset) = try coordinates.parts()
            let service = coordinates.service
            let database = try Surroundings.adminDatabase(schema: service)
            let released = try await database.transaction { sql in
                let count = try sql.change(
                    """
                    UPDATE parked_messages p SET reason = 'replay' FROM parked_messages chosen
                    WHERE chosen.topic = \(topic) AND chosen.partition = \(partition) AND chosen."offset" = \(offset) AND p.consumer = chosen.consumer
                      AND (p.key = chosen.key AND p.reason <> 'early' OR p.topic = chosen.topic AND p.partition = chosen.partition AND p."offset" = chosen."offset")
                    """)
                try sql.execute("SELECT pg_notify('lika_parked_' || \(service), '')")
                return count
            }
            await database.close()
            print("parked: \(released) released; `lika parked list` shows what fails again")
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Gives a message up: it will never take effect. Later numbers of its subject keep waiting.")
        @OptionGroup var coordinates: Coordinates
        @Flag(help: "Yes, it shall never take effect.") var forever = false

        func run() async throws {
            guard forever else { throw ValidationError("a discarded message never takes effect; add --forever if that is right") }
            let (topic, partition, offset) = try coordinates.parts()
            let database = try Surroundings.adminDatabase(schema: coordinates.service)
            let gone = try await database.transaction { sql in
                try sql.change("DELETE FROM parked_messages WHERE topic = \(topic) AND partition = \(partition) AND \"offset\" = \(offset)")
            }
            await database.close()
            print("parked: \(gone) discarded")
        }
    }
}
