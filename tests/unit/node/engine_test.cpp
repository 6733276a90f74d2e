// The engine on folders that other programs, or other days, left behind.
#include "node/engine.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "event/json.h"
#include "store/rocksdb_disk.h"

namespace lode::node {
namespace {

class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    std::string name = testing::TempDir() + "lode-engine-XXXXXX";
    config.data_dir = mkdtemp(name.data());
  }
  ~EngineTest() override { std::filesystem::remove_all(config.data_dir); }

  static ingest::WriteResult post(Engine& engine, const std::string& json) {
    event::JsonDecoder decoder;
    ingest::Request request;
    EXPECT_FALSE(decoder.decode_json(std::make_shared<std::string>(json), request.batch));
    std::promise<ingest::Answer> answer;
    engine.ingest().submit(std::move(request),
                           [&](ingest::Answer given) { answer.set_value(std::move(given)); });
    return answer.get_future().get().result;
  }

  Config config;
  env::SystemClock clock;
  std::atomic<bool> never = false;
};

constexpr const char* kPurchase =
    R"({"event_id":"p1","type":"purchase","occurred_at":"2011-01-05T08:26:00Z","order_id":"o1","currency":"GBP",)"
    R"("lines":[{"sku":"A","quantity":1,"unit_price":"2"}]})";

TEST_F(EngineTest, AStateWithAnUnknownFamilyIsMadeAnewFromTheLog) {
  {
    Engine engine(config, clock);
    engine.recover(never);
    EXPECT_EQ(post(engine, kPurchase).accepted, 1u);
  }
  const std::string state = config.data_dir + "/state";
  store::RocksDbDisk::remove(state);
  { store::RocksDbDisk of_a_later_program(state, {store::Family{"of_a_later_program"}}); }

  Engine engine(config, clock);
  EXPECT_NE(engine.not_ready().find("rebuilding"), std::string::npos) << engine.not_ready();
  EXPECT_EQ(engine.generation()->materializer().position().offset, -1);
  engine.recover(never);
  EXPECT_EQ(engine.not_ready(), "");
  EXPECT_EQ(engine.generation()->materializer().position().offset, 0);
  EXPECT_EQ(post(engine, kPurchase).duplicates, 1u);
}

TEST_F(EngineTest, AStateBeyondTheEndOfTheLogIsRefused) {
  {
    Engine engine(config, clock);
    engine.recover(never);
    post(engine, kPurchase);
  }
  std::filesystem::remove_all(config.data_dir + "/log");
  Engine engine(config, clock);
  EXPECT_THROW(engine.recover(never), std::runtime_error);
}

}  // namespace
}  // namespace lode::node
