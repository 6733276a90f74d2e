// Silver's rows as they are shown. The state's mutex is held, shared at least.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "query/result.h"
#include "query/silver_request.h"
#include "silver/tables.h"

namespace lode::query {

const TableShape& orders_shape();  // one row alone has `lines` and `refunds` besides
const TableShape& order_lines_shape();
const TableShape& customers_shape();
const TableShape& products_shape();
const TableShape& quarantine_shape();
const TableShape& quality_shape();

std::string_view name_of(silver::Kind kind);
RawJson rules_list(silver::RuleSet rules);
RawJson offsets_list(std::vector<uint64_t> offsets);  // ascending, each once

// An order read and folded. Views point into the packed bytes.
struct ShownOrder {
  silver::OrderState state;
  silver::Outcome outcome;
  bool waits() const { return outcome.purchase < 0; }  // then silver does not show it
  const silver::OrderRecord& purchase() const { return state.records[static_cast<size_t>(outcome.purchase)]; }
};
void read_order(uint64_t row, std::string_view bytes, ShownOrder& order);

std::vector<Value> order_row(const ShownOrder& order, const silver::Tables& tables);
// `lines` and `refunds`: what a row of `orders` alone shows besides.
std::vector<Value> order_details(const ShownOrder& order, const silver::Tables& tables);
std::vector<Value> order_line_row(const ShownOrder& order, size_t line, const silver::Tables& tables);
// Nothing: neither the CRM nor an order knows it.
std::optional<std::vector<Value>> customer_row(uint32_t number, std::string_view id,
                                               const silver::Tables& tables);
std::optional<std::vector<Value>> product_row(uint32_t number, std::string_view sku,
                                              const silver::Tables& tables);
std::vector<Value> quarantine_row(uint64_t offset, const silver::QuarantineRow& row,
                                  const silver::Tables& tables);

}  // namespace lode::query
