import Contracts
import IntakeDomain
import ServiceKit

/// What pages call the things of a tip.
enum TipWords {
    static func of(_ state: IntakeTip.State) -> Pages.Words {
        switch state {
        case .received: .init("已收到", "received")
        case .registered: .init("已登记", "registered")
        case .assigned: .init("已交办", "assigned")
        case .investigating: .init("调查中", "being investigated")
        case .upheld: .init("属实，待答复", "upheld, to be answered")
        case .partlyUpheld: .init("部分属实，待答复", "partly upheld, to be answered")
        case .dismissed: .init("不属实，待答复", "dismissed, to be answered")
        case .answered: .init("已答复", "answered")
        case .closed: .init("已办结", "closed")
        case .merged: .init("已并案", "merged")
        case .transferred: .init("已转办", "transferred")
        case .reopened: .init("重新办理", "opened again")
        }
    }

    /// What a tipster is told: what was found comes with the answer.
    static func told(_ state: IntakeTip.State) -> Pages.Words {
        switch state {
        case .upheld, .partlyUpheld, .dismissed: .init("已查清，待答复", "investigated, to be answered")
        case .received, .registered, .assigned, .investigating, .answered, .closed, .merged, .transferred, .reopened: of(state)
        }
    }

    static func of(_ channel: IntakeTip.Channel) -> Pages.Words {
        switch channel {
        case .form: .init("网上填写", "form")
        case .box: .init("举报箱", "box")
        case .telephone: .init("举报电话", "telephone")
        case .meeting: .init("会上意见", "meeting")
        }
    }

    static func of(_ level: TipLevel) -> Pages.Words {
        switch level {
        case .community: .init("社区", "community")
        case .workTeam: .init("动态管理工作组", "work team")
        case .subdistrict: .init("街道", "subdistrict")
        case .county: .init("县扶贫开发领导小组", "county leading group")
        }
    }

    static func of(_ outcome: TipOutcome) -> Pages.Words {
        switch outcome {
        case .upheld: .init("属实", "upheld")
        case .partlyUpheld: .init("部分属实", "partly upheld")
        case .dismissed: .init("不属实", "dismissed")
        }
    }

    static func of(_ manner: IntakeTip.Manner) -> Pages.Words {
        switch manner {
        case .notice: .init("不具名公告，凭查询码查看", "notice without names, read by receipt code")
        case .inPerson: .init("当面答复", "in person")
        case .telephone: .init("电话答复", "by telephone")
        case .letter: .init("书面答复", "by letter")
        }
    }

    static func of(_ act: TipAct) -> Pages.Words {
        switch act {
        case .register: .init("登记", "Register")
        case .relate: .init("关联户", "Name the household")
        case .concern: .init("涉及工作人员", "Name who is concerned")
        case .assign: .init("交办", "Assign")
        case .investigate: .init("开始调查", "Begin to investigate")
        case .find: .init("调查结论", "Record the finding")
        case .answer: .init("答复", "Answer")
        case .close: .init("办结", "Close")
        case .merge: .init("并入另一件", "Merge into another")
        case .absorb: .init("并入他件", "Took in another")
        case .transfer: .init("转其他部门", "Transfer")
        case .reopen: .init("重新办理", "Open again")
        }
    }
}
