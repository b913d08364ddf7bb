import ArgumentParser
import AsyncHTTPClient
import Foundation

extension Bench {
    /// From POST at intake to the effect committed in the next service, over running services.
    struct Latency: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Milliseconds from POST at intake to the effect committed in review, at a steady rate.")

        @Option(help: "Posts per second.") var rate = 50
        @Option(help: "Seconds.") var seconds = 20

        func run() async throws { throw ValidationError("needs intake") }
    }
}
