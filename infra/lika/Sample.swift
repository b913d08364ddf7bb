import ArgumentParser
import Foundation

/// `lika sample`: invents a register and a round to go with it.
struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Invent a register and everything that one round needs.",
        discussion: """
            The people do not exist: their ID numbers have an area that no county has. The same seed gives the same files.
            """)

    @Option(help: "Decides everything in the sample.")
    var seed: UInt64 = 2018

    @Option(help: "How many households, on the register and off it.")
    var households = 600

    @Option(help: "The folder to write to; it is made if it is missing.")
    var output: String

    func validate() throws {
        guard (60...50_000).contains(households) else { throw ValidationError("--households takes 60 to 50000") }
    }

    func run() throws {
        let sample = try SampleFiles(SampleRound(seed: seed, households: households))
        let folder = URL(filePath: output, directoryHint: .isDirectory)
        for (name, bytes) in sample.files.sorted(by: { $0.key < $1.key }) {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
        let expected = sample.expected
        print("sample: seed=\(seed) households=\(expected.households) members=\(expected.members) registered=\(expected.registeredHouseholds) faults=\(expected.faults.count) tips=\(expected.tips)")
    }
}
