// Controls and their bytes. Those under tests/golden/control must be read for ever; LODE_REWRITE_GOLDEN=1
// unit_record adds new ones.
#include "record/control.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "record/batch.h"

namespace lode::record {
namespace {

struct Example {
  const char* name;
  Control control;
};

// Fixed: a change here is a change of history.
const Example kExamples[] = {
    {"announce", {Control::Kind::announce, 0x0123456789abcdef, {}, "[ruleset]\nformat = 1\n", 0}},
    {"switch", {Control::Kind::switch_, 0x0123456789abcdef, {1ull << 40}, "", 0}},
    {"level", {Control::Kind::level, 0, {}, "", 2}},
    {"compact", {Control::Kind::compact, 0, {}, "", 0, {1ull << 33}, "some bytes"}},
};

TEST(ControlTest, BytesAreReadForEver) {
  for (const auto& [name, control] : kExamples) {
    auto path = std::filesystem::path(LODE_SOURCE_DIR) / "tests/golden/control" /
                ("v1-" + std::string(name) + ".bin");
    if (std::getenv("LODE_REWRITE_GOLDEN") && !exists(path))
      std::ofstream(path, std::ios::binary) << control.encode();
    std::ifstream in(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    EXPECT_EQ(bytes.str(), control.encode()) << name;
    EXPECT_EQ(Control::decode(bytes.str()), control) << name;
  }
}

TEST(ControlTest, NoBytesButItsOwnAreAControl) {
  for (const auto& [name, control] : kExamples) {
    const std::string good = control.encode();
    for (size_t i = 0; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 4);
      EXPECT_THROW(Control::decode(bad), Corruption) << name << ", byte " << i;
      EXPECT_THROW(Control::decode(good.substr(0, i)), Corruption) << name << ", " << i << " bytes";
    }
    EXPECT_THROW(Control::decode(good + "x"), Corruption);
  }
}

TEST(ControlTest, ARulesetThatIsTooLongIsRefused) {
  Control control{Control::Kind::announce, 1, {}, std::string(Control::kMaxRuleset, 'x'), 0};
  EXPECT_EQ(Control::decode(control.encode()), control);
  control.ruleset += 'x';
  EXPECT_THROW(control.encode(), std::length_error);
}

}  // namespace
}  // namespace lode::record
