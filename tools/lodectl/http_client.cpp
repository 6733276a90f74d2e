#include "lodectl/http_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <chrono>

#include "lodectl/command.h"
#include "lodectl/sse.h"

namespace lode::lodectl {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto kTimeout = std::chrono::seconds(60);
constexpr auto kPatience = std::chrono::seconds(15);

std::map<std::string, std::string> headers_of(const http::fields& fields) {
  std::map<std::string, std::string> out;
  for (const auto& field : fields) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    out[name] = std::string(field.value());
  }
  return out;
}

struct Server {
  std::string host, port;
};

Server parse_server(const std::string& url) {
  std::string rest = url;
  if (rest.starts_with("http://")) rest.erase(0, 7);
  while (rest.ends_with('/')) rest.pop_back();
  size_t colon = rest.rfind(':');
  bool has_port = colon != std::string::npos && rest.find(']', colon) == std::string::npos;
  std::string host = rest.substr(0, has_port ? colon : rest.size());
  bool bracketed = host.starts_with('[') && host.ends_with(']');
  int port = 0;
  const char *begin = rest.data() + colon + 1, *end = rest.data() + rest.size();
  bool is_port = has_port && std::from_chars(begin, end, port).ptr == end && port > 0 && port < 65536;
  if (host.empty() || rest.find('/') != std::string::npos || (has_port && !is_port) ||
      (!bracketed && host.find(':') != std::string::npos)) {
    throw Failed("the server must be written as http://host:port, not " + url, kUsage);
  }
  if (bracketed) host = host.substr(1, host.size() - 2);
  return {host, has_port ? rest.substr(colon + 1) : "7070"};
}

}  // namespace

struct HttpClient::Impl {
  std::vector<Server> servers;
  size_t current = 0;
  net::io_context context;
  std::unique_ptr<beast::tcp_stream> stream;
  beast::flat_buffer buffer;

  // Runs what was just started to its end; throws Unreachable on an error.
  void finish(const beast::error_code& error, const char* doing) {
    context.restart();
    context.run();
    if (!error) return;
    stream.reset();
    const Server& server = servers[current];
    throw Unreachable("no answer from " + server.host + ":" + server.port + " (" + doing + ": " +
                      error.message() + "); is loded running there? Name another server with --url.");
  }

  void connect() {
    buffer.clear();
    beast::error_code error;
    net::ip::tcp::resolver resolver(context);
    auto found = resolver.resolve(servers[current].host, servers[current].port, error);
    stream = std::make_unique<beast::tcp_stream>(context);
    if (error) finish(error, "name look-up");
    stream->expires_after(std::chrono::seconds(5));
    stream->async_connect(found, [&](beast::error_code code, const auto&) { error = code; });
    finish(error, "connect");
    beast::error_code ignored;
    stream->socket().set_option(net::ip::tcp::no_delay(true), ignored);
  }

  void connect_to_any() {
    for (size_t left = servers.size();; left--) {
      try {
        return connect();
      } catch (const Unreachable&) {
        next_server();
        if (left == 1) throw;
      }
    }
  }

  void write(const HttpRequest& request) {
    http::request<http::span_body<const char>> message(http::string_to_verb(request.method), request.target,
                                                       11);
    message.set(http::field::host, servers[current].host + ":" + servers[current].port);
    message.set(http::field::user_agent, "lodectl/0.1");
    for (const auto& [name, value] : request.headers) message.set(name, value);
    message.body() = beast::span<const char>(request.body.data(), request.body.size());
    message.prepare_payload();
    beast::error_code error;
    stream->expires_after(kTimeout);
    http::async_write(*stream, message, [&](beast::error_code code, size_t) { error = code; });
    finish(error, "write");
  }

  HttpAnswer read(std::chrono::seconds timeout) {
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    beast::error_code error;
    stream->expires_after(timeout);
    http::async_read(*stream, buffer, parser, [&](beast::error_code code, size_t) { error = code; });
    finish(error, "read");
    HttpAnswer answer;
    answer.status = static_cast<int>(parser.get().result_int());
    answer.headers = headers_of(parser.get());
    answer.body = std::move(parser.get().body());
    if (!parser.get().keep_alive()) stream.reset();
    return answer;
  }

  HttpAnswer exchange(const HttpRequest& request) {
    write(request);
    HttpAnswer answer = read(patience(request));
    if (answer.status == 503) next_server();
    return answer;
  }

  // Nothing to do with one server.
  void next_server() {
    if (servers.size() == 1) return;
    stream.reset();
    current = (current + 1) % servers.size();
  }

  // A node answers a write within seconds, or it hangs; then another one is asked.
  std::chrono::seconds patience(const HttpRequest& request) const {
    return servers.size() > 1 && request.target.starts_with("/v1/events") ? kPatience : kTimeout;
  }
};

HttpClient::HttpClient(const std::string& urls) : impl_(std::make_unique<Impl>()) {
  for (size_t begin = 0; begin <= urls.size();) {
    size_t comma = std::min(urls.find(',', begin), urls.size());
    impl_->servers.push_back(parse_server(urls.substr(begin, comma - begin)));
    begin = comma + 1;
  }
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::send(const HttpRequest& request) {
  bool harmless = request.method == "GET" || request.target.starts_with("/v1/events");
  if (impl_->stream && harmless) {
    try {
      return impl_->exchange(request);
    } catch (const Unreachable&) {
      impl_->next_server();  // with one server: most likely it was closed while idle
    }
  }
  impl_->stream.reset();
  for (size_t left = impl_->servers.size();; left--) {
    bool connected = false;
    try {
      impl_->connect();
      connected = true;
      return impl_->exchange(request);
    } catch (const Unreachable&) {
      impl_->next_server();
      if (left == 1 || (connected && !harmless)) throw;
    }
  }
}

int HttpClient::stream(
    const std::string& target, std::string& refusal,
    const std::function<bool(std::string_view, std::string_view, std::string_view)>& event) {
  impl_->connect_to_any();
  impl_->write({"GET", target, {{"Accept", "text/event-stream"}}, {}});
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  beast::error_code error;
  impl_->stream->expires_after(kTimeout);
  http::async_read_header(*impl_->stream, impl_->buffer, parser,
                          [&](beast::error_code code, size_t) { error = code; });
  impl_->finish(error, "read");
  int status = static_cast<int>(parser.get().result_int());
  SseReader reader;
  char chunk[16 * 1024];
  while (!parser.is_done()) {
    parser.get().body().data = chunk;
    parser.get().body().size = sizeof chunk;
    impl_->stream->expires_never();
    http::async_read_some(*impl_->stream, impl_->buffer, parser,
                          [&](beast::error_code code, size_t) { error = code; });
    impl_->context.restart();
    impl_->context.run();
    std::string_view got(chunk, sizeof chunk - parser.get().body().size);
    if (status != 200) {
      refusal += got;
    } else if (!reader.feed(got, event)) {
      break;
    }
    if (error == http::error::end_of_stream) break;
    if (error && error != http::error::need_buffer) impl_->finish(error, "read");
  }
  impl_->stream.reset();
  return status;
}

std::string HttpAnswer::header(const std::string& name) const {
  auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

uint32_t HttpAnswer::retry_after_seconds() const {
  std::string text = header("retry-after");
  uint32_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

std::string percent_encode(std::string_view text, std::string_view also) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte)) || std::string_view("-._~").find(c) != std::string_view::npos ||
        also.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

}  // namespace lode::lodectl
