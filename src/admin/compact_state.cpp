#include "admin/compact_state.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <future>
#include <vector>

#include "event/json_text.h"

namespace lode::admin {

std::string run_compact_state(const CompactStatePlace& place, TaskControl& control) {
  const auto generation = place.current.get();
  const uint64_t before = generation->state().disk_bytes();
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> merged = 0;
  std::vector<std::string> left;
  const auto begin = [&](std::string_view family, uint64_t bytes) {
    if (place.free_bytes() < place.reserved_bytes + bytes) {
      left.emplace_back(family);
      return false;
    }
    merged += bytes;
    return true;
  };
  auto work = std::async(std::launch::async, [&] { generation->state().compact(begin, stop); });
  constexpr std::chrono::milliseconds kLook{50};
  while (work.wait_for(kLook) != std::future_status::ready) {
    control.progress({"merging the state's files", std::min(merged.load(), before), before, "bytes"});
    if (control.cancelled()) stop = true;
  }
  work.get();
  if (stop) return "";
  std::string tables;
  for (const std::string& family : left) tables += (tables.empty() ? "" : ",") + event::in_quotes(family);
  const std::string held_by =
      left.empty() ? "" : "the disk has no room for these tables twice beside ingest.reserved_disk_bytes";
  return fmt::format(R"({{"disk_bytes_before":{},"disk_bytes_after":{},"left":[{}],"held_by":{}}})", before,
                     generation->state().disk_bytes(), tables, event::in_quotes(held_by));
}

}  // namespace lode::admin
