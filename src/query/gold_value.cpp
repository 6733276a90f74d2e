#include "query/gold_value.h"

#include <array>
#include <cctype>
#include <limits>
#include <mutex>
#include <shared_mutex>

#include "gold/calendar.h"
#include "silver/currency.h"

namespace lode::query {
namespace {

using gold::Column;
using gold::Figure;

constexpr std::array<std::string_view, 6> kKinds = {"", "sale", "return", "free", "adjustment", "fee"};

std::optional<uint32_t> parse_code(std::string_view text, size_t letters) {
  if (text.size() != letters) return std::nullopt;
  uint32_t code = 0;
  for (char letter : text) {
    auto upper = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    if (upper < 'A' || upper > 'Z') return std::nullopt;
    code = code << 8 | static_cast<uint8_t>(upper);
  }
  return code;
}

// a / b < c / d, exactly, for b, d > 0: by whole parts, then by what is left, turned over.
bool ratio_less(event::Int128 a, event::Int128 b, event::Int128 c, event::Int128 d) {
  for (;;) {
    event::Int128 whole_a = a / b - (a % b < 0), whole_c = c / d - (c % d < 0);
    if (whole_a != whole_c) return whole_a < whole_c;
    event::Int128 rest_a = a - whole_a * b, rest_c = c - whole_c * d;
    if (rest_a == 0 || rest_c == 0) return rest_a == 0 && rest_c != 0;
    // rest_a / b < rest_c / d as d / rest_c < b / rest_a
    a = d, c = b;
    b = rest_c, d = rest_a;
  }
}

}  // namespace

std::optional<store::Domain> domain_of(Column column) {
  switch (column) {
    case Column::sku:
      return store::Domain::sku;
    case Column::customer_id:
      return store::Domain::customer;
    case Column::customer_type:
      return store::Domain::customer_type;
    case Column::channel:
      return store::Domain::channel;
    case Column::category:
      return store::Domain::category;
    case Column::source:
      return store::Domain::source;
    case Column::day:
    case Column::country:
    case Column::currency:
    case Column::kind:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<uint32_t> parse_key(Column column, std::string_view text) {
  event::Day day;
  switch (column) {
    case Column::day:
      return event::parse_day(text, day) ? std::optional(gold::day_word(day)) : std::nullopt;
    case Column::country:
      return parse_code(text, 2);
    case Column::currency:
      return parse_code(text, 3);
    default:
      for (uint32_t kind = 1; kind < kKinds.size(); ++kind) {
        if (kKinds[kind] == text) return kind;
      }
      return std::nullopt;
  }
}

std::string KeyTexts::operator()(Column column, uint32_t word) {
  if (column == Column::day) return event::format_day(gold::day_of_word(word));
  if (column == Column::country || column == Column::currency) return silver::letters_of(word);
  if (column == Column::kind) return std::string(kKinds.at(word));
  auto [place, fresh] = texts_.try_emplace(word);
  if (fresh) {
    std::shared_lock lock(source_.state.mutex());
    place->second = source_.dictionary.text(word);
  }
  return place->second;
}

Value KeyTexts::value(Column column, uint32_t word) {
  if (word == 0) return std::monostate();
  return (*this)(column, word);
}

Value figure_value(const Figure& figure, uint32_t currency) {
  switch (figure.type) {
    case Figure::Type::null:
      return std::monostate();
    case Figure::Type::number:
      if (figure.value > std::numeric_limits<int64_t>::max() ||
          figure.value < std::numeric_limits<int64_t>::min()) {
        return figure.value;
      }
      return static_cast<int64_t>(figure.value);
    case Figure::Type::money:
      return Decimal{event::format_money(figure.value, silver::currency_digits(currency))};
    case Figure::Type::day:
      return event::format_day({static_cast<int32_t>(figure.value)});
    case Figure::Type::ratio:
      return Decimal{event::format_ratio(figure.value, figure.denominator)};
  }
  return std::monostate();
}

bool figure_less(const Figure& a, const Figure& b) {
  if (a.type == Figure::Type::null || b.type == Figure::Type::null) {
    return a.type == Figure::Type::null && b.type != Figure::Type::null;
  }
  if (a.type != Figure::Type::ratio) return a.value < b.value;
  return ratio_less(a.value, a.denominator, b.value, b.denominator);
}

}  // namespace lode::query
