#include "peer/call_codec.h"

namespace lode::peer {
namespace {

constexpr size_t kMaxCode = 64, kMaxDetail = 1024;

void add_body(OutFrame& frame, Bytes body) {
  if (!body.view.empty()) frame.tail.push_back(std::move(body));
}

}  // namespace

OutFrame encode_request(const RequestHead& head, Bytes body) {
  OutFrame frame(FrameType::request);
  FieldWriter out(frame.head);
  out.number(head.correlation);
  out.number(head.timeout_ms);
  out.number(head.kind);
  out.zeros(3);
  add_body(frame, std::move(body));
  return frame;
}

RequestIn decode_request(const Frame& frame) {
  FieldReader in(frame.body);
  RequestIn request;
  request.head.correlation = in.number<uint64_t>();
  request.head.timeout_ms = in.number<uint32_t>();
  request.head.kind = in.number<uint8_t>();
  in.zeros(3);
  request.body = {in.rest(), frame.owner};
  return request;
}

OutFrame encode_response(uint64_t correlation, Answer answer) {
  OutFrame frame(FrameType::response);
  FieldWriter out(frame.head);
  out.number(correlation);
  out.number(static_cast<uint8_t>(answer.outcome));
  out.zeros(3);
  out.text(answer.code, kMaxCode);
  out.text(answer.detail, kMaxDetail);
  add_body(frame, std::move(answer.body));
  return frame;
}

ResponseIn decode_response(const Frame& frame) {
  FieldReader in(frame.body);
  ResponseIn response;
  response.correlation = in.number<uint64_t>();
  const auto outcome = in.number<uint8_t>();
  if (outcome > static_cast<uint8_t>(Outcome::unhandled)) throw BadFrame("an answer's outcome is unknown");
  response.answer.outcome = static_cast<Outcome>(outcome);
  in.zeros(3);
  response.answer.code = in.text(kMaxCode);
  response.answer.detail = in.text(kMaxDetail);
  response.answer.body = {in.rest(), frame.owner};
  return response;
}

}  // namespace lode::peer
