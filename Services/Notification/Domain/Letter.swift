import Contracts
import Registry

/// What a notice reads, in the language of its recipient.
///
/// The envelope is all that a bystander may see: it says that something is there, never what. Each text below can only
/// name what it is given, and no recipient's text is given another's name, household or case.
package struct Letter: Equatable, Sendable {
    package let template: Template
    package let language: Language
    package let envelope: String
    /// For the recipient alone.
    package let body: String

    package enum Language: String, CaseIterable, Sendable {
        case chinese = "zh-CN"
    }

    package enum Template: String, CaseIterable, Sendable {
        case caseConfirmed = "case_confirmed"
        case caseClosed = "case_closed"
        case tipReceived = "tip_received"
        case tipAnswered = "tip_answered"
        case recallDue = "recall_due"

        package var audience: Recipient.Audience {
            switch self {
            case .caseConfirmed, .caseClosed: .household
            case .tipReceived, .tipAnswered: .tip
            case .recallDue: .workTeam
            }
        }

        var envelope: String {
            switch audience {
            case .household: "您有一份办理结果，请凭本人身份证件到社区服务窗口查阅"
            case .tip: "您反映的事项有新的进展，请凭回执查阅"
            case .workTeam: "您有一项公示工作待办"
            }
        }
    }

    package init(template: Template, language: Language = .chinese, envelope: String, body: String) {
        (self.template, self.language, self.envelope, self.body) = (template, language, envelope, body)
    }

    private init(_ template: Template, _ body: String) {
        self.init(template: template, envelope: template.envelope, body: body)
    }
}

extension Letter {
    /// The county's decision, told to the household it concerns (R30).
    package static func confirmed(_ kind: CaseKind) -> Letter {
        Letter(.caseConfirmed, "您户的“\(kind.label.zh)”事项已经县扶贫开发领导小组确定，结果予以公告。如有异议，可向社区或街道提出。")
    }

    /// Why a household's case ended without one.
    package static func closed(_ kind: CaseKind, as status: CaseStatus, because reason: String) -> Letter {
        let end =
            switch status {
            case .rejected: "未获通过"
            case .withdrawn: "已终止办理"
            case .carriedOver: "转入下一年度办理"
            case .proposed, .surveyed, .internallyReviewed, .publiclyReviewed, .initiallyDecided, .communityPublicity, .resolved,
                .approved, .subdistrictPublicity, .awaitingGate, .reported, .confirmed, .announced, .recorded, .reopened:
                "已办结"
            }
        return Letter(.caseClosed, "您户的“\(kind.label.zh)”事项\(end)。原因：\(ReasonText.words(for: reason))。如有异议，可向社区或街道提出。")
    }

    /// Every tip is handled and answered (R3): the sender holds a receipt and is told by when.
    package static func received(answerBy day: LocalDate) -> Letter {
        Letter(.tipReceived, "您反映的事项已收到并登记，将于\(day.inWords)前答复。")
    }

    package static func answered(_ outcome: TipOutcome) -> Letter {
        let finding =
            switch outcome {
            case .upheld: "反映的情况属实，已按规定处理"
            case .partlyUpheld: "反映的情况部分属实，已按规定处理"
            case .dismissed: "经核查，反映的情况不属实"
            }
        return Letter(.tipAnswered, "您反映的事项已调查办结：\(finding)。感谢您的监督。")
    }

    /// The sheets of an expired window are to be recalled or destroyed at once (R25).
    package static func recall(of level: PublicityLevel, after lastDay: LocalDate) -> Letter {
        let sheets =
            switch level {
            case .community: "社区级公示"
            case .subdistrict: "街道公示"
            }
        return Letter(.recallDue, "\(sheets)已于\(lastDay.inWords)期满，请在1日内回收或销毁全部公示名单及其照片，并逐份登记。")
    }
}

extension LocalDate {
    var inWords: String { "\(year)年\(month)月\(day)日" }
}
