// The forms of a line of the server's log.
#include "node/log_output.h"

#include <gtest/gtest.h>

namespace lode::node {
namespace {

constexpr int64_t kNow = 1'740'819'600'007'000;  // 2025-03-01T09:00:00.007Z

std::string line(LogForm form, std::string_view sentence, std::initializer_list<env::LogField> fields = {}) {
  return log_line(form, kNow,
                  {env::LogLevel::warning, "peer.lost", sentence, {fields.begin(), fields.size()}});
}

TEST(LogOutput, TextIsTimeLevelAndSentence) {
  EXPECT_EQ(line(LogForm::text, "node 2: lost\nagain", {{"node", 2}}),
            "2025-03-01T09:00:00.007Z warn node 2: lost again\n");
}

TEST(LogOutput, LogfmtQuotesWhatNeedsIt) {
  EXPECT_EQ(
      line(LogForm::logfmt, "lost \"it\"\n",
           {{"node", 2}, {"address", "10.0.0.2:7072"}, {"why", "a=b"}, {"none", ""}}),
      "time=2025-03-01T09:00:00.007Z level=warn event=peer.lost node=2 address=10.0.0.2:7072 why=\"a=b\" "
      "none=\"\" msg=\"lost \\\"it\\\"\\n\"\n");
}

TEST(LogOutput, JsonKeepsNumbers) {
  EXPECT_EQ(line(LogForm::json, "lost", {{"node", 2}, {"why", "\x01"}}),
            R"({"time":"2025-03-01T09:00:00.007Z","level":"warn","event":"peer.lost","node":2,)"
            R"("why":"\u0001","msg":"lost"})"
            "\n");
}

TEST(LogOutput, NamesThatAreNoneAreRefused) {
  EXPECT_THROW(log_form_of("xml"), std::invalid_argument);
  EXPECT_THROW(log_level_of("loud"), std::invalid_argument);
  EXPECT_EQ(log_level_of("warn"), env::LogLevel::warning);
}

}  // namespace
}  // namespace lode::node
