import Contracts
import Registry
import ReviewDomain
import ServiceKit

/// What all of review's pages share: their templates and their navigation.
enum ReviewPages {
    static let all = Pages(
        [
            "board": PackageResources.board_mustache, "meetings": PackageResources.meetings_mustache,
            "meeting": PackageResources.meeting_mustache, "windows": PackageResources.windows_mustache,
            "window": PackageResources.window_mustache, "sheet": PackageResources.sheet_mustache, "cases": PackageResources.cases_mustache, "case": PackageResources.case_mustache,
        ],
        links: [.init("/", "日程", "Today"), .init("/windows", "公示", "Windows"), .init("/meetings", "会议", "Meetings"), .init("/cases", "个案", "Cases"), Pages.countersignings],
        footer: .init("评议与公示", "Review and publicity"))
}

/// What pages call the things of review.
enum ReviewWords {
    static func of(_ kind: CaseKind) -> Pages.Words { .init(kind.label.zh, kind.label.en) }

    static func of(_ status: CaseStatus) -> Pages.Words {
        switch status {
        case .proposed: .init("已列入名册", "on the roster")
        case .surveyed: .init("已核查", "surveyed")
        case .internallyReviewed: .init("已内部评议", "internally reviewed")
        case .publiclyReviewed: .init("已公开评议", "publicly reviewed")
        case .initiallyDecided: .init("已初定", "initially decided")
        case .communityPublicity: .init("社区公示", "in the community's window")
        case .resolved: .init("代表会已决议", "resolved")
        case .approved: .init("街道已审定", "approved")
        case .subdistrictPublicity: .init("街道公示", "in the subdistrict's window")
        case .awaitingGate: .init("待上报", "before the gate")
        case .reported: .init("已上报县", "with the county")
        case .confirmed: .init("县已批复", "confirmed")
        case .announced: .init("已公告", "announced")
        case .recorded: .init("已标注", "recorded")
        case .withdrawn: .init("已撤回", "withdrawn")
        case .rejected: .init("未通过", "rejected")
        case .reopened: .init("重新核查", "reopened")
        case .carriedOver: .init("结转下年", "carried over")
        }
    }

    static func of(_ kind: Meeting.Kind) -> Pages.Words {
        switch kind {
        case .internalReview: .init("社区“两委”内部评议", "internal review")
        case .publicReview: .init("公开评议", "public review")
        case .initialDecision: .init("社区“两委”初定", "initial decision")
        case .resolution: .init("居民代表会决议", "representatives' resolution")
        case .approval: .init("街道党政会审定", "subdistrict's approval")
        }
    }

    static func of(_ status: Meeting.Status) -> Pages.Words {
        switch status {
        case .convened: .init("已召集", "called")
        case .held: .init("已召开", "held")
        case .cancelled: .init("已取消", "cancelled")
        }
    }

    static func of(_ level: PublicityLevel) -> Pages.Words {
        switch level {
        case .community: .init("社区公示", "community")
        case .subdistrict: .init("街道公示", "subdistrict")
        }
    }

    static func of(_ stage: PublicityWindow.Stage) -> Pages.Words {
        switch stage {
        case .planned: .init("已计划", "planned")
        case .rendered: .init("待张贴", "to be posted")
        case .posting: .init("张贴中", "being posted")
        case .running: .init("公示中", "running")
        case .expired: .init("期满，有未答复举报", "over, tips are open")
        case .settled: .init("期满，待回收", "over, to be taken down")
        case .recalled: .init("已回收或销毁", "taken down")
        }
    }

    static func of(_ fate: PublicityWindow.Fate) -> Pages.Words {
        switch fate {
        case .recalled: .init("已回收", "recalled")
        case .destroyed: .init("已销毁", "destroyed")
        case .lost: .init("遗失，有说明", "lost, reported")
        }
    }

    static func of(_ item: GateItem) -> Pages.Words {
        switch item {
        case .communityWindow: .init("社区公示期满", "the community's window is over")
        case .resolution: .init("居民代表会决议", "representatives' resolution")
        case .approval: .init("街道审定", "subdistrict's approval")
        case .subdistrictWindow: .init("街道公示期满", "the subdistrict's window is over")
        case .tipsAnswered: .init("举报均已答复", "every tip is answered")
        case .departmentResults: .init("部门结果均已签字", "every department's result is signed")
        case .investigation: .init("不一致项均已核查", "every discrepancy is investigated")
        }
    }

    /// A stage by its name in the plan.
    static func stage(_ id: String) -> Pages.Words {
        let label = PlanStages.label(of: id)
        return .init(label.zh, label.en)
    }
}
