/// Which of the two populations of the plan a household belongs to (section 1).
package enum Population: String, Codable, CaseIterable, Sendable {
    case registered
    case exited
    case notRegistered = "not_registered"
}

/// How a department must look at a household: R18 compares what is on file, R17 checks who is to come on file.
package enum CheckedPopulation: String, Codable, CaseIterable, Sendable {
    case registered
    case proposedNew = "proposed_new"
}

/// What a department answers. Silence is none of them and never consent.
package enum CheckOutcome: String, Codable, CaseIterable, Sendable {
    case consistent, discrepant
    case cannotDetermine = "cannot_determine"
}

/// Where a household case stands; the main line first (section 5).
package enum CaseStatus: String, Codable, CaseIterable, Sendable {
    case proposed, surveyed
    case internallyReviewed = "internally_reviewed"
    case publiclyReviewed = "publicly_reviewed"
    case initiallyDecided = "initially_decided"
    case communityPublicity = "community_publicity"
    case resolved, approved
    case subdistrictPublicity = "subdistrict_publicity"
    case awaitingGate = "awaiting_gate"
    case reported, confirmed, announced, recorded
    case withdrawn, rejected, reopened
    case carriedOver = "carried_over"
}

/// The two publicity windows of the plan: the community's list, then the subdistrict's.
package enum PublicityLevel: String, Codable, CaseIterable, Sendable {
    case community, subdistrict
}

/// How a tip ended (section 5).
package enum TipOutcome: String, Codable, CaseIterable, Sendable {
    case upheld, dismissed
    case partlyUpheld = "partly_upheld"
}
