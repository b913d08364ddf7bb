import CKafka

extension Client {
    enum Acceptance {
        case queued
        /// No room, or a broken client: to be offered again.
        case notNow
        case refused(KafkaError)
    }

    /// Copies a record into the local queue; its delivery comes back with `token`. Does not block.
    func produce(_ record: OutgoingRecord, token: UInt) -> Acceptance {
        let headers = record.headers.count > 0 ? Self.headers(record.headers) : nil
        let error = record.topic.withCString { topic in
            record.key.withBytes { key in
                record.value.withBytes { value in
                    withUnsafeTemporaryAllocation(of: rd_kafka_vu_t.self, capacity: 6) { fields in
                        var fields = Fields(fields)
                        fields.add(RD_KAFKA_VTYPE_TOPIC) { $0.cstr = topic }
                        fields.add(RD_KAFKA_VTYPE_KEY) { $0.mem = .init(ptr: key.start, size: key.count) }
                        fields.add(RD_KAFKA_VTYPE_VALUE) { $0.mem = .init(ptr: value.start, size: value.count) }
                        fields.add(RD_KAFKA_VTYPE_MSGFLAGS) { $0.i = RD_KAFKA_MSG_F_COPY }
                        fields.add(RD_KAFKA_VTYPE_OPAQUE) { $0.ptr = UnsafeMutableRawPointer(bitPattern: token) }
                        if let headers { fields.add(RD_KAFKA_VTYPE_HEADERS) { $0.headers = headers } }
                        return rd_kafka_produceva(handle, fields.start, fields.count)
                    }
                }
            }
        }
        guard let error else { return .queued }
        if let headers { rd_kafka_headers_destroy(headers) }  // still ours when the record was not taken
        let code = rd_kafka_error_code(error)
        if code == RD_KAFKA_RESP_ERR__QUEUE_FULL || code == RD_KAFKA_RESP_ERR__FATAL {
            rd_kafka_error_destroy(error)
            return .notNow
        }
        return .refused(KafkaError(taking: error))
    }

    private static func headers(_ headers: Headers) -> OpaquePointer? {
        let list = rd_kafka_headers_new(headers.count)
        return headers.withEach { name, value in
            rd_kafka_header_add(
                list, name.baseAddress?.assumingMemoryBound(to: CChar.self), name.count, value.baseAddress, value.count)
        } finally: {
            list
        }
    }
}

/// The arguments of one `rd_kafka_produceva`.
private struct Fields {
    let start: UnsafeMutablePointer<rd_kafka_vu_t>?
    private(set) var count = 0

    init(_ memory: UnsafeMutableBufferPointer<rd_kafka_vu_t>) { start = memory.baseAddress }

    mutating func add(_ type: rd_kafka_vtype_t, _ set: (inout rd_kafka_vu_s.__Unnamed_union_u) -> Void) {
        var field = rd_kafka_vu_t()
        field.vtype = type
        set(&field.u)
        start?.advanced(by: count).initialize(to: field)
        count += 1
    }
}

extension [UInt8]? {
    /// Nil is a null pointer to Kafka; an empty array is not.
    fileprivate func withBytes<Value>(_ body: ((start: UnsafeMutableRawPointer?, count: Int)) -> Value) -> Value {
        switch self {
        case nil: return body((nil, 0))
        case .some(let bytes):
            return bytes.withUnsafeBytes { body((UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count)) }
        }
    }
}

extension Client {
    /// Raises the error that ends an idempotent producer.
    func breakOff() {
        rd_kafka_test_fatal_error(handle, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "provoked")
    }
}
