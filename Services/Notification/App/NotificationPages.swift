import Contracts
import NotificationDomain
import Registry
import ServiceKit

/// What all of notification's pages share: their templates and their navigation.
enum NotificationPages {
    static let all = Pages(
        [
            "desk": PackageResources.desk_mustache, "notices": PackageResources.notices_mustache, "notice": PackageResources.notice_mustache,
            "letters": PackageResources.letters_mustache, "round": PackageResources.round_mustache, "texts": PackageResources.texts_mustache,
            "text": PackageResources.text_mustache,
        ],
        links: [.init("/", "待办", "Desk"), .init("/notices", "通知", "Notices"), .init("/letters", "告知书", "Letters"), .init("/texts", "文本", "Texts")],
        footer: .init("通知与公告", "Notices and announcements"))

    /// What anybody may read.
    static let everybodys = Pages(
        ["announcements": PackageResources.announcements_mustache, "announcement": PackageResources.announcement_mustache],
        links: [.init("/announcements", "公告", "Announcements")], footer: .init("县级批复结果公告", "Results that the county confirmed"))
}

/// What pages call the things of notification.
enum NoticeWords {
    static func of(_ status: PersonalNotice.Status) -> Pages.Words {
        switch status {
        case .planned: .init("待发送", "planned")
        case .sending: .init("发送中", "being sent")
        case .delivered: .init("已送达", "delivered")
        case .unknown: .init("结果不明", "outcome unknown")
        case .failed: .init("未送达", "not delivered")
        }
    }

    static func of(_ channel: PersonalNotice.Channel) -> Pages.Words {
        switch channel {
        case .inbox: .init("信箱", "inbox")
        case .sms: .init("短信", "short message")
        case .letter: .init("告知书", "letter")
        case .email: .init("电子邮件", "e-mail")
        case .webhook: .init("系统对接", "webhook")
        }
    }

    static func of(_ audience: Recipient.Audience) -> Pages.Words {
        switch audience {
        case .household: .init("农户", "household")
        case .tip: .init("举报人", "tipster")
        case .workTeam: .init("工作队", "work team")
        case .department: .init("部门", "department")
        case .office: .init("扶贫办", "office")
        }
    }

    static func of(_ template: Letter.Template) -> Pages.Words {
        switch template {
        case .caseConfirmed: .init("县级确定结果", "the county's decision")
        case .caseClosed: .init("事项办结", "a case ended")
        case .tipReceived: .init("举报已收到", "a tip was received")
        case .tipAnswered: .init("举报答复", "a tip is answered")
        case .surveyAssigned: .init("入户调查任务", "visits to make")
        case .recallDue: .init("公示名单回收", "sheets to take down")
        case .recallOverdue: .init("公示名单逾期未回收", "sheets still hang")
        case .batchSent: .init("新发核查请求", "new requests")
        case .answerSentBack: .init("核查结果退回", "an answer sent back")
        case .deadlineNear: .init("核查临近截止", "a deadline is near")
        case .deadlineMissed: .init("核查逾期", "a deadline is missed")
        case .deadlineEscalated: .init("核查逾期督办", "a department is late")
        case .recallEscalated: .init("回收逾期督办", "sheets that hang, for the office")
        case .answerDue: .init("举报今日到期", "an answer is due today")
        case .answerOverdue: .init("举报逾期督办", "an answer is overdue")
        }
    }
}
