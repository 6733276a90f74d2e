// The configuration read again: what is taken, what waits, what is refused.
#include "node/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace lode::node {
namespace {

using testing::HasSubstr;

class Reloading : public testing::Test {
 protected:
  Reloading() { write("[http]\nidle_seconds = 75\n"); }
  ~Reloading() override { std::filesystem::remove(file); }

  void write(const std::string& text) const { std::ofstream(file) << text; }

  const std::string file = testing::TempDir() + "reload-" + std::to_string(getpid()) + ".toml";
  env::ServiceManager manager{"", std::nullopt};
  env::SystemClock clock;
  Vigil vigil{manager, clock};
};

TEST_F(Reloading, TakesWhatIsLiveAndNamesTheRest) {
  Reload reload({file, {}, {}}, vigil);
  std::optional<Config> taken;
  const Reload::Taking taking(reload, [&](const Config& config, bool dry_run) {
    if (!dry_run) taken = config;
  });
  write("[http]\nidle_seconds = 9\nthreads = 7\n[silver]\nfee_skus = ['POST']\n");
  EXPECT_THAT(json_of(std::get<Reloaded>(reload.run(true)), true), HasSubstr(R"("dry_run":true)"));
  EXPECT_FALSE(taken);
  const Reloaded done = std::get<Reloaded>(reload.run(false));
  EXPECT_EQ(json_of(done, false),
            R"({"dry_run":false,"taken":[{"key":"http.idle_seconds","from":"75","to":"9"}],)"
            R"("left":[{"key":"http.threads","from":"2","to":"7"},)"
            R"({"key":"silver.fee_skus","from":"[]","to":"[\"POST\"]"}],"read_again":[]})");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->idle_seconds, 9u);
  EXPECT_EQ(taken->threads, 2u);  // what it runs with
  EXPECT_EQ(reload.config().idle_seconds, 9u);
  const Reloaded again = std::get<Reloaded>(reload.run(false));
  EXPECT_TRUE(again.taken.empty());
  EXPECT_EQ(again.left.size(), 2u);  // said again: they still wait
}

TEST_F(Reloading, WhatIsNotValidChangesNothing) {
  Reload reload({file, {}, {}}, vigil);
  int calls = 0;
  const Reload::Taking taking(reload, [&](const Config& config, bool) {
    ++calls;
    if (config.mappings_dir == "/nowhere") throw std::runtime_error("no such folder");
  });
  for (const char* wrong :
       {"[http]\nidle_secs = 9\n", "idle", "[http]\nidle_seconds = 0\n", "[log]\nlevel = 'loud'\n"}) {
    write(wrong);
    EXPECT_EQ(std::get<event::Problem>(reload.run(false)).code, "invalid_configuration") << wrong;
  }
  EXPECT_EQ(calls, 0);
  write("[http]\nidle_seconds = 9\n[ingest]\nmappings_dir = '/nowhere'\n");
  EXPECT_THAT(std::get<event::Problem>(reload.run(false)).detail, HasSubstr("no such folder"));
  EXPECT_EQ(reload.config().idle_seconds, 75u);
}

TEST_F(Reloading, NobodyTakesItWhileNothingIsOpen) {
  Reload reload({file, {}, {}}, vigil);
  EXPECT_EQ(std::get<event::Problem>(reload.run(false)).code, "not_ready");
}

// config/loded.toml marks exactly the keys that a reload takes.
TEST(Documented, LiveKeysAreMarked) {
  std::ifstream in(std::string(LODE_SOURCE_DIR) + "/config/loded.toml");
  std::string section, line;
  std::map<std::string, bool> marked;
  while (std::getline(in, line)) {
    if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1) + ".";
    const size_t equals = line.find(" = ");
    if (line.starts_with('#') || equals == std::string::npos) continue;
    marked[section + line.substr(0, equals)] = line.find("# [live]") != std::string::npos;
  }
  for (const KeyHelp& key : config_keys()) {
    if (key.name == "silver.country_aliases") continue;  // a section of its own
    ASSERT_TRUE(marked.contains(key.name)) << key.name;
    EXPECT_EQ(marked[key.name], key.live) << key.name;
  }
}

}  // namespace
}  // namespace lode::node
