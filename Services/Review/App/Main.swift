import Postgres
import ServiceKit

/// Review takes cases through meetings and publicity windows to the county.
@main
enum Main {
    static func main() async {
        await Program(
            "review", about: "meetings, publicity windows, tips, and the report to the county", migrations: migrations,
            settings: Config.init, assemble: review
        ).run()
    }

    static let migrations = [
        Migration("0001_review", PackageResources._001_review_sql), Migration("0002_household_tips", PackageResources._002_household_tips_sql),
    ]
}
