#include "wire/read_parameters.h"

namespace lode::wire {

using In = Parameter::In;

const std::vector<std::string_view>& row_types() {
  static const std::vector<std::string_view> kTypes = {"application/json", "application/x-ndjson",
                                                       "text/csv"};
  return kTypes;
}

std::vector<Parameter> reading(std::vector<Parameter> own) {
  own.push_back({In::query, "min_offset", R"({"type":"integer","minimum":0})",
                 "Answer only once this offset is applied."});
  own.push_back({In::query, "wait_ms", R"({"type":"integer","minimum":0,"maximum":60000,"default":1000})",
                 "How long to wait for min_offset, and for consistency."});
  own.push_back({In::query, "consistency", R"({"enum":["local","linearizable"],"default":"local"})",
                 "local: what this node has applied. linearizable: nothing that any node acknowledged before "
                 "is missing; asks the leader. Of a stream both say where it starts."});
  own.push_back(
      {In::header, "If-None-Match", R"({"type":"string"})", "An ETag: 304 when nothing changed since."});
  return own;
}

std::vector<Answer> read_answers(std::string_view schema, const std::vector<std::string_view>& types) {
  const std::vector<std::string_view> problem_types = {"application/problem+json"};
  return {
      {200, "The rows, as of an applied offset (header Lode-Applied-Offset).", schema, types},
      {304, "Not changed since the ETag in If-None-Match."},
      {400, "A parameter is unknown or malformed: pointer says which.", "Problem", problem_types},
      {404, "There is no such view, table or row.", "Problem", problem_types},
      {406, "None of the media types in Accept.", "Problem", problem_types},
      {429, "Too many reads wait, or too many streams: see Retry-After.", "Problem", problem_types},
      {503,
       "not_ready: the log is replayed or the state rebuilt; not_caught_up: min_offset, or what consistency "
       "asks for, is not applied yet; no_leader: nobody can tell what is the newest; "
       "busy: no room for a large answer, see Retry-After.",
       "Problem", problem_types}};
}

}  // namespace lode::wire
