// Any bytes as two gold rows and their sum: read and merged, or store::Damaged. The first byte says where
// the second row begins.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event_invariants.h"
#include "gold/row_codec.h"

namespace {

using namespace lode;

// The row again, in the one form that it has.
std::string rewritten(std::string_view row) {
  std::vector<event::Int128> cells;
  std::vector<gold::MemberCount> members;
  gold::RowReader in(row, cells);
  while (in.next_set()) in.read_members(members);
  std::string out;
  gold::encode_row(cells, members, out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view a = bytes.substr(0, data[0]), b = bytes.substr(a.size());
  try {
    if (!a.empty()) {
      const std::string row = rewritten(a);
      fuzz::require(row.empty() || rewritten(row) == row, "a row has one form");
    }
    const std::string sum = gold::merge_rows(a, b);
    if (!a.empty() && !b.empty())
      fuzz::require(sum == gold::merge_rows(b, a), "the order of addition does not matter");
  } catch (const store::Damaged&) {
  }
  return 0;
}
