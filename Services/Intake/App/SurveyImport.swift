import Contracts
import IntakeDomain
import ServiceKit

/// Brings in what the work team found.
struct SurveyImport {
    let campaign: IssuedCampaign
    let vault: Vault
    let work: Work

    func take(_ bytes: [UInt8]) throws -> ImportReport {
        let reading = try SurveySheet.read(bytes)
        var report = ImportReport(reading)
        let kept = try work.keptEntries(reading.entries.map(\.entry.household))
        var surveys: [(household: HouseholdID, facts: SurveyFacts)] = []
        for located in reading.entries {
            guard let known = kept[located.entry.household], known.campaign == campaign.id else {
                report.refuse([
                    SheetFault(located.line, SurveySheet.Column.household.rawValue, "household.unknown", "this household is not in the campaign's books")
                ])
                continue
            }
            surveys.append((known.household, located.entry.facts))
        }
        report.entered = try work.keep(surveys, in: campaign.id, vault)
        report.unchanged = surveys.count - report.entered
        return report
    }
}
