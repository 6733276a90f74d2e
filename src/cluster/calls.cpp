#include "cluster/calls.h"

#include "peer/fields.h"

namespace lode::cluster {

namespace {

constexpr uint32_t kMaxPayloads = 65'536;
constexpr size_t kMaxName = 64, kMaxAddress = 256, kMaxSentence = 4096;
constexpr uint32_t kMaxBody = 16u << 20;

void put_long(peer::FieldWriter& out, std::string_view bytes) {
  out.number(static_cast<uint32_t>(bytes.size()));
  out.raw(bytes);
}

std::string_view long_text(peer::FieldReader& in) {
  const auto length = in.number<uint32_t>();
  if (length > kMaxBody) throw peer::BadFrame("a text is longer than it may be");
  return in.raw(length);
}

}  // namespace

std::string encode_payloads(const std::vector<std::shared_ptr<const std::string>>& payloads) {
  std::string bytes;
  size_t size = sizeof(uint32_t);
  for (const auto& payload : payloads) size += sizeof(uint32_t) + payload->size();
  bytes.reserve(size);
  peer::FieldWriter out(bytes);
  out.number(static_cast<uint32_t>(payloads.size()));
  for (const auto& payload : payloads) put_long(out, *payload);
  return bytes;
}

std::vector<std::shared_ptr<const std::string>> decode_payloads(std::string_view bytes) {
  peer::FieldReader in(bytes);
  const auto count = in.number<uint32_t>();
  if (count > kMaxPayloads) throw peer::BadFrame("more record batches than there may be");
  std::vector<std::shared_ptr<const std::string>> payloads;
  for (uint32_t i = 0; i < count; ++i) payloads.push_back(std::make_shared<const std::string>(long_text(in)));
  in.end();
  return payloads;
}

std::string encode(const Command& command) {
  std::string bytes;
  peer::FieldWriter out(bytes);
  out.text(command.name, kMaxName);
  out.number(command.id);
  out.text(command.address, kMaxAddress);
  put_long(out, command.body);
  return bytes;
}

Command decode_command(std::string_view bytes) {
  peer::FieldReader in(bytes);
  Command out;
  out.name = in.text(kMaxName);
  out.id = in.number<uint64_t>();
  out.address = in.text(kMaxAddress);
  out.body = long_text(in);
  return out;
}

std::string encode(const CommandAnswer& answer) {
  std::string bytes;
  peer::FieldWriter out(bytes);
  out.number(static_cast<uint16_t>(answer.status));
  out.text(answer.problem.code, kMaxName);
  out.text(answer.problem.pointer, kMaxAddress);
  out.text(answer.problem.detail, kMaxSentence);
  put_long(out, answer.json);
  return bytes;
}

CommandAnswer decode_command_answer(std::string_view bytes) {
  peer::FieldReader in(bytes);
  CommandAnswer out;
  out.status = in.number<uint16_t>();
  out.problem.code = in.text(kMaxName);
  out.problem.pointer = in.text(kMaxAddress);
  out.problem.detail = in.text(kMaxSentence);
  out.json = long_text(in);
  return out;
}

CommandAnswer refuse(int status, std::string code, std::string sentence) {
  return {status, {std::move(code), "", std::move(sentence)}, ""};
}

}  // namespace lode::cluster
