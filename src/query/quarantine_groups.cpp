#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "event/time.h"
#include "query/page.h"
#include "query/quarantine_filter.h"
#include "query/quarantine_query.h"
#include "query/silver_rows.h"

namespace lode::query {

namespace {

constexpr size_t kMaxGroups = 10'000;
constexpr uint32_t kRowsPerLock = 1000;
const std::vector<std::string> kNames = {"rule", "source", "type", "day"};

struct Group {
  int64_t count = 0, retried = 0;
  event::Micros first, last;
  uint64_t first_offset = 0, last_offset = 0;

  void add(uint64_t offset, const silver::QuarantineRow& row) {
    first = count == 0 ? row.occurred_at : std::min(first, row.occurred_at);
    last = count == 0 ? row.occurred_at : std::max(last, row.occurred_at);
    if (count == 0) first_offset = offset;
    last_offset = offset;
    ++count;
    if (!row.retries.empty()) ++retried;
  }
};
using Groups = std::map<std::vector<std::string>, Group>;

std::vector<std::string> key_of(const std::vector<std::string>& by, const silver::QuarantineRow& row,
                                const silver::Tables& tables) {
  std::vector<std::string> key;
  for (const std::string& name : by) {
    if (name == "rule") key.emplace_back(to_string(row.rule));
    if (name == "source") key.push_back(tables.dictionary().text(row.source));
    if (name == "type") key.emplace_back(to_string(row.type));
    if (name == "day") key.push_back(event::format_rfc3339(row.occurred_at).substr(0, 10));
  }
  return key;
}

Answer<std::vector<std::string>> parse_groups(Parameters& parameters) {
  std::vector<std::string> by;
  if (const std::string* text = find_parameter(parameters, "group_by")) by = split_list(*text);
  for (auto name = by.begin(); name != by.end(); ++name) {
    if (std::find(kNames.begin(), kNames.end(), *name) == kNames.end())
      return invalid_parameter("group_by",
                               "the quarantine is grouped by rule, source, type and day; did you mean `" +
                                   nearest(name->substr(0, 64), kNames) + "`?");
    if (std::find(by.begin(), name, *name) != name)
      return invalid_parameter("group_by", "`" + *name + "` is there twice");
  }
  for (const char* other : {"limit", "cursor", "include"}) {
    if (find_parameter(parameters, other) != nullptr)
      return invalid_parameter(other, "groups are one answer and have no `" + std::string(other) + "`");
  }
  std::erase_if(parameters, [](const auto& parameter) { return parameter.first == "group_by"; });
  return by;
}

// False: there are too many groups.
bool gather(const SilverSource& source, const SilverRequest& request, const std::vector<std::string>& by,
            Position& position, Groups& groups) {
  uint64_t from = request.offsets_from;
  for (bool more = true, first = true; more; first = false) {
    more = false;
    uint32_t looked = 0;
    std::shared_lock lock(source.state.mutex());
    if (first) position = source.position();
    source.tables.scan_quarantined(from, [&](uint64_t offset, const silver::QuarantineRow& row) {
      if (offset >= request.offsets_to || groups.size() > kMaxGroups) return false;
      from = offset + 1;
      if (request.keeps(quarantine_row(offset, row, source.tables)))
        groups[key_of(by, row, source.tables)].add(offset, row);
      more = ++looked == kRowsPerLock;
      return !more;
    });
  }
  return groups.size() <= kMaxGroups;
}

}  // namespace

Answer<Result> query_quarantine_groups(const SilverSource& source, const LogSource& log,
                                       const Parameters& parameters) {
  Parameters filters = parameters;
  auto parsed = parse_groups(filters);
  if (auto* failure = std::get_if<Failure>(&parsed)) return *failure;
  const auto& by = std::get<std::vector<std::string>>(parsed);
  auto request = parse_quarantine_request(log, filters);
  if (auto* failure = std::get_if<Failure>(&request)) return *failure;

  Result result;
  Groups groups;
  if (!gather(source, std::get<QuarantineRequest>(request).rows, by, result.position, groups))
    return Failure{
        422, {"too_many_groups", "/group_by", "there are more than 10,000 groups: filter, or group by less"}};
  result.last_change = result.position.last_change();
  result.view = "quarantine";
  result.view_version = kTableVersion;
  result.columns = by;
  result.columns.insert(result.columns.end(), {"count", "retried", "first_occurred_at", "last_occurred_at",
                                               "first_offset", "last_offset"});
  for (const auto& [key, group] : groups) {
    std::vector<Value>& row = result.rows.emplace_back(key.begin(), key.end());
    row.emplace_back(group.count);
    row.emplace_back(group.retried);
    row.emplace_back(event::format_rfc3339(group.first));
    row.emplace_back(event::format_rfc3339(group.last));
    row.emplace_back(static_cast<int64_t>(group.first_offset));
    row.emplace_back(static_cast<int64_t>(group.last_offset));
  }
  std::stable_sort(result.rows.begin(), result.rows.end(), [&](const auto& a, const auto& b) {
    return std::get<int64_t>(a[by.size()]) > std::get<int64_t>(b[by.size()]);
  });
  return result;
}

}  // namespace lode::query
