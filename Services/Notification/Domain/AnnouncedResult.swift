import Contracts
import Foundation
import Registry

/// One confirmed case on the public announcement of its community (R30, section 9).
///
/// The line holds what the whitelist of sheets allows and has no place for anything else: no identity number, no
/// telephone, no cause, no free text. There is one announcement per campaign and community; a result is on it once.
package struct AnnouncedResult: Equatable, Sendable, Identifiable {
    package let id: CaseID
    package let household: HouseholdID
    package let announcement: UUID
    package let line: Line
    package let announcedAt: Instant

    package struct Line: Equatable, Sendable {
        package let kind: CaseKind
        package let community: DivisionCode
        /// Nothing where the household belongs to no residents' group.
        package let group: DivisionCode?
        package let headName: String
        package let memberCount: Int

        package init(kind: CaseKind, community: DivisionCode, group: DivisionCode?, headName: String, memberCount: Int) {
            self.kind = kind
            self.community = community
            self.group = group
            self.headName = headName
            self.memberCount = memberCount
        }

        /// Refuses what a sheet must not show: a place above the community, a name that carries a number, a natural
        /// change, which is on no public list.
        package init(of event: CaseConfirmed) throws(Refusal) {
            guard event.kind.isPublicised else { throw .neverPublicised }
            guard let community = event.division.enclosing(.community) else { throw .noCommunity }
            guard !event.headName.unicodeScalars.contains(where: { $0.properties.generalCategory == .decimalNumber }) else {
                throw .unfitName
            }
            self.init(
                kind: event.kind, community: community, group: event.division.enclosing(.group),
                headName: event.headName, memberCount: event.memberCount)
        }
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case neverPublicised = "notification.never-publicised"
        case noCommunity = "notification.no-community"
        case unfitName = "notification.unfit-name"
    }

    package init(id: CaseID, household: HouseholdID, announcement: UUID, line: Line, announcedAt: Instant) {
        self.id = id
        self.household = household
        self.announcement = announcement
        self.line = line
        self.announcedAt = announcedAt
    }

    /// Puts a confirmed case on its community's announcement.
    package static func announcing(
        _ event: CaseConfirmed, line: Line, on announcement: UUID, at now: Instant
    ) -> Decision<AnnouncedResult> {
        Decision(
            AnnouncedResult(
                id: event.case, household: event.household, announcement: announcement, line: line, announcedAt: now),
            [ResultAnnounced(case: event.case, household: event.household, announcement: announcement, announcedAt: now)])
    }
}
