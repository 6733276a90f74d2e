#include "gold/view.h"

#include <xxhash.h>

#include <array>
#include <utility>

namespace lode::gold {
namespace {

constexpr std::array<std::string_view, 10> kColumns = {"day",         "country",       "currency", "sku",
                                                       "customer_id", "customer_type", "channel",  "category",
                                                       "source",      "kind"};

class Digest {
 public:
  Digest& add(std::string_view text) {
    bytes_.append(text).push_back('\0');
    return *this;
  }
  Digest& add(uint64_t number) { return add(std::to_string(number)); }
  // 52 bits, so that a JSON reader with floating numbers sees it whole.
  uint64_t value() const { return XXH3_64bits(bytes_.data(), bytes_.size()) >> 12; }

 private:
  std::string bytes_;
};

}  // namespace

std::string_view to_string(Measure::Type type) {
  switch (type) {
    case Measure::Type::sum:
      return "sum";
    case Measure::Type::distinct:
      return "distinct";
    case Measure::Type::first_day:
      return "first_day";
    case Measure::Type::last_day:
      return "last_day";
    case Measure::Type::difference:
      return "difference";
    case Measure::Type::ratio:
      return "ratio";
    case Measure::Type::share:
      return "share";
    case Measure::Type::rank:
      return "rank";
  }
  return "sum";
}

std::string_view to_string(Column column) { return kColumns.at(static_cast<size_t>(column)); }

std::optional<Column> column_of(std::string_view name) {
  for (size_t i = 0; i < kColumns.size(); ++i) {
    if (kColumns[i] == name) return static_cast<Column>(i);
  }
  return std::nullopt;
}

uint64_t version_of(const View& view) {
  Digest digest;
  digest.add(view.name).add(view.known_customers).add(view.keys.size());
  for (Column key : view.keys) digest.add(to_string(key));
  for (const Measure& measure : view.measures) {
    digest.add(measure.name).add(static_cast<uint64_t>(measure.type)).add(measure.hidden).add(measure.kinds);
    digest.add(static_cast<uint64_t>(measure.operand)).add(static_cast<uint64_t>(measure.member));
    digest.add(measure.of.size());
    for (const std::string& name : measure.of) digest.add(name);
    digest.add(measure.within.size());
    for (const std::string& name : measure.within) digest.add(name);
  }
  return digest.value();
}

}  // namespace lode::gold
