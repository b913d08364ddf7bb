import AsyncHTTPClient
import Contracts
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NotificationDomain
import Registry

/// A channel that leads out of the suite.
protocol Carrier: Sendable {
    var channel: PersonalNotice.Channel { get }
    /// How many a second it is given at most, by all instances together.
    var perSecond: Int { get }
    /// Whether a telephone rings, which it must not at night.
    var rings: Bool { get }
    var canLookUp: Bool { get }
    /// Whether what can wait is told in one message.
    var gathers: Bool { get }

    /// Where those parcels go that bring no address along; each is asked for at this moment and kept nowhere.
    /// - Throws: Whatever keeps it from knowing now. Nothing has been sent then.
    func addresses(of parcels: [Parcel]) async throws -> [NoticeID: String]
    func carry(_ parcel: Parcel, to address: String) async -> Carried
    func find(_ notice: NoticeID) async -> Found
}

/// One message on its way out: one notice, or several to the same recipient.
struct Parcel: Sendable {
    struct Item: Sendable {
        let notice: NoticeID
        /// Which sending of the notice this is.
        let send: Int
        let letter: Letter
    }

    /// At least one, and no more where a channel does not gather.
    let items: [Item]
    let recipient: Recipient
    /// Of an office; a private person's is kept elsewhere.
    let address: String?

    /// That by which the message is known.
    var head: Item { items[0] }
}

/// What a channel says to a parcel; codes are for the people at the desk and quote nothing.
enum Carried: Sendable, Equatable {
    case taken
    /// It will never take this.
    case refused(String)
    /// It has not taken it, and may later.
    case notTaken(String)
    /// It may have taken it.
    case unknown(String)

    var code: String? {
        switch self {
        case .taken: nil
        case .refused(let code), .notTaken(let code), .unknown(let code): code
        }
    }

    func command(send: Int) -> PersonalNotice.Command {
        switch self {
        case .taken: .delivered
        case .refused: .refused
        case .notTaken: .notTaken(send: send)
        case .unknown: .uncertain(send: send)
        }
    }
}

/// What a channel knows of a notice.
enum Found: Sendable { case there, missing, cannotTell }

extension HTTPClientRequest {
    /// Well below the time after which a silent sender's notices count as unknown.
    static let timeout = TimeAmount.seconds(5)

    /// Posts, and reads from the answer whether it was taken. Only what surely did not reach the other side, or what that side
    /// says it turned away, counts as not taken.
    func carried() async -> Carried {
        do {
            let response = try await HTTPClient.shared.execute(self, timeout: Self.timeout)
            switch response.status.code {
            case 200..<300: return .taken
            case 425, 429, 503: return .notTaken("http-\(response.status.code)")
            case 408: return .unknown("http-408")
            case 400..<500: return .refused("http-\(response.status.code)")
            default: return .unknown("http-\(response.status.code)")
            }
        } catch let error as HTTPClientError where error == .connectTimeout { return .notTaken("no-connection") } catch is NIOConnectionError {
            return .notTaken("no-connection")
        } catch { return .unknown("no-answer") }
    }
}
