import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The households in the books, and the way to their ID numbers.
struct HouseholdRoutes {
    let vault: Vault

    func add(to api: API) {
        api.get("/v1/households", listHouseholds)
        api.post("/v1/households/:household/closure", close)
        api.ask("/v1/identifiers", discloseIdentifiers)
    }

    private struct Listed: Encodable {
        let household: HouseholdID
        let number: String
        let division: DivisionCode
        let standing: String
        let exitStatus: String?
        let standingYear: Int?
        let headName: Masked
        let memberCount: Int

        init(_ listed: ListedHousehold) {
            (household, number, division) = (listed.household, listed.number, listed.division)
            (standing, exitStatus, standingYear) = (listed.standing.name, listed.standing.exitStatus, listed.standingYear)
            (headName, memberCount) = (listed.headName, listed.memberCount)
        }
    }

    /// `?campaign=` and, if wanted, `number=`, `within=` a division and `standing=`.
    func listHouseholds(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.queryID("campaign")
        let limit = try call.limit()
        let listed = try work.households(
            of: campaign, number: call.query("number"), within: call.division("within"), standing: call.query("standing"), after: call.query("after"),
            limit: limit)
        return try .page(listed.map(Listed.init), next: listed.count == limit ? listed.last?.number : nil, call: call)
    }

    /// A person decides that a household in which nobody is left ends.
    func close(_ call: Call, _ work: Work) throws -> Reply {
        let id: HouseholdID = try call.id("household")
        let before = try work.get(HouseholdRecord.self, id)
        let campaign = try work.campaign(before.campaign)
        let after = try work.decide(HouseholdRecord.self, id) { Decision(try $0.closing(in: campaign.plan.year)) }
        if let movement = Movement(.closure, from: before, to: after) { try work.note([(movement, id, nil)], in: campaign.id) }
        return .noContent
    }

    // MARK: ID numbers

    private struct Request: Decodable {
        let households: [HouseholdID]
        let topics: [VerificationTopic]
        /// In words, for the log of disclosures.
        let purpose: String
    }

    private struct Disclosed: Encodable {
        let household: HouseholdID
        let persons: [Person]

        struct Person: Encodable {
            let member: MemberID
            let name: String
            let idNumber: String
            /// Those of the topics that the person is part of, where not of all.
            let topics: [VerificationTopic]?
        }
    }

    /// Names and ID numbers for checks, of those who belong to the households; who is only said to have joined is disclosed
    /// where that is the question. Each household is noted with the topics and the purpose in the same transaction, and the answer is kept
    /// nowhere.
    func discloseIdentifiers(_ call: Call, _ work: Work) throws -> Reply {
        let request = try call.body(Request.self)
        guard (1...500).contains(request.households.count) else { throw Invalid("/households", "out-of-range", "1 to 500 households at a time") }
        guard !request.purpose.isEmpty else { throw Invalid("/purpose", "missing", "a disclosure names its purpose") }
        guard !request.topics.isEmpty else { throw Invalid("/topics", "missing", "a disclosure names the topics of its checks") }
        let joining = request.topics.filter { $0 == .residence }
        let states = joining.isEmpty ? ["active"] : ["active", "proposed"]
        var persons: [HouseholdID: [Disclosed.Person]] = [:]
        for row in try work.query(
            """
            SELECT m.household_id, m.id, m.name, m.state, i.sealed, \(unsafe: SQL.wrappedKey)
            FROM members m JOIN identifiers i ON i.member_id = m.id JOIN household_keys k ON k.household_id = m.household_id
            WHERE m.household_id = ANY(\(request.households)) AND m.state = ANY(\(states)) ORDER BY m.household_id, m.position
            """)
        {
            let member: MemberID = try row["id"]
            let number: ResidentID = try vault.key(row).open(row["sealed"], in: .identifier(member))
            let isJoining = try row["state"] == "proposed"
            persons[try row["household_id"], default: []].append(
                .init(member: member, name: try row["name"], idNumber: number.reveal, topics: isJoining && joining != request.topics ? joining : nil))
        }
        let disclosed = request.households.compactMap { household in persons[household].map { Disclosed(household: household, persons: $0) } }
        try work.noteDisclosures(.verification, of: disclosed.map { ($0.household, $0.persons.count) }, topics: request.topics, for: request.purpose)
        return try .json(["households": disclosed])
    }
}

/// A household as lists show it.
struct ListedHousehold {
    let household: HouseholdID
    let number: String
    let division: DivisionCode
    let standing: HouseholdRecord.Standing
    let standingYear: Int?
    let headName: Masked
    let memberCount: Int
}

extension Work {
    /// In the order of their numbers, behind the one with the number `after`.
    func households(
        of campaign: CampaignID, number: String?, within division: DivisionCode?, standing: String?, after: String?, limit: Int
    ) throws -> [ListedHousehold] {
        let within = division.map { $0.code + "%" }
        return try query(
            """
            SELECT h.id, h.number, h.division, h.standing, h.exit_status, h.standing_year,
                (SELECT name FROM members m WHERE m.household_id = h.id AND m.relation = \(Relation.head) ORDER BY m.state, m.position LIMIT 1) AS head,
                (SELECT count(*) FROM members m WHERE m.household_id = h.id AND m.state = 'active') AS persons
            FROM households h
            WHERE h.campaign_id = \(campaign) AND (\(number) IS NULL OR h.number = \(number)) AND (\(after) IS NULL OR h.number > \(after))
                AND (\(standing) IS NULL OR h.standing = \(standing)) AND (\(within) IS NULL OR h.division LIKE \(within))
            ORDER BY h.number LIMIT \(limit)
            """
        ).map { row in
            ListedHousehold(
                household: try row["id"], number: try row["number"], division: try row["division"],
                standing: try HouseholdRecord.Standing(row["standing"], row["exit_status"]), standingYear: try row["standing_year"],
                headName: .name(try row["head", as: String?.self] ?? ""), memberCount: try row["persons"])
        }
    }

    /// What people call these places, as far as it is known.
    func divisionNames(_ divisions: [DivisionCode]) throws -> [DivisionCode: String] {
        let codes = Set(divisions.flatMap { division in sequence(first: division, next: \.parent) })
        let names = try names(of: codes.sorted())
        // A community and its group; the county and the subdistrict are everybody's.
        return Dictionary(
            Set(divisions).compactMap { division in
                let parts = [division.parent, division].compactMap { $0.flatMap { names[$0] } }
                return parts.isEmpty ? nil : (division, parts.joined(separator: " "))
            }, uniquingKeysWith: { first, _ in first })
    }
}
