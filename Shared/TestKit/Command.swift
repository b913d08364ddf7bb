import Foundation

/// A program run to its end, as a person would run it in a shell.
package struct Command: Sendable {
    package struct Outcome: Sendable {
        package let status: Int
        /// What it wrote to standard output and standard error, in the order of writing.
        package let text: String

        package var lines: [String] { text.split(separator: "\n").map(String.init) }
    }

    private let program: URL
    private let environment: [String: String]

    /// - Parameter environment: Added to that of the tests.
    package init(_ program: URL, environment: [String: String] = [:]) {
        self.program = program
        self.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    }

    /// The same command with more in its environment.
    package func adding(_ more: [String: String]) -> Command { Command(program, environment: environment.merging(more) { $1 }) }

    package func run(_ arguments: String...) async throws -> Outcome { try await run(arguments) }

    /// Its output goes through a file: what it leaves running may keep a pipe open for ever. (Foundation's `Process` waits for
    /// those as well, through a descriptor of its own that they inherit.)
    package func run(_ arguments: [String]) async throws -> Outcome {
        let file = FileManager.default.temporaryDirectory.appending(path: "lika-\(UUID().uuidString).out")
        let process = try spawn(arguments, writingTo: file.path)
        let status = await withCheckedContinuation { done in
            Thread.detachNewThread { done.resume(returning: Self.wait(for: process)) }
        }
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        try FileManager.default.removeItem(at: file)
        return Outcome(status: status, text: text)
    }

    /// - Parameter ownGroup: So that a signal can reach it together with all that it starts.
    func spawn(_ arguments: [String], writingTo file: String, ownGroup: Bool = false) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A thread of the pool blocks signals; what it spawns, and the services started by that, would do so too.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | (ownGroup ? POSIX_SPAWN_SETPGROUP : 0)))
        var process = pid_t()
        let code = Self.withCStrings([program.path] + arguments) { arguments in
            Self.withCStrings(environment.map { "\($0)=\($1)" }) { posix_spawn(&process, program.path, &actions, &attributes, arguments, $0) }
        }
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        return process
    }

    /// Its exit status, or 128 and the signal that ended it, as a shell has it.
    private static func wait(for process: pid_t) -> Int {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return Int(status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F)
    }

    private static func withCStrings<T>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}
