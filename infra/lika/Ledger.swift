import ArgumentParser
import Postgres

/// Prints the books and exits non-zero where they do not balance.
struct Ledger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows per topic: told = log = inbox, and names any gap.",
        discussion: "Reads the four schemas and the whole log. Exits 1 when an event was lost, applied twice, or told by nobody.")

    @Flag(help: "Only the topics whose books do not balance.")
    var gaps = false

    func run() async throws {
        let database = try Surroundings.ledgerDatabase()
        let books = try await Books.read(database, try Surroundings.kafka())
        await database.close()
        print("topic".padded(46) + "told".leading(8) + "pending".leading(9) + "log".leading(8) + "resent".leading(8) + "  inboxes")
        for line in books.lines where !gaps || line.missingFromLog + line.ghosts + line.inboxes.reduce(0, { $0 + $1.missing + $1.twice }) > 0 {
            let inboxes = line.inboxes.map { inbox in
                "\(inbox.consumer)=\(inbox.applied)" + (inbox.parked > 0 ? " parked=\(inbox.parked)" : "")
                    + (inbox.missing > 0 ? " MISSING=\(inbox.missing)" : "") + (inbox.twice > 0 ? " TWICE=\(inbox.twice)" : "")
            }
            print(
                line.topic.padded(46) + "\(line.told)".leading(8) + "\(line.pending)".leading(9) + "\(line.inLog)".leading(8) + "\(line.resent)".leading(8)
                    + "  " + inboxes.joined(separator: ", ") + (line.missingFromLog > 0 ? "  NOT IN LOG=\(line.missingFromLog)" : "")
                    + (line.ghosts > 0 ? "  GHOSTS=\(line.ghosts)" : ""))
        }
        print("ledger: lost=\(books.lost) duplicated=\(books.duplicated) ghost=\(books.ghosts) pending=\(books.pending) parked=\(books.parked)")
        if books.lost + books.duplicated + books.ghosts > 0 { throw ExitCode(1) }
    }
}

extension String {
    /// Filled with spaces on the right; names are ASCII.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
    func leading(_ width: Int) -> String { String(repeating: " ", count: max(1, width - count)) + self }
}
