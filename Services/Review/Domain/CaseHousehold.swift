import Contracts
import Registry

/// What review knows of a household, quoted from intake and verification: never an ID, a birth date, health or income.
package struct CaseHousehold: Equatable, Sendable {
    package let id: HouseholdID
    package let population: Population
    /// The one personal datum that sheets may show.
    package let headName: String
    package let memberCount: Int
    package let verification: Verification

    package init(id: HouseholdID, population: Population, headName: String, memberCount: Int, verification: Verification = .pending) {
        self.id = id
        self.population = population
        self.headName = headName
        self.memberCount = memberCount
        self.verification = verification
    }
}

/// How far the departments are with a household. Silence is never consent: only a complete file passes the gate.
package enum Verification: Equatable, Sendable {
    case pending
    /// Every required result is signed and accepted; so many of them found something else than was declared.
    case complete(discrepant: Int)
}
