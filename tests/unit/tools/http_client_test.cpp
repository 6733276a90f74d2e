// lodectl's HTTP client against scripted servers: what goes to another one when one is gone.
#include "lodectl/http_client.h"

#include <gtest/gtest.h>

#include <atomic>

#include "lodectl/command.h"
#include "scripted_server.h"

namespace lode::lodectl {
namespace {

std::string nobody() {
  return Listener(0, [](int) {}).address();
}

// Reads requests up to their bodies' end and answers each with what `respond` makes of it; "" ends the
// connection.
std::function<void(int)> serving(std::function<std::string(const std::string& request)> respond) {
  return [respond = std::move(respond)](int socket) {
    std::string in;
    for (char c; recv(socket, &c, 1, 0) == 1;) {
      in += c;
      if (!in.ends_with("\r\n\r\n")) continue;
      size_t length = in.find("Content-Length: ");
      std::string body;
      if (length != std::string::npos && !read_exactly(socket, body, std::stoul(in.substr(length + 16))))
        return;
      std::string out = respond(in.substr(0, in.find("\r\n")));
      if (out.empty()) return;
      say(socket, out);
      in.clear();
    }
  };
}

HttpRequest post(const char* target) { return {"POST", target, {}, "{}"}; }

TEST(HttpClient, GoesOnToTheServerThatIsThere) {
  Listener server(2, serving([](const std::string&) { return answer(200, "here"); }));
  HttpClient client(nobody() + ",http://" + server.address() + "/," + nobody());
  EXPECT_EQ(client.get("/v1/status").body, "here");
  EXPECT_EQ(client.send(post("/v1/events")).body, "here");
  EXPECT_EQ(client.send(post("/v1/admin/cluster/add")).body, "here");
}

TEST(HttpClient, EventsWithoutAnAnswerGoToTheNextServer) {
  Listener dying(
      1, serving([](const std::string& line) { return line.starts_with("GET") ? answer(200, "1") : ""; }));
  Listener other(1, serving([](const std::string&) { return answer(200, "2"); }));
  HttpClient client(dying.address() + "," + other.address());
  EXPECT_EQ(client.get("/").body, "1");
  EXPECT_EQ(client.send(post("/v1/events?ack=committed")).body, "2");
}

TEST(HttpClient, ACommandWithoutAnAnswerIsNotGivenTwice) {
  std::atomic<int> commands = 0;
  Listener dying(1, serving([&](const std::string&) { return ++commands, ""; }));
  Listener other(1, serving([&](const std::string&) { return ++commands, answer(200, "2"); }));
  HttpClient client(dying.address() + "," + other.address());
  EXPECT_THROW(client.send(post("/v1/admin/cluster/remove")), Unreachable);
  EXPECT_EQ(commands, 1);
  EXPECT_EQ(client.get("/").body, "2") << "the next request asks who is there";
}

TEST(HttpClient, ANodeThatCannotIsNotAskedNext) {
  Listener busy(1, serving([](const std::string&) { return answer(503, "1"); }));
  Listener other(1, serving([](const std::string&) { return answer(200, "2"); }));
  HttpClient client(busy.address() + "," + other.address());
  EXPECT_EQ(client.get("/").status, 503);
  EXPECT_EQ(client.get("/").body, "2");
}

TEST(HttpClient, NobodyIsThere) {
  EXPECT_THROW(HttpClient(nobody() + "," + nobody()).get("/"), Unreachable);
  for (const char* wrong : {"", "127.0.0.1:7070,", ",127.0.0.1:7070", "a:1,b:x"})
    EXPECT_THROW(HttpClient{wrong}, Failed) << wrong;
}

}  // namespace
}  // namespace lode::lodectl
