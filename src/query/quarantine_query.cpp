#include <charconv>

#include "query/silver_page.h"
#include "query/silver_query.h"
#include "query/silver_rows.h"
#include "store/keyed_table.h"

namespace lode::query {

Answer<Result> query_quarantine(const SilverSource& source, const Parameters& parameters) {
  auto parsed = parse_silver_request(quarantine_shape(), parameters);
  if (auto* failure = std::get_if<Failure>(&parsed)) return *failure;
  const auto& request = std::get<SilverRequest>(parsed);
  SilverPage page(source, quarantine_shape(), request);
  page.read([&](const std::string& after, const silver::Tables& tables) {
    uint64_t from = after.size() == 8 ? store::number_of(after) + 1 : 0;
    if (const auto* offsets = request.values_of(0); offsets && offsets->size() == 1) {
      // One offset is looked up; several are looked for.
      uint64_t wanted = 0;
      const std::string& text = offsets->front();
      std::from_chars(text.data(), text.data() + text.size(), wanted);
      from = std::max(from, wanted);
      if (from != wanted) return;
      if (auto row = tables.get_quarantined(wanted))
        page.offer(store::key_of(wanted), quarantine_row(wanted, *row, tables));
      return;
    }
    tables.scan_quarantined(from, [&](uint64_t offset, const silver::QuarantineRow& row) {
      return page.offer(store::key_of(offset), quarantine_row(offset, row, tables));
    });
  });
  return page.result();
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
