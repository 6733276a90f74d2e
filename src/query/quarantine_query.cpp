#include "query/quarantine_query.h"

#include <charconv>

#include "query/page.h"
#include "query/quarantine_filter.h"
#include "query/record_lookup.h"
#include "query/silver_page.h"
#include "query/silver_query.h"
#include "query/silver_rows.h"
#include "store/keyed_table.h"

namespace lode::query {

namespace {

constexpr uint64_t kMaxLogBytes = 64u << 20;  // read for one page

// Adds what was sent to the rows, as far as the page may go.
void add_events(const LogSource& log, bool event, bool contact, const SilverRequest& request,
                size_t page_bytes, Result& result) {
  if (event) result.columns.push_back("event");
  if (contact) result.columns.push_back("contact");
  RecordLookup records(log);
  size_t bytes = 0;
  for (size_t i = 0; i < result.rows.size(); ++i) {
    auto& row = result.rows[i];
    auto offset = static_cast<uint64_t>(std::get<int64_t>(row[0]));
    auto record = records.find(offset, contact);
    auto add = [&](bool wanted, size_t column) {
      if (!wanted) return;
      bytes += record ? text_of((*record)[column]).size() : 0;
      row.push_back(record ? std::move((*record)[column]) : Value());
    };
    add(event, 3);
    add(contact, 5);
    if (bytes < page_bytes && records.bytes_read() < kMaxLogBytes) continue;
    if (i + 1 == result.rows.size()) return;
    result.rows.resize(i + 1);
    result.next_cursor = encode_cursor(request.hash, store::key_of(offset));
  }
}

Result read_quarantine(const SilverSource& source, const SilverRequest& request) {
  SilverPage page(source, quarantine_shape(), request);
  page.read([&](const std::string& after, const silver::Tables& tables) {
    uint64_t from = std::max(request.offsets_from, after.size() == 8 ? store::number_of(after) + 1 : 0);
    if (const auto* offsets = request.values_of(0); offsets && offsets->size() == 1) {
      // One offset is looked up; several are looked for.
      uint64_t wanted = 0;
      const std::string& text = offsets->front();
      std::from_chars(text.data(), text.data() + text.size(), wanted);
      from = std::max(from, wanted);
      if (from != wanted || wanted >= request.offsets_to) return;
      if (auto row = tables.get_quarantined(wanted))
        page.offer(store::key_of(wanted), quarantine_row(wanted, *row, tables));
      return;
    }
    tables.scan_quarantined(from, [&](uint64_t offset, const silver::QuarantineRow& row) {
      return offset < request.offsets_to &&
             page.offer(store::key_of(offset), quarantine_row(offset, row, tables));
    });
  });
  return page.result();
}

}  // namespace

Answer<Result> query_quarantine(const SilverSource& source, const Parameters& parameters) {
  auto request = parse_silver_request(quarantine_shape(), parameters);
  if (auto* failure = std::get_if<Failure>(&request)) return *failure;
  return read_quarantine(source, std::get<SilverRequest>(request));
}

Answer<Result> query_quarantine(const SilverSource& source, const LogSource& log,
                                const Parameters& parameters, size_t page_bytes) {
  auto parsed = parse_quarantine_request(log, parameters);
  if (auto* failure = std::get_if<Failure>(&parsed)) return *failure;
  const auto& request = std::get<QuarantineRequest>(parsed);
  Result result = read_quarantine(source, request.rows);
  if (request.event || request.contact)
    add_events(log, request.event, request.contact, request.rows, page_bytes, result);
  return result;
}

Answer<Result> query_quality(const SilverSource& source, const Parameters& parameters) {
  auto parsed = parse_silver_request(quality_shape(), parameters);
  if (auto* failure = std::get_if<Failure>(&parsed)) return *failure;
  const auto& request = std::get<SilverRequest>(parsed);
  SilverPage page(source, quality_shape(), request);
  page.read([&](const std::string& after, const silver::Tables& tables) {
    // A key: the source and behind it, in one byte, the rule.
    for (const auto& [name, counts] : tables.quality().all()) {
      for (silver::Rule rule : silver::kRules) {
        std::string key = name + static_cast<char>(rule);
        const silver::RuleCount& count = counts[static_cast<size_t>(rule)];
        bool before = !after.empty() && std::pair(std::string_view(name), rule) <=
                                            std::pair(std::string_view(after).substr(0, after.size() - 1),
                                                      static_cast<silver::Rule>(after.back()));
        if (before || count.seen + count.quarantined == 0) continue;
        std::vector<Value> row{std::string(to_string(rule)), name, static_cast<int64_t>(count.seen),
                               static_cast<int64_t>(count.changed), static_cast<int64_t>(count.quarantined)};
        if (!page.offer(std::move(key), std::move(row))) return;
      }
    }
  });
  return page.result();
}

}  // namespace lode::query
