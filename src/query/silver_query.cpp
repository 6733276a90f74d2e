#include "query/silver_query.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <mutex>
#include <shared_mutex>

#include "query/page.h"
#include "query/silver_page.h"
#include "query/silver_rows.h"
#include "store/keyed_table.h"

namespace lode::query {

namespace {

using store::Domain;

constexpr uint64_t kEnd = std::numeric_limits<uint64_t>::max();

uint64_t number_at(const std::string& key, size_t position) {
  return key.size() < position + 8 ? 0 : store::number_of(key.substr(position, 8));
}

// Orders from one row on, as the filter by order_id lets: by the index when it names some.
void scan_orders(const silver::Tables& tables, const SilverRequest& request, uint64_t from,
                 const std::function<bool(uint64_t, std::string_view)>& visit) {
  const auto* ids = request.values_of(0);
  if (!ids) return tables.scan_orders(from, kEnd, visit);
  std::vector<uint64_t> rows;
  for (const std::string& id : *ids) {
    if (auto row = tables.find_order(id); row && *row >= from) rows.push_back(*row);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  std::string bytes;
  for (uint64_t row : rows) {
    if (tables.get_order(row, bytes) && !visit(row, bytes)) return;
  }
}

Answer<Result> read_orders(const SilverSource& source, const SilverRequest& request, bool lines) {
  SilverPage page(source, lines ? order_lines_shape() : orders_shape(), request);
  ShownOrder order;
  page.read([&](const std::string& after, const silver::Tables& tables) {
    // A key: the row, and for lines the line. An order whose lines are not all out yet is read again.
    uint64_t from = after.empty() ? 0 : number_at(after, 0) + (lines ? 0 : 1);
    uint64_t first_line = after.size() >= 16 ? number_at(after, 8) + 1 : 0;
    scan_orders(tables, request, from, [&](uint64_t row, std::string_view bytes) {
      read_order(row, bytes, order);
      if (!lines) page.weigh(bytes.size());
      std::string key = store::key_of(row);
      if (!lines) return order.waits() ? page.skip(key) : page.offer(key, order_row(order, tables));
      if (order.waits()) return page.skip(key + store::key_of(kEnd - 1));
      uint64_t count = order.purchase().lines.size();
      for (uint64_t i = row == from && !after.empty() ? first_line : 0; i < count; ++i) {
        if (!page.offer(key + store::key_of(i), order_line_row(order, i, tables))) return false;
      }
      page.weigh(bytes.size());  // the next order is for the next lock
      return true;
    });
  });
  return page.result();
}

template <typename RowOf>
Answer<Result> read_numbered(const SilverSource& source, const TableShape& shape,
                             const SilverRequest& request, Domain domain, RowOf row_of) {
  SilverPage page(source, shape, request);
  page.read([&](const std::string& after, const silver::Tables& tables) {
    auto visit = [&](uint32_t number, std::string_view text) {
      auto row = row_of(number, text, tables);
      return row ? page.offer(store::key_of(number), std::move(*row)) : page.skip(store::key_of(number));
    };
    uint32_t from = after.size() == 4 ? static_cast<uint32_t>(store::number_of(after)) : 0;
    const auto* names = request.values_of(0);
    if (!names) return tables.dictionary().scan(domain, from, visit);
    std::vector<std::pair<uint32_t, std::string>> found;
    for (const std::string& name : *names) {
      if (auto number = tables.dictionary().find(domain, name); number && *number > from)
        found.emplace_back(*number, name);
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    for (const auto& [number, name] : found) {
      if (!visit(number, name)) return;
    }
  });
  return page.result();
}

Failure unknown_table(std::string_view table) {
  std::string name(table.substr(0, 64));
  return {404,
          {"unknown_table", "",
           "There is no table '" + name + "'; did you mean '" +
               nearest(name, {"orders", "order_lines", "customers", "products", "quarantine"}) + "'?"}};
}

Failure unknown_row(std::string_view table, std::string_view key) {
  return {404,
          {"unknown_row", "",
           "`" + std::string(table) + "` has no row '" + std::string(key.substr(0, 128)) + "'."}};
}

std::optional<std::vector<Value>> order_of(const silver::Tables& tables, std::string_view key, bool line) {
  size_t slash = line ? key.rfind('/') : std::string_view::npos;
  if (line && slash == std::string_view::npos) return std::nullopt;
  auto row = tables.find_order(key.substr(0, slash));
  std::string bytes;
  if (!row || !tables.get_order(*row, bytes)) return std::nullopt;
  ShownOrder order;
  read_order(*row, bytes, order);
  if (order.waits()) return std::nullopt;
  if (!line) {
    std::vector<Value> values = order_row(order, tables);
    for (Value& value : order_details(order, tables)) values.push_back(std::move(value));
    return values;
  }
  size_t number = 0;
  std::string_view text = key.substr(slash + 1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number >= order.purchase().lines.size()) {
    return std::nullopt;
  }
  return order_line_row(order, number, tables);
}

std::optional<std::vector<Value>> quarantined(const silver::Tables& tables, std::string_view key) {
  uint64_t offset = 0;
  auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), offset);
  if (error != std::errc() || end != key.data() + key.size()) return std::nullopt;
  auto row = tables.get_quarantined(offset);
  return row ? std::optional(quarantine_row(offset, *row, tables)) : std::nullopt;
}

}  // namespace

Answer<Result> query_silver(const SilverSource& source, std::string_view table,
                            const Parameters& parameters) {
  if (table == quarantine_shape().name) return query_quarantine(source, parameters);
  const TableShape* shape = nullptr;
  for (const TableShape* known :
       {&orders_shape(), &order_lines_shape(), &customers_shape(), &products_shape()}) {
    if (known->name == table) shape = known;
  }
  if (!shape) return unknown_table(table);
  auto parsed = parse_silver_request(*shape, parameters);
  if (auto* failure = std::get_if<Failure>(&parsed)) return *failure;
  const auto& request = std::get<SilverRequest>(parsed);
  if (table == "customers") return read_numbered(source, *shape, request, Domain::customer, customer_row);
  if (table == "products") return read_numbered(source, *shape, request, Domain::sku, product_row);
  return read_orders(source, request, table == "order_lines");
}

Answer<Result> query_silver_row(const SilverSource& source, std::string_view table, std::string_view key) {
  Result result;
  std::optional<std::vector<Value>> row;
  std::shared_lock lock(source.state.mutex());
  const silver::Tables& tables = source.tables;
  if (table == "orders" || table == "order_lines") {
    bool line = table == "order_lines";
    result.columns = (line ? order_lines_shape() : orders_shape()).columns;
    if (!line) result.columns.insert(result.columns.end(), {"lines", "refunds"});
    row = order_of(tables, key, line);
  } else if (table == "customers" || table == "products") {
    bool customer = table == "customers";
    result.columns = (customer ? customers_shape() : products_shape()).columns;
    auto number = tables.dictionary().find(customer ? Domain::customer : Domain::sku, key);
    if (number && *number != 0)
      row = customer ? customer_row(*number, key, tables) : product_row(*number, key, tables);
  } else if (table == quarantine_shape().name) {
    result.columns = quarantine_shape().columns;
    row = quarantined(tables, key);
  } else {
    return unknown_table(table);
  }
  if (!row) return unknown_row(table, key);
  result.position = source.position();
  result.last_change = result.position.last_change();
  result.view = table;
  result.view_version = kTableVersion;
  result.rows.push_back(std::move(*row));
  return result;
}

}  // namespace lode::query
