import Contracts
import IntakeDomain
import ServiceKit

/// Brings in what the work team found.
struct SurveyImport: SheetImport {
    let campaign: IssuedCampaign
    let vault: Vault
    let form = SurveySheet.Form()

    func take(_ items: [SheetItem<SurveyEntry>], into piece: inout ImportPiece, in work: Work) throws {
        let usable = piece.usable(items)
        let kept = try work.keptEntries(usable.map(\.entry.household))
        var surveys: [(household: HouseholdID, facts: SurveyFacts)] = []
        var lines: [HouseholdID: [Int]] = [:]
        for (rows, entry) in usable {
            guard let known = kept[entry.household], known.campaign == campaign.id else {
                piece.refuse(rows, [
                    SheetFault(rows[0], SurveySheet.Column.household.rawValue, "household.unknown", "this household is not in the campaign's books")
                ])
                continue
            }
            surveys.append((known.household, entry.facts))
            lines[known.household] = rows
        }
        let changed = try work.keep(surveys, in: campaign.id, vault)
        for (household, rows) in lines { piece.note(changed.contains(household) ? .entered : .unchanged, rows) }
    }
}
