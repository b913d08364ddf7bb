import Contracts
import IntakeDomain
import ServiceKit

/// Brings in what helped the households, year by year (R13).
struct MeasureImport {
    let campaign: IssuedCampaign
    let vault: Vault
    let work: Work

    func take(_ bytes: [UInt8]) throws -> ImportReport {
        let reading = try MeasureSheet.read(bytes)
        var report = ImportReport(reading)
        let kept = try work.keptEntries(Array(Set(reading.entries.map(\.entry.household))))
        var measures: [(household: HouseholdID, measure: HouseholdMeasure)] = []
        for located in reading.entries {
            guard let known = kept[located.entry.household], known.campaign == campaign.id else {
                report.refuse([
                    SheetFault(located.line, MeasureSheet.Column.household.rawValue, "household.unknown", "this household is not in the campaign's books")
                ])
                continue
            }
            measures.append((known.household, located.entry))
        }
        (report.entered, report.corrected) = try work.keep(measures, vault)
        report.unchanged = measures.count - report.entered - report.corrected
        return report
    }
}
