import Contracts
import Foundation
import Hummingbird
import Kafka
import Logging
import NIOCore
import Postgres
import ServiceLifecycle
import UnixSignals

/// A running service: what it consists of, in the order in which it starts. It stops in the opposite order: unready first,
/// then HTTP, timers, errands and consuming, the relay last, when all that was committed has been sent.
package struct Runtime: Sendable {
    private let group: ServiceGroup
    private let database: Database
    private let producer: Producer
    private let migrator: Migrator
    private let logger: Logger

    package init(name: String, common: CommonSettings, migrations: [Migration], parts: Parts, access: Access, logger: Logger) async throws {
        let database = Database(common.postgres())
        let producer = try Producer(common.kafka, logger: logger)
        let recovery = LogRecovery(
            database: database, settings: common.kafka, topics: Topic.all.filter { $0.publisher == .service(name) }, logger: logger)
        let relay = Relay(database: database, producer: producer, recovery: recovery, service: name, logger: logger)
        let store = Store(database: database, relay: relay, bell: Bell())
        let state = ConsumptionState()
        let consumption = Consumption(
            inbox: Inbox(reactions: parts.reactions), store: store,
            consumer: try Consumer(common.kafka, group: parts.reactions.group, logger: logger), state: state, logger: logger)
        let gate = ClockGate(logger: logger)
        let timers = TimerLoop(
            timers: parts.timers, store: store,
            listener: Listener(common.postgres(), channels: [TimerLoop.timersChannel(common.schema), TimerLoop.parkedChannel(common.schema)]),
            clock: common.clock, gate: gate, consumption: consumption, schema: common.schema, logger: logger)
        let api = API(parts, store: store, access: access, limits: common.limits, logger: logger)
        let readiness = Readiness()
        let migrator = Migrator(database, migrations)
        let health = Health(
            database: database, migrator: migrator, producer: producer, state: state, gate: gate, readiness: readiness,
            consumes: !parts.reactions.topics.isEmpty)
        let errands = parts.errands.map { errand in
            var errand = errand
            (errand.store, errand.logger) = (store, logger)
            return errand
        }
        var services: [any Service] = [
            Door(health.router.buildResponder(), common.httpHost, common.healthPort, setting: "LIKA_HEALTH_PORT", logger: logger),
            Gauges(database: database, logger: logger), ReplyExpiry(database: database, gate: gate, logger: logger), HeapTrim(), relay,
            consumption, timers,
        ]
        services += errands
        if let audited = AuditedService(rawValue: name), let key = common.audit {
            services.append(AuditSigning(service: audited, key: key, store: store, logger: logger))
        }
        services.append(Door(api.router.buildResponder(), common.httpHost, common.httpPort, setting: "LIKA_HTTP_PORT", logger: logger))
        services.append(readiness)
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "lika.lifecycle") { _ in SwiftLogNoOpLogHandler() })
        configuration.maximumGracefulShutdownDuration = .seconds(25)
        // What does not even end when cancelled must not outlive the half minute that a supervisor grants.
        configuration.maximumCancellationDuration = .seconds(4)
        group = ServiceGroup(configuration: configuration)
        (self.database, self.producer, self.migrator, self.logger) = (database, producer, migrator, logger)
        logger.info("starting", metadata: ["http": "\(common.httpPort)", "health": "\(common.healthPort)", "rehearsal": "\(common.rehearsal ?? "off")"])
    }

    /// Asks for the graceful stop that SIGTERM asks for.
    package func stop() async { await group.triggerGracefulShutdown() }

    /// Runs until it is stopped.
    package func run() async throws {
        try await awaitSchema()
        try await group.run()
        await producer.close()
        await database.close()
    }

    /// Waits for the database; refuses a schema that is not migrated, since every message would fail and be parked.
    private func awaitSchema() async throws {
        var pause = Backoff()
        while true {
            do { return try await migrator.check() } catch SchemaProblem.ahead(let unknown) {
                return logger.notice("the schema is newer than this program", metadata: ["migrations": "\(unknown)"])
            } catch let error as PostgresError where error.isRetryable {
                logger.warning("the database is away", metadata: ["error": "\(Verdict.code(of: error))"])
                try await pause.wait()
            }
        }
    }
}

/// A port at which the service listens.
private struct Door<Context: RequestContext>: Service where Context.Source == ApplicationRequestContextSource {
    private let application: Application<RouterResponder<Context>>
    private let port: Int
    private let setting: String

    init(_ responder: RouterResponder<Context>, _ host: String, _ port: Int, setting: String, logger: Logger) {
        (self.port, self.setting) = (port, setting)
        application = Application(responder: responder, server: .door, configuration: .init(address: .hostname(host, port: port), serverName: "lika"), logger: logger)
    }

    func run() async throws {
        do { try await application.run() } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw Setting.Problem(setting, "names a port that is in use: \(port)")
        }
    }
}
