#include "wire/write_answer.h"

#include <charconv>

#include "wire/json_text.h"
#include "wire/problem.h"

namespace lode::wire {
namespace {

void append_number(std::string& out, int64_t value) {
  char text[24];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

void append_offset(std::string& out, int64_t offset) {
  if (offset < 0) {
    out += "null";
  } else {
    append_number(out, offset);
  }
}

void append_item(std::string& out, const ingest::ItemResult& item) {
  out += "{\"index\":";
  append_number(out, item.index);
  out += ",\"status\":\"";
  out += to_string(item.status);
  out += '"';
  if (!item.problem.code.empty()) {
    out += ",\"code\":";
    append_json_string(out, item.problem.code);
    out += ",\"pointer\":";
    append_json_string(out, item.problem.pointer);
    out += ",\"detail\":";
    append_json_string(out, item.problem.detail);
  }
  out += ",\"offset\":";
  append_offset(out, item.offset);
  out += '}';
}

}  // namespace

std::string_view to_string(ingest::ItemResult::Status status) {
  switch (status) {
    case ingest::ItemResult::Status::accepted:
      return "accepted";
    case ingest::ItemResult::Status::duplicate:
      return "duplicate";
    case ingest::ItemResult::Status::rejected:
      return "rejected";
    case ingest::ItemResult::Status::quarantined:
      return "quarantined";
  }
  return "rejected";
}

Response render_write_answer(const ingest::Answer& answer) {
  if (answer.refusal) {
    return problem_response(answer.refusal->status, answer.refusal->problem,
                            answer.refusal->retry_after_seconds);
  }
  const ingest::WriteResult& result = answer.result;
  Response response;
  if (result.rejected > 0) response.status = result.accepted + result.duplicates > 0 ? 207 : 422;
  std::string& out = response.body;
  out.reserve(160 + result.results.size() * 96);
  out += "{\"accepted\":";
  append_number(out, result.accepted);
  out += ",\"duplicates\":";
  append_number(out, result.duplicates);
  out += ",\"rejected\":";
  append_number(out, result.rejected);
  out += ",\"first_offset\":";
  append_offset(out, result.first_offset);
  out += ",\"last_offset\":";
  append_offset(out, result.last_offset);
  out += ",\"results\":[";
  for (const auto& item : result.results) {
    if (out.back() == '}') out += ',';
    append_item(out, item);
  }
  out += "]}\n";
  return response;
}

}  // namespace lode::wire
