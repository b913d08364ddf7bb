import Postgres
import ServiceKit

/// Intake keeps the register: what goes into a yearly review, and what comes out of it.
@main
enum Main {
    static func main() async {
        await Program(
            "intake", about: "keeps the register of households and marks the results of the yearly review",
            migrations: Intake.migrations, settings: Config.init,
            assemble: { config, _ in try Intake.parts(vault: config.openVault(), imports: config.imports, clientHeader: config.clientHeader) }
        ).run()
    }
}
