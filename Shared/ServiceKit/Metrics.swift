import Foundation
import Synchronization

/// Counters, gauges and histograms of this process, as Prometheus reads them. No label ever names a person.
///
/// All state is behind one mutex; a scrape and an update each hold it for microseconds.
package final class Metrics: Sendable {
    package static let shared = Metrics()

    private struct Series: Hashable {
        let name: String
        let labels: String
        var braced: String { labels.isEmpty ? "" : "{\(labels)}" }
    }

    private struct Histogram {
        var buckets = [Int](repeating: 0, count: Metrics.bounds.count)
        var count = 0
        var sum = 0.0
    }

    private struct State {
        var counters: [Series: Double] = [:]
        var gauges: [Series: Double] = [:]
        var histograms: [Series: Histogram] = [:]
    }

    /// Seconds.
    fileprivate static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private let state = Mutex(State())

    package func add(_ name: String, _ amount: Double = 1, _ labels: [String: String] = [:]) {
        state.withLock { $0.counters[Self.series(name, labels), default: 0] += amount }
    }

    package func set(_ name: String, _ value: Double, _ labels: [String: String] = [:]) {
        state.withLock { $0.gauges[Self.series(name, labels)] = value }
    }

    package func observe(_ name: String, _ seconds: Double, _ labels: [String: String] = [:]) {
        state.withLock { state in
            var histogram = state.histograms[Self.series(name, labels)] ?? Histogram()
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound { histogram.buckets[index] += 1 }
            histogram.count += 1
            histogram.sum += seconds
            state.histograms[Self.series(name, labels)] = histogram
        }
    }

    private static func series(_ name: String, _ labels: [String: String]) -> Series {
        let text = labels.sorted { $0.key < $1.key }.map { "\($0)=\"\(escape($1))\"" }.joined(separator: ",")
        return Series(name: name, labels: text)
    }

    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// The text exposition format, version 0.0.4.
    package func exposition() -> String {
        let state = state.withLock { $0 }
        var lines: [String] = []
        func write(_ kind: String, _ values: [Series: Double]) {
            for (name, series) in Dictionary(grouping: values.keys, by: \.name).sorted(by: { $0.key < $1.key }) {
                lines.append("# TYPE \(name) \(kind)")
                for one in series.sorted(by: { $0.labels < $1.labels }) {
                    lines.append("\(name)\(one.braced) \(values[one] ?? 0)")
                }
            }
        }
        write("counter", state.counters)
        write("gauge", state.gauges)
        for (name, series) in Dictionary(grouping: state.histograms.keys, by: \.name).sorted(by: { $0.key < $1.key }) {
            lines.append("# TYPE \(name) histogram")
            for one in series.sorted(by: { $0.labels < $1.labels }) {
                guard let histogram = state.histograms[one] else { continue }
                let prefix = one.labels.isEmpty ? "" : one.labels + ","
                for (bound, count) in zip(Self.bounds, histogram.buckets) { lines.append("\(name)_bucket{\(prefix)le=\"\(bound)\"} \(count)") }
                lines.append("\(name)_bucket{\(prefix)le=\"+Inf\"} \(histogram.count)")
                lines.append("\(name)_sum\(one.braced) \(histogram.sum)")
                lines.append("\(name)_count\(one.braced) \(histogram.count)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
