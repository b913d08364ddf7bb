import Contracts
import Registry
import ReviewDomain
import ServiceKit

/// What of several acts a request asks for, where section 8 gives them to different people: a meeting is its kind's, a window is its
/// level's. The lines are in Permissions.swift.
extension Acting {
    /// The kind of the meeting that is named in the path.
    static let meeting = Acting { call, work in try work.get(Meeting.self, try call.id("meeting")).kind.rawValue }

    /// The kind of the meeting whose minutes these are.
    static let minutes = Acting { call, work in
        struct Entry: Decodable {
            let meeting: MeetingID?
            let kind: Meeting.Kind?
        }
        let entry: Entry = try call.body()
        if let meeting = entry.meeting { return try work.get(Meeting.self, meeting).kind.rawValue }
        guard let kind = entry.kind else { throw Invalid("/kind", "missing", "which meeting was held") }
        return kind.rawValue
    }

    /// The level of the window that is named in the path.
    static let window = Acting { call, work in try level(of: call, work).rawValue }

    /// Of a window's page: what is done, and the window's level.
    static let windowForm = Acting { call, work in "\(try call.form().required("act")):\(try level(of: call, work).rawValue)" }

    private static func level(of call: Call, _ work: Work) throws -> PublicityLevel { try work.get(PublicityWindow.self, try call.id("window")).level }
}
