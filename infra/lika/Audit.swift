import ArgumentParser
import Contracts
import Foundation
import Postgres
import ServiceKit

/// `lika audit`: what was done and read, and that nobody changed what was written of it.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Proves that the audits of the services are whole.", subcommands: [Verify.self, PublicKey.self])

    /// The key that signs, from its file.
    private static func signing() throws -> AuditKey {
        try AuditKey(
            String(contentsOfFile: Surroundings.value("LIKA_AUDIT_KEY_FILE", "the file with the key that signs the audits"), encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines))
    }

    struct PublicKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "public-key", abstract: "Prints what whoever verifies needs of the key that signs (LIKA_AUDIT_KEY_FILE), and no more.")

        func run() async throws { print(try Audit.signing().publicKey.text) }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads each service's audit and compares it with the checkpoints that the other services keep.",
            discussion: """
                Exits 0 when every chain is whole, 1 when a row is at fault (the first is named), 2 when a chain is shorter than what was signed. \
                An auditor brings the public key; who holds the key that signs (LIKA_AUDIT_KEY_FILE) needs none. A checkpoint kept elsewhere, such as a record of the topic \
                lika.<service>.audit.v1, is compared as well.
                """)

        @Option(help: "Only this service: \(AuditedService.allCases.map(\.rawValue).joined(separator: ", ")).") var service: AuditedService?
        @Option(help: "A file with one checkpoint more, as JSON.") var checkpoint: String?
        @Option(help: "As `lika audit public-key` printed it.") var publicKey: String?

        func run() async throws {
            let key = try publicKey.map { try AuditPublicKey($0) } ?? Audit.signing().publicKey
            let database = try Surroundings.ledgerDatabase()
            var checkpoints = try await kept(in: database)
            if let checkpoint { checkpoints.append(try JSON.decode(AuditVerification.Checkpoint.self, from: Array(Data(contentsOf: URL(filePath: checkpoint))))) }
            var worst: Int32 = 0
            for service in service.map({ [$0] }) ?? AuditedService.allCases {
                let own = checkpoints.filter { $0.service == service }
                let finding = try await AuditVerification(service, in: database).run(against: own, signedBy: key) { rows in
                    FileHandle.standardError.write(Data("  \(service.rawValue): \(rows) rows\n".utf8))
                }
                switch finding {
                case .intact(let rows): print("audit: service=\(service.rawValue) rows=\(rows) checkpoints=\(own.count) intact")
                case .broken(let seq, let why):
                    print("audit: service=\(service.rawValue) BROKEN at row \(seq): \(why)")
                    worst = 1
                case .short(let rows, let signed):
                    print("audit: service=\(service.rawValue) SHORT: it ends at row \(rows), and row \(signed) was there")
                    worst = worst == 0 ? 2 : worst
                }
            }
            await database.close()
            if worst > 0 { throw ExitCode(worst) }
        }

        /// Each other service's word on each.
        private func kept(in database: Database) async throws -> [AuditVerification.Checkpoint] {
            var checkpoints: [AuditVerification.Checkpoint] = []
            for keeper in AuditedService.allCases {
                checkpoints += try await database.transaction { sql in
                    try sql.query("SELECT service, chain, seq, hash, signed_at, signature FROM \(unsafe: keeper.rawValue).audit_checkpoints").map(AuditVerification.Checkpoint.init)
                }
            }
            return checkpoints
        }
    }
}

extension AuditedService: ExpressibleByArgument {}
