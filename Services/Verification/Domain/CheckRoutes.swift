import Contracts
import Registry

/// One question to one department: what it is asked about a household.
package typealias Check = VerificationOpened.Check

/// One line of a campaign's routing: a question to a department, and about whom it is asked.
package struct Route: Codable, Hashable, Sendable {
    package let population: CheckedPopulation
    /// Asked once a case of this kind is proposed; of everybody, where there is none.
    package let kind: CaseKind?
    package let department: Department
    package let topic: VerificationTopic

    package init(_ population: CheckedPopulation, _ check: Check, proposing kind: CaseKind? = nil) {
        (self.population, self.kind, department, topic) = (population, kind, check.department, check.topic)
    }

    package var check: Check { Check(department, topic) }
}

/// Which departments a campaign asks what. Routing is data: it starts from the code lists and is the campaign's own from then on.
package struct CheckRoutes: Equatable, Sendable {
    package let all: [Route]

    private init(unchecked all: [Route]) { self.all = all }

    /// Every fault at once, by its place in the list.
    package init(_ routes: [Route]) throws(Invalid) {
        var faults: [Invalid.Fault] = []
        var known: Set<Route> = []
        for (place, route) in routes.enumerated() {
            if !Department.asked.contains(route.department) {
                faults.append(.init("/routes/\(place)/department", "department.not-asked", "this department has no topic in which it could be asked"))
            }
            if route.population == .proposedNew, let kind = route.kind, kind != .new {
                faults.append(.init("/routes/\(place)/kind", "kind.impossible", "a household that is not on file can only be proposed as new"))
            }
            if route.population == .registered, route.kind == .new {
                faults.append(.init("/routes/\(place)/kind", "kind.impossible", "a household on file cannot be proposed as new"))
            }
            if !known.insert(route).inserted {
                faults.append(.init("/routes/\(place)", "route.twice", "this question stands in the list already"))
            }
        }
        let checked = Self(unchecked: routes)
        if checked.checks(of: .registered).isEmpty || checked.checks(of: .proposedNew, proposing: [.new]).isEmpty {
            // A household about which nobody is asked would never be verified, or be so without a word.
            faults.append(.init("/routes", "population.unasked", "households on file and those proposed as new must each be asked about"))
        }
        if !checked.checks(decidedBy: .naturalChange).contains(Check(.police, .residence)) {
            // Domain.md section 5: police_confirmed.
            faults.append(.init("/routes", "natural-change.unconfirmed", "a natural change is confirmed by the police (POLICE, RESIDENCE)"))
        }
        guard faults.isEmpty else { throw Invalid(faults) }
        self = checked
    }

    /// What a campaign starts with: R17's five checks by six departments of those who are to come on file, every department's
    /// comparison of those on file (R18, whose Attachment 6 is lost: domain.md section 7), and the police's word on a natural
    /// change (section 5).
    package static let customary: CheckRoutes = {
        var routes: [Route] = []
        for department in Department.asked {
            routes += department.newIdentificationTopics.map { Route(.proposedNew, Check(department, $0.topic), proposing: .new) }
        }
        for department in Department.asked {
            routes += department.registeredReviewTopics.map { Route(.registered, Check(department, $0.topic)) }
        }
        routes.append(Route(.registered, Check(.police, .residence), proposing: .naturalChange))
        return CheckRoutes(unchecked: routes)
    }()

    /// What is asked of a household for which these kinds of case are proposed, each question once.
    package func checks(of population: CheckedPopulation, proposing kinds: Set<CaseKind> = []) -> [Check] {
        var asked: Set<Check> = []
        return all.filter { $0.population == population && ($0.kind.map(kinds.contains) ?? true) }.map(\.check)
            .filter { asked.insert($0).inserted }
    }

    /// The questions whose answers decide a case of this kind by themselves, and so must not be older than its proposal.
    package func checks(decidedBy kind: CaseKind) -> [Check] {
        kind.isDecidedByAnswers ? all.filter { $0.population == .registered && $0.kind == kind }.map(\.check) : []
    }
}

/// What a campaign has checked, by which departments and until when (R16-R18).
///
/// A household may be heard of before its campaign, since they travel in different topics; until the campaign is issued its
/// plan is only a name.
package struct CheckPlan: Equatable, Sendable {
    package let id: CampaignID
    package let issued: Issued?

    package struct Issued: Equatable, Sendable {
        /// The last day on which a department may answer without being late.
        package let dueOn: LocalDate
        package let routes: CheckRoutes

        package init(dueOn: LocalDate, routes: CheckRoutes = .customary) { (self.dueOn, self.routes) = (dueOn, routes) }
    }

    package init(_ id: CampaignID, _ issued: Issued? = nil) {
        (self.id, self.issued) = (id, issued)
    }
}

extension CheckedPopulation {
    /// How the departments look at a household that belongs to `population` and for which a case of `kind` may be proposed.
    /// Nothing: they do not, as long as nobody proposes to register it.
    package init?(_ population: Population, proposing kind: CaseKind? = nil) {
        switch (population, kind) {
        case (.registered, _), (.exited, _): self = .registered
        case (.notRegistered, .new): self = .proposedNew
        case (.notRegistered, nil), (.notRegistered, .exit), (.notRegistered, .return), (.notRegistered, .removal),
            (.notRegistered, .clearOut), (.notRegistered, .naturalChange):
            return nil
        }
    }
}

extension CaseKind {
    /// No meeting and no window decides it, but a department's word (domain.md section 5).
    package var isDecidedByAnswers: Bool {
        switch self {
        case .naturalChange: true
        case .exit, .return, .new, .removal, .clearOut: false
        }
    }
}
