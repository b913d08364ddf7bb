import Foundation
import Registry

/// One Kafka topic and what may travel in it.
///
/// Names are `lika.<service>.<aggregate>[.<department>].v1`: letters, digits, dots and hyphens only. Twelve partitions, and
/// four for a department's pair: with twelve departments these are 48 for the instances of verification to share. Never
/// more within a campaign, since the partition of a household must not move.
package struct Topic: Hashable, Sendable {
    package let name: String
    /// Who writes it: a service, or a department.
    package let publisher: Publisher
    package let partitions: Int

    package enum Publisher: Hashable, Sendable {
        case service(String)
        /// Not ours: messages are unnumbered and each stands alone.
        case department(Department)

        /// The CloudEvents `source`.
        package var source: String {
            switch self {
            case .service(let name): "/lika/\(name)"
            case .department(let department): "/departments/\(department.rawValue.lowercased())"
            }
        }
    }

    package init(_ name: String, _ publisher: Publisher, partitions: Int = 12) {
        (self.name, self.publisher, self.partitions) = (name, publisher, partitions)
    }
}

extension Topic {
    package static let intakeCampaign = Topic("lika.intake.campaign.v1", .service("intake"))
    package static let intakeHousehold = Topic("lika.intake.household.v1", .service("intake"))
    package static let intakeCase = Topic("lika.intake.case.v1", .service("intake"))
    package static let intakeDivision = Topic("lika.intake.division.v1", .service("intake"))
    package static let intakeTip = Topic("lika.intake.tip.v1", .service("intake"))
    package static let intakePurge = Topic("lika.intake.purge.v1", .service("intake"), partitions: 1)
    package static let verificationFile = Topic("lika.verification.file.v1", .service("verification"))
    package static let verificationDeadline = Topic("lika.verification.deadline.v1", .service("verification"))
    package static let verificationRefusal = Topic("lika.verification.refusal.v1", .service("verification"))
    package static let reviewCase = Topic("lika.review.case.v1", .service("review"))
    package static let reviewWindow = Topic("lika.review.window.v1", .service("review"))
    package static let notificationAnnouncement = Topic("lika.notification.announcement.v1", .service("notification"))
    package static let notificationNotice = Topic("lika.notification.notice.v1", .service("notification"))

    /// How far a service's audit reaches. A service has one chain.
    package static func audit(of service: AuditedService) -> Topic {
        Topic("lika.\(service.rawValue).audit.v1", .service(service.rawValue), partitions: 1)
    }

    /// A department's own questions; only it may read them.
    package static func request(to department: Department) -> Topic {
        Topic("lika.verification.request.\(department.rawValue.lowercased()).v1", .service("verification"), partitions: 4)
    }

    /// A department's own answers; only it may write them.
    package static func result(from department: Department) -> Topic {
        Topic("lika.verification.result.\(department.rawValue.lowercased()).v1", .department(department), partitions: 4)
    }

    package static let all: [Topic] =
        [
            intakeCampaign, intakeDivision, intakeHousehold, intakeCase, intakeTip, intakePurge, verificationFile, verificationDeadline, verificationRefusal,
            reviewCase, reviewWindow,
            notificationAnnouncement, notificationNotice,
        ] + AuditedService.allCases.map(audit(of:)) + Department.asked.flatMap { [request(to: $0), result(from: $0)] }
}
