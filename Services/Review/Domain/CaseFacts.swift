import Contracts
import Registry

extension ReviewCase {
    /// What has happened elsewhere. A fact cannot be refused: where it changes nothing, the case stays as it is.
    package enum Fact: Equatable, Sendable {
        /// Intake judged the guard of the case's kind.
        case surveyed(met: Bool)
        /// A department's accepted result differs from what was declared.
        case foundDiscrepant(RequestID)
        /// The list hangs at every required place.
        case posted(WindowID)
        /// The window is over, as of this local midnight.
        case windowEnded(WindowID, at: Instant)
        case tipReceived(TipID)
        case tipAnswered(TipID, TipOutcome)
        /// A tip of the register about the household is answered or went elsewhere. What it brought to light comes as a survey.
        case tipSettled(TipID)
    }

    package func hearing(_ fact: Fact, at now: Instant) -> Decision<ReviewCase> {
        switch (status.phase, fact) {
        case (.undecided, .surveyed(met: true)), (.decided, .surveyed(met: true)), (.reopened, .surveyed(met: true)):
            return status == .proposed ? moved(to: .surveyed, at: now) : unchanged
        case (.undecided, .surveyed(met: false)), (.decided, .surveyed(met: false)), (.reopened, .surveyed(met: false)):
            return closed(as: .withdrawn, because: .surveyNotMet, at: now)

        case (.undecided, .foundDiscrepant(let request)), (.reopened, .foundDiscrepant(let request)),
            (.withCounty, .foundDiscrepant(let request)):
            return keeping { $0.discrepancies.insert(request) }
        case (.decided, .foundDiscrepant(let request)):
            return reopened(at: now) { $0.discrepancies.insert(request) }

        case (.decided, .posted(let window)):
            return place(posting: window, from: status).map { moved(to: $0, at: now) } ?? unchanged
        case (.reopened, .posted(let window)):
            // The frozen list hangs whether or not the case is in doubt; its days count if the doubt is dispelled.
            return keeping { $0.suspended = suspended.flatMap { place(posting: window, from: $0) } ?? suspended }
        case (.decided, .windowEnded(let window, at: let end)), (.reopened, .windowEnded(let window, at: let end)):
            return keeping { $0.dossier.end(window, at: end) }.state.leavingPublicity(at: now)

        case (.undecided, .tipReceived(let tip)), (.decided, .tipReceived(let tip)), (.reopened, .tipReceived(let tip)):
            return keeping { $0.openTips.insert(tip) }
        case (.undecided, .tipAnswered(let tip, .upheld)), (.decided, .tipAnswered(let tip, .upheld)),
            (.reopened, .tipAnswered(let tip, .upheld)):
            return lowering(tip).closed(as: .withdrawn, because: .tipUpheld, at: now)
        case (.undecided, .tipAnswered(let tip, _)), (.decided, .tipAnswered(let tip, _)), (.reopened, .tipAnswered(let tip, _)),
            (.undecided, .tipSettled(let tip)), (.decided, .tipSettled(let tip)), (.reopened, .tipSettled(let tip)):
            return lowering(tip).leavingPublicity(at: now)
        case (.ended, .tipAnswered(let tip, _)), (.ended, .tipSettled(let tip)):
            return Decision(lowering(tip))

        case (.undecided, .posted), (.undecided, .windowEnded):
            return unchanged
        case (.withCounty, .surveyed), (.withCounty, .posted), (.withCounty, .windowEnded), (.withCounty, .tipReceived),
            (.withCounty, .tipAnswered), (.withCounty, .tipSettled):
            // Only the county moves it now; what comes later is forwarded to it as evidence (section 5).
            return unchanged
        case (.ended, .surveyed), (.ended, .foundDiscrepant), (.ended, .posted), (.ended, .windowEnded), (.ended, .tipReceived):
            return unchanged
        }
    }

    /// Where a case goes when its list hangs everywhere; nowhere, if it is not the list it waits for.
    private func place(posting window: WindowID, from place: CaseStatus) -> CaseStatus? {
        PublicityLevel.allCases.map(\.list).first { $0.from == place && dossier[keyPath: $0.place]?.window == window }?.to
    }

    private func lowering(_ tip: TipID) -> ReviewCase { keeping { $0.openTips.remove(tip) }.state }
}

extension ReviewCase.Dossier {
    fileprivate mutating func end(_ window: WindowID, at end: Instant) {
        if community?.window == window { community?.endedAt = end }
        if subdistrict?.window == window { subdistrict?.endedAt = end }
    }
}
