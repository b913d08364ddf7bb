import Contracts
import IntakeDomain
import Postgres
import ServiceKit

/// What intake consists of.
enum Intake {
    static let migrations = [
        Migration("0001_intake", PackageResources._001_intake_sql), Migration("0004_survey", PackageResources._004_survey_sql),
    ]

    static func parts(vault: Vault) -> Parts {
        let handlers = Handlers(vault: vault)
        let reactions = Reactions(service: "intake", purpose: "register")
            .on(CaseAnnounced.self, loading: [.of(CampaignCase.self) { $0.case }, .of(HouseholdRecord.self) { $0.household }], handlers.markRegister)
            .on(CaseClosed.self, loading: [.of(CampaignCase.self) { $0.case }], handlers.closeCase)
            .on(CaseMoved.self, loading: [.of(CampaignCase.self) { $0.case }], handlers.followReview)
            .on(CaseReported.self) { event, work in try work.note(event.case, .reported, at: event.reportedAt) }
            .on(CaseConfirmed.self) { event, work in try work.note(event.case, .confirmed, at: event.confirmedAt) }
            .on(ResultAccepted.self, handlers.noteAnswer)
            .on(VerificationCompleted.self, handlers.settleChanges)
        return Parts(reactions: reactions) { api in
            CampaignRoutes().add(to: api)
            ImportRoutes(vault: vault).add(to: api)
            CaseRoutes(vault: vault).add(to: api)
            ProposalRoutes(vault: vault).add(to: api)
            RosterRoutes(vault: vault).add(to: api)
            AssessmentRoutes(vault: vault).add(to: api)
            AnalysisRoutes(vault: vault).add(to: api)
            SurveyRoutes(vault: vault).add(to: api)
            ExplanationRoutes(vault: vault).add(to: api)
            HouseholdRoutes(vault: vault).add(to: api)
        }
    }
}
