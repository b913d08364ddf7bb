import Contracts
import Foundation
import Hummingbird
import Kafka
import Logging
import Postgres
import ServiceLifecycle

/// What makes one service different from the others.
package struct Parts: Sendable {
    package var permissions: Permissions
    package var places: Places
    package var routes: @Sendable (API) -> Void
    package var reactions: Reactions
    package var timers: Timers
    package var errands: [Errand]

    package init(
        reactions: Reactions, timers: Timers = Timers(), errands: [Errand] = [], permissions: Permissions, places: Places = .none,
        routes: @escaping @Sendable (API) -> Void
    ) {
        (self.routes, self.permissions, self.places) = (routes, permissions, places)
        (self.reactions, self.timers, self.errands) = (reactions, timers, errands)
    }
}

/// A service as a program: `serve` (the default), `migrate`, `config check`, `--help`, `--version`.
package struct Program<Own> {
    private let name: String
    private let about: String
    private let migrations: [Migration]
    private let settings: (inout Settings) throws -> Own
    private let assemble: (Own, Access) throws -> Parts

    /// - Parameters:
    ///   - migrations: The service's own; the kernel's come first.
    ///   - settings: Reads the settings that only this service has.
    package init(
        _ name: String, about: String, migrations: [Migration], settings: @escaping (inout Settings) throws -> Own,
        assemble: @escaping (Own, Access) throws -> Parts
    ) {
        (self.name, self.about, self.settings, self.assemble) = (name, about, settings, assemble)
        self.migrations = Kernel.migrations + migrations
    }

    package func run() async {
        do {
            switch Array(CommandLine.arguments.dropFirst()) {
            case [], ["serve"]: try await serve()
            case ["migrate"]: try await migrate()
            case ["config", "check"]: try check()
            case ["--version"]: print("lika-\(name) \(Kernel.version) schema \(migrations.last?.name ?? "none")")
            case ["--help"], ["-h"], ["help"]: print(help)
            default:
                complain("unknown arguments; see lika-\(name) --help")
                exit(64)
            }
        } catch {
            complain("\(error)")
            exit(1)
        }
    }

    private var help: String {
        """
        lika-\(name): \(about)

        USAGE: lika-\(name) [serve | migrate | config check | --version | --help]

          serve          run the service (default)
          migrate        bring the schema to this version and exit; needs LIKA_POSTGRES_MIGRATE alone
          config check   print the effective settings, secrets masked, and every problem

        Settings come from the environment: LIKA_POSTGRES, LIKA_BROKERS, LIKA_HTTP_HOST, LIKA_HTTP_PORT, LIKA_HEALTH_PORT,
        LIKA_INSTANCE, LIKA_LOG_LEVEL, LIKA_REHEARSAL, LIKA_ACCESS (oidc with LIKA_OIDC_*, embedded with
        LIKA_ACCESS_KEY, or trusted behind a proxy), LIKA_HTTP_RATE, LIKA_AUDIT_KEY, LIKA_KAFKA_* (librdkafka's properties). config check lists all.
        """
    }

    private func complain(_ text: String) { FileHandle.standardError.write(Data("lika-\(name): \(text)\n".utf8)) }

    // MARK: Commands

    private func read() throws -> (common: CommonSettings, own: Own, settings: Settings) {
        var settings = Settings(ProcessInfo.processInfo.environment)
        let common = CommonSettings(&settings, service: name)
        let own = try self.settings(&settings)
        return (common, own, settings)
    }

    private func check() throws {
        let (_, _, settings) = try read()
        for (name, value) in settings.effective.sorted(by: { $0.name < $1.name }) { print("\(name)=\(value)") }
        try settings.check()
    }

    private func migrate() async throws {
        var settings = Settings(ProcessInfo.processInfo.environment)
        let conninfo = settings.secret("LIKA_POSTGRES_MIGRATE")
        let schema = settings.text("LIKA_POSTGRES_SCHEMA", default: name)
        try settings.check()
        let database = Database(
            PostgresSettings(conninfo, connections: 1, session: ["search_path": schema, "statement_timeout": "0"], application: "lika-\(name)-migrate"))
        let applied = try await Migrator(database, migrations).migrate(afterEach: { _ in Failpoint.migrateMidStep.hit() })
        print(applied.isEmpty ? "lika-\(name): the schema is up to date" : "lika-\(name): applied \(applied.joined(separator: ", "))")
        await database.close()
    }

    private func serve() async throws {
        let (common, own, settings) = try read()
        try settings.check()
        let access = try await Access(common.access)
        var parts = try assemble(own, access)
        if let audited = AuditedService(rawValue: name) { parts.reactions = parts.reactions.keepingCheckpoints(besides: audited) }
        try checkSubscriptions(of: parts.reactions)
        LoggingSystem.bootstrap { [name] _ in
            var log = JSONLog(service: name, instance: common.instance)
            log.logLevel = common.logLevel
            return log
        }
        let logger = Logger(label: "lika.\(name)")
        for (name, text) in settings.remarks { logger.info("setting", metadata: ["name": "\(name)", "value": "\(text)"]) }
        let runtime = try await Runtime(name: name, common: common, migrations: migrations, parts: parts, access: access, logger: logger)
        try await runtime.run()
        // All is committed, sent and closed. What is left is memory: to free it while librdkafka's threads end beside it has crashed
        // one exit in some hundred, and an exit that crashes looks like work that was lost.
        fflush(nil)
        _exit(0)
    }

    /// Readers of the published contracts rely on what they say about who reads what.
    private func checkSubscriptions(of reactions: Reactions) throws {
        let published = Subscription.all.filter { $0.subscriber == .service(name) }.flatMap(\.topics).map(\.name)
        guard Set(published) == Set(reactions.topics.keys) else {
            throw Setting.Problem("Subscription.all", "does not name the topics that \(reactions.group) reads")
        }
    }
}

package enum Kernel {
    package static let version = "0.1.0"
    /// Their names begin with 0000, so that those of the services, which follow, may count from 0001.
    package static let migrations = [
        Migration("0000_kernel", PackageResources._000_kernel_sql),
        Migration("0000_kernel_1_inbox_key", PackageResources._000_kernel_1_inbox_key_sql),
        Migration("0000_kernel_2_locations", PackageResources._000_kernel_2_locations_sql),
        Migration("0000_kernel_3_audit", PackageResources._000_kernel_3_audit_sql),
        Migration("0000_kernel_6_reach", PackageResources._000_kernel_6_reach_sql),
        Migration("0000_kernel_7_countersignings", PackageResources._000_kernel_7_countersignings_sql),
    ]
}
