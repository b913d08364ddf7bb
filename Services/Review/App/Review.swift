import ServiceKit

/// All of review: what it hears, what it is asked, and what falls due.
func review(_ config: Config) -> Parts {
    Parts(reactions: reactions, timers: timers(config), permissions: permissions, places: places) { api in
        MeetingRoutes(rules: config.meetings).add(to: api)
        WindowRoutes(office: config.office).add(to: api)
        WindowPages(config: config).add(to: api)
        NoticePages(config: config).add(to: api)
        CaseRoutes().add(to: api)
        CountyRoutes().add(to: api)
        ListRoutes().add(to: api)
        BoardPages().add(to: api)
        MeetingPages(rules: config.meetings, tipEntry: config.tipEntry).add(to: api)
        CasePages().add(to: api)
    }
}
