import Kafka
import Testing

@Suite struct HeadersTests {
    @Test func `a header is found by its name and by nothing shorter or longer`() {
        let headers: Headers = ["ce_id": "1", "ce_id2": "2", "ce": "3"]
        #expect(headers["ce_id"] == "1")
        #expect(headers["ce"] == "3")
        #expect(headers["ce_i"] == nil)
        #expect(headers.count == 3)
    }

    @Test func `of two headers with one name the last counts`() {
        var headers: Headers = ["a": "1"]
        headers.append("a", "2")
        #expect(headers["a"] == "2")
        #expect(headers.all.map(\.name) == ["a", "a"])
    }

    @Test func `a value that is no text has bytes only`() {
        var headers = Headers()
        headers.append("raw", [0xff, 0])
        #expect(headers["raw"] == nil)
        #expect(headers.bytes("raw") == [0xff, 0])
    }

    @Test func `an empty value is there`() {
        let headers: Headers = ["empty": ""]
        #expect(headers["empty"] == "")
        #expect(headers.bytes("none") == nil)
    }
}
