// A synchronous HTTP/1.1 client for Lode's API: one kept-alive connection, plain http. Given several servers
// (the nodes of a cluster), it goes on to the next one when one can't be reached. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lode::lodectl {

// No connection, or it broke before an answer came; for a write, it may have been committed all the same.
class Unreachable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct HttpRequest {
  std::string method = "GET";
  std::string target;  // path and query, percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  bool ok() const { return status >= 200 && status < 300; }
  std::string header(const std::string& name) const;
  uint32_t retry_after_seconds() const;  // 0: not said
};

class HttpClient {
 public:
  // "http://host:port" or "host:port"; several with commas between. Throws Failed (usage) when it is neither.
  explicit HttpClient(const std::string& urls);
  ~HttpClient();

  // Connects when needed. A kept connection that the server has closed meanwhile is opened again once, and a
  // request without an answer goes to the next server, for GET and for POST /v1/events, where sending twice
  // does no harm; any other request only when no connection could be had. After a 503 the next request goes
  // to the next server.
  HttpAnswer send(const HttpRequest& request);
  HttpAnswer get(const std::string& target) { return send({"GET", target, {}, {}}); }

  // Server-sent events: calls `event` with the event's name, id and data until it answers false or the server
  // ends. Answers the status; for one other than 200 the body is in `refusal`.
  int stream(
      const std::string& target, std::string& refusal,
      const std::function<bool(std::string_view name, std::string_view id, std::string_view data)>& event);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Percent-encodes everything but letters, digits and -._~ (and what `also` names).
std::string percent_encode(std::string_view text, std::string_view also = "");

}  // namespace lode::lodectl
