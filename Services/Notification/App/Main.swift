import Foundation
import Postgres
import ServiceKit

/// Notification tells people what was decided about them, and the public what it may know.
@main
enum Main {
    static func main() async {
        await Program(
            "notification", about: "tells households, tipsters and teams what concerns them, and announces the county's results",
            migrations: migrations, settings: { _ in }, assemble: { _, _ in notification() }
        ).run()
    }
}

let migrations = [Migration(name: "0001_notification", script: String(decoding: PackageResources._001_notification_sql, as: UTF8.self))]
