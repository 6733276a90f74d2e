// The orders behind a cell of gold: silver is walked through once, a few rows at a time under the state's
// mutex, and each order is looked at as it stood at one offset, whatever is applied meanwhile. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gold/calendar.h"
#include "gold/contribution.h"
#include "gold/key_filter.h"
#include "query/silver_query.h"
#include "silver/past_order.h"

namespace lode::query {

// Of a view's filters those that look at what all lines of an order share.
gold::KeyFilters order_filters(const gold::KeyFilters& filters, const gold::View& view);

// An order that may have facts in the cell. Its texts hold until the next one.
struct ScannedOrder {
  silver::OrderState state;
  silver::Outcome outcome;
  std::vector<silver::FactOrigin> origins;  // as outcome.facts
  std::vector<uint32_t> days;               // words of their reporting days
  std::vector<gold::Key> keys;              // in the view
  std::vector<uint32_t> record_days;        // as state.records; only with `without_effect`
  bool cancelled = false;                   // the facts are those that it would have
};

enum class ScanEnd : uint8_t { done, stopped, lost };

class ExplainScan {
 public:
  struct Settings {
    uint64_t offset = 0;              // the last one that is applied
    const gold::KeyFilters& filters;  // orders without a fact that matches are left out
    bool without_effect = false;      // cancelled orders too
  };

  ExplainScan(const SilverSource& source, const gold::Plan& plan, const gold::ZoneRules& zone,
              const Settings& settings);

  // Gives orders to `visit`, ascending by row, until it says false: then, and when `interrupted` says true,
  // it is `stopped`. It is called with the state's mutex held. lost: an order can't be seen any more as it
  // stood.
  ScanEnd run(const std::function<bool(const ScannedOrder& order, const silver::Tables& tables)>& visit,
              const std::function<bool()>& interrupted);

  uint64_t orders() const { return orders_; }  // that were read

 private:
  enum class Look : uint8_t { matches, passed_over, lost };

  Look look(uint64_t row, std::string_view bytes, const silver::Tables& tables);
  bool may_match(const silver::OrderState& state, const silver::Standing& standing);
  void add_keys();

  const SilverSource& source_;
  const gold::Plan& plan_;
  const Settings settings_;
  gold::KeyFilters of_orders_;  // of the filters those that look at what all lines of an order share
  gold::Calendar calendar_;
  ScannedOrder order_;
  std::string bought_;
  uint64_t orders_ = 0;
};

}  // namespace lode::query
