#include "query/silver_rows.h"

namespace lode::query {

const TableShape& orders_shape() {
  static const TableShape shape{
      "orders",
      {"order_id", "status", "occurred_at", "country", "currency", "customer_id", "customer_type", "channel",
       "source", "revision", "line_count", "gross_sales", "returns", "fees", "offsets", "rules"},
      {{"order_id"},
       {"status", Form::status},
       {"occurred_at", Form::time},
       {"country", Form::country},
       {"currency", Form::currency},
       {"customer_id"},
       {"customer_type"},
       {"channel"},
       {"source"}}};
  return shape;
}

const TableShape& order_lines_shape() {
  static const TableShape shape{"order_lines",
                                {"order_id", "line", "sku", "description", "category", "quantity",
                                 "unit_price", "discount", "kind", "status", "occurred_at", "country",
                                 "currency", "customer_id", "customer_type", "source", "offsets", "rules"},
                                {{"order_id"},
                                 {"sku"},
                                 {"category"},
                                 {"kind", Form::kind},
                                 {"status", Form::status},
                                 {"occurred_at", Form::time},
                                 {"country", Form::country},
                                 {"currency", Form::currency},
                                 {"customer_id"},
                                 {"customer_type"},
                                 {"source"}}};
  return shape;
}

const TableShape& customers_shape() {
  static const TableShape shape{"customers",
                                {"customer_id", "type", "country", "orders", "source", "offsets", "rules"},
                                {{"customer_id"}, {"type"}, {"country", Form::country}, {"source"}}};
  return shape;
}

const TableShape& products_shape() {
  static const TableShape shape{"products",
                                {"sku", "description", "category", "source", "offsets", "rules"},
                                {{"sku"}, {"category"}, {"source"}}};
  return shape;
}

const TableShape& quarantine_shape() {
  static const TableShape shape{
      "quarantine",
      {"offset", "rule", "type", "source", "event_id", "order_id", "occurred_at", "retries", "retry_rule"},
      {{"offset", Form::offset},
       {"rule", Form::rule},
       {"type", Form::event_type},
       {"source"},
       {"event_id"},
       {"order_id"},
       {"occurred_at", Form::time}}};
  return shape;
}

const TableShape& quality_shape() {
  static const TableShape shape{
      "quality", {"rule", "source", "seen", "changed", "quarantined"}, {{"rule", Form::rule}, {"source"}}};
  return shape;
}

}  // namespace lode::query
