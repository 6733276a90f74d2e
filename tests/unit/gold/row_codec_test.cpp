// A row's bytes: what goes in comes out, they add up in any order, zero leaves nothing, damage is told.
#include "gold/row_codec.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace lode::gold {
namespace {

using event::Int128;

struct Plain {
  std::vector<Int128> cells = std::vector<Int128>(3);
  std::map<uint64_t, int64_t> members;

  std::string bytes() const {
    std::vector<MemberCount> list;
    for (const auto& [id, count] : members) list.push_back({id, count});
    std::string out;
    encode_row(cells, list, out);
    return out;
  }
};

Plain random_row(std::mt19937& random) {
  auto below = [&](uint32_t n) { return random() % n; };
  Plain row;
  for (Int128& cell : row.cells)
    cell = below(2) == 0 ? 0 : (static_cast<Int128>(random()) - (1u << 31)) << below(90);
  for (uint32_t n = below(6); n > 0; --n) {
    uint64_t id = member_id(below(3), below(2) == 0 ? below(5) : uint64_t{random()} << 20);
    row.members[id] = static_cast<int64_t>(below(5)) - 2;
  }
  return row;
}

TEST(RowCodecTest, AddsUpInAnyGrouping) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    Plain a = random_row(random), b = random_row(random), c = random_row(random), sum;
    for (const Plain* row : {&a, &b, &c}) {
      for (size_t i = 0; i < 3; ++i) sum.cells[i] += row->cells[i];
      for (const auto& [id, count] : row->members) sum.members[id] += count;
    }
    EXPECT_EQ(merge_rows(merge_rows(a.bytes(), b.bytes()), c.bytes()), sum.bytes());
    EXPECT_EQ(merge_rows(a.bytes(), merge_rows(b.bytes(), c.bytes())), sum.bytes());
  }
}

TEST(RowCodecTest, ReadsWhatWasWritten) {
  std::mt19937 random(8);
  for (int round = 0; round < 500; ++round) {
    Plain row = random_row(random);
    std::erase_if(row.members, [](const auto& member) { return member.second == 0; });
    std::string bytes = row.bytes();
    if (bytes.empty()) continue;
    std::vector<Int128> cells;
    std::map<uint64_t, int64_t> members;
    for (RowReader reader(bytes, cells); reader.next_set();) {
      std::vector<MemberCount> list;
      reader.read_members(list);
      EXPECT_EQ(list.size(), reader.members());
      for (const MemberCount& member : list) members[member.id] = member.count;
    }
    EXPECT_EQ(cells, row.cells);
    EXPECT_EQ(members, row.members);
  }
}

TEST(RowCodecTest, ARowAndItsOppositeLeaveNothing) {
  Plain row, opposite;
  row.cells = {1, Int128{1} << 100, -7};
  row.members = {{member_id(1, 5), 2}};
  opposite.cells = {-1, -(Int128{1} << 100), 7};
  opposite.members = {{member_id(1, 5), -2}};
  EXPECT_EQ(merge_rows(row.bytes(), opposite.bytes()), "");
  EXPECT_EQ(merge_rows("", row.bytes()), row.bytes());
  EXPECT_EQ(Plain().bytes(), "");
}

TEST(RowCodecTest, DamageIsTold) {
  Plain row;
  row.cells = {1, 300, -7};
  row.members = {{member_id(0, 5), 1}, {member_id(0, 9), 3}, {member_id(2, 1), 1}};
  std::string bytes = row.bytes();
  std::vector<Int128> cells;
  auto read_all = [&](std::string_view in) {
    std::vector<MemberCount> members;
    for (RowReader reader(in, cells); reader.next_set();) reader.read_members(members);
  };
  EXPECT_NO_THROW(read_all(bytes));
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    std::string_view head = std::string_view(bytes).substr(0, cut);
    // A cut between sets leaves a row that is whole in itself; the disk's checksums are there for that.
    try {
      read_all(head);
      EXPECT_TRUE(cut == 5 || cut == 11) << cut;
    } catch (const store::Damaged&) {
    }
  }
  EXPECT_THROW(merge_rows(bytes, std::string("\x01\x02", 2)), store::Damaged) << "other shape";
}

}  // namespace
}  // namespace lode::gold
