#include "wire/admin_kinds.h"
#include "wire/openapi.h"

namespace lode::wire {
namespace {

constexpr std::string_view kSchemas = R"json({
"Money":{"description":"Decimal string or number, at most 6 decimals.","oneOf":[{"type":"string","pattern":"^-?[0-9]+(\\.[0-9]+)?$"},{"type":"number"}]},
"Customer":{"type":"object","properties":{"id":{"type":"string","maxLength":128},"type":{"type":"string"},"country":{"type":"string"},"email":{"type":"string"},"name":{"type":"string"},"phone":{"type":"string"},"address":{"type":"string"}}},
"Line":{"type":"object","required":["sku","quantity"],"properties":{"sku":{"type":"string","maxLength":128},"description":{"type":"string"},"category":{"type":"string"},"quantity":{"type":"integer","minimum":-2147483647,"maximum":2147483647},"unit_price":{"$ref":"#/components/schemas/Money"},"discount":{"$ref":"#/components/schemas/Money"}}},
"Event":{"type":"object","required":["event_id","type","occurred_at"],"description":"Unknown members are kept. purchase needs order_id, currency, lines; refund order_id, lines; cancellation order_id; customer customer_id; product sku.","properties":{"event_id":{"type":"string","minLength":1,"maxLength":128},"type":{"enum":["purchase","refund","cancellation","customer","product"]},"occurred_at":{"type":"string","format":"date-time"},"source":{"type":"string","maxLength":128},"order_id":{"type":"string","maxLength":128},"currency":{"type":"string"},"channel":{"type":"string"},"revision":{"type":"integer","default":0},"customer":{"$ref":"#/components/schemas/Customer"},"lines":{"type":"array","items":{"$ref":"#/components/schemas/Line"}},"attributes":{"type":"object"}}},
"Events":{"oneOf":[{"$ref":"#/components/schemas/Event"},{"type":"array","items":{"$ref":"#/components/schemas/Event"}}]},
"WriteResult":{"type":"object","required":["accepted","duplicates","rejected","first_offset","last_offset","results"],"properties":{"accepted":{"type":"integer"},"duplicates":{"type":"integer"},"rejected":{"type":"integer"},"first_offset":{"type":["integer","null"]},"last_offset":{"type":["integer","null"]},"results":{"type":"array","items":{"type":"object","required":["index","status","offset"],"properties":{"index":{"type":"integer"},"status":{"enum":["accepted","duplicate","rejected","quarantined"]},"code":{"type":"string"},"pointer":{"type":"string"},"detail":{"type":"string"},"offset":{"type":["integer","null"]}}}}}},
"Meta":{"type":"object","required":["as_of_offset","as_of_time","lag_ms"],"properties":{"as_of_offset":{"type":["integer","null"]},"as_of_time":{"type":["string","null"],"format":"date-time"},"lag_ms":{"type":"integer"},"view":{"type":"string","description":"The view, the silver table, quality or log."},"view_version":{"type":"integer","minimum":1,"description":"Of a gold view: a hash of its declaration. Of silver's tables, quality and log: 1; it goes up when a column changes its meaning."}}},
"Rows":{"type":"object","required":["meta","rows"],"properties":{"meta":{"$ref":"#/components/schemas/Meta"},"rows":{"type":"array","items":{"type":"object"}},"next_cursor":{"type":"string"}}},
"Status":{"type":"object"},
"Truncate":{"type":"object","required":["before"],"additionalProperties":false,"properties":{"before":{"type":"integer","minimum":0,"description":"Records from this offset on stay."},"dry_run":{"type":"boolean","default":false}}},
"Truncated":{"type":"object","required":["before","dry_run","first_offset","first_entry","dropped_entries","held_by"],"properties":{"before":{"type":"integer"},"dry_run":{"type":"boolean"},"first_offset":{"type":"integer","description":"The first that is left, or would be."},"first_entry":{"type":"integer"},"dropped_entries":{"type":"integer"},"held_by":{"type":"string","description":"Why it did not go further; empty when it did."}}},
"Reload":{"type":"object","additionalProperties":false,"properties":{"dry_run":{"type":"boolean","default":false,"description":"Only say what would come of it."}}},
"KeyChange":{"type":"object","required":["key","from","to"],"properties":{"key":{"type":"string"},"from":{"type":"string","description":"As the configuration file would have it."},"to":{"type":"string"}}},
"Reloaded":{"type":"object","required":["dry_run","taken","left","read_again"],"properties":{"dry_run":{"type":"boolean"},"taken":{"type":"array","items":{"$ref":"#/components/schemas/KeyChange"}},"left":{"type":"array","items":{"$ref":"#/components/schemas/KeyChange"},"description":"Which only the next start takes."},"read_again":{"type":"array","items":{"enum":["mappings","certificates"]}}}},
"NodeId":{"type":"integer","minimum":1,"maximum":4294967295},
"NoMembers":{"type":"object","additionalProperties":false},
"Node":{"type":"object","required":["id"],"additionalProperties":false,"properties":{"id":{"$ref":"#/components/schemas/NodeId"}}},
"NodeOrNone":{"type":"object","additionalProperties":false,"properties":{"id":{"$ref":"#/components/schemas/NodeId"}}},
"NodeAndAddress":{"type":"object","required":["id","address"],"additionalProperties":false,"properties":{"id":{"$ref":"#/components/schemas/NodeId"},"address":{"type":"string","description":"IP:port on which it listens for other nodes."}}},
"Done":{"type":"object","required":["done"],"properties":{"done":{"type":"boolean"},"cluster":{"type":"string"},"nodes":{"type":"array","items":{"$ref":"#/components/schemas/NodeId"},"description":"Of init: all that will vote."}}},
"Member":{"type":"object","required":["id","role","self","connected"],"properties":{"id":{"$ref":"#/components/schemas/NodeId"},"address":{"type":"string"},"role":{"enum":["voter","standby"]},"state":{"type":["string","null"]},"self":{"type":"boolean"},"connected":{"type":"boolean"},"round_trip_ms":{"type":["number","null"]},"software":{"type":["string","null"]},"http":{"type":["string","null"]},"match_entry":{"type":["integer","null"]},"applied_entry":{"type":["integer","null"]},"applied_offset":{"type":["integer","null"]},"lag_entries":{"type":["integer","null"]},"progress":{"type":["number","null"],"minimum":0,"maximum":1},"state_hash":{"type":["object","null"],"properties":{"offset":{"type":["integer","null"]},"hash":{"type":"string"}}},"trouble":{"type":"string"}}},
"Cluster":{"type":"object","required":["cluster","node","state","term","leader","changing","nodes"],"properties":{"cluster":{"type":["string","null"]},"node":{"$ref":"#/components/schemas/NodeId"},"state":{"enum":["leader","follower","candidate","waiting","installing","removed"]},"term":{"type":"integer"},"leader":{"type":["object","null"],"properties":{"id":{"$ref":"#/components/schemas/NodeId"},"address":{"type":"string"},"http":{"type":"string"},"tcp":{"type":"string"}}},"commit_entry":{"type":"integer"},"last_entry":{"type":"integer"},"floor_entry":{"type":"integer"},"changing":{"type":"boolean"},"level":{"type":"object","properties":{"active":{"type":"integer"},"newest":{"type":"integer"}}},"ruleset":{"type":"object","properties":{"hash":{"type":"string"},"building":{"type":["object","null"],"properties":{"hash":{"type":"string"},"entry":{"type":"integer"},"of":{"type":"integer"}}}}},"nodes":{"type":"array","items":{"$ref":"#/components/schemas/Member"}},"divergence":{"type":["object","null"],"properties":{"entry":{"type":"integer"},"nodes":{"type":"array"}}},"trouble":{"type":"string"}}},
"Problem":{"type":"object","required":["type","title","status","detail","code"],"properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},"code":{"type":"string","description":"Stable: event_id_conflict, queue_full, outcome_unknown, invalid_json, not_caught_up, mixed_currencies, unknown_parameter and so on."},"pointer":{"type":"string","description":"JSON pointer to what is wrong"}}},
)json";

}  // namespace

const std::string& openapi_schemas() {
  static const std::string kText = std::string(kSchemas) + admin_schemas() + "}";
  return kText;
}

}  // namespace lode::wire
