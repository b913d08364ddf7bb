import Contracts
import Registry

package enum Team {}
package typealias WorkTeamID = ID<Team>

/// Who goes out to the households of some divisions, analyses, surveys, convenes and posts (R2, R4-R8, R21-R24).
package struct WorkTeam: Codable, Equatable, Sendable {
    package var name: String
    /// Each stands for all that lies in it.
    package var areas: [DivisionCode]
    package var members: [TeamMember]

    package init(name: String, areas: [DivisionCode], members: [TeamMember]) { (self.name, self.areas, self.members) = (name, areas, members) }

    /// What the team lacks or has too much of (R2); the raw value is the public code.
    package enum Flaw: String, CaseIterable, Sendable {
        case leaderMissing = "team.leader-missing"
        case severalLeaders = "team.several-leaders"
        case leaderNotOfLeadership = "team.leader-not-of-leadership"
        case deputyMissing = "team.deputy-missing"
        case deputyNoCadre = "team.deputy-no-cadre"
        case partyMemberMissing = "team.party-member-missing"
        case representativeMissing = "team.representative-missing"
        case areaMissing = "team.area-missing"
        case areaElsewhere = "team.area-elsewhere"
        case areasOverlap = "team.areas-overlap"

        package var reason: String {
            switch self {
            case .leaderMissing, .severalLeaders: "exactly one person leads"
            case .leaderNotOfLeadership: "the leader is of the party-government leadership of the subdistrict"
            case .deputyMissing: "at least one deputy"
            case .deputyNoCadre: "deputies are cadres of the subdistrict or of a community"
            case .partyMemberMissing: "a party member is among the members"
            case .representativeMissing: "a residents' representative is among the members"
            case .areaMissing: "at least one division"
            case .areaElsewhere: "its divisions lie in the subdistrict of the campaign"
            case .areasOverlap: "no division lies in another of the team's"
            }
        }
    }

    /// All flaws at once. A team may have some while it is being put together; with none it is whole.
    package func flaws(within subdistrict: DivisionCode) -> [Flaw] {
        var flaws: Set<Flaw> = []
        let leaders = members.filter { $0.role == .leader }
        if leaders.isEmpty { flaws.insert(.leaderMissing) }
        if leaders.count > 1 { flaws.insert(.severalLeaders) }
        if leaders.contains(where: { !$0.standings.contains(.leadership) }) { flaws.insert(.leaderNotOfLeadership) }
        let deputies = members.filter { $0.role == .deputy }
        if deputies.isEmpty { flaws.insert(.deputyMissing) }
        if deputies.contains(where: { !$0.standings.contains(.subdistrictCadre) && !$0.standings.contains(.communityCadre) }) {
            flaws.insert(.deputyNoCadre)
        }
        let others = members.filter { $0.role == .member }
        if !others.contains(where: { $0.standings.contains(.partyMember) }) { flaws.insert(.partyMemberMissing) }
        if !others.contains(where: { $0.standings.contains(.representative) }) { flaws.insert(.representativeMissing) }
        if areas.isEmpty { flaws.insert(.areaMissing) }
        if areas.contains(where: { !subdistrict.contains($0) }) { flaws.insert(.areaElsewhere) }
        let overlaps = areas.enumerated().contains { place, area in
            areas.enumerated().contains { other, around in other != place && around.contains(area) }
        }
        if overlaps { flaws.insert(.areasOverlap) }
        return Flaw.allCases.filter(flaws.contains)
    }

    /// What makes it no team at all.
    package func checked() throws(Invalid) -> WorkTeam {
        var faults: [Invalid.Fault] = []
        if !(1...50).contains(name.count) { faults.append(.init("/name", "text.length", "a name of 1 to 50 characters")) }
        if areas.count > 200 { faults.append(.init("/areas", "out-of-range", "at most 200 divisions")) }
        if members.count > 200 { faults.append(.init("/members", "out-of-range", "at most 200 members")) }
        for (place, member) in members.enumerated() where !(1...30).contains(member.name.count) {
            faults.append(.init("/members/\(place)/name", "text.length", "a name of 1 to 30 characters"))
        }
        guard faults.isEmpty else { throw Invalid(faults) }
        return self
    }
}

/// One of a team: what they do in it, and as what they were chosen.
package struct TeamMember: Codable, Equatable, Sendable {
    package let name: String
    package let role: Role
    package let standings: [Standing]

    package enum Role: String, Codable, CaseIterable, Sendable { case leader, deputy, member }

    package enum Standing: String, Codable, CaseIterable, Sendable {
        /// Of the subdistrict's party-government leadership.
        case leadership
        case subdistrictCadre = "subdistrict_cadre"
        case communityCadre = "community_cadre"
        case partyMember = "party_member"
        /// Of the residents.
        case representative
    }

    package init(name: String, role: Role, standings: [Standing]) { (self.name, self.role, self.standings) = (name, role, standings) }
}
