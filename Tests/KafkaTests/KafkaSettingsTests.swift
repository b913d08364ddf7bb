import Testing

@testable import Kafka

@Suite struct KafkaSettingsTests {
    @Test func `an environment variable names a librdkafka property`() throws {
        let settings = try KafkaSettings(
            environment: ["LIKA_BROKERS": "a:1,b:2", "LIKA_KAFKA_SSL_CA_LOCATION": "/ca.pem", "PATH": "/bin"],
            clientID: "x")
        #expect(settings.brokers == "a:1,b:2")
        #expect(settings.properties == ["ssl.ca.location": "/ca.pem"])
        #expect(settings.producerProperties()["ssl.ca.location"] == "/ca.pem")
    }

    @Test func `an unknown property, a refused value and a missing broker are told at once and by variable`() {
        #expect(
            throws: KafkaSettings.Invalid(problems: [
                "LIKA_BROKERS is missing: host:port of one or more brokers",
                "LIKA_KAFKA_SESSION_TIMEOUT_MS: librdkafka refuses this value of session.timeout.ms",
                "LIKA_KAFKA_SSL_CA_LOKATION: librdkafka knows no property ssl.ca.lokation",
            ])
        ) {
            try KafkaSettings(
                environment: ["LIKA_KAFKA_SSL_CA_LOKATION": "x", "LIKA_KAFKA_SESSION_TIMEOUT_MS": "soon"], clientID: "x")
        }
    }

    @Test func `what the delivery promise rests on cannot be set from outside`() {
        #expect(throws: KafkaSettings.Invalid.self) {
            try KafkaSettings(environment: ["LIKA_BROKERS": "a:1", "LIKA_KAFKA_ACKS": "0"], clientID: "x")
        }
        var settings = KafkaSettings(brokers: "a:1", clientID: "x")
        settings.properties = ["acks": "0", "enable.auto.commit": "true"]
        #expect(settings.producerProperties()["acks"] == "all")
        #expect(settings.consumerProperties(group: "g")["enable.auto.commit"] == "false")
    }

    @Test func `a property given from outside wins over a setting`() throws {
        let settings = try KafkaSettings(
            environment: ["LIKA_BROKERS": "a:1", "LIKA_KAFKA_SESSION_TIMEOUT_MS": "6000"], clientID: "x")
        #expect(settings.consumerProperties(group: "g")["session.timeout.ms"] == "6000")
    }

    @Test func `a certificate that is not there is an error of configuration`() throws {
        var settings = KafkaSettings(brokers: "127.0.0.1:1", clientID: "x")
        settings.properties = ["security.protocol": "ssl", "ssl.ca.location": "/nowhere.pem"]
        let error = try #require(throws: KafkaError.self) { try Producer(settings) }
        #expect(error.reason == .configuration)
        #expect(!error.isRetryable)
    }
}
