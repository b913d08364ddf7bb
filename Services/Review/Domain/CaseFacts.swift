import Contracts
import Registry

extension ReviewCase {
    /// What has happened elsewhere. A fact cannot be refused: where it changes nothing, the case stays as it is.
    package enum Fact: Equatable, Sendable {
        /// Intake judged the guard of the case's kind.
        case surveyed(met: Bool)
        /// With what stands for the account that recorded the survey.
        case surveyedBy(String)
        /// A department's accepted result differs from what was declared.
        case foundDiscrepant(RequestID)
        /// The list hangs at every required place.
        case posted(WindowID)
        /// The window is over, as of this local midnight.
        case windowEnded(WindowID, at: Instant)
        /// A tip or objection about the household waits for its answer at intake's desk (R3, R24, R28).
        case tipRaised(TipID)
        /// It is answered with an outcome, or went elsewhere without one.
        case tipSettled(TipID, TipOutcome?)
    }

    package func hearing(_ fact: Fact, at now: Instant) -> Decision<ReviewCase> {
        switch (status.phase, fact) {
        case (.undecided, .surveyed(met: true)), (.decided, .surveyed(met: true)), (.reopened, .surveyed(met: true)):
            return status == .proposed ? moved(to: .surveyed, at: now) : unchanged
        case (.undecided, .surveyed(met: false)), (.decided, .surveyed(met: false)), (.reopened, .surveyed(met: false)):
            return closed(as: .withdrawn, because: .surveyNotMet, at: now)

        case (.undecided, .surveyedBy(let account)), (.decided, .surveyedBy(let account)), (.reopened, .surveyedBy(let account)),
            (.withCounty, .surveyedBy(let account)):
            return keeping { $0.surveyors.insert(account) }
        case (.ended, .surveyedBy):
            return unchanged

        case (.undecided, .foundDiscrepant(let request)), (.reopened, .foundDiscrepant(let request)):
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

        case (.undecided, .tipRaised(let tip)), (.decided, .tipRaised(let tip)), (.reopened, .tipRaised(let tip)):
            return keeping { $0.openTips.insert(tip) }
        case (.decided, .tipSettled(let tip, .upheld)), (.decided, .tipSettled(let tip, .partlyUpheld)):
            // What it brought to light may change the outcome: the work team says, as of a department's finding (section 12.6).
            return lowering(tip).reopened(at: now)
        case (.undecided, .tipSettled(let tip, _)), (.decided, .tipSettled(let tip, _)), (.reopened, .tipSettled(let tip, _)):
            return lowering(tip).leavingPublicity(at: now)
        case (.ended, .tipSettled(let tip, _)):
            return Decision(lowering(tip))

        case (.undecided, .posted), (.undecided, .windowEnded):
            return unchanged
        // Only the county moves it now; what comes later is forwarded to it as evidence (section 5).
        case (.withCounty, .foundDiscrepant(let request)):
            let known = keeping { $0.discrepancies.insert(request) }.state
            return known.forwarding(.discrepancy, request.rawValue, at: now)
        case (.withCounty, .tipRaised(let tip)):
            return forwarding(.tip, tip.rawValue, at: now)
        case (.withCounty, .surveyed(met: false)):
            return forwarding(.survey, nil, at: now)
        case (.withCounty, .surveyed(met: true)), (.withCounty, .posted), (.withCounty, .windowEnded), (.withCounty, .tipSettled):
            return unchanged
        case (.ended, .surveyed), (.ended, .foundDiscrepant), (.ended, .posted), (.ended, .windowEnded), (.ended, .tipRaised):
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
