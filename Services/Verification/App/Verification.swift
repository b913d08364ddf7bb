import ServiceKit

/// What verification consists of.
func verification(_ config: Config, _ access: Access = .trusted) -> Parts {
    let heard = reactions(config.admonition)
    return Parts(
        reactions: heard, timers: timers,
        errands: [sending(from: IdentifierSource(intake: config.intake, access: access), plain: config.plain)], permissions: permissions, places: places
    ) { api in
        VerificationRoutes(plain: config.plain).add(to: api)
        KeyRoutes().add(to: api)
        RouteRoutes().add(to: api)
        SheetRoutes().add(to: api)
        CourierRoutes(reactions: heard).add(to: api)
        DeskRoutes().add(to: api)
        BoardPages(plain: config.plain).add(to: api)
    }
}
