import ServiceKit

/// What verification consists of. `intake` is where intake's API listens.
func verification(intake: String) -> Parts {
    Parts(
        reactions: reactions, timers: timers, errands: [sending(from: IdentifierSource(intake: intake))],
        routes: VerificationRoutes().add)
}
