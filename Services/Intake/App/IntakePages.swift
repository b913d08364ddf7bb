import Contracts
import Registry
import ServiceKit

/// What all of intake's pages share: their templates and their navigation.
enum IntakePages {
    static let all = Pages(
        [
            "campaigns": PackageResources.campaigns_mustache, "imports": PackageResources.imports_mustache,
            "import": PackageResources.import_mustache, "tabs": PackageResources.tabs_mustache,
            "households": PackageResources.households_mustache, "household": PackageResources.household_mustache,
            "found": PackageResources.found_mustache, "exports": PackageResources.exports_mustache,
            "rosters": PackageResources.rosters_mustache, "conflicts": PackageResources.conflicts_mustache,
            "progress": PackageResources.progress_mustache, "summary": PackageResources.summary_mustache,
            "explanation": PackageResources.explanation_mustache,
            "positions": PackageResources.positions_mustache, "map": PackageResources.map_mustache,
            "tips": PackageResources.tips_mustache, "tip": PackageResources.tip_mustache, "entry": PackageResources.tipentry_mustache,
            "receipt": PackageResources.tipreceipt_mustache, "tipster": PackageResources.tipster_mustache,
        ],
        links: [.init("/", "活动", "Campaigns"), .init("/explanation", "入列说明", "Why on a list"), .init("/tips", "举报", "Tips"), .init("/tip-entry", "登记举报", "Enter a tip"), Pages.countersignings],
        footer: .init("采集与建档立卡", "Intake: the register"))
}
