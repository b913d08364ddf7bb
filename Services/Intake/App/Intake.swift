import Contracts
import IntakeDomain
import Postgres
import ServiceKit

/// What intake consists of.
enum Intake {
    static let migrations = [
        Migration("0001_intake", PackageResources._001_intake_sql), Migration("0002_register", PackageResources._002_register_sql),
    ]

    static func parts(vault: Vault) -> Parts {
        let handlers = Handlers(vault: vault)
        let reactions = Reactions(service: "intake", purpose: "register")
            .on(CaseAnnounced.self, loading: [.of(CampaignCase.self) { $0.case }, .of(HouseholdRecord.self) { $0.household }], handlers.markRegister)
            .on(CaseClosed.self, loading: [.of(CampaignCase.self) { $0.case }], handlers.closeCase)
            .on(ResultAccepted.self, handlers.noteResidence)
            .on(VerificationCompleted.self, handlers.settleChanges)
        return Parts(reactions: reactions, errands: vault.older.isEmpty ? [] : [Rewrapping(vault: vault).errand]) { api in
            CampaignRoutes(vault: vault).add(to: api)
            ImportRoutes(vault: vault).add(to: api)
            CaseRoutes(vault: vault).add(to: api)
            HouseholdRoutes(vault: vault).add(to: api)
            HouseholdEditRoutes(vault: vault).add(to: api)
            RevealRoutes(vault: vault).add(to: api)
            DivisionRoutes().add(to: api)
            WorkTeamRoutes().add(to: api)
            SettingRoutes().add(to: api)
            ImportPages(imports: ImportRoutes(vault: vault)).add(to: api)
        }
    }
}
