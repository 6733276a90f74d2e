#include "admin/replay_memo.h"

#include <fmt/format.h>
#include <simdjson.h>

namespace lode::admin {

std::string ReplayMemo::encode() const {
  return fmt::format(R"({{"folder":{},"prepared":{},"copy":{},"from":{}}})", folder, prepared, copy, from);
}

ReplayMemo ReplayMemo::decode(std::string_view json) {
  ReplayMemo out;
  if (json.empty()) return out;
  simdjson::dom::parser parser;
  const simdjson::dom::object members = parser.parse(json.data(), json.size());
  out.folder = members["folder"];
  out.prepared = members["prepared"];
  out.copy = members["copy"];
  out.from = members["from"];
  return out;
}

}  // namespace lode::admin
