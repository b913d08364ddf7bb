import Foundation
import TestKit
import Testing

/// The whole suite as ops run it, by the scripts ops use: PostgreSQL, a broker that writes to disk, twelve departments and the
/// four services, in a folder and on ports of its own, with an invented registry. It is stopped whatever happens.
struct RunningSuite: Sendable {
    private let script: Command
    private let state: URL

    struct Failed: Error, CustomStringConvertible {
        let what: String
        let text: String
        var description: String { "\(what) failed:\n\(text)" }
    }

    /// - Parameters:
    ///   - households: Of the invented registry; without any there are no departments either.
    ///   - speed: How much faster than real time the plan's clock goes, from the morning on which the plan was issued.
    ///   - failpoint: Where the first processes of the services are to be killed, as `LIKA_FAILPOINT` has it.
    ///   - clocks: Processes whose wall clock the test moves.
    static func with<T: Sendable>(
        households: Int? = nil, speed: Int, failpoint: String? = nil, clocks: [String] = [], _ body: (RunningSuite) async throws -> T
    ) async throws -> T {
        let folder = try #require(ProcessInfo.processInfo.environment["LIKA_TEST_STATE"], "run the tests with infra/test")
        let state = URL(filePath: folder).appending(path: "journeys/\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
        let began = Int(Date().timeIntervalSince1970)
        let suite = RunningSuite(
            script: Command(
                root.appending(path: "infra/suite"),
                environment: [
                    "LIKA_STATE": state.path, "LIKA_PORT_SHIFT": "free", "LIKA_BROKERS": "", "LIKA_LOG_LEVEL": "warning", "LIKA_ACCESS": "trusted",
                    "LIKA_REHEARSAL": "2018-09-30T08:00:00+08:00@\(began)x\(speed)", "LIKA_FAKETIME": clocks.joined(separator: " "),
                ]),
            state: state)
        let result: Result<T, any Error>
        do {
            try await suite.dying(at: failpoint).succeed("up")
            if let households {
                try await suite.succeed("run", "lika", "sample", "--seed", "7", "--households", "\(households)", "--output", suite.sample)
                try await suite.succeed("start", "departments")
            }
            result = .success(try await body(suite))
        } catch { result = .failure(error) }
        let down = try await suite.script.run("down")
        try #require(down.status == 0, "\(down.text)")
        if case .success = result { try FileManager.default.removeItem(at: state) }
        return try result.get()
    }

    private func dying(at failpoint: String?) -> RunningSuite {
        guard let failpoint else { return self }
        return RunningSuite(script: script.adding(["LIKA_FAILPOINT": failpoint]), state: state)
    }

    func runs(_ process: String) async throws -> Bool {
        try await succeed("status").lines.contains { $0.hasPrefix("\(process) ") && $0.hasSuffix(" running") }
    }

    static var root: URL { URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent() }

    var sample: String { state.appending(path: "sample").path }
    /// The number of a household that the sample's survey has seen, and that agrees to have left poverty.
    func surveyed() throws -> String {
        let rows = try String(contentsOf: URL(filePath: sample).appending(path: "survey.csv"), encoding: .utf8).split(whereSeparator: \.isNewline)
            .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let place = try #require(rows.first?.firstIndex(of: "户主认可"))
        return try #require(rows.first { $0[place] == "是" }.map { String($0[0]) })
    }

    private var keys: String { state.appending(path: "departments/keys").path }

    func lika(_ arguments: [String]) async throws -> Command.Outcome { try await script.run(["run", "lika"] + arguments) }

    func rehearse() async throws -> Command.Outcome {
        try await lika([
            "rehearse", "--plan", Self.root.appending(path: "infra/sample/plan-2018.yaml").path, "--sample", sample, "--departments", keys,
        ])
    }

    /// What a health address of a service answers; nothing while it does not listen.
    func health(_ service: String, _ path: String, post: Bool = false) async throws -> String {
        let url = "$LIKA_\(service.uppercased())_HEALTH_URL\(path)"
        return try await succeed("run", "bash", "-c", "curl --silent --max-time 10 \(post ? "--request POST " : "")\"\(url)\" || true").text
    }

    /// What one statement answers, as psql prints it without ornament.
    func read(_ statement: String) async throws -> String {
        try await succeed("run", "bash", "-c", "psql \"$LIKA_POSTGRES\" --quiet --no-psqlrc --tuples-only --no-align --command \"$0\"", statement).text
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// One statement as the owner of the database, for what no service would do.
    func asOwner(_ statement: String) async throws {
        try await succeed("run", "bash", "-c", "psql \"$LIKA_POSTGRES_ADMIN\" --quiet --no-psqlrc --set ON_ERROR_STOP=1 --command \"$0\"", statement)
    }

    @discardableResult
    func succeed(_ arguments: String...) async throws -> Command.Outcome {
        let outcome = try await script.run(arguments)
        guard outcome.status == 0 else { throw Failed(what: "infra/suite \(arguments.joined(separator: " "))", text: outcome.text) }
        return outcome
    }
}
