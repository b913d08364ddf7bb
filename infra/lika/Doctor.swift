import ArgumentParser
import Contracts
import Foundation
import Kafka
import Postgres

/// Looks at everything the suite stands on and names the mend of what is wrong.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Checks broker, database, schemas, services, disk and clock, and names the fix.")

    private struct Finding {
        let passed: Bool
        let what: String
        let fix: String
    }

    func run() async throws {
        var findings: [Finding] = []
        findings += await database()
        findings += await broker()
        findings += await services()
        findings += disk()
        for finding in findings { print("\(finding.passed ? "ok " : "NOT") \(finding.what)\(finding.passed ? "" : " — \(finding.fix)")") }
        if findings.contains(where: { !$0.passed }) { throw ExitCode(1) }
    }

    private func database() async -> [Finding] {
        do {
            let database = try Surroundings.ledgerDatabase()
            let started = Date()
            let findings = try await database.transaction { sql in
                var findings = [Finding(passed: true, what: "database answers", fix: "")]
                if let row = try sql.first("SELECT extract(epoch FROM clock_timestamp())::float8 AS now, current_setting('fsync') = 'on' AS fsync") {
                    let skew = abs(try row["now", as: Double.self] - started.timeIntervalSince1970)
                    findings.append(Finding(passed: skew < 5, what: "clocks agree within \(Int(skew.rounded(.up))) s", fix: "synchronise the clocks (NTP) of this machine and the database's"))
                    findings.append(Finding(passed: try row["fsync"], what: "fsync is on", fix: "set fsync = on in postgresql.conf: without it a power loss loses what was acknowledged"))
                }
                for service in serviceNames {
                    let there = try sql.first("SELECT to_regclass(\(service + ".schema_migrations")) IS NOT NULL AS there")?["there"] == true
                    findings.append(Finding(passed: there, what: "schema \(service) is migrated", fix: "run `lika migrate`"))
                    guard there, let row = try sql.first("SELECT (SELECT count(*) FROM \(unsafe: service).parked_messages) AS parked, (SELECT count(*) FROM \(unsafe: service).outbox_pending WHERE claimed_until < clock_timestamp() - interval '30 s') AS stale") else { continue }
                    let (parked, stale): (Int, Int) = (try row["parked"], try row["stale"])
                    findings.append(Finding(passed: parked == 0, what: "\(service) has \(parked) parked messages", fix: "see `lika parked`"))
                    findings.append(Finding(passed: stale == 0, what: "\(service) has \(stale) transactions unsent for 30 s", fix: "is the service running, and the broker reachable?"))
                }
                return findings
            }
            await database.close()
            return findings
        } catch { return [Finding(passed: false, what: "database", fix: "\(error)")] }
    }

    private func broker() async -> [Finding] {
        do {
            let settings = try Surroundings.kafka()
            let admin = try Admin(settings)
            let present = try await admin.topics()
            let missing = Topic.all.filter { present[$0.name] != $0.partitions }
            return [
                Finding(passed: true, what: "broker answers (cluster \(try await admin.clusterID()))", fix: ""),
                Finding(passed: missing.isEmpty, what: "\(Topic.all.count - missing.count) of \(Topic.all.count) topics are as the contracts say", fix: "run `lika topics`"),
            ]
        } catch { return [Finding(passed: false, what: "broker", fix: "\(error); LIKA_BROKERS names it, infra/up starts one")] }
    }

    private func services() async -> [Finding] {
        var findings: [Finding] = []
        for service in serviceNames {
            guard let url = Surroundings.optional("LIKA_\(service.uppercased())_HEALTH_URL") else { continue }
            do {
                let (status, body) = try await HTTP.get("\(url)/readyz")
                let wrong = body.split(separator: "\n").filter { $0.hasPrefix("NOT") }.joined(separator: "; ")
                findings.append(Finding(passed: status == 200, what: "\(service) is ready", fix: wrong))
            } catch { findings.append(Finding(passed: false, what: "\(service) answers at \(url)", fix: "start it: infra/suite start \(service)")) }
        }
        return findings
    }

    private func disk() -> [Finding] {
        do {
            let values = try URL(filePath: Surroundings.optional("LIKA_STATE") ?? ".").resourceValues(forKeys: [.volumeAvailableCapacityKey])
            let free = (values.volumeAvailableCapacity ?? 0) >> 20
            return [Finding(passed: free > 2_048, what: "\(free) MB of disk are free", fix: "PostgreSQL stops on a full disk: free at least 2 GB")]
        } catch { return [Finding(passed: false, what: "disk", fix: "\(error)")] }
    }
}
