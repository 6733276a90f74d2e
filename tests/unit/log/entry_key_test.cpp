#include "log/entry_key.h"

#include <gtest/gtest.h>

namespace lode::log {
namespace {

TEST(EntryKey, HasTheBytesOfTheFormat) {
  const EntryKey key = entry_key({0x01020304}, 0x05060708090a0b0cull);
  EXPECT_EQ(view(key), "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c");
  const auto parts = parse_entry_key(view(key));
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->group.value, 0x01020304u);
  EXPECT_EQ(parts->index.value, 0x05060708090a0b0cull);
}

TEST(EntryKey, SortsAsGroupsAndIndexesDo) {
  EXPECT_LT(view(entry_key({0}, 255)), view(entry_key({0}, 256)));
  EXPECT_LT(view(entry_key({0}, UINT64_MAX)), view(entry_key({1}, 0)));
}

TEST(EntryKey, AHeaderIsTermAndType) {
  const EntryHeader header = entry_header({0x8000000000000001ull}, EntryType::change);
  const std::string_view bytes(header.data(), header.size());
  EXPECT_EQ(bytes, std::string_view("\x80\0\0\0\0\0\0\x01\x03", 9));
  const auto parts = parse_entry_header(bytes);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->term.value, 0x8000000000000001ull);
  EXPECT_EQ(parts->type, EntryType::change);
}

TEST(EntryKey, OtherBytesAreNotTakenForOne) {
  EXPECT_FALSE(parse_entry_key("short"));
  EXPECT_FALSE(parse_entry_header(std::string(8, '\0')));
  EXPECT_FALSE(parse_entry_header(std::string(9, '\0')));    // type 0
  EXPECT_FALSE(parse_entry_header(std::string(9, '\x06')));  // type 6
  EXPECT_FALSE(parse_fixed64("1234567"));
  EXPECT_EQ(parse_fixed32(fixed32(0xfffefdfc)), 0xfffefdfcu);
}

}  // namespace
}  // namespace lode::log
