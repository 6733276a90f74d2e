// The text of HTTP: targets, media types, Accept, entity tags, heads.
#include <gtest/gtest.h>

#include <array>

#include "wire/accept.h"
#include "wire/etag.h"
#include "wire/media_type.h"
#include "wire/message.h"
#include "wire/target.h"

namespace lode::wire {
namespace {

TEST(Target, SplitsAndDecodes) {
  auto target = parse_target("/v1/silver/orders/a%2Fb?day=2011-01-01..&q=a+b&flag&x=%C3%A9");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/silver/orders/a%2Fb");
  EXPECT_EQ(target->segments, (std::vector<std::string>{"v1", "silver", "orders", "a/b"}));
  EXPECT_EQ(target->parameters,
            (query::Parameters{{"day", "2011-01-01.."}, {"q", "a b"}, {"flag", ""}, {"x", "é"}}));
  EXPECT_TRUE(parse_target("/")->segments.empty());
}

TEST(Target, RefusesWhatIsNotUtf8OrNotAPath) {
  for (const char* text :
       {"", "v1", "http://a/b", "/%zz", "/%2", "/a%00b", "/%ff", "/?a=%C3", "/%ed%a0%80", "*"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(MediaType, ReadsParameters) {
  auto type = parse_media_type(" Text/CSV ; Mapping=\"on\\\"line\";charset=utf-8 ");
  ASSERT_TRUE(type);
  EXPECT_EQ(type->name, "text/csv");
  EXPECT_EQ(*type->parameter("mapping"), "on\"line");
  EXPECT_EQ(*type->parameter("charset"), "utf-8");
  for (const char* text : {"", "json", "a/", "/b", "a/b; x", "a/b; x=\"y", "a/b c"}) {
    EXPECT_FALSE(parse_media_type(text)) << text;
  }
}

TEST(Accept, TheBestOfWhatIsOffered) {
  constexpr std::array<std::string_view, 3> kOffered = {"application/json", "application/x-ndjson",
                                                        "text/csv"};
  struct Case {
    const char* accept;
    int chosen;  // -1: none
  };
  for (auto [accept, chosen] : std::initializer_list<Case>{
           {"", 0},
           {"*/*", 0},
           {"text/csv", 2},
           {"text/*, application/json;q=0.5", 2},
           {"application/json;q=0.1, application/x-ndjson;q=0.2", 1},
           {"*/*;q=0.1, application/json;q=0", 1},
           {"text/html", -1},
           {"application/*;q=0", -1},
           {"text/csv;q=0.001", 2},
           {"garbage, text/csv", 2},
       }) {
    auto found = negotiate(accept, kOffered);
    EXPECT_EQ(found ? static_cast<int>(*found) : -1, chosen) << accept;
  }
}

TEST(ETag, StandsForQueryVersionAndChange) {
  query::Result result;
  result.last_change = record::Offset{7};
  auto tag = make_etag("/v1/gold/v", {{"a", "1"}, {"b", "2"}}, "text/csv", result, 7);
  EXPECT_EQ(tag, make_etag("/v1/gold/v", {{"b", "2"}, {"a", "1"}}, "text/csv", result, 7));
  EXPECT_NE(tag, make_etag("/v1/gold/v", {{"b", "2"}, {"a", "1"}}, "application/json", result, 7));
  EXPECT_NE(tag, make_etag("/v1/gold/v", {{"a", "1"}, {"b", "2"}}, "text/csv", result, 8));
  EXPECT_NE(tag, make_etag("/v1/gold/v", {{"a", "12"}, {"b", ""}}, "text/csv", result, 7));
  EXPECT_TRUE(etag_matches("\"x\", " + tag, tag));
  EXPECT_TRUE(etag_matches(tag.substr(2), tag));
  EXPECT_TRUE(etag_matches("*", tag));
  EXPECT_FALSE(etag_matches("", tag));
  result.last_change = record::Offset{0};
  tag = make_etag("/", {}, "text/csv", result, 7);
  result.last_change.reset();
  EXPECT_NE(tag, make_etag("/", {}, "text/csv", result, 7));
  result.last_change = record::Offset{8};
  EXPECT_FALSE(etag_matches(tag, make_etag("/v1/gold/v", {{"a", "1"}, {"b", "2"}}, "text/csv", result, 7)));
}

TEST(Head, HasWhatAnAnswerNeeds) {
  Response response;
  response.status = 207;
  response.headers.emplace_back("Retry-After", "1");
  EXPECT_EQ(
      render_head(response, format_http_date(784111777), 2, true),
      "HTTP/1.1 207 Multi-Status\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json\r\n"
      "Content-Length: 2\r\nX-Content-Type-Options: nosniff\r\nRetry-After: 1\r\n\r\n");
  response.status = 304;
  auto head = render_head(response, "", 0, false);
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
  EXPECT_NE(head.find("\r\nConnection: close\r\n"), std::string::npos);
}

}  // namespace
}  // namespace lode::wire
