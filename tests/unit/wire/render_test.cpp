// Rows and answers as text.
#include "wire/render.h"

#include <gtest/gtest.h>

#include "wire/gold_stream.h"
#include "wire/json_text.h"
#include "wire/problem.h"
#include "wire/write_answer.h"

namespace lode::wire {
namespace {

query::Result sample() {
  query::Result result;
  result.position = {41, 1'291'191'960'000'000};
  result.view = "daily_sales";
  result.view_version = 3;
  result.columns = {"day", "net_sales", "transactions", "note", "known", "event"};
  result.rows.push_back({std::string("2010-12-01"), query::Decimal{"53620.62"}, int64_t{120},
                         std::string("=1+\"2\",3"), true, query::RawJson{"{\n\"a\": 1}"}});
  result.rows.push_back({std::string("2010-12-02"), std::monostate{}, static_cast<event::Int128>(-5),
                         std::string(), false, query::RawJson{""}});
  return result;
}

TEST(Render, Json) {
  query::Result result = sample();
  result.next_cursor = "abc";
  EXPECT_EQ(
      render_json(result, 12),
      R"({"meta":{"as_of_offset":41,"as_of_time":"2010-12-01T08:26:00Z","lag_ms":12,"view":"daily_sales",)"
      R"("view_version":3},"rows":[{"day":"2010-12-01","net_sales":"53620.62","transactions":120,)"
      R"("note":"=1+\"2\",3","known":true,"event":{ "a": 1}},{"day":"2010-12-02","net_sales":null,)"
      R"("transactions":-5,"note":"","known":false,"event":null}],"next_cursor":"abc"})"
      "\n");
  EXPECT_EQ(render_json({}, 0), R"({"meta":{"as_of_offset":null,"as_of_time":null,"lag_ms":0},"rows":[]})"
                                "\n");
}

TEST(Render, NdjsonHasOneLineARow) {
  std::string text = render_ndjson(sample());
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(Render, CsvQuotesAndChangesNothing) {
  EXPECT_EQ(render_csv(sample()),
            "day,net_sales,transactions,note,known,event\r\n"
            "2010-12-01,53620.62,120,\"=1+\"\"2\"\",3\",true,\"{\n\"\"a\"\": 1}\"\r\n"
            "2010-12-02,,-5,,false,\r\n");
}

TEST(JsonText, OnlyValidUtf8ComesOut) {
  EXPECT_EQ(json_string("a\"b\\c\n\x01\x7f"), "\"a\\\"b\\\\c\\n\\u0001\\u007f\"");
  EXPECT_EQ(json_string("é€😀"), "\"é€😀\"");
  EXPECT_EQ(json_string("\xff\xc0\x80\xed\xa0\x80|\xf0\x9f"),
            "\"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD|\uFFFD\uFFFD\"");
}

TEST(Problem, EscapesEverything) {
  auto response = problem_response(400, event::Problem{"invalid_parameter", "/a\"b", "Don't\r\nX: y"}, 3);
  EXPECT_EQ(response.body,
            R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"Don't\r\nX: y",)"
            R"("code":"invalid_parameter","pointer":"/a\"b"})"
            "\n");
  EXPECT_EQ(response.headers.front(), (std::pair<std::string, std::string>("Retry-After", "3")));
}

TEST(WriteAnswer, StatusAndBody) {
  ingest::Answer answer;
  answer.result = {
      .accepted = 1, .duplicates = 0, .rejected = 0, .first_offset = 4, .last_offset = 4, .results = {}};
  EXPECT_EQ(render_write_answer(answer).status, 200);
  EXPECT_EQ(render_write_answer(answer).body,
            R"({"accepted":1,"duplicates":0,"rejected":0,"first_offset":4,"last_offset":4,"results":[]})"
            "\n");
  answer.result.rejected = 1;
  answer.result.results.push_back(
      {1, ingest::ItemResult::Status::rejected, -1, {"missing_field", "/lines", "Send `lines`."}});
  EXPECT_EQ(render_write_answer(answer).status, 207);
  answer.result.accepted = 0;
  answer.result.first_offset = answer.result.last_offset = -1;
  EXPECT_EQ(render_write_answer(answer).status, 422);
  EXPECT_EQ(
      render_write_answer(answer).body,
      R"({"accepted":0,"duplicates":0,"rejected":1,"first_offset":null,"last_offset":null,"results":[)"
      R"({"index":1,"status":"rejected","code":"missing_field","pointer":"/lines","detail":"Send `lines`.",)"
      R"("offset":null}]})"
      "\n");
  answer.refusal = {429, {"queue_full", "", "Send it again."}, 1};
  EXPECT_EQ(render_write_answer(answer).status, 429);
}

TEST(RowChanges, TellsWhatDiffers) {
  RowChanges changes({"day"});
  auto read = [&](const query::Result& page) {
    changes.add(page);
    return *changes.finish([](size_t) { return true; });
  };
  query::Result result;
  result.position.as_of_offset = 1;
  result.columns = {"day", "units"};
  result.rows = {{std::string("d1"), int64_t{1}}, {std::string("d2"), int64_t{2}}};
  EXPECT_EQ(read(result),
            "event: row\nid: 1\ndata: {\"day\":\"d1\",\"units\":1}\n\n"
            "event: row\nid: 1\ndata: {\"day\":\"d2\",\"units\":2}\n\n");
  EXPECT_EQ(read(result), "");
  result.position.as_of_offset = 2;
  result.rows = {{std::string("d2"), int64_t{3}}};
  EXPECT_EQ(read(result),
            "event: row\nid: 2\ndata: {\"day\":\"d2\",\"units\":3}\n\n"
            "event: removed\nid: 2\ndata: {\"day\":\"d1\"}\n\n");
}

TEST(RowChanges, PagesMakeOneReading) {
  RowChanges changes({"day"});
  query::Result page;
  page.columns = {"day", "units"};
  std::string last;
  for (int64_t reading : {1, 2}) {
    for (int64_t day : {1, 2, 3}) {
      page.position.as_of_offset = 10 * reading + day;  // later pages may be newer
      page.rows = {{"d" + std::to_string(day), day == 3 ? reading : 0}};
      changes.add(page);
    }
    EXPECT_EQ(changes.rows(), 3u);
    EXPECT_GT(changes.bytes(), 60u);
    last = *changes.finish([](size_t) { return true; });
    EXPECT_EQ(changes.rows() + changes.bytes(), 0u);
  }
  EXPECT_EQ(last, "event: row\nid: 21\ndata: {\"day\":\"d3\",\"units\":2}\n\n");
}

}  // namespace
}  // namespace lode::wire
