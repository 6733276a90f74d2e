#include "wire/openapi.h"

namespace lode::wire {

std::string_view openapi_schemas() {
  return R"json({
"Money":{"description":"Decimal string or number, at most 6 decimals.","oneOf":[{"type":"string","pattern":"^-?[0-9]+(\\.[0-9]+)?$"},{"type":"number"}]},
"Customer":{"type":"object","properties":{"id":{"type":"string","maxLength":128},"type":{"type":"string"},"country":{"type":"string"},"email":{"type":"string"},"name":{"type":"string"},"phone":{"type":"string"},"address":{"type":"string"}}},
"Line":{"type":"object","required":["sku","quantity"],"properties":{"sku":{"type":"string","maxLength":128},"description":{"type":"string"},"category":{"type":"string"},"quantity":{"type":"integer","minimum":-2147483647,"maximum":2147483647},"unit_price":{"$ref":"#/components/schemas/Money"},"discount":{"$ref":"#/components/schemas/Money"}}},
"Event":{"type":"object","required":["event_id","type","occurred_at"],"description":"Unknown members are kept. purchase needs order_id, currency, lines; refund order_id, lines; cancellation order_id; customer customer_id; product sku.","properties":{"event_id":{"type":"string","minLength":1,"maxLength":128},"type":{"enum":["purchase","refund","cancellation","customer","product"]},"occurred_at":{"type":"string","format":"date-time"},"source":{"type":"string","maxLength":128},"order_id":{"type":"string","maxLength":128},"currency":{"type":"string"},"channel":{"type":"string"},"revision":{"type":"integer","default":0},"customer":{"$ref":"#/components/schemas/Customer"},"lines":{"type":"array","items":{"$ref":"#/components/schemas/Line"}},"attributes":{"type":"object"}}},
"Events":{"oneOf":[{"$ref":"#/components/schemas/Event"},{"type":"array","items":{"$ref":"#/components/schemas/Event"}}]},
"WriteResult":{"type":"object","required":["accepted","duplicates","rejected","first_offset","last_offset","results"],"properties":{"accepted":{"type":"integer"},"duplicates":{"type":"integer"},"rejected":{"type":"integer"},"first_offset":{"type":["integer","null"]},"last_offset":{"type":["integer","null"]},"results":{"type":"array","items":{"type":"object","required":["index","status","offset"],"properties":{"index":{"type":"integer"},"status":{"enum":["accepted","duplicate","rejected","quarantined"]},"code":{"type":"string"},"pointer":{"type":"string"},"detail":{"type":"string"},"offset":{"type":["integer","null"]}}}}}},
"Meta":{"type":"object","required":["as_of_offset","as_of_time","lag_ms"],"properties":{"as_of_offset":{"type":["integer","null"]},"as_of_time":{"type":["string","null"],"format":"date-time"},"lag_ms":{"type":"integer"},"view":{"type":"string","description":"The view, the silver table, quality or log."},"view_version":{"type":"integer","minimum":1,"description":"Of a gold view: a hash of its declaration. Of silver's tables, quality and log: 1; it goes up when a column changes its meaning."}}},
"Rows":{"type":"object","required":["meta","rows"],"properties":{"meta":{"$ref":"#/components/schemas/Meta"},"rows":{"type":"array","items":{"type":"object"}},"next_cursor":{"type":"string"}}},
"Status":{"type":"object"},
"Problem":{"type":"object","required":["type","title","status","detail","code"],"properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},"code":{"type":"string","description":"Stable: event_id_conflict, queue_full, outcome_unknown, invalid_json, not_caught_up, mixed_currencies, unknown_parameter and so on."},"pointer":{"type":"string","description":"JSON pointer to what is wrong"}}}
})json";
}

}  // namespace lode::wire
