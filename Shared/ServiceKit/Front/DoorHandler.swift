import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// Stands between the parser and the service on each connection. Whoever was answered before they had said everything, such as a
/// body without end, is told that the connection closes, and has a few seconds to finish. What the parser refuses by itself
/// is answered with our headers too.
final class DoorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// For the rest of a request that was answered already: an answer that is on its way would be lost with a reset connection.
    private let patience: TimeAmount
    private var requestsRead = 0
    private var answers = 0
    private var closes = false
    private var isAnswered = false

    init(patience: TimeAmount = .seconds(3)) { self.patience = patience }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) { requestsRead += 1 }
        context.fireChannelRead(data)
        if isAnswered, requestsRead >= answers { context.close(promise: nil) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            answers += 1
            if requestsRead < answers { closes = true }
            if closes { head.headerFields[.connection] = "close" }
            for field in SecurityHeaders.fields where head.headerFields[field.name] == nil { head.headerFields[field.name] = field.value }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            guard closes else { return context.write(data, promise: promise) }
            context.writeAndFlush(data, promise: promise)
            isAnswered = true
            let channel = context.channel
            if requestsRead >= answers { return context.close(promise: nil) }
            // What still comes is dropped by whoever reads the connection until then.
            context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        }
    }
}

extension HTTPServerBuilder {
    /// How every service listens: headers of a sane size, and no connection that says nothing for longer than clients keep one.
    package static var door: HTTPServerBuilder {
        .http1(
            configuration: .init(
                additionalChannelHandlers: [DoorHandler()], idleTimeout: .seconds(75),
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
    }
}
