import Postgres
import ServiceKit

/// Notification tells people what was decided about them, and the public what it may know.
@main
enum Main {
    static func main() async {
        await Program(
            "notification", about: "tells households, tipsters, teams and offices what concerns them, and announces the county's results",
            migrations: migrations, settings: Config.init, assemble: notification
        ).run()
    }
}

let migrations = [
    Migration("0001_notification", PackageResources._001_notification_sql), Migration("0002_channels", PackageResources._002_channels_sql),
    Migration("0003_people_and_paper", PackageResources._003_people_and_paper_sql),
]
