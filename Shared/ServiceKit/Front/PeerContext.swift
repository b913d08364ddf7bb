import Hummingbird
import NIOCore

/// What surrounds a request: what the router needs, and whose connection it came by.
package struct PeerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The address at the other end; nothing where there is no network between.
    let peer: String?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }
}
