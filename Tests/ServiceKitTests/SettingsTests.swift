import Foundation
import Kafka
import Logging
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// Settings are read once, completely, or not at all.
@Suite struct SettingsTests {
    private let auditKey = Data(repeating: 9, count: 32).base64EncodedString()

    @Test func `every problem is told at once, with its setting's name`() {
        var settings = Settings(["LIKA_HTTP_PORT": "eighty", "LIKA_LOG_LEVEL": "loud", "LIKA_REHEARSAL": "tomorrow", "LIKA_HTPP_PORT": "80", "HOME": "/root"])
        _ = CommonSettings(&settings, service: "review", environment: [:])
        let problems = #expect(throws: Setting.Problems.self) { try settings.check() }
        #expect(
            problems?.all.map(\.name).sorted() == ["LIKA_ACCESS", "LIKA_AUDIT_KEY", "LIKA_BROKERS", "LIKA_HTPP_PORT", "LIKA_HTTP_PORT", "LIKA_LOG_LEVEL", "LIKA_POSTGRES", "LIKA_REHEARSAL"])
        #expect(problems?.description.contains("LIKA_HTPP_PORT is not a setting of this program") == true)
    }

    @Test func `complete settings are accepted`() throws {
        let environment = ["LIKA_ACCESS": "trusted", "LIKA_AUDIT_KEY": auditKey, "LIKA_POSTGRES": "host=db password=pw", "LIKA_BROKERS": "b:9092", "LIKA_KAFKA_SSL_CA_LOCATION": "/ca", "LIKA_OWN": "x"]
        var settings = Settings(environment)
        let common = CommonSettings(&settings, service: "review", environment: environment)
        #expect(settings.text("LIKA_OWN") == "x")
        try settings.check()
        #expect(common.httpPort == 8080)
        #expect(common.schema == "review")
        #expect(common.kafka.properties == ["ssl.ca.location": "/ca"])
    }

    @Test func `a Kafka property that undoes the delivery promise is refused`() {
        let environment = ["LIKA_ACCESS": "trusted", "LIKA_AUDIT_KEY": auditKey, "LIKA_POSTGRES": "x", "LIKA_BROKERS": "b:9092", "LIKA_KAFKA_ACKS": "0", "LIKA_KAFKA_NO_SUCH": "1"]
        var settings = Settings(environment)
        _ = CommonSettings(&settings, service: "review", environment: environment)
        #expect(throws: Setting.Problems.self) { try settings.check() }
        #expect(settings.problems.count == 2)
    }

    @Test func `a secret may stand in a file, and is shown nowhere`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID())")
        try Data("host=db password=hush\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var settings = Settings(["LIKA_POSTGRES_FILE": file.path(), "LIKA_PLAIN": "hush-too"])
        #expect(settings.secret("LIKA_POSTGRES") == "host=db password=hush")
        #expect(settings.secret("LIKA_PLAIN") == "hush-too")
        try settings.check()
        #expect(settings.effective.map(\.value) == ["********", "********"])
    }

    @Test func `a secret's file that cannot be read is a problem`() {
        var settings = Settings(["LIKA_POSTGRES_FILE": "/nowhere/at/all"])
        _ = settings.secret("LIKA_POSTGRES")
        #expect(settings.problems.contains { $0.name == "LIKA_POSTGRES_FILE" })
    }

    @Test func `a secret of Kafka may stand in a file too`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID())")
        try Data("hush\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let environment = ["LIKA_ACCESS": "trusted", "LIKA_AUDIT_KEY": auditKey, "LIKA_POSTGRES": "x", "LIKA_BROKERS": "b:9092", "LIKA_KAFKA_SASL_PASSWORD_FILE": file.path()]
        var settings = Settings(environment)
        let common = CommonSettings(&settings, service: "review", environment: environment)
        try settings.check()
        #expect(common.kafka.properties == ["sasl.password": "hush"])
        #expect(!settings.effective.contains { $0.value.contains("hush") })
    }

    @Test func `an empty value is no value`() {
        var settings = Settings(["LIKA_POSTGRES": "", "LIKA_OPTIONAL": ""])
        #expect(settings.text("LIKA_POSTGRES", default: "d") == "d")
        #expect(settings.optional("LIKA_OPTIONAL") == nil)
    }
}

