#include "materialize/succession.h"

#include <algorithm>
#include <utility>

#include "materialize/log_gap.h"
#include "materialize/replay.h"
#include "store/rocksdb_disk.h"

namespace lode::materialize {

using record::Control;

namespace {

std::string unusable(const std::exception& why) {
  return std::string(why.what()) + "; the state is removed and made anew from the log";
}

}  // namespace

Succession::Succession(Place place, const Ruleset& configured, Applied& applied, bool remove_rows)
    : place_(std::move(place)), compactions_(place_.log) {
  begin(configured);
  std::vector<uint64_t> kept{controls_.active.folder};
  if (controls_.next) kept.push_back(controls_.next->folder);
  bystanders_ = std::make_unique<Bystanders>(place_.log, controls_.active.folder);
  for (const Bystander& one : bystanders_->all()) kept.push_back(one.folder);
  place_.folders.sweep(kept);
  if (remove_rows) {
    require_source();
    place_.say("the state is removed and made anew from the log");
    place_.folders.remove(controls_.active.folder);
    why_rebuild_ = "rebuilding a state that could not be used";
  }
  auto first = open_rows(Ruleset::decode(controls_.active.text), controls_.active.folder);
  if (first->dropped_rows()) {
    place_.say("the ruleset changed: silver and gold are rebuilt from the log");
    why_rebuild_ = "rebuilding for a changed ruleset";
  }
  auto on = [this](const CommittedEntry& entry, Current::Lock& applying) {
    return on_control(entry, applying);
  };
  current_ = std::make_unique<Current>(std::move(first), applied, on);
  start_build();
}

Succession::~Succession() { stop(); }

void Succession::begin(const Ruleset& configured) {
  auto kept = ControlState::load(place_.log);
  const uint64_t last = place_.log.last_index(place_.group).value;
  // A log of an earlier program has more than its group's first entry, and stays at level 1 until somebody
  // raises it.
  const uint64_t level = kept ? kept->level : last <= 1 ? kNewestLevel : 1;
  if (level > kNewestLevel)
    throw std::runtime_error("this data folder is at feature level " + std::to_string(level) +
                             ", and this program knows up to " + std::to_string(kNewestLevel) +
                             ": install the newer program");
  controls_ = kept ? *kept : ControlState::seeded(configured, level);
  const uint64_t here = Ruleset::decode(controls_.active.text).hash();
  const bool own_rules = here != controls_.active.hash;  // this program's tables are others
  const bool differs = configured.hash() != controls_.active.hash;
  const bool alone = (own_rules || (level < 2 && differs)) && place_.is_alone();
  const bool no_control = level < 2 && differs && alone;
  if (own_rules && !alone)
    throw std::runtime_error(
        "the ruleset in the log makes other rows with this program than with the one that it was made for: "
        "install the program that the other nodes run");
  if (kept && (own_rules || no_control)) {
    ControlState seeded = ControlState::seeded(configured, level);
    controls_.active = {controls_.entry, seeded.active.hash, controls_.active.folder, seeded.active.text};
    controls_.next.reset();
  }
  // An empty folder may still be taken into a group that has a ruleset.
  if (last > 0 && (!kept || own_rules || no_control)) controls_.save(place_.log);
}

void Succession::forget_lost() {
  ControlState state = controls();
  state.entry = std::min(state.entry, place_.log.last_index(place_.group).value);
  change(std::move(state));
}

void Succession::keep() const {
  if (!ControlState::load(place_.log)) controls().save(place_.log);
}

// Of a damaged state: the log, or other members, of whom one has a state that is whole.
void Succession::require_source() const {
  if (place_.is_alone()) require_replayable(place_.log, place_.group, {0}, "the state can't be used");
}

std::shared_ptr<Generation> Succession::open_rows(const Ruleset& rules, uint64_t folder) {
  auto again = [&](const std::exception& why) {
    place_.say(unusable(why));
    place_.folders.remove(folder);
    return place_.folders.open(rules, folder);
  };
  // Only the rows throw these: the log is whole.
  try {
    return place_.folders.open(rules, folder);
  } catch (const store::UnknownFamily& error) {
    require_replayable(place_.log, place_.group, {0}, "the state can't be used");  // a newer program could
    if (!current_) why_rebuild_ = "rebuilding a state that could not be used";
    return again(error);
  } catch (const store::Damaged& error) {
    if (current_) {
      require_replayable(place_.log, place_.group, {0}, "the state can't be used");
    } else {
      require_source();
      why_rebuild_ = "rebuilding a state that could not be used";
    }
    return again(error);
  }
}

ControlState Succession::controls() const {
  std::lock_guard lock(mutex_);
  return controls_;
}

std::optional<BuildStatus> Succession::build() const {
  std::lock_guard lock(mutex_);
  if (!controls_.next || !build_) return std::nullopt;
  BuildStatus status;
  status.ruleset_hash = controls_.next->hash;
  status.announced = {controls_.next->entry};
  status.entry = build_->applied();
  const auto serving = current_->get();
  status.of = serving->materializer().applied_entry();
  status.records = build_->next_offset().value;
  status.of_records = serving->materializer().next_offset().value;
  status.records_a_second = build_->records_a_second();
  status.waited_for = waiting_;
  status.trouble = build_->trouble();
  return status;
}

void Succession::replay(const std::function<bool(record::EntryIndex)>& keep_going) {
  auto first = current_->get();
  const uint64_t from = first->materializer().applied_entry().value;
  const uint64_t to = place_.log.last_index(place_.group).value;
  first->expect(to > from ? to - from : 0);
  first->materializer().set_replaying(true);
  materialize::replay(place_.log, place_.group, {from + 1}, place_.hasher, [&](const CommittedEntry& entry) {
    const bool done = current_->apply(entry, nullptr);  // or it came with a state from elsewhere
    return (done || !interrupted_) && keep_going(entry.index);
  });
  first->materializer().set_replaying(false);
}

void Succession::hurry() {
  std::lock_guard lock(mutex_);
  if (build_) build_->hurry();
}

bool Succession::on_control(const CommittedEntry& entry, Current::Lock& applying) {
  ControlState state = controls();
  if (entry.index.value <= state.entry) return true;
  switch (entry.control->kind) {
    case Control::Kind::announce:
      announce(entry);
      return true;
    case Control::Kind::switch_:
      return switch_over(entry, applying);
    case Control::Kind::level:
      if (entry.control->level > kNewestLevel)
        throw std::runtime_error("the feature level is raised to " + std::to_string(entry.control->level) +
                                 ", and this program knows up to " + std::to_string(kNewestLevel) +
                                 ": install the newer program");
      state.entry = entry.index.value;
      state.level = std::max(state.level, entry.control->level);
      change(std::move(state));
      return true;
    case Control::Kind::compact:  // of no consequence for rows
      compactions_.add(entry.index);
      state.entry = entry.index.value;
      change(std::move(state));
      return true;
  }
  throw std::logic_error("a control of no kind");
}

void Succession::announce(const CommittedEntry& entry) {
  drop_build();
  ControlState state = controls();
  state.entry = entry.index.value;
  if (entry.control->ruleset_hash == state.active.hash) {
    state.next.reset();
    state.active.text = entry.control->ruleset;  // in which views may be described otherwise
  } else {
    state.next = ControlState::Rules{entry.index.value, entry.control->ruleset_hash, ++state.last_folder,
                                     entry.control->ruleset};
  }
  change(std::move(state));
  start_build();
}

// What was announced is at the last entry before this one, or apply waits for it.
bool Succession::switch_over(const CommittedEntry& entry, Current::Lock& applying) {
  constexpr std::chrono::milliseconds kLook{50};
  waiting_ = true;
  bool told = false;
  for (;;) {
    ControlState state = controls();
    const bool counts = state.entry < entry.index.value;  // or a state that was adopted has it
    const Control& says = *entry.control;
    if (!counts || !state.next || state.next->hash != says.ruleset_hash ||
        state.next->entry != says.announced.value) {
      waiting_ = false;
      if (!counts) return true;
      state.entry = entry.index.value;
      change(std::move(state));
      return true;
    }
    std::shared_ptr<Build> build;
    {
      std::lock_guard lock(mutex_);
      build = build_;
    }
    if (interrupted_ || !build) {
      waiting_ = false;
      return false;
    }
    const record::EntryIndex here = current_->get()->materializer().applied_entry();
    if (build->applied() == here && build->trouble().empty() && build->wait_for(here, {})) {
      waiting_ = false;
      state.entry = entry.index.value;
      state.active = *std::exchange(state.next, std::nullopt);
      state.active.entry = entry.index.value;
      succeed(build->finish(Build::Epochs::waited_for), std::move(state), applying);
      place_.say("the ruleset changed at log entry " + std::to_string(entry.index.value));
      return true;
    }
    if (!std::exchange(told, true))
      place_.say("apply waits at log entry " + std::to_string(entry.index.value) +
                 " until silver and gold are built under the ruleset that holds from there");
    build->hurry();
    applying.unlock();
    build->wait_for(here, kLook);
    applying.lock();
  }
}

void Succession::succeed(std::shared_ptr<Generation> next, ControlState state, const Current::Lock& held) {
  const uint64_t folder = controls().active.folder;
  state.save(place_.log);
  std::shared_ptr<Generation> before = current_->exchange(std::move(next), held);
  before->when_gone([&folders = place_.folders, folder] { folders.remove(folder); });
  std::lock_guard lock(mutex_);
  controls_ = std::move(state);
  build_.reset();
  former_.push_back(std::move(before));
  ++turn_;
}

void Succession::change(ControlState next) {
  next.save(place_.log);
  std::lock_guard lock(mutex_);
  controls_ = std::move(next);
}

void Succession::start_build() {
  std::lock_guard lock(mutex_);
  if (!controls_.next) return;
  auto open = [this, rules = *controls_.next] {
    Ruleset ruleset = Ruleset::decode(rules.text);
    if (ruleset.hash() != rules.hash)
      throw std::runtime_error(
          "the announced ruleset makes other rows with this program than with the one "
          "that it was made for: install that one here, too");
    return open_rows(ruleset, rules.folder);
  };
  build_ = std::make_shared<Build>(
      place_.log, place_.group, place_.hasher, open,
      [this] { return current_->get()->materializer().applied_entry(); }, Build::Pace{});
}

// With its rows.
void Succession::drop_build() {
  std::shared_ptr<Build> build;
  uint64_t folder = 0;
  {
    std::lock_guard lock(mutex_);
    build = std::exchange(build_, nullptr);
    if (controls_.next) folder = controls_.next->folder;
  }
  if (!build) return;
  auto generation = build->finish(Build::Epochs::given_up);
  if (!generation) return place_.folders.remove(folder);
  generation->when_gone([&folders = place_.folders, folder] { folders.remove(folder); });
  std::lock_guard lock(mutex_);
  former_.push_back(std::move(generation));
}

void Succession::adopt(const std::string& controls, const std::function<void(uint64_t folder)>& place) {
  uint64_t folder = 0;
  {
    Current::Lock held = current_->hold();
    std::lock_guard lock(mutex_);
    // Not saved: if the process dies now, the folder is swept, and its number free again.
    folder = ++controls_.last_folder;
  }
  bool adopted = false;
  ControlState state = ControlState::taken_over(controls, folder);
  const Ruleset rules = Ruleset::decode(state.active.text);
  try {
    place(folder);
    auto next = place_.folders.open(rules, folder);
    if (next->dropped_rows() || rules.hash() != state.active.hash)
      throw std::runtime_error("the state that came is of another ruleset than the one it was asked for");
    Current::Lock held = current_->hold();
    if (next->materializer().applied_entry() < current_->get()->materializer().applied_entry() ||
        state.entry < this->controls().entry)
      throw std::runtime_error("the state that came is behind the one that is here");
    drop_build();
    state.last_folder = std::max(state.last_folder, this->controls().last_folder);
    succeed(std::move(next), std::move(state), held);
    adopted = true;
    start_build();
  } catch (...) {
    if (!adopted) place_.folders.remove(folder);
    throw;
  }
}

void Succession::tidy() {
  std::vector<std::shared_ptr<Generation>> former;
  {
    std::lock_guard lock(mutex_);
    former.swap(former_);
  }
  drop_bystanders(controls().active.hash);
}

void Succession::interrupt() { interrupted_ = true; }

void Succession::stop() {
  interrupt();
  if (std::exchange(stopped_, true)) return;
  std::shared_ptr<Build> build;
  {
    std::lock_guard lock(mutex_);
    build = std::exchange(build_, nullptr);
  }
  for (const auto& generation :
       {build ? build->finish(Build::Epochs::given_up) : nullptr, current_ ? current_->get() : nullptr}) {
    if (!generation) continue;
    generation->state().give_up();
    try {
      generation->materializer().checkpoint();
    } catch (const std::exception& error) {
      place_.say("the state is behind the log, which the next start replays: " + std::string(error.what()));
    }
  }
  tidy();
}

}  // namespace lode::materialize
