import ArgumentParser
import Contracts
import Foundation

/// The published contracts: AsyncAPI and JSON Schemas, generated from the event types and committed.
struct ContractFiles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contracts", abstract: "Generates the published contracts from the event types, or checks the committed ones.",
        subcommands: [Generate.self, Check.self])

    struct Root: ParsableArguments {
        @Option(help: "The checkout.") var root = "."
        var url: URL { URL(filePath: root) }
    }

    struct Generate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Writes \(PublishedContracts.folder).")
        @OptionGroup var root: Root

        func run() async throws {
            let written = try PublishedContracts.write(below: root.url)
            print("contracts: \(written.count) files changed")
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fails when a committed file is not what the types say, or when an event changed incompatibly under its name.")
        @OptionGroup var root: Root
        @Option(help: "The commit whose contracts must still hold.") var against = "HEAD~1"

        func run() async throws {
            let stale = try PublishedContracts.stale(below: root.url)
            for file in stale { print("stale: \(file) — run `lika contracts generate` and commit it") }
            let old = try committed(at: against)
            let problems = try Compatibility.problems(old: old, new: try PublishedContracts.committed(below: root.url))
            for problem in problems { print("incompatible: \(problem) — give the event a new name, .v2") }
            print("contracts: stale=\(stale.count) incompatible=\(problems.count) compared=\(old.count)")
            if !stale.isEmpty || !problems.isEmpty { throw ExitCode(1) }
        }

        /// The contracts as of a commit; none where the history does not reach so far back.
        private func committed(at commit: String) throws -> [String: [UInt8]] {
            let listed = try git("ls-tree", "-r", "--name-only", commit, PublishedContracts.folder)
            var files: [String: [UInt8]] = [:]
            for path in String(decoding: listed, as: UTF8.self).split(separator: "\n") {
                files[String(path.dropFirst(PublishedContracts.folder.count + 1))] = Array(try git("show", "\(commit):\(path)"))
            }
            return files
        }

        private func git(_ arguments: String...) throws -> Data {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["git", "-C", root.root] + arguments
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return process.terminationStatus == 0 ? data : Data()
        }
    }
}
