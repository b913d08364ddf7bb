import Contracts
import IntakeDomain
import Postgres
import ServiceKit

/// What intake consists of.
enum Intake {
    static let migrations = [
        Migration("0001_intake", PackageResources._001_intake_sql), Migration("0002_register", PackageResources._002_register_sql),
        Migration("0003_imports", PackageResources._003_imports_sql), Migration("0004_survey", PackageResources._004_survey_sql),
        Migration("0005_geolocation", PackageResources._005_geolocation_sql), Migration("0006_tips", PackageResources._006_tips_sql),
        Migration("0007_exports", PackageResources._007_exports_sql), Migration("0008_readings", PackageResources._008_readings_sql),
        Migration("0009_tip_escalations", PackageResources._009_tip_escalations_sql),
        Migration("0010_meeting_opinions", PackageResources._010_meeting_opinions_sql),
        Migration("0011_division_names", PackageResources._011_division_names_sql),
        Migration("0012_sheet_reach", PackageResources._012_sheet_reach_sql), Migration("0013_reach", PackageResources._013_reach_sql),
        Migration("0014_purges", PackageResources._014_purges_sql),
        Migration("0015_phones", PackageResources._015_phones_sql),
    ]

    static func parts(vault: Vault, imports: ImportSettings = ImportSettings(), clientHeader: String? = nil) -> Parts {
        let handlers = Handlers(vault: vault)
        let reactions = Reactions(service: "intake", purpose: "register")
            .on(CaseAnnounced.self, loading: [.of(CampaignCase.self) { $0.case }, .of(HouseholdRecord.self) { $0.household }], handlers.markRegister)
            .on(CaseClosed.self, loading: [.of(CampaignCase.self) { $0.case }], handlers.closeCase)
            .on(CaseMoved.self, loading: [.of(CampaignCase.self) { $0.case }], handlers.followReview)
            .on(CaseReported.self, loading: [.of(CampaignCase.self) { $0.case }], handlers.followReport)
            .on(CaseConfirmed.self, handlers.noteConfirmation)
            .on(ResultAccepted.self, handlers.noteAnswer)
            .on(VerificationCompleted.self, handlers.settleChanges)
        let timers = TipEscalation.add(to: RequiredPositions.add(to: Timers())).on(Uploads.timer) { uploads, work in try work.forget(uploads, after: imports.keptDays) }
        let errands = [importing(vault: vault, imports), exporting(vault: vault, imports)]
            + (vault.older.isEmpty ? [] : [Rewrapping(vault: vault).errand, Rewrapping(vault: vault, keys: .tips).errand])
        let (desk, gate) = (TipDesk(vault: vault), TipGate(vault: vault, clientHeader: clientHeader))
        return Parts(reactions: reactions, timers: timers, errands: errands, permissions: permissions, places: places) { api in
            CampaignRoutes().add(to: api)
            SummaryPages(vault: vault).add(to: api)
            ImportRoutes(vault: vault, settings: imports).add(to: api)
            TemplateRoutes().add(to: api)
            ExportRoutes(vault: vault).add(to: api)
            CaseRoutes(vault: vault).add(to: api)
            ProposalRoutes(vault: vault).add(to: api)
            RosterRoutes(vault: vault).add(to: api)
            AssessmentRoutes(vault: vault).add(to: api)
            AnalysisRoutes(vault: vault).add(to: api)
            SurveyRoutes(vault: vault).add(to: api)
            SurveyConflictRoutes(vault: vault).add(to: api)
            ExplanationRoutes(vault: vault).add(to: api)
            ExplanationPages(explanations: ExplanationRoutes(vault: vault)).add(to: api)
            HouseholdRoutes(vault: vault).add(to: api)
            HouseholdEditRoutes(vault: vault).add(to: api)
            RevealRoutes(vault: vault).add(to: api)
            PurgeRoutes().add(to: api)
            PhoneRoutes(vault: vault).add(to: api)
            DivisionRoutes().add(to: api)
            WorkTeamRoutes().add(to: api)
            SettingRoutes().add(to: api)
            PositionRoutes(vault: vault).add(to: api)
            PositionBoardRoutes().add(to: api)
            PositionGround().add(to: api)
            ImportPages(vault: vault, settings: imports).add(to: api)
            ExportPages().add(to: api)
            HouseholdPages(vault: vault).add(to: api)
            SurveyPages(vault: vault).add(to: api)
            ProgressPages().add(to: api)
            PositionPages(vault: vault).add(to: api)
            TipRoutes(desk: desk, gate: gate).add(to: api)
            TipPages(desk: desk).add(to: api)
            TipFormPages(desk: desk, gate: gate).add(to: api)
        }
    }
}
