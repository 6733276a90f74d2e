#include "wire/view_answers.h"

#include "wire/json_text.h"

namespace lode::wire {
namespace {

std::string render_keys(const gold::View& view) {
  std::string out = "[";
  for (gold::Column key : view.keys) {
    if (out.size() > 1) out += ',';
    append_json_string(out, gold::to_string(key));
  }
  return out + "]";
}

std::string render_measures(const gold::View& view) {
  std::string out = "[";
  for (const gold::Measure& measure : view.measures) {
    if (measure.hidden) continue;
    if (out.size() > 1) out += ',';
    out += "{\"name\":";
    append_json_string(out, measure.name);
    out += ",\"type\":";
    append_json_string(out, gold::to_string(measure.type));
    out += measure.money ? ",\"money\":true}" : ",\"money\":false}";
  }
  return out + "]";
}

std::string render_next(const gold::View& view) {
  return "{\"version\":" + std::to_string(view.version) + ",\"keys\":" + render_keys(view) +
         ",\"measures\":" + render_measures(view) + "}";
}

}  // namespace

query::Result view_rows(const admin::ViewCatalogue& catalogue) {
  query::Result result;
  result.columns = {"name", "description", "version", "keys", "measures", "state", "next", "progress"};
  for (const admin::CatalogueEntry& entry : catalogue.entries) {
    const bool changes = entry.state != admin::CatalogueEntry::State::serving && catalogue.build;
    result.rows.push_back({entry.view.name, entry.view.description,
                           query::Value(static_cast<event::Int128>(entry.view.version)),
                           query::RawJson{render_keys(entry.view)},
                           query::RawJson{render_measures(entry.view)}, std::string(to_string(entry.state)),
                           query::RawJson{entry.next ? render_next(*entry.next) : ""},
                           query::RawJson{changes ? admin::progress_json(*catalogue.build) : ""}});
    result.view_version ^= entry.view.version;
  }
  return result;
}

}  // namespace lode::wire
