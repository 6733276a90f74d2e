#include "materialize/bystanders.h"

#include <algorithm>
#include <string>

#include "env/newer_format.h"
#include "record/batch.h"
#include "store/bytes.h"

namespace lode::materialize {

namespace {

constexpr std::string_view kName = "bystanders";
constexpr uint64_t kFormat = 1;

std::vector<Bystander> decode(std::string_view bytes) {
  try {
    store::Unpacker in(bytes);
    if (const uint64_t format = in.number(); format != kFormat)
      throw record::Corruption(env::newer_format("the list of generations", format, kFormat));
    std::vector<Bystander> out(in.number());
    for (Bystander& one : out) {
      one.folder = in.number();
      one.role = static_cast<Bystander::Role>(in.number());
      one.at = {in.number(), in.number(), in.signed_number(), in.number()};
      one.made_micros = in.signed_number();
    }
    return out;
  } catch (const store::Damaged& error) {
    throw record::Corruption("the list of generations: " + std::string(error.what()));
  }
}

void add(std::vector<Bystander>& all, const Bystander& one) {
  std::erase_if(all, [&](const Bystander& other) {
    return other.folder == one.folder ||
           (one.role == Bystander::Role::former && other.role == Bystander::Role::former);
  });
  all.push_back(one);
}

}  // namespace

Bystanders::Bystanders(log::Log& log, uint64_t serving) : log_(log) {
  const auto kept = log.get_meta(kName);
  if (!kept) return;
  for (const Bystander& one : decode(*kept))
    if (one.folder != serving) add(all_, one);
}

std::vector<Bystander> Bystanders::all() const {
  std::lock_guard lock(mutex_);
  return all_;
}

std::vector<Bystander> Bystanders::in(Bystander::Role role) const {
  std::vector<Bystander> out = all();
  std::erase_if(out, [&](const Bystander& one) { return one.role != role; });
  return out;
}

std::optional<Bystander> Bystanders::find(uint64_t folder) const {
  std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const auto& one) { return one.folder == folder; });
  if (found == all_.end()) return std::nullopt;
  return *found;
}

void Bystanders::put(const Bystander& one) {
  std::lock_guard lock(mutex_);
  std::erase_if(all_, [&](const Bystander& other) { return other.folder == one.folder; });
  all_.push_back(one);
  save();
}

void Bystanders::remove(uint64_t folder) {
  std::lock_guard lock(mutex_);
  std::erase_if(all_, [&](const Bystander& one) { return one.folder == folder; });
  save();
}

void Bystanders::save() const {
  std::string bytes;
  store::Packer out(bytes);
  out.number(kFormat);
  out.number(all_.size());
  for (const Bystander& one : all_) {
    out.number(one.folder);
    out.number(static_cast<uint64_t>(one.role));
    out.number(one.at.next_offset);
    out.number(one.at.entry_index);
    out.signed_number(one.at.record_micros);
    out.number(one.at.ruleset_hash);
    out.signed_number(one.made_micros);
  }
  log_.put_meta(kName, bytes);
}

}  // namespace lode::materialize
