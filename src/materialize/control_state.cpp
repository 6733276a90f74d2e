#include "materialize/control_state.h"

#include "env/newer_format.h"
#include "record/batch.h"
#include "store/bytes.h"

namespace lode::materialize {

namespace {

constexpr std::string_view kName = "controls";
constexpr uint64_t kFormat = 1;

void pack(const ControlState::Rules& rules, store::Packer& out) {
  out.number(rules.entry);
  out.number(rules.hash);
  out.number(rules.folder);
  out.text(rules.text);
}

ControlState::Rules unpack(store::Unpacker& in) {
  ControlState::Rules rules;
  rules.entry = in.number();
  rules.hash = in.number();
  rules.folder = in.number();
  rules.text = in.text();
  return rules;
}

}  // namespace

ControlState ControlState::seeded(const Ruleset& rules, uint64_t level) {
  ControlState out;
  out.level = level;
  out.active.hash = rules.hash();
  out.active.text = rules.encode();
  return out;
}

std::string ControlState::encode() const {
  std::string bytes;
  store::Packer out(bytes);
  out.number(kFormat);
  out.number(entry);
  out.number(level);
  out.number(last_folder);
  pack(active, out);
  out.number(next ? 1 : 0);
  if (next) pack(*next, out);
  return bytes;
}

ControlState ControlState::decode(std::string_view bytes) {
  try {
    store::Unpacker in(bytes);
    if (const uint64_t format = in.number(); format != kFormat)
      throw record::Corruption(env::newer_format("what the log's controls have said", format, kFormat));
    ControlState out;
    out.entry = in.number();
    out.level = in.number();
    out.last_folder = in.number();
    out.active = unpack(in);
    if (in.number() != 0) out.next = unpack(in);
    if (!in.done()) throw store::Damaged("more than there should be");
    return out;
  } catch (const store::Damaged& error) {
    throw record::Corruption("the controls' state can't be read: " + std::string(error.what()));
  }
}

std::optional<ControlState> ControlState::load(const log::Log& log) {
  auto bytes = log.get_meta(kName);
  if (!bytes) return std::nullopt;
  return decode(*bytes);
}

void ControlState::save(log::Log& log) const { log.put_meta(kName, encode()); }

ControlState ControlState::taken_over(std::string_view bytes, uint64_t last_folder) {
  ControlState out = decode(bytes);
  out.active.folder = last_folder;
  if (out.next) out.next->folder = ++last_folder;
  out.last_folder = last_folder;
  return out;
}

}  // namespace lode::materialize