/// The same moment in Swift and in SQL.
@Suite struct PlanClockTests {
    @Test(arguments: [
        "", "2018-09-30T08:00:00+08:00@1790000000x60000", "2018-09-30T08:00:00+08:00@1700000000.25x1", "2018-10-15T00:00:00Z@1790000000x0.5",
        "2018-12-31T23:59:59.999+08:00@1790000000x3600",
    ])
    func `plan time is the same in Swift and in SQL`(setting: String) async throws {
        let clock = try PlanClock(setting)
        try await withSchema(Kernel.migrations, connections: 1, session: setting.isEmpty ? [:] : ["lika.rehearsal": setting]) { settings in
            let database = Database(settings)
            let (real, plan) = try await database.transaction { sql -> (Double, Instant) in
                let row = try #require(try sql.first("SELECT extract(epoch FROM now())::float8 AS real, lika_now() AS plan"))
                return (try row["real"], try row["plan"])
            }
            // A double holds the seconds since 1970 to a quarter of a microsecond, which the rehearsal multiplies.
            #expect(abs(clock.time(at: real) - plan) <= 0.002 + 3e-7 * clock.speed)
            await database.close()
        }
    }

    @Test(arguments: ["now", "2018-09-30@1790000000x1", "2018-09-30T08:00:00+08:00@x1", "2018-09-30T08:00:00+08:00@1790000000", "2018-09-30T08:00:00+08:00@1790000000x0", "2018-09-30T08:00:00+08:00@1790000000x-5"])
    func `a setting that is none is refused`(setting: String) {
        #expect(throws: Setting.Problem.self) { try PlanClock(setting) }
    }

    @Test func `a delay is shorter by the speed, and none for what has passed`() throws {
        let clock = try PlanClock("2018-09-30T08:00:00+08:00@\(Date().timeIntervalSince1970)x3600")
        let delay = clock.delay(until: clock.now + 3600)
        #expect(delay > .milliseconds(900) && delay <= .milliseconds(1001))
        #expect(clock.delay(until: clock.now + -5) == .zero)
    }
}

/// Prometheus' text and JSON's lines.
@Suite struct TellingTests {
    @Test func `metrics are told in Prometheus' text format`() {
        let metrics = Metrics()
        metrics.add("lika_things_total", 2, ["type": "a\"b\\c\nd", "outcome": "ok"])
        metrics.add("lika_things_total", 1, ["outcome": "ok", "type": "a\"b\\c\nd"])
        metrics.set("lika_level", -1.5)
        metrics.observe("lika_seconds", 0.003)
        metrics.observe("lika_seconds", 7)
        metrics.observe("lika_route_seconds", 0.2, ["route": "/v1/x"])
        let text = metrics.exposition()
        #expect(text.contains("# TYPE lika_things_total counter\nlika_things_total{outcome=\"ok\",type=\"a\\\"b\\\\c\\nd\"} 3.0\n"))
        #expect(text.contains("# TYPE lika_level gauge\nlika_level -1.5\n"))
        #expect(text.contains("lika_seconds_bucket{le=\"0.0025\"} 0\nlika_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.contains("lika_seconds_bucket{le=\"10.0\"} 2\n"))
        #expect(text.contains("lika_seconds_bucket{le=\"+Inf\"} 2\nlika_seconds_sum 7.003\nlika_seconds_count 2\n"))
        #expect(text.contains("lika_route_seconds_bucket{route=\"/v1/x\",le=\"0.25\"} 1\n"))
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            #expect(line.wholeMatch(of: /[a-z_]+(\{.*\})? -?[0-9.+Infe-]+/) != nil, "\(line)")
        }
    }

    @Test func `a line of the log is one JSON object, whatever it is told`() throws {
        struct Secret: Error { let number = "530427199001011234" }
        let log = JSONLog(service: "review", instance: "a \"b\"", metadata: ["base": "x"])
        let odd = "quote \" backslash \\ newline \n tab \t bell \u{07} \u{2028} 张三 😀"
        let line = log.line(
            LogEvent(
                level: .warning, message: "\(odd)", error: Secret(), metadata: ["key": "\(odd)", "n": "\(7)", "list": ["a", "b"]], source: nil, file: "", function: "",
                line: 1))
        #expect(line.hasSuffix("}\n") && line.dropLast().allSatisfy { $0 != "\n" })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["level"] as? String == "warning")
        #expect(object["service"] as? String == "review")
        #expect(object["instance"] as? String == "a \"b\"")
        #expect((object["msg"] as? String)?.contains("张三") == true)
        #expect(object["base"] as? String == "x")
        #expect(object["n"] as? String == "7")
        #expect(object["error_type"] as? String == "Secret")
        #expect(!line.contains("530427"))
        #expect((object["ts"] as? String).flatMap { Instant($0) } != nil)
    }
}
