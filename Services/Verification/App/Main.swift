import Postgres
import ServiceKit

/// Verification asks the departments about households and keeps what they answer, provided that it is really theirs.
@main
enum Main {
    static let migrations = [Migration("0001_verification", PackageResources._001_verification_sql)]

    static func main() async {
        await Program(
            "verification", about: "asks departments about households and judges their signed answers", migrations: migrations,
            settings: { settings in settings.text("LIKA_INTAKE_URL", default: "http://127.0.0.1:8081") },
            assemble: { intake in verification(intake: intake) }
        ).run()
    }
}
