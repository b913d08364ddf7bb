import ArgumentParser

/// The command line of those who run Lika.
@main
struct Lika: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lika",
        abstract: "Runs and watches the suite for the yearly review of registered poor households.",
        discussion: """
            Settings come from the environment: LIKA_POSTGRES (a role that may read all four schemas), LIKA_POSTGRES_ADMIN \
            (for what changes them), LIKA_BROKERS, LIKA_KAFKA_*, LIKA_<SERVICE>_URL. `infra/suite run lika …` sets them for \
            the suite that infra/up started.
            """,
        subcommands: [
            Migrate.self, Topics.self, Sample.self, Import.self, Explain.self, PlanFile.self, Rehearse.self, Ledger.self, Audit.self, ParkedMessages.self, Republish.self,
            ContractFiles.self, Doctor.self, Bench.self, Conformance.self, Courier.self, Token.self,
        ])
}

/// The four services by name, in the order of the round.
let serviceNames = ["intake", "verification", "review", "notification"]
