#include "query/log_query.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <mutex>
#include <shared_mutex>

#include "query/filters.h"
#include "query/page.h"
#include "query/record_lookup.h"
#include "record/batch.h"

namespace lode::query {

namespace {

struct Wanted {
  uint64_t from = 0;
  uint32_t limit = kDefaultLimit;
  size_t page_bytes = kLogPageBytes;
  bool contact = false;
};

// The index rows that hold [from, from + limit), and where the state stands.
std::vector<sequence::IndexedEntry> find_entries(const LogSource& source, const Wanted& wanted,
                                                 Position& position) {
  std::vector<sequence::IndexedEntry> entries;
  std::shared_lock lock(source.state.mutex());
  position = source.position();
  source.index.scan({wanted.from}, [&](const sequence::IndexedEntry& entry) {
    if (entry.base.value >= wanted.from + wanted.limit) return false;
    entries.push_back(entry);
    return true;
  });
  return entries;
}

// By halves: offsets and entries ascend together.
uint64_t first_offset(const LogSource& source, const Position& position, record::EntryIndex first_entry) {
  uint64_t low = 0, high = static_cast<uint64_t>(position.as_of_offset + 1);
  std::shared_lock lock(source.state.mutex());
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    auto entry = source.index.find({middle});
    if (entry && entry->entry < first_entry) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Failure truncated(const LogSource& source, const Position& position) {
  return {410,
          {"truncated", "/from",
           "The first offset that is left is " +
               std::to_string(first_offset(source, position, source.log.first_index(record::GroupId{0}))) +
               "; the records before it are gone."}};
}

// The rows of one answer while they come in.
struct LogPage {
  const Wanted& wanted;
  Result result = {};
  size_t bytes = 0;
  bool ended = false;  // there is a record or gap for which it has no room

  bool full() const { return result.rows.size() >= wanted.limit || bytes >= wanted.page_bytes; }
  // Of offsets that are asked for; false: the page has no room for another row.
  bool add_gap(uint64_t offset) {
    if (!result.rows.empty()) {
      Value& last = result.rows.back().front();
      if (auto* gap = std::get_if<Gap>(&last); gap && gap->to + 1 == offset) {
        gap->to = offset;
        return true;
      }
    }
    ended = full();
    if (ended) return false;
    result.rows.push_back({Gap{offset, offset}});
    return true;
  }
  void add(std::vector<Value> row) {
    for (const Value& value : row) bytes += text_of(value).size();
    result.rows.push_back(std::move(row));
  }
};

void add_rows(const sequence::IndexedEntry& entry, const log::StoredEntry& stored, LogPage& page) {
  record::RecordBatch batch = record::RecordBatch::decode(stored.payload);
  uint64_t offset = entry.base.value;
  for (uint32_t i = 0; i < batch.count(); ++i) {
    if (!entry.without_offset.empty() && entry.without_offset[i]) continue;
    // What is sequenced but not yet applied is left for the next read.
    const bool is_asked_for =
        offset >= page.wanted.from && static_cast<int64_t>(offset) <= page.result.position.as_of_offset;
    if (is_asked_for && batch[i].gap) {
      if (!page.add_gap(offset)) return;
    } else if (is_asked_for) {
      page.ended = page.full();
      if (page.ended) return;
      page.add(log_row(offset, batch.receive_time(), batch[i], page.wanted.contact));
    }
    ++offset;
  }
}

Answer<Result> read(const LogSource& source, const Wanted& wanted) {
  LogPage page{wanted};
  Result& result = page.result;
  result.view = "log";
  result.view_version = kTableVersion;
  result.columns = {"offset", "received_at", "format", "event", "retry_of"};
  if (wanted.contact) result.columns.push_back("contact");
  for (const auto& entry : find_entries(source, wanted, result.position)) {
    if (page.ended || (page.full() && !gap_of(result.rows.back()))) break;
    auto stored = read_applied(source.log, entry.entry);
    if (!stored) return truncated(source, result.position);
    add_rows(entry, *stored, page);
  }
  result.last_change = result.position.last_change();
  return std::move(result);
}

Answer<Wanted> parse(const Parameters& parameters, const std::vector<std::string>& known) {
  Wanted wanted;
  if (auto failure = check_names(parameters, known, "log")) return *failure;
  for (const auto& [name, value] : parameters) {
    if (name == "include") {
      if (value != "contact") return invalid_parameter(name, "Give include=contact, or leave it out.");
      wanted.contact = true;
    }
    if (name == "from") {
      auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), wanted.from);
      bool good = error == std::errc() && end == value.data() + value.size();
      if (!good || wanted.from > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        return invalid_parameter(name, "Give an offset: a whole number from 0.");
    }
  }
  auto limit = parse_limit(parameters);
  if (auto* failure = std::get_if<Failure>(&limit)) return *failure;
  wanted.limit = std::get<uint32_t>(limit);
  return wanted;
}

}  // namespace

Answer<Result> query_log(const LogSource& source, const Parameters& parameters, size_t page_bytes) {
  auto wanted = parse(parameters, {"from", "limit", "include"});
  if (auto* failure = std::get_if<Failure>(&wanted)) return *failure;
  std::get<Wanted>(wanted).page_bytes = page_bytes;
  return read(source, std::get<Wanted>(wanted));
}

Answer<Result> query_log_record(const LogSource& source, uint64_t offset, const Parameters& parameters) {
  auto wanted = parse(parameters, {"include"});
  if (auto* failure = std::get_if<Failure>(&wanted)) return *failure;
  std::get<Wanted>(wanted).from = offset;
  std::get<Wanted>(wanted).limit = 1;
  auto answer = read(source, std::get<Wanted>(wanted));
  if (auto* gone = std::get_if<Failure>(&answer)) gone->problem.pointer = "";
  auto* result = std::get_if<Result>(&answer);
  if (result && !result->rows.empty() && gap_of(result->rows[0])) {
    result->rows[0] = {Gap{offset, offset}};  // whatever follows it
    return answer;
  }
  bool found = result && !result->rows.empty() &&
               std::get<int64_t>(result->rows[0][0]) == static_cast<int64_t>(offset);
  if (result && !found)
    return Failure{404, {"unknown_offset", "", "No record has offset " + std::to_string(offset) + "."}};
  return answer;
}

uint64_t first_offset_from(const LogSource& source, record::EntryIndex first) {
  Position position;
  {
    std::shared_lock lock(source.state.mutex());
    position = source.position();
  }
  return first_offset(source, position, first);
}

}  // namespace lode::query
