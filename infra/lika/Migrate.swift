import ArgumentParser
import Foundation

/// Lets each service bring its own schema forward; the services' programs lie beside this one.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings the schemas of all services forward.",
        discussion: "Runs `lika-<service> migrate` for each, with LIKA_POSTGRES_MIGRATE_<SERVICE> as its LIKA_POSTGRES_MIGRATE.")

    func run() async throws {
        let folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        for service in serviceNames {
            let process = Process()
            process.executableURL = folder.appending(path: "lika-\(service)")
            process.arguments = ["migrate"]
            let conninfo = try Surroundings.value("LIKA_POSTGRES_MIGRATE_\(service.uppercased())", "the connection string of the role lika_\(service)_migrate")
            process.environment = ["LIKA_POSTGRES_MIGRATE": conninfo]
                .merging(ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LIKA_") }) { a, _ in a }
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
        }
    }
}
