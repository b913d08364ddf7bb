import Contracts
import IntakeDomain
import Postgres
import ServiceKit

/// What intake consists of.
enum Intake {
    static let migrations = [Migration(name: "0001_intake", script: String(decoding: PackageResources._001_intake_sql, as: UTF8.self))]

    static func parts(vault: Vault) -> Parts {
        let handlers = Handlers(vault: vault)
        let reactions = Reactions(service: "intake", purpose: "register")
            .on(CaseAnnounced.self, loading: [.of(CampaignCase.self) { $0.case }, .of(HouseholdRecord.self) { $0.household }], handlers.markRegister)
            .on(CaseClosed.self, loading: [.of(CampaignCase.self) { $0.case }], handlers.closeCase)
            .on(ResultAccepted.self, handlers.noteResidence)
            .on(VerificationCompleted.self, handlers.settleChanges)
        return Parts(reactions: reactions) { api in
            CampaignRoutes(vault: vault).add(to: api)
            ImportRoutes(vault: vault).add(to: api)
            CaseRoutes(vault: vault).add(to: api)
            HouseholdRoutes(vault: vault).add(to: api)
        }
    }
}
