// A department's side of the verification exchange, once more, in C++ with librdkafka: what department.py beside it does, with
// the same keys and data files and the same bytes in every answer. On Debian:
//     apt-get install g++ librdkafka-dev libssl-dev nlohmann-json3-dev
//     g++ -std=c++17 -O1 -o department department.cpp -lrdkafka++ -lcrypto -pthread
#include <librdkafka/rdkafkacpp.h>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <iostream>
#include <map>
#include <mutex>
#include <regex>
#include <thread>
#include "jose.hpp"

const string RESULT_IDS("\x6f\x1c\x2a\x0e\x7d\x4b\x5a\x7e\x9c\x55\x2f\x0d\x8b\xe4\x1a\x66", 16);  // fixed by the contract
const std::vector<string> OUTCOMES = {"consistent", "cannot_determine", "discrepant"};  // the worst finding decides
std::atomic<bool> stopping{false};

// One JSON object a line; never a name, an ID number or anything else about a person.
void log(const string& department, const string& event, const json& values = json::object()) {
    static std::mutex output;
    char now[32];
    timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    strftime(now, sizeof now, "%FT%T", gmtime(&time.tv_sec));
    json line = {{"ts", string(now) + "." + std::to_string(1000 + time.tv_nsec / 1000000).substr(1) + "Z"}, {"department", department}, {"event", event}};
    line.update(values);
    std::lock_guard<std::mutex> lock(output);
    std::cout << line.dump(-1, ' ', true) << std::endl;
}

using Headers = std::vector<std::pair<string, string>>;
struct Answer { string key, value; Headers headers; };

struct PassedOver { const char* code; };

