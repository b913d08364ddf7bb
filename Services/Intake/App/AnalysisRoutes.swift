import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The poverty analysis by residents' group (R4), from what is on file.
struct AnalysisRoutes {
    let vault: Vault

    func add(to api: API) {
        api.get("/v1/campaigns/:campaign/analysis") { call, work in try analyse(call, work, nil) }
        api.ask("/v1/campaigns/:campaign/analysis/reveal") { call, work in try analyse(call, work, call.namedPurpose) }
    }

    private struct Analysis: Encodable {
        let campaign: CampaignID
        let ruleSet: String
        /// Whether signs are shown.
        let disclosed: Bool
        let groups: [Group]
        /// Whom the rosters, and the clear-outs, would propose.
        let candidates: [Found]
        /// 重点核查范围.
        let keyCheck: [Found]
        /// 富户戴穷帽.
        let rich: [Found]
    }

    private struct Group: Encodable {
        let division: DivisionCode
        var registered = 0
        var exited = 0
        var notRegistered = 0
        var persons = 0
        var candidates: [String: Int] = [:]
        var keyCheck = 0
        var rich = 0

        init(_ division: DivisionCode) { self.division = division }
    }

    private struct Found: Encodable {
        let household: HouseholdID
        let number: String
        let headName: Masked
        let division: DivisionCode
        var kind: CaseKind?
        /// Only for a purpose, since signs are income and health.
        let reasons: [ProposalBasis.SignShown]?
    }

    /// Counts and lists; for a purpose each household's reasons too, noted as a disclosure of each.
    private func analyse(_ call: Call, _ work: Work, _ purpose: String?) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let (rules, today) = (campaign.ruleSet, try work.today)
        var groups: [DivisionCode: Group] = [:]
        var (candidates, keyCheck, rich): ([Found], [Found], [Found]) = ([], [], [])
        for (record, entry) in try work.householdsOnFile(in: campaign.id, vault) {
            let analysis = PovertyAnalysis(of: entry, under: rules, on: today)
            func found(_ kind: CaseKind?, _ signs: [Sign]) -> Found {
                Found(
                    household: record.id, number: entry.number, headName: .name(record.headName), division: entry.division, kind: kind,
                    reasons: purpose == nil ? nil : signs.map(ProposalBasis.SignShown.init))
            }
            var group = groups[entry.division] ?? Group(entry.division)
            switch entry.status {
            case nil: group.notRegistered += 1
            case let status? where status.isExited: group.exited += 1
            case _?: group.registered += 1
            }
            group.persons += entry.members.count
            for proposal in analysis.proposals {
                group.candidates[proposal.kind.rawValue, default: 0] += 1
                candidates.append(found(proposal.kind, proposal.signs))
            }
            if !analysis.keyCheck.isEmpty {
                group.keyCheck += 1
                keyCheck.append(found(nil, analysis.keyCheck))
            }
            if !analysis.rich.isEmpty {
                group.rich += 1
                rich.append(found(nil, analysis.rich))
            }
            groups[entry.division] = group
        }
        if let purpose { try work.noteExplanation(of: Set((candidates + keyCheck + rich).map(\.household)).sorted(), for: purpose) }
        return try .json(
            Analysis(
                campaign: campaign.id, ruleSet: rules.name, disclosed: purpose != nil, groups: groups.values.sorted { $0.division < $1.division },
                candidates: candidates, keyCheck: keyCheck, rich: rich))
    }
}
