import Contracts
import IntakeDomain
import ServiceKit

/// Brings in what helped the households, year by year (R13).
struct MeasureImport: SheetImport {
    let campaign: IssuedCampaign
    let vault: Vault
    let form = MeasureSheet.Form()

    func take(_ items: [SheetItem<HouseholdMeasure>], into piece: inout ImportPiece, in work: Work) throws {
        let usable = piece.usable(items)
        let kept = try work.keptEntries(Array(Set(usable.map(\.entry.household))))
        var measures: [(lines: [Int], household: HouseholdID, measure: HouseholdMeasure)] = []
        for (lines, measure) in usable {
            guard let known = kept[measure.household], known.campaign == campaign.id else {
                piece.refuse(lines, [
                    SheetFault(lines[0], MeasureSheet.Column.household.rawValue, "household.unknown", "this household is not in the campaign's books")
                ])
                continue
            }
            measures.append((lines, known.household, measure))
        }
        let (new, changed) = try work.keep(measures.map { ($0.household, $0.measure) }, vault)
        for (lines, household, measure) in measures {
            let key = MeasureKey(household: household, measure)
            piece.note(new.contains(key) ? .entered : changed.contains(key) ? .corrected : .unchanged, lines)
        }
    }
}