// Depends on nothing but the arguments. Throws if the record is no request to this department.
Answer answer(const string& department, const json& data, const std::map<string, string>& headers, const string& key,
              const string& value, const Keys& keys) {
    static const std::regex UUID("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), TIME("(.{10}T\\d\\d:\\d\\d:\\d\\d)(\\.(\\d+))?Z");
    std::smatch time;
    auto type = headers.find("ce_type");
    if (type == headers.end()) throw PassedOver{"other_type"};
    if (type->second == "lika.verification.request.sent-back.v1") throw PassedOver{"sent_back"};
    if (type->second != "lika.verification.request.sent.v1") throw PassedOver{"other_type"};
    json request = json::parse(value), findings = json::array();
    if (request.at("department") != department) throw PassedOver{"other_department"};
    string id = lower(request.at("request")), topic = request.at("topic"), sent = headers.at("ce_time"), outcome = OUTCOMES[0];
    check(std::regex_match(id, UUID) && std::regex_match(sent, time, TIME));
    // Signed as of the instant at which the request was sent: a resend must yield the same bytes.
    sent = time[1].str() + "." + (time[3].str() + "000").substr(0, 3) + "Z";
    bool sealed = request.contains("sealedPersons") && !request["sealedPersons"].is_null();
    json persons = sealed ? keys.open_sealed(request["sealedPersons"]) : request.at("persons");
    for (const json& person : persons) {
        const json facts = data.value(person.at("idNumber").get<string>(), json::object());
        json finding = {{"member", person.at("member")}};
        if (!facts.contains(topic)) continue;
        for (const char* name : {"field", "outcome", "code", "remark"}) if (facts[topic].contains(name)) finding[name] = facts[topic][name];
        auto place = [](const string& it) { return std::find(OUTCOMES.begin(), OUTCOMES.end(), it); };
        outcome = *std::max(place(outcome), place(finding.at("outcome")));
        findings.push_back(finding);
    }
    string asked = hex(digest(EVP_sha256(), value));
    string result = json{{"request", id}, {"requestDigest", asked}, {"household", request.at("household")}, {"department", department},
        {"topic", topic}, {"outcome", outcome}, {"findings", findings}, {"signatory", "示例责任人"}, {"post", "信息数据复核责任人"},
        {"signedAt", sent}}.dump();
    // A UUIDv5: the same answer has the same id, another one has another.
    string name = digest(EVP_sha1(), RESULT_IDS + id + ":" + hex(digest(EVP_sha256(), result))).substr(0, 16);
    name[6] = (name[6] & 0x0f) | 0x50, name[8] = (name[8] & 0x3f) | 0x80, name = hex(name);
    for (int place : {20, 16, 12, 8}) name.insert(place, "-");
    Headers answered = {{"ce_specversion", "1.0"}, {"ce_type", "lika.verification.result.returned.v1"}, {"ce_source", "/departments/" + lower(department)},
        {"ce_id", name}, {"ce_subject", id}, {"ce_time", sent}, {"content-type", "application/json"}, {"jws", keys.sign(result)}};
    if (headers.count("traceparent")) answered.emplace_back("traceparent", headers.at("traceparent"));
    return {key, result, answered};
}

// Notes what the broker did not acknowledge.
struct Deliveries : RdKafka::DeliveryReportCb {
    std::vector<Answer> lost;
    void dr_cb(RdKafka::Message& message) override {
        if (message.err()) lost.push_back(*static_cast<const Answer*>(message.msg_opaque()));
    }
};

// Whether the broker has acknowledged every answer; what it did not is sent again, with the same id.
bool deliver(RdKafka::Producer& producer, Deliveries& deliveries, const string& topic, std::vector<Answer> answers) {
    while (!answers.empty() && !stopping) {
        for (Answer& it : answers) {
            RdKafka::ErrorCode refused;
            do {
                auto* headers = RdKafka::Headers::create();
                for (auto& [name, value] : it.headers) headers->add(name, value);
                refused = producer.produce(topic, RdKafka::Topic::PARTITION_UA, RdKafka::Producer::RK_MSG_COPY, it.value.data(),
                                           it.value.size(), it.key.data(), it.key.size(), 0, headers, &it);
                if (refused) delete headers;
            } while (refused == RdKafka::ERR__QUEUE_FULL && (producer.poll(100), true));
            if (refused) deliveries.lost.push_back(it);
        }
        if (producer.flush(30000)) {
            producer.purge(RdKafka::Producer::PURGE_QUEUE | RdKafka::Producer::PURGE_INFLIGHT);
            producer.flush(5000);
        }
        answers = std::exchange(deliveries.lost, {});
    }
    return answers.empty();
}

template <class Client> std::unique_ptr<Client> client(const std::map<string, string>& settings, RdKafka::DeliveryReportCb* reports) {
    std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
    string problem;
    for (auto& [name, value] : settings)
        if (conf->set(name, value, problem) != RdKafka::Conf::CONF_OK) throw std::invalid_argument(problem);
    if (reports) conf->set("dr_cb", reports, problem);
    std::unique_ptr<Client> made(Client::create(conf.get(), problem));
    if (!made) throw std::invalid_argument(problem);
    return made;
}

// Consume, answer, wait for the acknowledgements, commit; until asked to stop.
void serve(const string& department, const std::map<string, string>& options, const std::map<string, string>& settings) {
    string name = lower(department), file = options.at("--data") + "/" + name + ".json";
    Keys keys(options.at("--keys"), name);
    json data = std::filesystem::exists(file) ? json::parse(std::ifstream(file)) : json::object();
    std::map<string, string> reading = {{"group.id", "dept-" + name + ".answers"}, {"enable.auto.commit", "false"},
        {"auto.offset.reset", "earliest"}, {"session.timeout.ms", "6000"}, {"fetch.wait.max.ms", "20"}};
    std::map<string, string> writing = {{"acks", "all"}, {"linger.ms", "5"}, {"partitioner", "murmur2_random"}};
    for (auto& [option, value] : settings) {
        if (!reading.count(option)) writing[option] = value;
        reading[option] = value;
    }
    // A topic that was missing for a moment, as on a new cluster, is looked for again soon, not after five minutes.
    for (auto each : {&reading, &writing}) each->insert({"topic.metadata.refresh.interval.ms", "10000"});
    Deliveries deliveries;
    auto producer = client<RdKafka::Producer>(writing, &deliveries);
    auto consumer = client<RdKafka::KafkaConsumer>(reading, nullptr);
    consumer->subscribe({"lika.verification.request." + name + ".v1"});
    log(department, "subscribed", {{"facts", data.size()}, {"kid", keys.kid}});
    while (!stopping) {
        std::vector<Answer> answers;
        string member;
        int taken = 0;
        for (; taken < 200; taken++) {
            std::unique_ptr<RdKafka::Message> record(consumer->consume(taken ? 0 : 200));
            if (record->err() == RdKafka::ERR__TIMED_OUT) break;
            if (record->err()) { log(department, "broker_error", {{"code", RdKafka::err2str(record->err())}}); break; }
            if (member.empty()) member = consumer->memberid();
            std::map<string, string> headers;
            if (record->headers())
                for (auto& it : record->headers()->get_all()) headers[it.key()] = string(static_cast<const char*>(it.value()), it.value_size());
            json place = {{"code", "malformed"}, {"partition", record->partition()}, {"offset", record->offset()}};
            try {
                string value(static_cast<const char*>(record->payload()), record->payload() ? record->len() : 0);
                answers.push_back(answer(department, data, headers, record->key() ? *record->key() : "", value, keys));
                continue;
            } catch (const PassedOver& it) { place["code"] = it.code; } catch (const std::exception&) {}
            log(department, "passed_over", place);
        }
        if (!taken || !deliver(*producer, deliveries, "lika.verification.result." + name + ".v1", answers)) continue;
        // Who has lost the membership meanwhile must not commit: librdkafka would do so as one who reads outside any group. A group
        // that is still empty believes that, and an emptied log, told anew, would be read from an offset of the old one.
        if (member.empty() || consumer->memberid() != member) { log(department, "not_committed", {{"code", "membership_lost"}}); continue; }
        // If the broker refuses, the requests will come again and get the same answers.
        if (auto refused = consumer->commitSync()) log(department, "not_committed", {{"code", RdKafka::err2str(refused)}});
        log(department, "answered", {{"count", answers.size()}});
    }
    consumer->close();
    log(department, "stopped");
}

int main(int count, char** arguments) {
    std::map<string, string> options, settings;
    for (int at = 1; at + 1 < count; at += 2) {
        string name = arguments[at], value = arguments[at + 1];
        if (name == "--set") settings[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
        else options[name] = value;
    }
    for (const char* name : {"--departments", "--brokers", "--keys", "--data"})
        if (!options.count(name)) return std::cerr << "department --departments POLICE,CIVIL --brokers host:port --keys FOLDER --data FOLDER [--set NAME=VALUE]\n", 2;
    settings["bootstrap.servers"] = options["--brokers"];
    for (int number : {SIGTERM, SIGINT}) signal(number, [](int) { stopping = true; });
    std::atomic<bool> failed{false};
    std::vector<std::thread> threads;
    std::istringstream departments(options["--departments"]);
    for (string department; std::getline(departments, department, ',');)
        threads.emplace_back([department, &options, &settings, &failed] {
            try { serve(department, options, settings); } catch (const std::exception& error) {
                // If one department fails, the whole process ends, so that whoever started it notices.
                log(department, "failed", {{"reason", error.what()}});
                stopping = failed = true;
            }
        });
    for (auto& thread : threads) thread.join();
    return failed;
}
