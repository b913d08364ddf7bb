import Postgres
import ServiceKit

/// What notification consists of.
func notification(_ config: Config = Config(), _ access: Access = .trusted) -> Parts {
    var errands = [delivery, inquiry]
    if let sms = config.sms {
        errands += dispatch(by: SMSGateway(settings: sms, phones: PhoneSource(intake: sms.intake, access: access)), quiet: config.quietHours)
    }
    if let webhook = config.webhook { errands += dispatch(by: Webhook(settings: webhook), quiet: config.quietHours) }
    if let mail = config.mail { errands += dispatch(by: MailServer(settings: mail), quiet: config.quietHours) }
    let planning = config.planning
    return Parts(reactions: reactions(planning), timers: timers(planning), errands: errands, permissions: permissions, places: places) { api in
        NoticeRoutes().add(to: api)
        LedgerRoutes().add(to: api)
        LetterRoutes().add(to: api)
        TextRoutes().add(to: api)
        WayRoutes(webhook: config.webhook).add(to: api)
        DeskPages().add(to: api)
        LetterPages().add(to: api)
        TextPages().add(to: api)
        AnnouncementPages().add(to: api)
    }
}
