#include "wire/events_body.h"

#include <array>

#include "event/cloudevents.h"
#include "event/csv_orders.h"
#include "event/json.h"
#include "wire/content_encoding.h"
#include "wire/media_type.h"
#include "wire/problem.h"

namespace lode::wire {
namespace {

constexpr const char* kTypes =
    "Send application/json, application/x-ndjson, text/csv with mapping=NAME, application/cloudevents+json "
    "or "
    "application/cloudevents-batch+json.";
constexpr const char* kUtf8 =
    "Bodies are read as UTF-8: send them so, with charset=utf-8 or without charset.";

Response unsupported(std::string detail) {
  Response response = problem_response(415, "unsupported_media_type", std::move(detail));
  response.headers.emplace_back(
      "Accept-Post",
      "application/json, application/x-ndjson, text/csv, application/cloudevents+json, "
      "application/cloudevents-batch+json");
  return response;
}

bool is_utf8(const MediaType& type) {
  const std::string* charset = type.parameter("charset");
  if (!charset) return true;
  const std::string name = lower_case(*charset);
  return name == "utf-8" || name == "utf8" || name == "us-ascii";
}

std::optional<Response> as_response(std::optional<event::Problem> problem) {
  if (!problem) return std::nullopt;
  int status = problem->code == "too_many_events" ? 413 : 400;
  return problem_response(status, *problem);
}

std::optional<Response> decode_binary_cloudevent(const Request& request,
                                                 std::span<const event::Header> headers,
                                                 event::JsonDecoder& json, event::EventBatch& batch) {
  auto structured = std::make_shared<std::string>();
  structured->reserve(request.body->size() + 1024);
  if (auto problem = event::write_structured(headers, *request.body, *structured)) {
    return problem_response(400, *problem);
  }
  structured->reserve(structured->size() + kBodyPadding);
  return as_response(json.decode_json(std::move(structured), batch, event::Format::cloudevents));
}

std::optional<Response> decode_mapped_csv(const Site& site, const Request& request, const MediaType& type,
                                          event::JsonDecoder& json, event::EventBatch& batch) {
  const std::string* name = type.parameter("mapping");
  if (!name) name = request.parameter("mapping");
  if (!name) {
    return problem_response(400, "missing_mapping",
                            "Say which mapping: Content-Type: text/csv; mapping=NAME.", "/mapping");
  }
  const auto mapping = site.services.mapping(*name);
  if (!mapping) {
    return problem_response(400, "unknown_mapping", "There is no mapping of this name.", "/mapping");
  }
  return as_response(event::decode_csv(request.body, *mapping, json, batch));
}

// The body as its Content-Encoding made it is given up for what was in it.
std::optional<Response> decompress(Exchange& exchange) {
  Request& request = exchange.request();
  std::shared_ptr<std::string> sent = request.body;
  if (auto refused = decode_content(request.header("content-encoding"), exchange.loop()->limits().body_bytes,
                                    request.body)) {
    Response response = problem_response(refused->status, refused->problem);
    if (refused->status == 415) response.headers.emplace_back("Accept-Encoding", "gzip, zstd");
    return response;
  }
  if (request.body != sent && !exchange.take_room(request.body->size())) return too_many_bodies_response();
  return std::nullopt;
}

}  // namespace

std::optional<Response> decode_events(const Site& site, Exchange& exchange, event::EventBatch& batch) {
  if (auto refused = decompress(exchange)) return refused;
  const Request& request = exchange.request();
  event::JsonDecoder& json = exchange.loop()->json();
  auto type = parse_media_type(request.header("content-type"));
  if (type && !is_utf8(*type)) return unsupported(kUtf8);
  std::vector<event::Header> headers(request.headers.begin(), request.headers.end());
  if (event::is_binary_cloudevent(headers)) return decode_binary_cloudevent(request, headers, json, batch);
  if (!type) return unsupported(kTypes);
  if (type->name == "application/json") return as_response(json.decode_json(request.body, batch));
  if (type->name == "application/x-ndjson") return as_response(json.decode_ndjson(request.body, batch));
  if (type->name == "text/csv") return decode_mapped_csv(site, request, *type, json, batch);
  if (type->name == "application/cloudevents+json" || type->name == "application/cloudevents-batch+json") {
    return as_response(json.decode_json(request.body, batch, event::Format::cloudevents));
  }
  return unsupported(kTypes);
}

}  // namespace lode::wire
