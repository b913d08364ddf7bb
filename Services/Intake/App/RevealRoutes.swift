import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// What lies sealed, in full, and finding a person by number: each use is noted with who and why in the same transaction, and
/// no answer is kept.
struct RevealRoutes {
    let vault: Vault

    func add(to api: API) {
        api.ask("/v1/households/search", search)
        api.ask("/v1/households/:household/reveal", revealHousehold)
        api.ask("/v1/members/:member/reveal", revealMember)
    }

    // MARK: Search

    private struct Search: Decodable {
        let idNumber: String
        let purpose: String
    }

    /// By the whole number, which stands in the body: an address is logged.
    func search(_ call: Call, _ work: Work) throws -> Reply {
        let search = try call.body(Search.self)
        _ = try call.namedActor()
        let purpose = try call.purpose(search.purpose)
        guard let residentID = ResidentID(search.idNumber) else { throw Invalid("/idNumber", "resident-id", "no resident ID: 18 characters with a fitting check character") }
        return try .json(work.find(residentID, for: purpose, vault))
    }

    // MARK: Reveal

    private struct Person: Encodable {
        let member: MemberID
        let name: String
        let idNumber: String
        let certificate: String?
        let phone: String?
    }

    func revealMember(_ call: Call, _ work: Work) throws -> Reply {
        let purpose = try call.namedPurpose
        let member: MemberID = try call.id("member")
        let row = try work.first(
            """
            SELECT m.household_id, m.number, m.name, i.sealed, \(unsafe: SQL.wrappedKey)
            FROM members m JOIN identifiers i ON i.member_id = m.id JOIN household_keys k ON k.household_id = m.household_id
            WHERE m.id = \(member)
            """)
        guard let row else { throw NotFound("member \(member)") }
        let (household, number): (HouseholdID, String) = (try row["household_id"], try row["number"])
        let residentID: ResidentID = try vault.key(row).open(row["sealed"], in: .identifier(member))
        let particulars = try work.entry(of: household, vault).members.first { $0.number == number }?.particulars
        try work.noteDisclosure(.reveal, of: household, member, persons: 1, for: purpose)
        return try .json(
            Person(
                member: member, name: row["name"], idNumber: residentID.reveal, certificate: particulars?.certificate?.reveal,
                phone: particulars?.phone?.reveal))
    }

    private struct Contact: Encodable {
        let household: HouseholdID
        let phone: String?
        let bankCard: String?
        let bank: String?
    }

    func revealHousehold(_ call: Call, _ work: Work) throws -> Reply {
        let purpose = try call.namedPurpose
        let household: HouseholdID = try call.id("household")
        let entry = try work.entry(of: household, vault)
        try work.noteDisclosure(.reveal, of: household, nil, persons: 0, for: purpose)
        return try .json(
            Contact(household: household, phone: entry.phone?.reveal, bankCard: entry.account?.card.reveal, bank: entry.account?.bank))
    }
}

/// Where a person stands who was looked for by number.
struct FoundPerson: Encodable {
    let household: HouseholdID
    let number: String
    let division: DivisionCode
    let standing: String
    let member: MemberID
    let memberState: String
}

extension Work {
    /// Notes the search, also one that found nobody.
    func find(_ residentID: ResidentID, for purpose: String, _ vault: Vault) throws -> [FoundPerson] {
        let hash = vault.hash(residentID).text
        let found = try query(
            """
            SELECT h.id, h.number, h.division, h.standing, m.id AS member, m.state FROM members m JOIN households h ON h.id = m.household_id
            WHERE (m.id_hash = \(hash) AND m.state IN ('proposed', 'active')) OR (m.id_hash = \(hash) AND m.state NOT IN ('proposed', 'active'))
            ORDER BY m.state, h.id
            """
        ).map { row in
            FoundPerson(
                household: try row["id"], number: try row["number"], division: try row["division"], standing: try row["standing"],
                member: try row["member"], memberState: try row["state"])
        }
        try noteDisclosure(.search, of: found.first?.household, found.first?.member, persons: found.isEmpty ? 0 : 1, for: purpose)
        return found
    }
}
