import ServiceKit

/// All of review: what it hears, what it is asked, and what falls due.
func review(_ config: Config) -> Parts {
    Parts(reactions: reactions, timers: timers(config)) { api in
        MeetingRoutes(rules: config.meetings).add(to: api)
        WindowRoutes().add(to: api)
        TipRoutes().add(to: api)
        CaseRoutes().add(to: api)
        CountyRoutes().add(to: api)
    }
}
