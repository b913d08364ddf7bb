import Contracts
import Foundation
import NotificationDomain
import Registry
import ServiceKit

// Numbers that follow from what they are for, so that doing a thing twice names the same thing.

extension NoticeID {
    /// One event makes one notice for each audience and channel, however often it is heard.
    init(about event: String, of subject: UUID, to audience: Recipient.Audience, by channel: PersonalNotice.Channel = .inbox) {
        self.init(UUID(named: "\(audience.rawValue) \(event)" + (channel == .inbox ? "" : " \(channel.rawValue)"), in: subject))
    }
}

/// The announcement of a community in a campaign.
func announcementID(of community: DivisionCode, in campaign: CampaignID) -> UUID {
    UUID(named: community.code, in: campaign.rawValue)
}
