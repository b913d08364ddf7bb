import Registry

/// Which topics a service or a department reads: what the published contracts call its receive operations, and what its
/// consumers may subscribe to.
package struct Subscription: Sendable {
    package let subscriber: Topic.Publisher
    package let topics: [Topic]

    /// Every service keeps what the others sign of their audits.
    private static let audits = AuditedService.allCases.map(Topic.audit(of:))

    package static let all: [Subscription] =
        [
            Subscription(subscriber: .service("intake"), topics: [.verificationFile, .reviewCase] + audits),
            Subscription(
                subscriber: .service("verification"),
                topics: [.intakeCampaign, .intakeHousehold, .intakeCase, .intakePurge] + Department.asked.map(Topic.result(from:)) + audits),
            Subscription(
                subscriber: .service("review"),
                topics: [.intakeCampaign, .intakeDivision, .intakeHousehold, .intakeCase, .intakeTip, .intakePurge, .verificationFile, .notificationAnnouncement] + audits),
            Subscription(subscriber: .service("notification"), topics: [.intakeCampaign, .intakeDivision, .intakeCase, .intakeTip, .intakePurge, .verificationDeadline, .reviewCase, .reviewWindow] + audits),
        ] + Department.asked.map { Subscription(subscriber: .department($0), topics: [.request(to: $0)]) }
}
