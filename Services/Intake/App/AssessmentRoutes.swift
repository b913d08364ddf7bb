import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Judges cases by what the survey found.
struct AssessmentRoutes {
    let vault: Vault

    func add(to api: API) {
        api.post("/v1/campaigns/:campaign/assessments", assessCases)
    }

    private struct Assessments: Encodable {
        var met: [String: Int] = [:]
        var notMet: [String: Int] = [:]
        /// A person must judge these: `POST /v1/cases/{case}/judgement`.
        var referred: [CaseID] = []
        /// The survey of these has not come in.
        var notSurveyed: [CaseID] = []
    }

    /// Judges every case that the survey has not decided yet. From then on each is judged again by itself when another visit
    /// counts, or somebody joins or leaves.
    func assessCases(_ call: Call, _ work: Work) throws -> Reply {
        let judging = Judging(campaign: try work.campaignAlone(call.id("campaign")), vault: vault, work: work)
        var assessments = Assessments()
        for (id, judged) in try judging.judge(judging.undecided()) {
            guard let judged else {
                assessments.notSurveyed.append(id)
                continue
            }
            switch judged.status {
            case .surveyed: assessments.met[judged.kind.rawValue, default: 0] += 1
            case .dropped: assessments.notMet[judged.kind.rawValue, default: 0] += 1
            case .proposed, .referred, .reopened, .reported, .marked, .closed: assessments.referred.append(id)
            }
        }
        return try .json(assessments, status: .created)
    }
}
