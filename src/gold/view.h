// A view: the declaration of a gold aggregate, read from one TOML file (config/views/*.toml). Views are data:
// adding one needs no C++. The format is documented in config/views/README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "silver/fact.h"

namespace lode::gold {

// What a fact can be keyed by.
enum class Column : uint8_t {
  day,
  country,
  currency,
  sku,
  customer_id,
  customer_type,
  channel,
  category,
  source,
  kind
};

using KindMask = uint8_t;  // bit n: kind n
inline constexpr KindMask kAllKinds = 0xff;
constexpr KindMask bit(silver::Kind kind) { return static_cast<KindMask>(1u << static_cast<uint8_t>(kind)); }

// Stored sums are added up per row; the rest is made of stored state at read.
struct Measure {
  enum class Type : uint8_t { sum, distinct, first_day, last_day, difference, ratio, share, rank };
  enum class Operand : uint8_t { quantity, amount, discount, net_amount };  // net_amount = amount - discount
  enum class Member : uint8_t { order, customer };
  std::string name;
  Type type = Type::sum;
  bool hidden = false;                  // stored for others to use, not shown
  bool money = false;                   // millionths, in the row's currency
  KindMask kinds = 0;                   // of the facts that count
  Operand operand = Operand::quantity;  // sum
  Member member = Member::order;        // distinct
  std::vector<std::string>
      of;  // difference, ratio: two measures; share: one; rank: one or more, highest first
  std::vector<std::string> within;  // share, rank: the keys that make a group
};

struct View {
  std::string name;
  std::string description;
  uint64_t version = 1;  // a hash of what determines rows; part of the ruleset hash
  std::vector<Column> keys;
  KindMask kinds = 0;  // facts of other kinds do not touch the view
  bool known_customers = false;
  std::vector<Measure> measures;
};

std::string_view to_string(Column column);
std::string_view to_string(Measure::Type type);
std::optional<Column> column_of(std::string_view name);
// Over all of a declaration but its description.
uint64_t version_of(const View& view);

class InvalidView : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;  // names file, line and what to do
};

View parse_view(std::string_view toml, std::string_view file_name);
// The declaration as parse_view() takes it: the same text for the same view.
std::string to_toml(const View& view);
std::string to_toml(const Measure& measure);  // its table in a declaration
// A TOML string, on one line.
std::string toml_quoted(std::string_view text);
// Every *.toml of the folder, ordered by name. Throws InvalidView (also for two views of one name).
std::vector<View> read_views(const std::string& folder);

}  // namespace lode::gold
