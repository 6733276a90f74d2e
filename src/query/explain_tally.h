// What the orders behind a cell add to it: the sum of it all, the sums by source and by rule, and one page of
// contributions as rows. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "gold/contribution.h"
#include "gold/figure.h"
#include "query/explain_request.h"
#include "query/explain_scan.h"
#include "query/result.h"

namespace lode::query {

class ExplainTally {
 public:
  // All outlive it. `filters`: of the cell. `offset`: as of which it is.
  ExplainTally(const ExplainRequest& request, const gold::Plan& plan, const gold::KeyFilters& filters,
               uint64_t offset);

  // The next order, ascending by row; false: no more are needed. The state's mutex is held.
  bool add(const ScannedOrder& order, const silver::Tables& tables);

  // Filters that a scan may go by: the cell's, unless a share needs more of the view than the cell.
  const gold::KeyFilters& scanned() const { return scanned_; }
  uint64_t contributions() const { return sum_.lines; }
  uint64_t orders() const { return orders_; }
  uint64_t without_effect() const { return without_effect_; }
  // One a measure of the view: what the contributions come to. A rank is null: it is made of other rows.
  std::vector<gold::Figure> figures() const;
  // What the share is of; nothing: the cell is in no one group of it.
  std::optional<event::Int128> whole(uint32_t share) const;

  static std::vector<std::string> columns(const ExplainRequest& request);
  static constexpr size_t kEventIdColumn = 4;
  std::vector<std::vector<Value>>& rows() { return rows_; }  // as columns(); event ids are null
  // As rows(): the record that each is of.
  const std::vector<uint64_t>& records() const { return records_; }
  std::string next_cursor() const;                     // "" on the last page
  Part by_source(const silver::Tables& tables) const;  // the state's mutex is held
  Part by_rule() const;

 private:
  struct Sum {
    uint64_t lines = 0;
    std::vector<event::Int128> added;  // as the view's measures
  };
  struct Share {
    uint32_t measure = 0;
    gold::KeyFilters within;
    event::Int128 whole = 0;
  };
  struct Item;  // a row of the page to be

  void add_fact(const ScannedOrder& order, size_t number, const silver::Tables& tables);
  void add_refused(const ScannedOrder& order, const silver::Tables& tables);
  void add_replaced(const ScannedOrder& order, const silver::Tables& tables);
  bool in_cell(const silver::Fact& fact, const gold::Key& key) const {
    return plan_.takes(fact) && filters_.matches(key.data());
  }
  void add_shares(const silver::Fact& fact, const gold::Key& key);
  void add_sums(const Item& item);
  void add_to(Sum& sum, const gold::Contribution& contribution) const;
  // Takes it into the page when it is of it.
  void offer(const Item& item, const silver::Tables& tables);
  std::vector<Value> row_of(const Item& item, const silver::Tables& tables) const;
  std::vector<std::string> sum_columns(const char* of) const;
  void append_sum(const Sum& sum, std::vector<Value>& row) const;
  bool is_summed(uint32_t measure) const;

  const ExplainRequest& request_;
  const gold::Plan& plan_;
  const gold::KeyFilters& filters_;
  gold::KeyFilters order_filters_;
  gold::KeyFilters scanned_;
  const uint64_t offset_;
  gold::Contributions contributions_;
  std::vector<Share> shares_;
  Sum sum_;
  uint64_t orders_ = 0, without_effect_ = 0;
  std::map<uint32_t, Sum> by_source_;
  std::map<uint8_t, Sum> by_rule_;  // kNoRule: lines that no rule touched
  uint32_t currency_ = 0;           // of the cell
  std::vector<std::vector<Value>> rows_;
  std::vector<uint64_t> records_;
  ExplainRequest::After last_;
  uint64_t row_ = 0;   // of the order at hand
  uint32_t item_ = 0;  // of it
  bool more_ = false;
};

}  // namespace lode::query
