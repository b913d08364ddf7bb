import Postgres
import ServiceKit

/// What notification consists of.
func notification(_ config: Config = Config(), _ access: Access = .trusted) -> Parts {
    var errands = [delivery, inquiry]
    if let sms = config.sms {
        errands += dispatch(by: SMSGateway(settings: sms, phones: PhoneSource(intake: sms.intake, access: access)), quiet: config.quietHours)
    }
    if let webhook = config.webhook { errands += dispatch(by: Webhook(settings: webhook), quiet: config.quietHours) }
    return Parts(reactions: reactions(smsToHouseholds: config.sms != nil), timers: timers, errands: errands, permissions: permissions) { api in
        NoticeRoutes().add(to: api)
        LedgerRoutes().add(to: api)
        TextRoutes().add(to: api)
        WayRoutes(webhook: config.webhook).add(to: api)
    }
}
