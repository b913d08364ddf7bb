import Postgres
import ServiceKit

/// Review takes cases through meetings and publicity windows to the county.
@main
enum Main {
    static func main() async {
        await Program(
            "review", about: "meetings, publicity windows, and the report to the county", migrations: migrations,
            settings: Config.init, assemble: { config, _ in review(config) }
        ).run()
    }

    static let migrations = [
        Migration("0001_review", PackageResources._001_review_sql), Migration("0002_household_tips", PackageResources._002_household_tips_sql),
        Migration("0005_meetings_county", PackageResources._005_meetings_county_sql),
        Migration("0006_notices", PackageResources._006_notices_sql),
        Migration("0007_tips_at_intake", PackageResources._007_tips_at_intake_sql),
        Migration("0008_division_names", PackageResources._008_division_names_sql),
        Migration("0009_reach", PackageResources._009_reach_sql), Migration("0010_own_data", PackageResources._010_own_data_sql),
    ]
}
