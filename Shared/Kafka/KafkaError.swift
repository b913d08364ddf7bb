import CKafka

/// Why Kafka, or librdkafka on its behalf, did not do what was asked.
///
/// Neither the reason nor the text ever holds what a record held.
package struct KafkaError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        /// The settings are contradictory, or a certificate cannot be read.
        case configuration
        /// The record is larger than this producer or the broker allows. Sending it again cannot help.
        case messageTooLarge
        /// The topic or the partition does not exist (yet).
        case unknownTopic
        /// No answer in time. What was asked may have happened nevertheless.
        case timedOut
        /// No broker, or not the one in charge, could be reached.
        case unreachable
        /// The records waiting before this one used up its time.
        case queueFull
        /// The idempotent producer broke off and was replaced by a new one. The record may have been written.
        case producerReplaced
        /// The group has gone on without this member: what it held belongs to another one now.
        case notMember
        /// The offset asked for is not, or no longer, in the log.
        case offsetGone
        /// The cluster refuses the certificate, the password or the access.
        case refused
        /// `close()` was called before.
        case closed
        case other
    }

    package let reason: Reason
    /// librdkafka's name of the error, such as `_MSG_TIMED_OUT`.
    package let code: String
    package let text: String

    /// Whether the same call may succeed later without a person's help.
    package var isRetryable: Bool {
        switch reason {
        case .unknownTopic, .timedOut, .unreachable, .queueFull, .producerReplaced, .notMember, .other: true
        case .configuration, .messageTooLarge, .offsetGone, .refused, .closed: false
        }
    }

    package var description: String { "\(reason.rawValue) (\(code)): \(text)" }
}

extension KafkaError {
    static let closed = KafkaError(reason: .closed, code: "_DESTROY", text: "closed before")

    static let noAnswer = KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)

    static let queueFull = KafkaError(
        reason: .queueFull, code: "_QUEUE_FULL", text: "the records waiting before this one used up its time")

    static let producerReplaced = KafkaError(
        reason: .producerReplaced, code: "_FATAL", text: "the idempotent producer broke off and was replaced")

    init(_ code: rd_kafka_resp_err_t, _ text: String? = nil) {
        self.init(
            reason: Reason(code), code: String(cString: rd_kafka_err2name(code)),
            text: text ?? String(cString: rd_kafka_err2str(code)))
    }

    /// Takes over `error` and frees it.
    init(taking error: OpaquePointer) {
        self.init(rd_kafka_error_code(error), String(cString: rd_kafka_error_string(error)))
        rd_kafka_error_destroy(error)
    }

    static func check(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code) }
    }

    static func check(_ error: OpaquePointer?) throws(KafkaError) {
        if let error { throw KafkaError(taking: error) }
    }
}

extension KafkaError.Reason {
    fileprivate init(_ code: rd_kafka_resp_err_t) {
        self =
            switch code {
            case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
                RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
                .messageTooLarge
            case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
                .unknownTopic
            case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
                .timedOut
            case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE,
                RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
                RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
                .unreachable
            case RD_KAFKA_RESP_ERR__QUEUE_FULL:
                .queueFull
            case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
                RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
                RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST, RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
                .notMember
            case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, RD_KAFKA_RESP_ERR__NO_OFFSET,
                RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
                .offsetGone
            case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL,
                RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
                .refused
            case RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR__CONFLICT:
                .configuration
            case RD_KAFKA_RESP_ERR__DESTROY:
                .closed
            default:
                .other
            }
    }
}
