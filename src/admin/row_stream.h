// The rows of one view or silver table of a generation that stands still, in the order of their keys, page
// after page. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "materialize/generation.h"
#include "query/result.h"

namespace lode::admin {

using RowTexts = std::vector<std::optional<std::string>>;  // as columns; nothing for null

class RowStream {
 public:
  static RowStream of_view(const materialize::Generation& generation, const std::string& view);
  // orders, order_lines, customers, products, quarantine, quality
  static RowStream of_table(const materialize::Generation& generation, const std::string& table);

  // Nothing after the last. Throws store::Damaged; std::runtime_error for what is refused.
  std::optional<RowTexts> next();
  const std::vector<std::string>& columns();
  size_t key_columns() const { return key_columns_; }  // the first ones

 private:
  using Fetch = std::function<query::Answer<query::Result>(const query::Parameters&)>;
  RowStream(Fetch fetch, size_t key_columns) : fetch_(std::move(fetch)), key_columns_(key_columns) {}
  void turn_page();

  Fetch fetch_;
  size_t key_columns_;
  query::Result page_;
  size_t at_ = 0;
  bool begun_ = false;
};

}  // namespace lode::admin
