import Postgres
import ServiceKit

/// Verification asks the departments about households and keeps what they answer, provided that it is really theirs.
@main
enum Main {
    static let migrations = [
        Migration("0001_verification", PackageResources._001_verification_sql),
        Migration("0002_questions", PackageResources._002_questions_sql),
        Migration("0003_desk", PackageResources._003_desk_sql),
        Migration("0004_reach", PackageResources._004_reach_sql),
    ]

    static func main() async {
        await Program(
            "verification", about: "asks departments about households and judges their signed answers", migrations: migrations,
            settings: Config.init, assemble: verification
        ).run()
    }
}
