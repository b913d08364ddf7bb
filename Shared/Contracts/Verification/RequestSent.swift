import Foundation
import Registry

/// A question to one department about one household. Only here may a resident ID number travel, and only for
/// the persons and topics the check needs.
package struct RequestSent: Event {
    package static let name = "lika.verification.request.sent.v1"
    package static let channels = Department.asked.map(Topic.request(to:))
    package var channel: Topic { .request(to: department) }
    package var key: UUID { household.rawValue }
    package var subject: UUID { request.rawValue }

    package let request: RequestID
    package let household: HouseholdID
    package let campaign: CampaignID
    package let department: Department
    package let topic: VerificationTopic
    package let population: CheckedPopulation
    package let dueOn: LocalDate
    /// Whom the check concerns; empty where they are sealed.
    package let persons: [Person]
    /// What the household declared, by field, where the check compares it.
    package let declared: [String: String]?
    /// The persons in JSON, as a compact JWE (RFC 7516: ECDH-ES, A256GCM) to the key that the department registered for it.
    /// Its `apu` is the request's id.
    package let sealedPersons: String?
    /// The request that this one takes the place of, since the household's data changed: an answer to that one counts no more.
    package let replaces: RequestID?

    package struct Person: Codable, Equatable, Sendable {
        package let member: MemberID
        package let name: String
        package let idNumber: String

        package init(member: MemberID, name: String, idNumber: String) {
            (self.member, self.name, self.idNumber) = (member, name, idNumber)
        }
    }

    package init(
        request: RequestID, household: HouseholdID, campaign: CampaignID, department: Department,
        topic: VerificationTopic, population: CheckedPopulation, dueOn: LocalDate, persons: [Person],
        declared: [String: String]? = nil, sealedPersons: String? = nil, replaces: RequestID? = nil
    ) {
        self.request = request
        self.household = household
        self.campaign = campaign
        self.department = department
        self.topic = topic
        self.population = population
        self.dueOn = dueOn
        self.persons = persons
        self.declared = declared
        self.sealedPersons = sealedPersons
        self.replaces = replaces
    }
}
