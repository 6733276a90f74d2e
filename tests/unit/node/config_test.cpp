#include "node/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace lode::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConfigFile : public testing::Test {
 protected:
  ~ConfigFile() override { std::filesystem::remove(path_); }
  std::string write(const std::string& text) {
    std::ofstream(path_) << text;
    return path_;
  }
  std::string path_ = testing::TempDir() + "lode_config_" + std::to_string(getpid()) + ".toml";
};

std::string failure(const std::string& file, const Settings& environment, const Settings& flags) {
  try {
    read_config(file, environment, flags);
  } catch (const InvalidConfig& error) {
    return error.what();
  }
  return "no failure";
}

TEST_F(ConfigFile, FlagWinsOverEnvironmentWinsOverFile) {
  std::string file = write("data_dir = 'a'\n[http]\nlisten = '127.0.0.1:1'\nthreads = 1\n");
  Config config = read_config(
      file, {{"LODE_HTTP_LISTEN", "127.0.0.1:2"}, {"LODE_HTTP_THREADS", "2"}, {"LODE_NOT_A_KEY", "x"}},
      {{"http.listen", "127.0.0.1:3"}});
  EXPECT_EQ(config.data_dir, "a");
  EXPECT_EQ(config.http_listen, "127.0.0.1:3");
  EXPECT_EQ(config.threads, 2u);
}

TEST_F(ConfigFile, ListsAndTables) {
  std::string file =
      write("[silver]\nfee_skus = ['POST', 'BANK CHARGES']\ncountry_aliases = {EIRE = 'IE'}\n");
  Config config = read_config(file, {}, {});
  EXPECT_THAT(config.fee_skus, ElementsAre("POST", "BANK CHARGES"));
  EXPECT_EQ(config.country_aliases.at("EIRE"), "IE");
  config = read_config("", {},
                       {{"silver.fee_skus", "POST, BANK CHARGES"}, {"silver.country_aliases", "Utopia=GB"}});
  EXPECT_THAT(config.fee_skus, ElementsAre("POST", "BANK CHARGES"));
  EXPECT_EQ(config.country_aliases.at("Utopia"), "GB");
}

TEST_F(ConfigFile, UnknownKeyNamesPlaceAndNearest) {
  EXPECT_THAT(failure(write("[http]\nlisen = 'x'\n"), {}, {}),
              testing::AllOf(HasSubstr(":2"), HasSubstr("http.listen")));
  EXPECT_THAT(failure("", {}, {{"dta_dir", "x"}}), HasSubstr("data_dir"));
}

TEST_F(ConfigFile, WrongTypeAndRange) {
  EXPECT_THAT(failure(write("[http]\nthreads = 'two'\n"), {}, {}), HasSubstr("takes a whole number"));
  EXPECT_THAT(failure("", {{"LODE_HTTP_THREADS", "0"}}, {}), HasSubstr("from 1 to 64"));
  EXPECT_THAT(failure(write("data_dir = \n"), {}, {}), HasSubstr(":1"));
}

TEST_F(ConfigFile, OtherAddressesThanLoopbackNeedInsecure) {
  EXPECT_THAT(failure("", {}, {{"http.listen", "0.0.0.0:7070"}}),
              HasSubstr("neither encrypted nor asked for a key"));
  EXPECT_THAT(failure("", {}, {{"tcp.listen", "[::]:7071"}}), HasSubstr("insecure = true"));
  EXPECT_THAT(failure("", {}, {{"http.listen", "shop:7070"}}), HasSubstr("no address:port"));
  EXPECT_EQ(read_config("", {}, {{"http.listen", "0.0.0.0:7070"}, {"insecure", "true"}}).http_listen,
            "0.0.0.0:7070");
  EXPECT_EQ(read_config("", {}, {{"http.listen", "[::1]:7070"}}).http_listen, "[::1]:7070");
}

TEST_F(ConfigFile, NumbersThatWouldOverflowAreRefused) {
  for (const char* key : {"silver.latest_after_receive_seconds", "silver.returning_from", "silver.loyal_from",
                          "ingest.queue_bytes", "ingest.reserved_disk_bytes", "state.epoch_bytes"})
    EXPECT_THAT(failure("", {}, {{key, "18446744073709551615"}}), HasSubstr("give a number from")) << key;
}

