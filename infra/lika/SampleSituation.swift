/// What a sample household is there to show. The names speak of what the survey will find.
enum SampleSituation: Equatable {
    // Registered, not exited.
    case poor
    case exitMet
    /// Fails exactly one guard of exit, the n-th of those that the sample goes round.
    case exitUnmet(Int)
    case removalMet
    /// A listed exception makes it a normal exit.
    case removalExcepted
    /// Came about after registration, without an exception: a person decides.
    case removalReferred(judgement: Bool)
    // Exited earlier.
    case steady
    case returnMet(Int)
    case returnUnmet
    case removalOfExited
    // Not registered.
    case ordinary
    case newMet(Int)
    case newReferred(judgement: Bool)
    case newUnmet(Int)

    enum Standing { case notExited, exited, notRegistered }

    var standing: Standing {
        switch self {
        case .poor, .exitMet, .exitUnmet, .removalMet, .removalExcepted, .removalReferred: .notExited
        case .steady, .returnMet, .returnUnmet, .removalOfExited: .exited
        case .ordinary, .newMet, .newReferred, .newUnmet: .notRegistered
        }
    }

    /// The situations of a sample of `households`, in proportion to the 600 of the plan's sample.
    static func all(for households: Int) -> [SampleSituation] {
        func share(_ of600: Int) -> Int { max(1, (of600 * households + 300) / 600) }
        func some(_ of600: Int, _ situation: (Int) -> SampleSituation) -> [SampleSituation] { (0..<share(of600)).map(situation) }
        let registered = households * 55 / 100
        let notExited = registered * 2 / 3
        func filled(_ situations: [SampleSituation], to count: Int, with ordinary: SampleSituation) -> [SampleSituation] {
            situations + Array(repeating: ordinary, count: max(0, count - situations.count))
        }
        return filled(
            some(104) { _ in .exitMet } + some(6, SampleSituation.exitUnmet) + some(9) { _ in .removalMet } + some(2) { _ in .removalExcepted }
                + some(2) { .removalReferred(judgement: $0 % 2 == 0) },
            to: notExited, with: .poor)
            + filled(
                some(13, SampleSituation.returnMet) + some(2) { _ in .returnUnmet } + some(1) { _ in .removalOfExited },
                to: registered - notExited, with: .steady)
            + filled(
                some(18, SampleSituation.newMet) + some(5) { .newReferred(judgement: $0 % 5 != 4) } + some(2, SampleSituation.newUnmet),
                to: households - registered, with: .ordinary)
    }
}
