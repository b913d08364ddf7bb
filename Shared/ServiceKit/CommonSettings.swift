import Contracts
import Foundation
import Kafka
import Logging
import Postgres

/// The settings that all services have.
package struct CommonSettings: Sendable {
    let conninfo: String
    let connections: Int
    let httpHost: String
    let httpPort: Int
    let healthPort: Int
    let instance: String
    let logLevel: Logger.Level
    let rehearsal: String?
    let clock: PlanClock
    let kafka: KafkaSettings
    let schema: String
    let service: String
    let access: Access.Choice
    let limits: HTTPLimits
    /// Signs the checkpoints of the audit; only services have one.
    let audit: AuditKey?

    package init(_ settings: inout Settings, service: String, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.service = service
        let audit = settings.secret("LIKA_AUDIT_KEY", default: AuditedService(rawValue: service) == nil ? "" : nil)
        do { self.audit = audit.isEmpty ? nil : try AuditKey(audit) } catch {
            settings.note(Setting.Problem("LIKA_AUDIT_KEY", "must be 32 random bytes in Base64"))
            self.audit = nil
        }
        conninfo = settings.secret("LIKA_POSTGRES")
        schema = settings.text("LIKA_POSTGRES_SCHEMA", default: service)
        connections = settings.int("LIKA_POSTGRES_CONNECTIONS", default: 4)
        httpHost = settings.text("LIKA_HTTP_HOST", default: "127.0.0.1")
        httpPort = settings.int("LIKA_HTTP_PORT", default: 8080)
        healthPort = settings.int("LIKA_HEALTH_PORT", default: 8090)
        instance = settings.text("LIKA_INSTANCE", default: "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)")
        let level = settings.text("LIKA_LOG_LEVEL", default: "info")
        if Logger.Level(rawValue: level) == nil { settings.note(Setting.Problem("LIKA_LOG_LEVEL", "must be trace, debug, info, notice, warning, error or critical")) }
        logLevel = Logger.Level(rawValue: level) ?? .info
        rehearsal = settings.optional("LIKA_REHEARSAL")
        limits = HTTPLimits(&settings, isRehearsal: rehearsal != nil)
        access = Access.Choice(&settings, home: limits.home)
        do { clock = try PlanClock(rehearsal) } catch {
            if let problem = error as? Setting.Problem { settings.note(problem) }
            clock = PlanClock.real
        }
        let brokers = settings.text("LIKA_BROKERS")
        var environment = environment
        for name in environment.keys where name.hasPrefix("LIKA_KAFKA_") && name.hasSuffix("_FILE") {
            environment[name] = nil
            environment[String(name.dropLast("_FILE".count))] = settings.secret(String(name.dropLast("_FILE".count)))
        }
        do { kafka = try KafkaSettings(environment: environment, clientID: instance) } catch {
            if !brokers.isEmpty { for problem in error.problems { settings.note(Setting.Problem("LIKA_KAFKA", problem)) } }
            kafka = KafkaSettings(brokers: brokers, clientID: instance)
        }
    }

    package func postgres() -> PostgresSettings {
        var session = ["search_path": schema]
        if let rehearsal { session["lika.rehearsal"] = rehearsal }
        return PostgresSettings(conninfo, connections: connections, session: session, application: "lika-\(service)")
    }
}