TEST_F(ConfigFile, ThresholdsAndAliasesThatContradictThemselvesAreRefused) {
  EXPECT_THAT(failure("", {}, {{"silver.returning_from", "9"}, {"silver.loyal_from", "3"}}),
              testing::AllOf(HasSubstr("returning_from"), HasSubstr("never be `returning`")));
  EXPECT_EQ(read_config("", {}, {{"silver.returning_from", "3"}, {"silver.loyal_from", "3"}}).loyal_from, 3u);
  EXPECT_THAT(failure("", {}, {{"silver.country_aliases", "Utopia=QQ"}}),
              testing::AllOf(HasSubstr("'Utopia' = 'QQ'"), HasSubstr("ISO 3166-1")));
  EXPECT_THAT(failure(write("[silver.country_aliases]\nUtopia = 'Germany'\n"), {}, {}),
              HasSubstr("two letters"));
  EXPECT_EQ(read_config("", {}, {{"silver.country_aliases", "Utopia=gbr"}}).country_aliases.size(), 1u);
}

TEST_F(ConfigFile, LogLevel) {
  EXPECT_EQ(read_config("", {}, {{"log.level", "warn"}}).log_level, "warn");
  EXPECT_THAT(failure("", {}, {{"log.level", "loud"}}), HasSubstr("debug, info, warn, error"));
  EXPECT_THAT(failure("", {{"LODE_LOG_LEVEL", "off"}}, {}), HasSubstr("log.level"));
}

TEST_F(ConfigFile, ClusterKeys) {
  std::string file = write(
      "[cluster]\nid = 3\nlisten = '127.0.0.1:7072'\npeers = ['3=127.0.0.1:7072', '4=127.0.0.1:7073']\n");
  EXPECT_EQ(read_config(file, {}, {}).cluster_id, 3u);
  EXPECT_THAT(read_config(file, {}, {}).cluster_peers, ElementsAre("3=127.0.0.1:7072", "4=127.0.0.1:7073"));
  for (const char* peer : {"3", "3=", "=127.0.0.1:1", "x=127.0.0.1:1", "3=shop", "0=127.0.0.1:1"})
    EXPECT_THAT(failure(file, {}, {{"cluster.peers", peer}}), HasSubstr("id=address:port")) << peer;
  EXPECT_THAT(failure(file, {}, {{"cluster.peers", "4=127.0.0.1:1,4=127.0.0.1:2"}}),
              HasSubstr("named twice"));
  EXPECT_THAT(failure(file, {}, {{"cluster.listen", "shop"}}), HasSubstr("no address:port"));
  EXPECT_THAT(failure(file, {}, {{"cluster.listen", ""}}), HasSubstr("no address for them"));
  EXPECT_THAT(failure("", {}, {{"cluster.id", "0"}}), HasSubstr("from 1 to 4294967295"));
  EXPECT_THAT(failure(file, {}, {{"cluster.election_ms", "80"}}), HasSubstr("at least twice"));
  EXPECT_THAT(failure(file, {}, {{"limits.event_bytes", "16777216"}}), HasSubstr("in a cluster"));
}

TEST_F(ConfigFile, BetweenMachinesNodesNeedCertificates) {
  std::string file = write("[cluster]\nlisten = '127.0.0.1:7072'\n");
  EXPECT_THAT(failure(file, {}, {{"cluster.listen", "10.0.0.1:7072"}}), HasSubstr("certificates"));
  EXPECT_THAT(failure(file, {}, {{"cluster.peers", "2=10.0.0.2:7072"}}), HasSubstr("certificates"));
  EXPECT_THAT(failure(file, {}, {{"cluster.advertise", "10.0.0.2:7072"}}), HasSubstr("certificates"));
  EXPECT_THAT(failure(file, {}, {{"cluster.tls_key", "key.pem"}}), HasSubstr("go together"));
  EXPECT_EQ(read_config(file, {},
                        {{"cluster.listen", "10.0.0.1:7072"},
                         {"cluster.tls_key", "k"},
                         {"cluster.tls_certificate", "c"},
                         {"cluster.tls_ca", "a"}})
                .tls_ca,
            "a");
}

TEST(DocumentedConfig, HoldsEveryKeyWithItsDefault) {
  toml::table file = toml::parse_file(LODE_SOURCE_DIR "/config/loded.toml");
  size_t documented = 0;
  for (const KeyHelp& key : config_keys()) {
    auto node = file.at_path(key.name);
    ASSERT_TRUE(node) << key.name << " is not in config/loded.toml";
    ++documented;
    std::ostringstream text;
    if (node.is_string())
      text << '"' << *node.value<std::string>() << '"';
    else if (node.is_table())
      text << (node.as_table()->empty() ? "{}" : "a table with entries");
    else if (node.is_array())
      text << (node.as_array()->empty() ? "[]" : "a list with entries");
    else
      text << node;
    EXPECT_EQ(text.str(), key.default_text) << key.name;
  }
  EXPECT_GT(documented, 30u);
  EXPECT_NO_THROW(read_config(LODE_SOURCE_DIR "/config/loded.toml", {}, {}));
}

}  // namespace
}  // namespace lode::node
