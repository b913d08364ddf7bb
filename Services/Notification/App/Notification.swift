import Postgres
import ServiceKit

/// What notification consists of.
func notification() -> Parts {
    Parts(reactions: reactions, errands: [delivery, inquiry], permissions: permissions, routes: NoticeRoutes().add)
}
