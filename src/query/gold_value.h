// Gold's key words and figures as values that a client sees, and back. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gold/figure.h"
#include "query/gold_query.h"
#include "query/result.h"

namespace lode::query {

// Looks texts up in the dictionary, each once. Takes the state's mutex (shared) for it. One thread.
class KeyTexts {
 public:
  explicit KeyTexts(const GoldSource& source) : source_(source) {}
  // As shown; "" is none.
  std::string operator()(gold::Column column, uint32_t word);
  Value value(gold::Column column, uint32_t word);  // null for none

 private:
  const GoldSource& source_;
  std::map<uint32_t, std::string> texts_;
};

// The dictionary's domain of a column that is a text; nothing for the others.
std::optional<store::Domain> domain_of(gold::Column column);
// The word of a day, code or kind; nothing: it is none.
std::optional<uint32_t> parse_key(gold::Column column, std::string_view text);

// `currency`: of the row that the figure is in, for the digits of money.
Value figure_value(const gold::Figure& figure, uint32_t currency);
// Nulls are less than all else.
bool figure_less(const gold::Figure& a, const gold::Figure& b);

}  // namespace lode::query
