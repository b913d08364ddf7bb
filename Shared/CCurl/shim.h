#include <curl/curl.h>

// Curl's options are varargs, which do not come over to Swift.
static inline CURLcode lika_curl_text(CURL *curl, CURLoption option, const char *value) { return curl_easy_setopt(curl, option, value); }
static inline CURLcode lika_curl_number(CURL *curl, CURLoption option, long value) { return curl_easy_setopt(curl, option, value); }
static inline CURLcode lika_curl_list(CURL *curl, CURLoption option, struct curl_slist *value) { return curl_easy_setopt(curl, option, value); }
static inline CURLcode lika_curl_reader(CURL *curl, curl_read_callback reader, void *closure) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_READFUNCTION, reader);
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_READDATA, closure);
}
static inline CURLcode lika_curl_listener(CURL *curl, curl_write_callback listener, void *closure) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, listener);
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_HEADERDATA, closure);
}
