// Wrong usage ends with exit code 2 and says what was probably meant; no server there with 3.
#include "bench/arguments.h"

#include <gtest/gtest.h>

#include "lodectl/command.h"
#include "lodectl/sse.h"
#include "lodectl/table.h"
#include "usage/suggestion.h"

namespace lode {
namespace {

struct Said {
  int exit;
  std::string out, err;
};

Said lodectl_says(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "lodectl");
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  int exit = lodectl::run(static_cast<int>(arguments.size()), arguments.data());
  return {exit, ::testing::internal::GetCapturedStdout(), ::testing::internal::GetCapturedStderr()};
}

TEST(Lodectl, MistypedWordsAreUsageErrorsWithASuggestion) {
  Said command = lodectl_says({"qurey", "daily_sales"});
  EXPECT_EQ(command.exit, 2);
  EXPECT_NE(command.err.find("did you mean query?"), std::string::npos) << command.err;
  Said option = lodectl_says({"query", "daily_sales", "--grup-by", "day"});
  EXPECT_EQ(option.exit, 2);
  EXPECT_NE(option.err.find("did you mean --group-by?"), std::string::npos) << option.err;
}

TEST(Lodectl, ExitCodes) {
  EXPECT_EQ(lodectl_says({}).exit, 2);
  EXPECT_EQ(lodectl_says({"--help"}).exit, 0);
  EXPECT_EQ(lodectl_says({"--url", "http://127.0.0.1:1", "status"}).exit, 3);
  EXPECT_EQ(lodectl_says({"--url", "http://127.0.0.1:1", "query", "daily_sales", "nonsense"}).exit, 2);
  EXPECT_EQ(lodectl_says({"import", "/nonexistent.ndjson"}).exit, 2);
  EXPECT_EQ(lodectl_says({"import", "sales.csv"}).exit, 2);
  EXPECT_EQ(lodectl_says({"generate", "--start", "yesterday"}).exit, 2);
}

TEST(Lodectl, EveryCommandHasHelpWithExamples) {
  for (const char* name : {"status", "import", "generate", "query", "tail", "log", "views", "quality",
                           "quarantine", "completion"}) {
    Said help = lodectl_says({name, "--help"});
    EXPECT_EQ(help.exit, 0) << name;
    EXPECT_NE(help.out.find("Example"), std::string::npos) << name;
  }
}

TEST(Suggestion, NearWordsOnly) {
  EXPECT_EQ(usage::nearest_word("imprt", {"import", "query"}), "import");
  EXPECT_EQ(usage::nearest_word("quarantin", {"query", "quarantine"}), "quarantine");
  EXPECT_EQ(usage::nearest_word("zzzzzz", {"import", "query"}), "");
}

TEST(Sse, EventsComeWholeHoweverTheStreamIsCut) {
  std::string stream = ": hello\n\nid: 7\nevent: record\ndata: {\"a\":1}\n\ndata: one\r\ndata: two\r\n\r\n";
  for (size_t step = 1; step < stream.size(); step++) {
    lodectl::SseReader reader;
    std::string seen;
    for (size_t at = 0; at < stream.size(); at += step) {
      reader.feed(std::string_view(stream).substr(at, step), [&](auto name, auto id, auto data) {
        seen += std::string(name) + "|" + std::string(id) + "|" + std::string(data) + ";";
        return true;
      });
    }
    EXPECT_EQ(seen, ":||;record|7|{\"a\":1};|7|one\ntwo;");
  }
}

TEST(Table, RowsAlignAndCsvQuotes) {
  auto table =
      lodectl::table_of(R"({"rows":[{"sku":"A,\"1\"","units":5},{"sku":"B","units":12,"last":null}]})");
  std::ostringstream text, csv;
  lodectl::print_table(table, text);
  EXPECT_EQ(text.str(), "sku    units  last\nA,\"1\"      5\nB         12\n");
  lodectl::print_csv(table, true, csv);
  EXPECT_EQ(csv.str(), "sku,units,last\r\n\"A,\"\"1\"\"\",5,\r\nB,12,\r\n");
  EXPECT_THROW(lodectl::table_of("{}"), lodectl::Failed);
}

TEST(LodeBench, RefusesWhatMakesNoSense) {
  auto parse = [](std::vector<const char*> arguments, int& exit) {
    arguments.insert(arguments.begin(), "lode-bench");
    ::testing::internal::CaptureStderr();
    auto settings = bench::parse_arguments(static_cast<int>(arguments.size()), arguments.data(), exit);
    EXPECT_LT(::testing::internal::GetCapturedStderr().size(), 200u) << arguments.back();
    return settings;
  };
  int exit = 0;
  EXPECT_FALSE(parse({"--seconds", "x"}, exit));
  EXPECT_FALSE(parse({"--rate", "-1"}, exit));
  EXPECT_FALSE(parse({"--format", "flatbuffers"}, exit));
  EXPECT_EQ(exit, 2);
  EXPECT_FALSE(parse({"--batch", "0"}, exit));
  EXPECT_FALSE(parse({"--protocol", "udp"}, exit));
  auto settings =
      parse({"--protocol", "tcp", "--format", "flatbuffers", "--url", "http://10.0.0.1:7070/"}, exit);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->http, (std::vector<std::string>{"10.0.0.1:7070"}));
  EXPECT_NE(settings->seed, 0u);
  settings =
      parse({"--tcp", "10.0.0.1:7071,10.0.0.2:7071", "--http", "http://10.0.0.1:7070/,10.0.0.2:7070"}, exit);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->tcp, (std::vector<std::string>{"10.0.0.1:7071", "10.0.0.2:7071"}));
  EXPECT_EQ(settings->http, (std::vector<std::string>{"10.0.0.1:7070", "10.0.0.2:7070"}));
}

}  // namespace
}  // namespace lode
