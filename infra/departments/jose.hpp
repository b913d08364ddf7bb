// JOSE as far as a department needs it, on OpenSSL 3: what department.py takes from its library. Debian's JOSE libraries for C
// know no Ed25519.
#pragma once
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

using json = nlohmann::ordered_json;
using std::string;

inline const unsigned char* raw(const string& bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
inline unsigned char* raw(string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
inline void check(bool done) { if (!done) throw std::invalid_argument("not as the contract says"); }
inline string lower(string text) { for (char& c : text) c = tolower(c); return text; }

inline string base64url(const string& bytes) {
    string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    text.resize(EVP_EncodeBlock(raw(text), raw(bytes), bytes.size()));
    while (!text.empty() && text.back() == '=') text.pop_back();
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

inline string decoded(string text) {
    for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
    size_t padding = (4 - text.size() % 4) % 4;
    text.append(padding, '=');
    string bytes(text.size() / 4 * 3, '\0');
    int length = EVP_DecodeBlock(raw(bytes), raw(text), text.size());
    check(length >= int(padding));
    return bytes.substr(0, length - padding);
}

inline string digest(const EVP_MD* kind, const string& bytes) {
    string result(EVP_MD_get_size(kind), '\0');
    EVP_Digest(bytes.data(), bytes.size(), raw(result), nullptr, kind, nullptr);
    return result;
}

inline string hex(const string& bytes) {
    string text;
    for (unsigned char byte : bytes) (text += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
    return text;
}

// An Ed25519 key to sign with, and a P-256 key to which persons are sealed; the private halves never leave the folder.
class Keys {
    template <class T, void (*free)(T*)> struct Free { void operator()(T* it) const { free(it); } };
    template <class T, void (*free)(T*)> using Owned = std::unique_ptr<T, Free<T, free>>;
    using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

    Key signing, opening;

    static Key load(const string& path, bool signs) {
        if (!std::filesystem::exists(path)) {
            Key fresh(signs ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519") : EVP_EC_gen("P-256"));
            FILE* file = fdopen(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600), "w");
            check(file && PEM_write_PrivateKey(file, fresh.get(), nullptr, nullptr, 0, nullptr, nullptr) && !fclose(file));
        }
        std::unique_ptr<FILE, decltype(&fclose)> file(fopen(path.c_str(), "r"), fclose);
        Key key(file ? PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr) : nullptr);
        check(key != nullptr);
        return key;
    }

    // Writes the public half for an operator to register; its id is its RFC 7638 thumbprint.
    static string publish(const string& path, const Key& key, bool signs) {
        // The point stands at the end of the key's X.509 form.
        string der(i2d_PUBKEY(key.get(), nullptr), '\0');
        unsigned char* start = raw(der);
        i2d_PUBKEY(key.get(), &start);
        string point = der.substr(der.size() - (signs ? 32 : 64));
        json jwk = signs ? json{{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", base64url(point)}}
                         : json{{"crv", "P-256"}, {"kty", "EC"}, {"x", base64url(point.substr(0, 32))}, {"y", base64url(point.substr(32))}};
        string kid = base64url(digest(EVP_sha256(), jwk.dump()));
        jwk.update({{"kid", kid}, {"use", signs ? "sig" : "enc"}, {"alg", signs ? "EdDSA" : "ECDH-ES"}});
        std::ofstream(path) << jwk.dump(1) << "\n";
        return kid;
    }

public:
    string kid;

    Keys(const string& folder, const string& name) {
        if (std::filesystem::create_directories(folder)) std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
        signing = load(folder + "/" + name + ".key", true);
        opening = load(folder + "/" + name + ".enc.key", false);
        kid = publish(folder + "/" + name + ".jwk.json", signing, true);
        publish(folder + "/" + name + ".enc.jwk.json", opening, false);
    }

    // A detached JWS (RFC 7515, appendix F) over exactly these bytes.
    string sign(const string& value) const {
        string head = base64url(json{{"alg", "EdDSA"}, {"kid", kid}, {"typ", "verification-result+jws"}}.dump());
        string text = head + "." + base64url(value), signature(64, '\0');
        size_t length = signature.size();
        Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
        check(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, signing.get()) == 1);
        check(EVP_DigestSign(context.get(), raw(signature), &length, raw(text), text.size()) == 1);
        return head + ".." + base64url(signature);
    }

    // The persons in a compact JWE (RFC 7516) of ECDH-ES (RFC 7518, section 4.6) and A256GCM.
    json open_sealed(const string& sealed) const {
        std::vector<string> part(1);
        for (char c : sealed) if (c == '.') part.emplace_back(); else part.back() += c;
        check(part.size() == 5 && part[1].empty());
        json head = json::parse(decoded(part[0])), from = head.at("epk");
        check(head.at("alg") == "ECDH-ES" && head.at("enc") == "A256GCM" && from.at("crv") == "P-256");
        // The point as an X.509 public key: what stands before its 64 bytes is always the same for this curve.
        string der = decoded("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE") + decoded(from.at("x")) + decoded(from.at("y"));
        const unsigned char* start = raw(der);
        Key sender(d2i_PUBKEY(nullptr, &start, der.size()));
        Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> deriving(EVP_PKEY_CTX_new(opening.get(), nullptr));
        string secret(32, '\0'), hashed("\0\0\0\1", 4), nonce = decoded(part[2]), text = decoded(part[3]), tag = decoded(part[4]);
        size_t length = secret.size();
        check(sender && EVP_PKEY_derive_init(deriving.get()) == 1 && EVP_PKEY_derive_set_peer(deriving.get(), sender.get()) == 1);
        check(EVP_PKEY_derive(deriving.get(), raw(secret), &length) == 1 && nonce.size() == 12 && tag.size() == 16);
        hashed += secret;
        for (const string& name : {string("A256GCM"), decoded(head.value("apu", "")), decoded(head.value("apv", ""))})
            hashed += string({0, 0, char(name.size() >> 8), char(name.size())}) + name;
        string key = digest(EVP_sha256(), hashed + string("\0\0\1\0", 4)), plain(text.size(), '\0');
        Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
        int count = 0;
        check(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, raw(key), raw(nonce)) == 1);
        check(EVP_DecryptUpdate(context.get(), nullptr, &count, raw(part[0]), part[0].size()) == 1);
        check(EVP_DecryptUpdate(context.get(), raw(plain), &count, raw(text), text.size()) == 1);
        check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, 16, tag.data()) == 1);
        check(EVP_DecryptFinal_ex(context.get(), raw(plain) + count, &count) == 1);
        return json::parse(plain);
    }
};
