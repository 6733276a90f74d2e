#include "materialize/compactions.h"

#include <algorithm>

#include "record/batch.h"
#include "store/bytes.h"

namespace lode::materialize {

namespace {

constexpr std::string_view kName = "compactions";
constexpr uint64_t kFormat = 1;
constexpr record::GroupId kGroup{0};

}  // namespace

std::vector<Compaction> Compactions::all() const {
  std::lock_guard lock(mutex_);
  return load();
}

std::vector<Compaction> Compactions::load() const {
  std::vector<Compaction> out;
  const auto bytes = log_.get_meta(kName);
  if (!bytes) return out;
  try {
    store::Unpacker in(*bytes);
    if (in.number() != kFormat) throw record::Corruption("the compactions are a newer program's");
    for (uint64_t left = in.number(); left > 0; --left) {
      const uint64_t control = in.number();
      out.push_back({{control}, in.number() != 0});
    }
    if (!in.done()) throw store::Damaged("more than there should be");
  } catch (const store::Damaged& error) {
    throw record::Corruption("the compactions can't be read: " + std::string(error.what()));
  }
  return out;
}

bool Compactions::any_open() const {
  const auto known = all();
  return std::any_of(known.begin(), known.end(), [](const Compaction& one) { return !one.done; });
}

void Compactions::add(record::EntryIndex control) {
  std::lock_guard lock(mutex_);
  auto known = load();
  const auto at =
      std::lower_bound(known.begin(), known.end(), control,
                       [](const Compaction& one, record::EntryIndex index) { return one.control < index; });
  if (at != known.end() && at->control == control) return;
  known.insert(at, {control, false});
  save(known);
}

void Compactions::mark_done(const std::vector<record::EntryIndex>& controls) {
  std::lock_guard lock(mutex_);
  auto known = load();
  for (Compaction& one : known)
    if (std::find(controls.begin(), controls.end(), one.control) != controls.end()) one.done = true;
  save(known);
}

void Compactions::reopen() {
  std::lock_guard lock(mutex_);
  auto known = load();
  for (Compaction& one : known) one.done = false;
  save(known);
}

void Compactions::forget_lost() {
  std::lock_guard lock(mutex_);
  const auto before = load();
  auto known = before;
  const record::EntryIndex first = log_.first_index(kGroup), last = log_.last_index(kGroup);
  std::erase_if(known, [&](const Compaction& one) { return one.control < first || one.control > last; });
  if (known != before) save(known);
}

void Compactions::save(const std::vector<Compaction>& all) {
  std::string bytes;
  store::Packer out(bytes);
  out.number(kFormat);
  out.number(all.size());
  for (const Compaction& one : all) {
    out.number(one.control.value);
    out.number(one.done ? 1 : 0);
  }
  log_.put_meta(kName, bytes);
}

}  // namespace lode::materialize
