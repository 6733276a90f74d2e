// How the columns of a CSV file become events: a declaration in TOML (config/mappings/*.toml;
// online_retail.toml explains every key).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"

namespace lode::event {

// A member of the event and where its value comes from.
struct MappedField {
  std::string object;  // "", "customer", "product", "attributes" or "lines"
  std::string name;
  std::string column;  // "" for a constant
  std::string constant;
};

// Rows whose `column` begins with `prefix` are events of `type`.
struct TypeRule {
  std::string column, prefix;
  EventType type = EventType::purchase;
};

struct Mapping {
  EventType type = EventType::purchase;
  std::vector<TypeRule> type_rules;  // the first that fits wins over `type`
  std::string group_by;  // column: the rows with the same value are one event; "": every row is one
  // Text with columns in braces: "online_retail/{InvoiceNo}". A second import of a file must make the same
  // ids.
  std::string event_id;
  std::string time_format;          // strptime-like, as absl::ParseTime has it
  std::string time_zone;            // IANA name, for times without an offset
  std::vector<MappedField> fields;  // those of one object stand together
};

// Throws std::runtime_error with a sentence that begins with `file` when the text is no mapping.
Mapping parse_mapping(std::string_view text, std::string_view file);

// The columns that a mapping reads, each once.
std::vector<std::string> columns_of(const Mapping& mapping);

// The pieces of `event_id`: text and column names by turns, text first.
std::vector<std::string> template_pieces(std::string_view text);

}  // namespace lode::event
