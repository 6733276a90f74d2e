// The answer to POST /v1/events. Pure; any thread.
#pragma once

#include "ingest/ingest.h"
#include "wire/message.h"

namespace lode::wire {

// 200 all accepted or duplicate, 207 mixed, 422 all rejected; a refusal as a problem.
Response render_write_answer(const ingest::Answer& answer);
std::string_view to_string(ingest::ItemResult::Status status);

}  // namespace lode::wire
