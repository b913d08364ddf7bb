import ArgumentParser
import Contracts
import Postgres
import Registry
import ServiceKit

/// Tells the log again what the outboxes hold. Consumers know what they have seen.
struct Republish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sends events from the outboxes to the log again.",
        discussion: "The relays notice a lost log by themselves; this is for when an operator knows better. Harmless: inboxes absorb what they know.")

    @Option(help: "Only events told at or after this plan time, e.g. 2018-10-17T00:00:00+08:00.")
    var since: String?

    @Option(help: "Only this service's events.")
    var service: String?

    func run() async throws {
        let since = try since.map { text in
            guard let instant = Instant(text) else { throw ValidationError("--since needs an RFC 3339 time with offset") }
            return instant
        }
        for name in serviceNames where service == nil || service == name {
            let database = try Surroundings.adminDatabase(schema: name)
            let topics = Topic.all.filter { $0.publisher == .service(name) }.map(\.name)
            let batches = try await database.transaction { try Republishing.markUnsent(topics: topics, since: since, in: $0) }
            await database.close()
            print("republish: \(name) \(batches) transactions")
        }
    }
}
