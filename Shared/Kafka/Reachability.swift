import Foundation
import Logging

/// Whether any broker is connected, told to the operator when it changes.
///
/// librdkafka says when the last connection is lost, but not when the first is back: that is read from its statistics.
struct Reachability: Sendable {
    private(set) var isConnected = true
    /// How often the last connection was lost. Whoever keeps the count learns that what comes next may come from another
    /// log, however short the cluster was away.
    private(set) var losses = 0

    mutating func lost(_ logger: Logger) {
        losses += 1
        change(to: false, logger)
    }

    mutating func read(_ statistics: [UInt8], _ logger: Logger) {
        change(to: Data(statistics).range(of: Data(#""state":"UP""#.utf8)) != nil, logger)
    }

    private mutating func change(to connected: Bool, _ logger: Logger) {
        if connected == isConnected { return }
        isConnected = connected
        if connected { logger.info("kafka reachable again") } else { logger.warning("kafka unreachable") }
    }
}
