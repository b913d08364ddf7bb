import Contracts
import Registry

/// The plan of one yearly review as it is handed in.
package struct CampaignPlan: Codable, Equatable, Sendable {
    package var year: Int
    /// Nine digits.
    package var subdistrict: DivisionCode
    package var entryLine: Money
    package var exitLine: Money
    package var publicityDays: Int
    package var countFirstDay: Bool
    package var verificationDueOn: LocalDate
    package var dataFreezeOn: LocalDate
    package var stages: [Stage]

    /// Two inclusive local dates, which bind, and the length as the plan states it, which does not.
    package struct Stage: Codable, Equatable, Sendable {
        package let id: String
        package let from: LocalDate
        package let to: LocalDate
        package let stated: String?

        package init(id: String, from: LocalDate, to: LocalDate, stated: String? = nil) {
            (self.id, self.from, self.to, self.stated) = (id, from, to, stated)
        }

        /// Both ends counted.
        package var days: Int { to - from + 1 }
    }

    package init(
        year: Int, subdistrict: DivisionCode, entryLine: Money, exitLine: Money, publicityDays: Int, countFirstDay: Bool,
        verificationDueOn: LocalDate, dataFreezeOn: LocalDate, stages: [Stage]
    ) {
        (self.year, self.subdistrict, self.entryLine, self.exitLine) = (year, subdistrict, entryLine, exitLine)
        (self.publicityDays, self.countFirstDay) = (publicityDays, countFirstDay)
        (self.verificationDueOn, self.dataFreezeOn, self.stages) = (verificationDueOn, dataFreezeOn, stages)
    }

    /// Every fault at once.
    package func checked() throws(Invalid) -> CampaignPlan {
        var faults: [Invalid.Fault] = []
        func fault(_ pointer: String, _ code: String, _ reason: String) { faults.append(.init(pointer, code, reason)) }
        if subdistrict.level != .subdistrict { fault("/subdistrict", "plan.subdistrict", "a subdistrict has nine digits") }
        if entryLine <= .zero { fault("/entryLine", "plan.line", "a line is a positive amount in fen") }
        if exitLine < entryLine { fault("/exitLine", "plan.line", "the exit line is not below the entry line") }
        if publicityDays < 1 { fault("/publicityDays", "plan.days", "at least one day") }
        if stages.isEmpty { fault("/stages", "plan.stages", "at least one stage") }
        var ids: Set<String> = []
        for (place, stage) in stages.enumerated() {
            if stage.to < stage.from { fault("/stages/\(place)/to", "plan.stage-order", "a stage ends on or after its first day") }
            if !ids.insert(stage.id).inserted { fault("/stages/\(place)/id", "plan.stage-twice", "this stage stands twice") }
        }
        if verificationDueOn > dataFreezeOn {
            fault("/verificationDueOn", "plan.verification", "verification is due before the data are frozen")
        }
        guard faults.isEmpty else { throw Invalid(faults) }
        return self
    }
}

/// A yearly review that has begun (R1).
package struct IssuedCampaign: Equatable, Sendable {
    package let id: CampaignID
    package let plan: CampaignPlan
    package let issuedAt: Instant
    /// Those of the plan, or what was set since.
    package let settings: CampaignSettings
    package let settingsVersion: Int

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case alreadyIssued = "intake.campaign-already-issued"
    }

    package init(
        id: CampaignID, plan: CampaignPlan, issuedAt: Instant, settings: CampaignSettings? = nil, settingsVersion: Int = 1
    ) {
        (self.id, self.plan, self.issuedAt) = (id, plan, issuedAt)
        (self.settings, self.settingsVersion) = (settings ?? CampaignSettings(plan), settingsVersion)
    }

    package static func issuing(_ plan: CampaignPlan, as id: CampaignID, at now: Instant) -> Decision<IssuedCampaign> {
        Decision(
            IssuedCampaign(id: id, plan: plan, issuedAt: now),
            [
                CampaignIssued(
                    campaign: id, year: plan.year, subdistrict: plan.subdistrict, entryLine: plan.entryLine, exitLine: plan.exitLine,
                    publicityDays: plan.publicityDays, countFirstDay: plan.countFirstDay, verificationDueOn: plan.verificationDueOn,
                    dataFreezeOn: plan.dataFreezeOn, stages: plan.stages.map { .init(id: $0.id, from: $0.from, to: $0.to) },
                    issuedAt: now)
            ])
    }

    package var ruleSet: RuleSet {
        RuleSet(year: plan.year, entryLine: settings.entryLine, exitLine: settings.exitLine, version: settingsVersion)
    }
}
